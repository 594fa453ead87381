import Linkage
import TestSupport
import Testing

@Suite struct UnionFindTests {
  @Test func elementsBeginAlone() {
    var sets = UnionFind(count: 4)
    #expect((0..<4).map { sets.root(of: $0) } == [0, 1, 2, 3])
    #expect((0..<4).allSatisfy { sets.size(of: $0) == 1 })
    #expect(UnionFind(count: 0).count == 0)
  }

  @Test func joiningTwiceDoesNothing() {
    var sets = UnionFind(count: 3)
    #expect(sets.union(0, 1) != nil)
    #expect(sets.union(1, 0) == nil)
    #expect(sets.union(2, 2) == nil)
    #expect(sets.size(of: 0) == 2)
    #expect(sets.size(of: 2) == 1)
  }

  @Test func theRootsOfAUnionAreTheOnesItNames() throws {
    var sets = UnionFind(count: 5)
    sets.union(0, 1)
    let large = sets.root(of: 0)
    let small = sets.root(of: 4)
    let union = sets.union(4, 1)
    let joined = try #require(union)
    #expect(joined.kept == large)
    #expect(joined.absorbed == small)
    let root = sets.root(of: 4)
    #expect(root == joined.kept)
  }

  /// Against the slowest correct structure there is: a label for each element.
  @Test(arguments: 1...20) func agreesWithRelabelling(seed: UInt64) throws {
    let count = 60
    var sets = UnionFind(count: count)
    var labels = Array(0..<count)
    var numbers = try Numbers(seed: seed)
    for _ in 0..<80 {
      let (left, right) = (numbers.below(count), numbers.below(count))
      let wasOne = labels[left] == labels[right]
      #expect((sets.union(left, right) == nil) == wasOne)
      let (old, new) = (labels[right], labels[left])
      for index in labels.indices where labels[index] == old { labels[index] = new }
    }
    for left in 0..<count {
      #expect(sets.size(of: left) == labels.count { $0 == labels[left] })
      for right in 0..<count {
        #expect((sets.root(of: left) == sets.root(of: right)) == (labels[left] == labels[right]))
      }
    }
  }

  @Test func aLongChainStaysShallowEnoughToWalk() {
    let count = 200_000
    var sets = UnionFind(count: count)
    for index in 1..<count { sets.union(index - 1, index) }
    #expect(sets.size(of: count / 2) == count)
    #expect(sets.root(of: 0) == sets.root(of: count - 1))
  }
}
