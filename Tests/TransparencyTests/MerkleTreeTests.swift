import Testing
import Transparency

@Suite struct MerkleTreeTests {
  @Test(arguments: Vectors.roots.map(\.size))
  func rootsAreTheGoldenOnes(size: Int) throws {
    let expected = Vectors.roots.first { $0.size == size }?.hex
    let log = MemoryLog(numbered: size)
    #expect(hex(try MerkleTree.root(size: size, read: log.read).bytes) == expected)
    #expect(hex(log.root.bytes) == expected)
  }

  @Test func largeRootIsTheGoldenOne() throws {
    let log = MemoryLog(numbered: 70000)
    #expect(log.root.description == "pipUvjMpT/1aXExjf9dUYwtxqJLoNW46Zmpcin/9FRg=")
    #expect(try MerkleTree.root(size: 70000, read: log.read) == log.root)
    for size in [255, 256, 257, 65535, 65536, 65537] {
      let smaller = try MerkleTree.root(size: size, read: log.read)
      let step = try MerkleTree.consistencyProof(from: size, to: 70000, read: log.read)
      try step.verify(oldRoot: smaller, newRoot: log.root)
      expect(.proofRejected) { try step.verify(oldRoot: flipped(smaller), newRoot: log.root) }
      let proof = try MerkleTree.inclusionProof(leafIndex: size, treeSize: 70000, read: log.read)
      try proof.verify(leafHash: .leaf(log.entries[size]), rootHash: log.root)
      expect(.proofRejected) {
        try proof.verify(leafHash: .leaf(log.entries[size - 1]), rootHash: log.root)
      }
    }
  }

  @Test func proofsAreTheGoldenOnes() throws {
    let log = MemoryLog(numbered: 7)
    let inclusion = try MerkleTree.inclusionProof(leafIndex: 3, treeSize: 7, read: log.read)
    #expect(inclusion.hashes.map { hex($0.bytes) } == Vectors.inclusion3of7)
    let three = try MerkleTree.consistencyProof(from: 3, to: 7, read: log.read)
    #expect(three.hashes.map { hex($0.bytes) } == Vectors.consistency3to7)
    let four = try MerkleTree.consistencyProof(from: 4, to: 7, read: log.read)
    #expect(four.hashes.map { hex($0.bytes) } == Vectors.consistency4to7)
  }

  @Test func appendStoresTheSameHashesAsTheFrontier() throws {
    var stored: [TreeHash] = []
    let log = MemoryLog(numbered: 300)
    for index in 0..<300 {
      #expect(StoredHashIndex.index(level: 0, offset: index) == stored.count)
      stored += try MerkleTree.hashesToStore(
        leafIndex: index, leafHash: .leaf(log.entries[index]), read: { stored[$0] })
      #expect(StoredHashIndex.count(treeSize: index + 1) == stored.count)
    }
    #expect(stored == log.hashes)
    #expect(StoredHashIndex.count(treeSize: 0) == 0)
  }

  @Test func storedIndicesOfSmallTreeAreDense() {
    // Leaves 0…3 and the three nodes above, in the order of appending.
    let order = [(0, 0), (0, 1), (1, 0), (0, 2), (0, 3), (1, 1), (2, 0)]
    let indices = order.map { StoredHashIndex.index(level: $0.0, offset: $0.1) }
    #expect(indices == Array(0..<7))
  }

  @Test(arguments: [0, 1, 2, 3, 64, 255, 256, 257])
  func frontierResumesFromStore(size: Int) throws {
    let log = MemoryLog(numbered: 300)
    var frontier = try Frontier(size: size, read: log.read)
    #expect(frontier.root == (try MerkleTree.root(size: size, read: log.read)))
    for entry in log.entries[size...] { frontier.append(.leaf(entry)) }
    #expect(frontier.root == log.root)
    #expect(frontier.size == 300)
  }

  @Test func sizesOutsideTheLimitsAreRefused() throws {
    let log = MemoryLog(numbered: 5)
    let beyond = MerkleTree.sizeMaximum + 1
    expect(.outOfRange) { _ = try MerkleTree.root(size: -1, read: log.read) }
    expect(.outOfRange) { _ = try MerkleTree.root(size: beyond, read: log.read) }
    expect(.outOfRange) { _ = try Frontier(size: -1, read: log.read) }
    expect(.outOfRange) {
      _ = try MerkleTree.hashesToStore(leafIndex: -1, leafHash: .emptyRoot, read: log.read)
    }
    expect(.outOfRange) {
      _ = try MerkleTree.hashesToStore(
        leafIndex: MerkleTree.sizeMaximum, leafHash: .emptyRoot, read: log.read)
    }
    for (leaf, size) in [(5, 5), (-1, 5), (0, 0), (0, beyond)] {
      expect(.outOfRange) {
        _ = try MerkleTree.inclusionProof(leafIndex: leaf, treeSize: size, read: log.read)
      }
    }
    for (old, new) in [(-1, 5), (5, 4), (0, beyond)] {
      expect(.outOfRange) {
        _ = try MerkleTree.consistencyProof(from: old, to: new, read: log.read)
      }
    }
  }

  @Test func leafAndNodeHashesAreApart() throws {
    let log = MemoryLog(numbered: 2)
    let leaves = log.entries.map(TreeHash.leaf)
    #expect(log.root == .node(leaves[0], leaves[1]))
    #expect(log.root != .leaf(leaves[0].bytes + leaves[1].bytes))
    #expect(TreeHash.leaf([]) != .emptyRoot)
  }

  @Test(arguments: [0, 31, 33])
  func hashOfWrongLengthIsRefused(count: Int) {
    expect(.malformedHash) { _ = try TreeHash(bytes: [UInt8](repeating: 0, count: count)) }
  }
}
