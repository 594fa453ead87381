/// Shows that a leaf is in a tree of a given size (RFC 6962 section 2.1.1, RFC 9162 section 2.1.3).
///
/// The tree size is not part of what the hashes prove; it must come from the checkpoint that
/// carries the root.
public struct InclusionProof: Hashable, Sendable {
  /// Index of the leaf.
  public let leafIndex: Int

  /// Size of the tree.
  public let treeSize: Int

  /// Sibling hashes, the leaf's first and the root's child last.
  public let hashes: [TreeHash]

  /// Takes the parts of a proof; nothing is checked before ``verify(leafHash:rootHash:)``.
  ///
  /// - Parameters:
  ///   - leafIndex: Index of the leaf.
  ///   - treeSize: Size of the tree.
  ///   - hashes: Sibling hashes, the leaf's first.
  public init(leafIndex: Int, treeSize: Int, hashes: [TreeHash]) {
    self.leafIndex = leafIndex
    self.treeSize = treeSize
    self.hashes = hashes
  }

  /// Checks that the proof leads from the leaf to the root.
  ///
  /// - Parameters:
  ///   - leafHash: Hash of the entry in question.
  ///   - rootHash: Root hash from a verified checkpoint of ``treeSize`` leaves.
  /// - Throws: ``TransparencyError`` `.outOfRange` when the tree has no such leaf,
  ///   `.malformedProof` when the number of hashes is wrong, `.proofRejected` when the hashes lead
  ///   elsewhere.
  public func verify(leafHash: TreeHash, rootHash: TreeHash) throws {
    guard leafIndex >= 0, leafIndex < treeSize, treeSize <= MerkleTree.sizeMaximum else {
      throw TransparencyError(.outOfRange, "no leaf \(leafIndex) in a tree of \(treeSize)")
    }
    var walk = EdgeWalk(position: leafIndex, last: treeSize - 1)
    var hash = leafHash
    for sibling in hashes {
      hash = try walk.step() == .left ? .node(sibling, hash) : .node(hash, sibling)
    }
    guard walk.isAtRoot else { throw EdgeWalk.wrongLength }
    guard hash == rootHash else {
      throw TransparencyError(.proofRejected, "the inclusion proof does not lead to the root")
    }
  }
}

/// Climbs from a node towards the root and tells on which side each proof hash stands.
struct EdgeWalk {
  /// The side of the proof hash, seen from the path.
  enum Side {
    case left
    case right
  }

  private(set) var position: Int
  private var last: Int

  static let wrongLength = TransparencyError(
    .malformedProof, "the proof has the wrong number of hashes")

  init(position: Int, last: Int) {
    self.position = position
    self.last = last
  }

  /// Whether the climb has arrived.
  var isAtRoot: Bool { last == 0 }

  /// Climbs past levels on which the node is a right child, as the start of a consistency proof
  /// does.
  mutating func skipRightChildren() {
    while position & 1 == 1 { climb() }
  }

  /// Takes one proof hash.
  mutating func step() throws -> Side {
    guard last != 0 else { throw Self.wrongLength }
    guard position & 1 == 1 || position == last else {
      climb()
      return .right
    }
    // On the right edge, levels without a sibling have no hash in the proof.
    while position != 0 && position & 1 == 0 { climb() }
    climb()
    return .left
  }

  private mutating func climb() {
    position >>= 1
    last >>= 1
  }
}
