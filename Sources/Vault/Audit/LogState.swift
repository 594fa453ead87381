internal import GRDB
internal import Keyring
internal import Transparency

/// The log as one transaction shows it, and what was signed of it before.
struct LogState {
  let size: Int
  let root: TreeHash
  /// The last signed checkpoint that `vault.sqlite` knows of.
  let last: (size: Int, root: TreeHash, note: [UInt8])?
  /// Index below which entries are gone, and the event by which they are.
  let minimumIndex: Int
  let pruneEvent: Int?
  /// Size of the largest checkpoint that a quorum of witnesses has cosigned.
  let witnessedSize: Int?

  private let store: AuditStore

  /// Reads the state; checks are to be made in the same transaction.
  init(_ database: Database) throws {
    store = AuditStore(database: database)
    size = try store.size()
    root = try MerkleTree.root(size: size, read: store.hash)
    last = try store.lastCheckpoint()
    minimumIndex = try store.minimumIndex()
    pruneEvent = try store.pruneEvent()
    witnessedSize = try WitnessStore(database: database).witnessed()?.size
  }

  /// Refuses a log that does not continue what was signed before.
  ///
  /// - Parameter mark: How far the key store says it was signed.
  /// - Throws: ``VaultError`` `.integrity`.
  func requireContinuation(of mark: LogMark?) throws {
    if let last {
      guard last.size <= size, try root(at: last.size) == last.root else {
        throw VaultError(
          .integrity,
          "the log does not continue its last signed checkpoint of size \(last.size); "
            + "nothing was signed, compare with a witness or a backup")
      }
    }
    guard let mark else { return }
    guard mark.size <= size else {
      throw VaultError(
        .integrity,
        "this vault's log has \(size) entries and the key store has seen \(mark.size) signed: "
          + "`vault.sqlite` was set back to an older state; nothing was signed, restore it with "
          + "`lethe restore` and the current published log")
    }
    guard try root(at: mark.size).bytes == mark.root else {
      throw VaultError(
        .integrity,
        "this vault's log is another history than the \(mark.size) entries that the key store has "
          + "seen signed; nothing was signed, compare with a witness or a backup")
    }
  }

  /// Refuses a published log, signed by this vault, that is no part of this one.
  ///
  /// - Throws: ``VaultError`` `.integrity`.
  func requireHolds(_ published: Checkpoint, in path: String) throws {
    guard published.treeSize <= size, try root(at: published.treeSize) == published.rootHash
    else {
      throw VaultError(
        .integrity,
        "the published log of \(published.treeSize) entries in `\(path)` is not a part of this "
          + "vault's \(size): the vault was restored to an older state; nothing was signed")
    }
  }

  private func root(at size: Int) throws -> TreeHash {
    try MerkleTree.root(size: size, read: store.hash)
  }
}
