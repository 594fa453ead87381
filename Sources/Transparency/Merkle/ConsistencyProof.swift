/// Shows that a tree is a continuation of a smaller one (RFC 6962 section 2.1.2, RFC 9162 section
/// 2.1.4).
public struct ConsistencyProof: Hashable, Sendable {
  /// Size of the smaller tree.
  public let oldSize: Int

  /// Size of the larger tree.
  public let newSize: Int

  /// The proof's hashes, deepest first.
  public let hashes: [TreeHash]

  /// Takes the parts of a proof; nothing is checked before ``verify(oldRoot:newRoot:)``.
  ///
  /// - Parameters:
  ///   - oldSize: Size of the smaller tree.
  ///   - newSize: Size of the larger tree.
  ///   - hashes: The hashes, deepest first.
  public init(oldSize: Int, newSize: Int, hashes: [TreeHash]) {
    self.oldSize = oldSize
    self.newSize = newSize
    self.hashes = hashes
  }

  /// Checks that the tree with the new root begins with the tree with the old root.
  ///
  /// - Parameters:
  ///   - oldRoot: Root hash from a verified checkpoint of ``oldSize`` leaves.
  ///   - newRoot: Root hash from a verified checkpoint of ``newSize`` leaves.
  /// - Throws: ``TransparencyError`` `.outOfRange` when the sizes do not ascend, `.malformedProof`
  ///   when the number of hashes is wrong, `.proofRejected` when the trees do not agree.
  public func verify(oldRoot: TreeHash, newRoot: TreeHash) throws {
    guard oldSize >= 0, oldSize <= newSize, newSize <= MerkleTree.sizeMaximum else {
      throw TransparencyError(.outOfRange, "no way from size \(oldSize) to size \(newSize)")
    }
    if oldSize == 0 || oldSize == newSize {
      guard hashes.isEmpty else { throw EdgeWalk.wrongLength }
      let isConsistent = oldSize == newSize ? oldRoot == newRoot : oldRoot == .emptyRoot
      guard isConsistent, newSize > 0 || newRoot == .emptyRoot else { throw Self.rejected }
      return
    }
    // A complete old tree is itself the first node; its hash is then left out of the proof.
    let isOldTreeComplete = oldSize & (oldSize - 1) == 0
    let path = isOldTreeComplete ? [oldRoot] + hashes : hashes
    guard let first = path.first else { throw EdgeWalk.wrongLength }
    var walk = EdgeWalk(position: oldSize - 1, last: newSize - 1)
    walk.skipRightChildren()
    var old = first
    var new = first
    for hash in path.dropFirst() {
      if try walk.step() == .left {
        old = .node(hash, old)
        new = .node(hash, new)
      } else {
        new = .node(new, hash)
      }
    }
    guard walk.isAtRoot else { throw EdgeWalk.wrongLength }
    guard old == oldRoot, new == newRoot else { throw Self.rejected }
  }

  private static let rejected = TransparencyError(
    .proofRejected, "the larger tree does not continue the smaller one")
}
