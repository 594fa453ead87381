import Foundation
internal import GRDB
internal import Keyring
public import Transparency

/// What publishing wrote.
public struct PublishedLog: Sendable {
  /// Number of entries now published.
  public let size: Int
  /// Root hash of the published tree.
  public let root: TreeHash
  /// Number of files written.
  public let files: Int
}

extension Vault {
  /// Publishes the log up to now: entries and tiles first, the signed checkpoint last.
  ///
  /// A checkpoint is signed only for a tree that continues the last signed one; a vault restored to
  /// an older state refuses instead of signing a second history.
  ///
  /// - Returns: What was written; nothing when the log has not grown.
  /// - Throws: ``VaultError`` `.integrity` when the stored tree does not continue the last signed
  ///   checkpoint or the published one is ahead, `.storage` when the directory cannot be written.
  @discardableResult
  public func publishLog() throws -> PublishedLog {
    try storing(layout.vault) {
      try queue.write { database in
        let store = AuditStore(database: database)
        let size = try store.size()
        let root = try MerkleTree.root(size: size, read: store.hash)
        let last = try store.lastCheckpoint()
        try requireContinuation(of: last, size: size, store)
        // What was signed may have been lost on its way to the directory when the power failed, so
        // the published checkpoint says where to go on, and nothing but it.
        let published = try requirePublishedFits(size: size, store)
        var written = 0
        let from = min(published ?? 0, last?.size ?? 0)
        if size == from, published != nil {
          return PublishedLog(size: size, root: root, files: 0)
        }
        try TilePublisher.publish(
          from: from, to: size, readHash: store.hash, readEntry: store.entry
        ) { file in
          try writePublished(file.path, file.bytes)
          written += 1
        }
        let note = try signCheckpoint(size: size, root: root)
        try store.insertCheckpoint(size: size, root: root, note: note)
        try writePublished("log.vkey", Array("\(try logVerifierKey())\n".utf8))
        try writePublished("checkpoint", note)
        return PublishedLog(size: size, root: root, files: written + 2)
      }
    }
  }

  /// Checks that the log continues what was signed and published, before a command acts.
  ///
  /// - Throws: ``VaultError`` `.integrity` when the vault was set back to an older state.
  public func requireLogFits() throws {
    try storing(layout.vault) {
      try queue.read { database in
        let store = AuditStore(database: database)
        let size = try store.size()
        try requireContinuation(of: try store.lastCheckpoint(), size: size, store)
        try requirePublishedFits(size: size, store)
      }
    }
  }

  /// The key that verifies this vault's log, in the form of C2SP signed-note.
  public func logVerifierKey() throws -> String {
    try keyring.withLogSigningSeed { seed in
      try NoteSigningKey(name: settings.origin, seed: seed).verifierKey.encoded
    }
  }

  private func signCheckpoint(size: Int, root: TreeHash) throws -> [UInt8] {
    try keyring.withLogSigningSeed { seed in
      let key = try NoteSigningKey(name: settings.origin, seed: seed)
      let checkpoint = try Checkpoint(
        origin: settings.origin, treeSize: size, rootHash: root, extensionLines: [])
      return try checkpoint.signed(by: key).encoded
    }
  }

  private func requireContinuation(
    of last: (size: Int, root: TreeHash, note: [UInt8])?, size: Int, _ store: AuditStore
  ) throws {
    guard let last else { return }
    guard last.size <= size, try MerkleTree.root(size: last.size, read: store.hash) == last.root
    else {
      throw VaultError(
        .integrity,
        "the log does not continue its last signed checkpoint of size \(last.size); "
          + "nothing was signed, compare with a witness or a backup")
    }
  }

  /// Refuses a published log that is no part of this one.
  ///
  /// - Returns: Its number of entries; nil when nothing is published.
  @discardableResult
  private func requirePublishedFits(size: Int, _ store: AuditStore) throws -> Int? {
    guard let bytes = FileManager.default.contents(atPath: layout.audit + "/checkpoint") else {
      return nil
    }
    let published = try Checkpoint(text: try SignedNote(encoded: [UInt8](bytes)).text)
    guard published.treeSize <= size,
      try MerkleTree.root(size: published.treeSize, read: store.hash) == published.rootHash
    else {
      throw VaultError(
        .integrity,
        "the published log of \(published.treeSize) entries is not a part of this "
          + "vault's \(size): the vault was restored to an older state; nothing was signed")
    }
    return published.treeSize
  }

  private func writePublished(_ path: String, _ bytes: [UInt8]) throws {
    let url = URL(fileURLWithPath: layout.audit + "/" + path)
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url, options: .atomic)
    } catch {
      throw VaultError(.storage, "`audit/\(path)` cannot be written; check space and permissions")
    }
  }
}
