import Foundation
internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// A backup that was made.
public struct BackupReport: Sendable {
  /// Where it is.
  public let directory: String
  /// What it holds.
  public let manifest: BackupManifest
  /// Place of its event in the log.
  public let logSequence: Int
}

/// Moments between the steps of a backup; tests stop at each.
enum BackupStep: CaseIterable, Sendable {
  case published, snapshot, copied, signed, logged
}

extension Vault {
  /// Makes a backup: sealed data, settings, policies and the published log, with a signed manifest.
  ///
  /// Never the key store, the epoch slot, the unseal key, the match index or the analysts' store.
  /// Whoever has the backup and the current keys can read everyone but those erased since. The
  /// event is logged and published before the directory gets its name, so a backup that is there is
  /// in the log, and a restore asks the log for it; an event may remain of a backup that was
  /// interrupted in the very last step.
  ///
  /// - Parameters:
  ///   - directory: Where; absent or empty.
  ///   - requester: Who asks.
  ///   - progress: Told how far it is.
  /// - Returns: What was backed up.
  /// - Throws: ``VaultError`` `.denied`, `.vaultDirectory` when the place is taken, `.invalidInput`
  ///   when it lies with the vault or its keys, `.storage`.
  public func backUp(
    to directory: String, _ requester: Requester, progress: WorkProgress.Report = { _ in }
  ) throws -> BackupReport {
    try backUp(to: directory, requester, progress) { _ in }
  }

  func backUp(
    to directory: String, _ requester: Requester, _ progress: WorkProgress.Report,
    hook: (BackupStep) throws -> Void
  ) throws -> BackupReport {
    let identity = try authorise(.backUp, requester)
    let place = try backupPlace(directory)
    try publishLog()
    try hook(.published)
    try place.begin()
    do {
      let manifest = try fill(place.making, progress, hook)
      let sequence = try logBackup(manifest, by: identity, requester)
      try publishLog()
      try hook(.logged)
      try DurableFiles.place(place.making, at: place.directory)
      return BackupReport(
        directory: place.directory, manifest: manifest, logSequence: sequence)
    } catch {
      place.discard()
      throw error
    }
  }

  private func fill(
    _ making: String, _ progress: WorkProgress.Report, _ hook: (BackupStep) throws -> Void
  ) throws -> BackupManifest {
    let target = "\(making)/\(BackupLayout.vault)"
    try storing(layout.vault) {
      try BackupStore.copy(layout.vault, into: target) { done, total in
        progress(WorkProgress(.copying, done, of: total))
      }
    }
    let content = try storing(target) { try BackupStore.content(of: target) }
    try hook(.snapshot)
    // Asked for after the copy: every key of a row that was copied existed by then.
    let (epoch, generation) = (try keyring.epoch(), try keyring.generation())
    var paths = [BackupLayout.vault, BackupLayout.settings]
    _ = try DurableFiles.copy(layout.settings, to: "\(making)/\(BackupLayout.settings)")
    paths += try copyPolicies(to: "\(making)/\(BackupLayout.policies)")
    paths += try PublishedLogCopy(directory: layout.audit)
      .copy(to: "\(making)/\(BackupLayout.audit)").map { "\(BackupLayout.audit)/\($0)" }
    try hook(.copied)
    let files = try paths.sorted().map { path in
      let found = try DurableFiles.fingerprint(of: "\(making)/\(path)") { done in
        if path == BackupLayout.vault { progress(WorkProgress(.checking, done, of: nil)) }
      }
      return BackupManifest.File(path: path, byteCount: found.byteCount, digest: found.digest)
    }
    let manifest = BackupManifest(
      vault: id, origin: settings.origin, milliseconds: clock.milliseconds,
      logSize: content.logSize, logRoot: content.logRoot, epoch: epoch, generation: generation,
      counts: content.counts, files: files)
    try DurableFiles.write(
      try manifest.bytes, to: "\(making)/\(BackupManifest.fileName)")
    try DurableFiles.write(
      try certified(try manifest.noteText), to: "\(making)/\(BackupManifest.noteName)")
    try DurableFiles.syncDirectories(of: making)
    try hook(.signed)
    return manifest
  }

  private func copyPolicies(to target: String) throws -> [String] {
    let source = layout.policies
    return try FileManager.default.subpathsOfDirectory(atPath: source)
      .filter { !DurableFiles.isDirectory("\(source)/\($0)") }
      .map { path in
        _ = try DurableFiles.copy("\(source)/\(path)", to: "\(target)/\(path)")
        return "\(BackupLayout.policies)/\(path)"
      }
  }

  private func logBackup(
    _ manifest: BackupManifest, by identity: OperatorIdentity, _ requester: Requester
  ) throws -> Int {
    var details = members(requester)
    details.append(("manifest", .string(try manifest.digest.hexadecimal)))
    details.append(("backup_log_size", .count(manifest.logSize)))
    details.append(("backup_log_root", .string(manifest.logRoot.description)))
    details.append(("bytes", .count(manifest.byteCount)))
    for (name, count) in manifest.counts.members { details.append((name, .count(count))) }
    let event = AuditEvent(.backupMade, actor: try actor(identity.name), details: details)
    return try storing(layout.vault) {
      try queue.write { database in
        try MetaStore(database: database).setNumber(
          .lastBackup, UInt64(clamping: manifest.milliseconds))
        return try log(event, in: database)
      }
    }
  }
}

extension BackupManifest {
  /// SHA-256 of the manifest's file; what is signed and logged.
  public var digest: [UInt8] { get throws { SHA256.hash(try bytes) } }

  /// What the note of a backup signs.
  var noteText: [UInt8] {
    get throws {
      try CanonicalJSON.members([
        ("lethe_backup", .count(Self.format)), ("vault", .string(vault.rawBytes.hexadecimal)),
        ("manifest", .string(try digest.hexadecimal)),
      ]).canonicalBytes() + [0x0A]
    }
  }
}
