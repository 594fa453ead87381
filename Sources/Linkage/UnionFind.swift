/// Disjoint sets over `0..<count`, with path halving and union by size.
///
/// - Complexity: Nearly constant time an operation (Tarjan, "Efficiency of a Good But Not Linear
///   Set Union Algorithm", 1975).
public struct UnionFind: Sendable {
  private var parents: [Int32]
  private var sizes: [Int32]

  /// Creates `count` sets of one element.
  public init(count: Int) {
    precondition(count >= 0 && count <= Int(Int32.max), "too many elements")
    parents = (0..<Int32(count)).map { $0 }
    sizes = [Int32](repeating: 1, count: count)
  }

  /// Number of elements.
  public var count: Int { parents.count }

  /// Finds the representative of an element's set.
  public mutating func root(of element: Int) -> Int {
    var node = element
    while Int(parents[node]) != node {
      parents[node] = parents[Int(parents[node])]
      node = Int(parents[node])
    }
    return node
  }

  /// Number of elements in an element's set.
  public mutating func size(of element: Int) -> Int {
    Int(sizes[root(of: element)])
  }

  /// Joins two sets.
  ///
  /// - Returns: The representative that stays and the one that goes; nil when they were one
  ///   already.
  @discardableResult
  public mutating func union(_ first: Int, _ second: Int) -> (kept: Int, absorbed: Int)? {
    var kept = root(of: first)
    var absorbed = root(of: second)
    guard kept != absorbed else { return nil }
    if sizes[kept] < sizes[absorbed] { swap(&kept, &absorbed) }
    parents[absorbed] = Int32(kept)
    sizes[kept] += sizes[absorbed]
    return (kept, absorbed)
  }
}
