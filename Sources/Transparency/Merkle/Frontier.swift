/// Grows a tree leaf by leaf in memory, keeping only the complete subtrees on its right edge.
///
/// A writer that appends many entries needs no reads of stored hashes with it, and a verifier
/// computes the root of a log of any length in constant memory.
public struct Frontier: Sendable {
  /// Number of leaves appended.
  public private(set) var size = 0

  /// Hashes of the complete subtrees, largest first.
  private var subtrees: [TreeHash] = []

  /// Starts with the empty tree.
  public init() {}

  /// Starts with a stored tree.
  ///
  /// - Parameters:
  ///   - size: Number of leaves in the store.
  ///   - read: Reads stored hashes.
  /// - Throws: ``TransparencyError`` `.outOfRange` for a size outside the limits; whatever `read`
  ///   throws.
  public init(size: Int, read: StoredHashReader) throws {
    guard (0...MerkleTree.sizeMaximum).contains(size) else {
      throw TransparencyError(.outOfRange, "tree size \(size) is outside the limits")
    }
    for level in (0..<Int.bitWidth - 1).reversed() where size >> level & 1 == 1 {
      subtrees.append(try read(StoredHashIndex.index(level: level, offset: (size >> level) - 1)))
    }
    self.size = size
  }

  /// Appends a leaf.
  ///
  /// - Parameter leafHash: Hash of the new entry.
  /// - Returns: The hashes to store, as from `MerkleTree.hashesToStore`.
  @discardableResult
  public mutating func append(_ leafHash: TreeHash) -> [TreeHash] {
    var made = [leafHash]
    var hash = leafHash
    var position = size
    while position & 1 == 1 {
      hash = .node(subtrees.removeLast(), hash)
      made.append(hash)
      position >>= 1
    }
    subtrees.append(hash)
    size += 1
    return made
  }

  /// Appends a complete subtree.
  ///
  /// - Parameters:
  ///   - subtree: Root of 2^height leaves.
  ///   - height: Height of the subtree; the leaves before it must be a multiple of its leaves.
  mutating func append(_ subtree: TreeHash, height: Int) {
    precondition(size & (1 << height - 1) == 0, "a subtree begins at a multiple of its leaves")
    var hash = subtree
    var position = size >> height
    while position & 1 == 1 {
      hash = .node(subtrees.removeLast(), hash)
      position >>= 1
    }
    subtrees.append(hash)
    size += 1 << height
  }

  /// The root hash of the leaves appended so far.
  public var root: TreeHash {
    guard var hash = subtrees.last else { return .emptyRoot }
    for left in subtrees.dropLast().reversed() {
      hash = .node(left, hash)
    }
    return hash
  }
}
