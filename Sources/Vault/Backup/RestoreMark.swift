internal import GRDB
internal import Keyring
internal import Transparency

/// Holds the log that a vault is restored with against how far it was signed.
///
/// The key store is the present one, so it knows of entries that the log at hand may lack.
struct RestoreMark {
  private let mark: LogMark?
  private let checkpoint: Checkpoint
  private let request: RestoreRequest

  init(_ mark: LogMark?, _ checkpoint: Checkpoint, _ request: RestoreRequest) {
    self.mark = mark
    self.checkpoint = checkpoint
    self.request = request
  }

  /// Refuses a log from before the last signature, unless that end is given up.
  ///
  /// - Parameter vault: The vault beside its place, with the log imported.
  /// - Returns: Number of signed entries that are given up.
  /// - Throws: ``VaultError`` `.integrity`.
  func requireFits(_ vault: Vault) throws -> Int {
    guard let mark else { return 0 }
    guard mark.size <= checkpoint.treeSize else {
      guard request.isDroppingSignedEnd else {
        throw VaultError(
          .integrity,
          "the key store has seen a log of \(mark.size) entries signed, the one at "
            + "`\(request.log)` has \(checkpoint.treeSize): it is an old copy; name the current "
            + "published log, and only if it is lost drop the signed end")
      }
      return mark.size - checkpoint.treeSize
    }
    let root = try vault.queue.read { database in
      try MerkleTree.root(size: mark.size, read: AuditStore(database: database).hash)
    }
    guard root.bytes == mark.root else {
      throw VaultError(
        .integrity,
        "the log at `\(request.log)` is another history than the \(mark.size) entries that the key "
          + "store has seen signed; name the log of this vault")
    }
    return 0
  }
}
