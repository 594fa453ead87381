import Foundation
internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// The files of a backup and the present key store, copied to where a vault is restored.
struct RestoreFiles {
  let manifest: BackupManifest
  let layout: VaultLayout
  let settings: VaultSettings
  /// The key store as it was copied.
  let keysMark: KeyStoreMark
  private let note: [UInt8]

  /// Copies and checks every file against the manifest; who signed that is asked afterwards.
  init(_ request: RestoreRequest, _ making: String, _ progress: WorkProgress.Report) throws {
    layout = VaultLayout(directory: making)
    manifest = try BackupManifest(
      bytes: try Self.read(
        request.backup, BackupManifest.fileName, maximum: BackupManifest.byteCountMaximum))
    note = try Self.read(
      request.backup, BackupManifest.noteName, maximum: SignedNote.byteCountMaximum)
    guard FileManager.default.fileExists(atPath: request.keys) else {
      throw VaultError(
        .vaultDirectory,
        "there is no key store at `\(request.keys)`; a backup opens with the current one only")
    }
    keysMark = try Keyring.mark(at: request.keys)
    guard keysMark.vault == manifest.vault else {
      throw VaultError(
        .integrity,
        "backup and key store `\(request.keys)` belong to different vaults; name the right ones")
    }
    guard keysMark.generation >= manifest.generation else {
      throw KeyringError(
        .rollback,
        "the key store is of generation \(keysMark.generation), the backup was made with one of "
          + "generation \(manifest.generation): it is an old copy; use the current one")
    }
    try Self.copy(manifest, request.backup, layout, progress)
    settings = try VaultSettings(readFrom: layout).replacing(
      slot: request.slot, unseal: request.unseal)
    if request.slot != nil || request.unseal != nil {
      try? FileManager.default.removeItem(atPath: layout.settings)
      try DurableFiles.write(Array(settings.yaml.utf8), to: layout.settings)
    }
    try Keyring.copy(from: request.keys, into: making)
  }

  /// Opens the copied key store without finishing an interrupted roll.
  func openKeyring(
    _ unsealKey: borrowing UnsealKey, _ request: RestoreRequest, _ environment: VaultEnvironment
  ) throws -> Keyring {
    let slot = try VaultKeys.openSlot(settings, manifest.vault, environment)
    let keyring = try Keyring.inspect(
      at: layout.keys, unsealKey: unsealKey, slot: slot, random: environment.random,
      now: environment.unixSeconds)
    if let ahead = try keyring.epochsAhead().last, !request.isDroppingPreparedEpoch {
      throw KeyringError(
        .rollback,
        "the slot holds epoch \(ahead) too, the key store is of epoch \(keysMark.epoch): the "
          + "destruction of keys was interrupted and a newer key store may exist; use that, or "
          + "open the old vault once; only if it is lost, drop the prepared epoch")
    }
    return keyring
  }

  /// Checks that the vault itself has signed the manifest.
  func requireSigned(by keyring: Keyring) throws {
    let isSigned = try keyring.withExportSigningSeed { seed in
      let key = try NoteSigningKey(
        name: manifest.origin + Vault.certificateKeySuffix, seed: seed
      ).verifierKey
      let verified = try? SignedNote(encoded: note).verified(by: [key])
      return try verified?.text == manifest.noteText
    }
    guard isSigned, settings.origin == manifest.origin else {
      throw VaultError(
        .integrity,
        "`\(BackupManifest.noteName)` does not sign `\(BackupManifest.fileName)` with this vault's "
          + "key; use another backup")
    }
  }

  private static func copy(
    _ manifest: BackupManifest, _ backup: String, _ layout: VaultLayout,
    _ progress: WorkProgress.Report
  ) throws {
    var before = 0
    for file in manifest.files {
      let source = "\(backup)/\(file.path)"
      guard FileManager.default.fileExists(atPath: source) else { throw differs(file.path) }
      let report = { (done: Int) in
        progress(WorkProgress(.copying, before + done, of: manifest.byteCount))
      }
      // The log of the vault goes on from the present one; the backup's is looked at only.
      let found =
        file.path.hasPrefix(BackupLayout.audit + "/")
        ? try DurableFiles.fingerprint(of: source, report)
        : try DurableFiles.copy(source, to: "\(layout.directory)/\(file.path)", report)
      guard found.byteCount == file.byteCount, found.digest == file.digest else {
        throw differs(file.path)
      }
      before += file.byteCount
    }
  }

  private static func differs(_ path: String) -> VaultError {
    VaultError(
      .integrity,
      "`\(path)` of the backup is missing or not what its manifest says; use another backup")
  }

  private static func read(_ backup: String, _ name: String, maximum: Int) throws -> [UInt8] {
    guard DurableFiles.isDirectory(backup) else {
      throw VaultError(.vaultDirectory, "there is no backup at `\(backup)`")
    }
    guard let file = FileHandle(forReadingAtPath: "\(backup)/\(name)"),
      let data = try? file.read(upToCount: maximum + 1) ?? Data(), data.count <= maximum
    else {
      throw VaultError(
        .integrity, "`\(name)` is missing in `\(backup)` or too large; it is no whole backup")
    }
    return [UInt8](data)
  }
}

extension Vault {
  /// What the name of the key of certificates has behind the log's origin.
  static let certificateKeySuffix = "/certificates"

  /// Checks that a copied `vault.sqlite` is the one the manifest speaks of.
  func requireIsBackup(_ manifest: BackupManifest) throws {
    let (id, content) = try storing(layout.vault) {
      try queue.read { database in
        (try MetaStore(database: database).vaultID(), try BackupStore.content(database))
      }
    }
    guard id == manifest.vault, content.counts == manifest.counts,
      content.logSize == manifest.logSize, content.logRoot == manifest.logRoot
    else {
      throw VaultError(
        .integrity,
        "`vault.sqlite` of the backup does not hold what its manifest says; use another backup")
    }
  }
}
