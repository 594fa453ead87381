import Foundation
internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// The present published log, verified, and how it goes on from a backup.
final class RestoreLog {
  /// Entries taken over in one transaction.
  static let importBatch = TileAddress.fullWidth * 16

  let checkpoint: Checkpoint
  private(set) var since = LogSince()
  private let note: [UInt8]
  private let manifest: BackupManifest
  private let directory: String

  /// Copies the log beside the vault and verifies the copy.
  ///
  /// - Throws: ``VaultError`` `.integrity` when it is damaged, older than the backup or another
  ///   history, `.vaultDirectory` when there is none.
  init(_ vault: Vault, _ manifest: BackupManifest, _ source: String) throws {
    self.manifest = manifest
    directory = vault.layout.audit
    let copied =
      DurableFiles.isDirectory(source)
      ? try PublishedLogCopy(directory: source).copy(to: directory) : []
    guard !copied.isEmpty else {
      throw VaultError(
        .vaultDirectory,
        "there is no published log at `\(source)`; without it nobody can tell what happened since "
          + "the backup")
    }
    let known = try Checkpoint(
      origin: manifest.origin, treeSize: manifest.logSize, rootHash: manifest.logRoot)
    try Self.requireNotPruned(directory, since: manifest.logSize)
    // What the backup holds itself may have been pruned since.
    let verifier = LogVerifier(
      logKey: try NoteVerifierKey(encoded: try vault.logVerifierKey()), knownCheckpoints: [known],
      minimumEntryIndex: manifest.logSize / TileAddress.fullWidth * TileAddress.fullWidth)
    let report = try verifier.verify { [directory] path in
      FileManager.default.contents(atPath: "\(directory)/\(path)").map { [UInt8]($0) }
    }
    if let size = report.checkpoint?.checkpoint.treeSize, size <= manifest.logSize {
      throw VaultError(
        .integrity,
        "the log is older than the backup: it ends at entry \(size), the backup was made after "
          + "entry \(manifest.logSize); name the current published log")
    }
    guard let verified = report.checkpoint, report.isValid else {
      throw Self.refusal(report.findings.first)
    }
    checkpoint = verified.checkpoint
    note = verified.note.encoded
  }

  /// Refuses a backup that is older than what the log still tells.
  private static func requireNotPruned(_ directory: String, since size: Int) throws {
    let minimum = PublishedDirectory(directory).contents(LogRetention.fileName)
      .flatMap(LogRetention.minimumIndex)
    guard let minimum, minimum > size else { return }
    throw VaultError(
      .integrity,
      "the log's entries below \(minimum) were pruned by its rule and the backup was made after "
        + "entry \(size): nobody can tell what happened in between; restore a later backup")
  }

  /// Goes on from the backup's log to the end of the verified one.
  func importEntries(into vault: Vault, _ progress: WorkProgress.Report) throws {
    let total = checkpoint.treeSize - manifest.logSize
    var batch: [(sequence: Int, entry: [UInt8])] = []
    let addresses = TileAddress.all(
      .entries, treeSize: checkpoint.treeSize, beyond: manifest.logSize)
    for address in addresses {
      let first = address.index * TileAddress.fullWidth
      for (offset, entry) in try read(address).enumerated()
      where first + offset >= manifest.logSize {
        batch.append((first + offset, entry))
      }
      if batch.count >= Self.importBatch || address == addresses.last {
        try append(batch, to: vault)
        batch = []
        progress(WorkProgress(.log, since.entries, of: total))
      }
    }
    try close(vault)
  }

  private func append(_ batch: [(sequence: Int, entry: [UInt8])], to vault: Vault) throws {
    guard let first = batch.first?.sequence else { return }
    let entries = try batch.map { item in
      (entry: item.entry, references: try since.take(item.entry, sequence: item.sequence))
    }
    try vault.queue.write { try AuditStore(database: $0).append(entries, at: first) }
  }

  /// Checks the imported log as a whole and lets the next checkpoint follow the present one.
  private func close(_ vault: Vault) throws {
    try vault.queue.write { database in
      let store = AuditStore(database: database)
      guard try store.size() == checkpoint.treeSize,
        try MerkleTree.root(size: checkpoint.treeSize, read: store.hash) == checkpoint.rootHash
      else { throw Self.refusal(nil) }
      try store.insertCheckpoint(
        size: checkpoint.treeSize, root: checkpoint.rootHash, note: note)
    }
    guard since.manifests.contains(try manifest.digest.hexadecimal) else {
      throw VaultError(
        .integrity,
        "the log does not know this backup; name the current published log and a backup that "
          + "`lethe backup` made")
    }
  }

  private func read(_ address: TileAddress) throws -> [[UInt8]] {
    for stored in [address, address.full] {
      guard let bytes = FileManager.default.contents(atPath: "\(directory)/\(stored.path)") else {
        continue
      }
      return Array(
        try EntryBundle.decode([UInt8](bytes), width: stored.width).prefix(address.width))
    }
    throw Self.refusal(nil)
  }

  private static func refusal(_ finding: LogFinding?) -> VaultError {
    guard let finding else {
      return VaultError(.integrity, "the published log is not whole; run `lethe audit verify`")
    }
    if finding.kind == .historyMismatch {
      return VaultError(
        .integrity,
        "the published log is another history than the backup's: \(finding.message); name the "
          + "log of this vault")
    }
    return VaultError(
      .integrity,
      "the published log is not whole: `\(finding.path)`: \(finding.message); run "
        + "`lethe audit verify`")
  }
}
