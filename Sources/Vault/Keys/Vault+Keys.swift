import Foundation
internal import GRDB
public import Keyring
internal import Sealing
internal import Transparency

extension Vault {
  /// Ends the epoch without erasing anybody: copies of the key store from before open no more.
  ///
  /// - Parameters:
  ///   - epoch: The epoch that is to end, as confirmed.
  ///   - requester: Who asks.
  /// - Returns: What was done, with the receipts.
  /// - Throws: ``VaultError`` `.denied`, `.stale` when the epoch has ended meanwhile;
  ///   `KeyringError` `.replica`, `.unavailable` or `.limit` when it has to wait: repeat the call.
  public func endEpoch(_ epoch: UInt64, _ requester: Requester) throws -> RollReceipt {
    let identity = try authorise(.manageKeys, requester)
    guard try keyring.status().epoch == epoch else {
      throw VaultError(
        .stale, "epoch \(epoch) is not the current one any more; look at `lethe keys status`")
    }
    let receipt = try keyring.roll(tag: RollTag(reference: "roll\0\(epoch)"))
    try log(
      AuditEvent(
        .epochEnded, actor: try actor(identity.name),
        details: members(requester) + [
          ("old_epoch", .integer(Int64(receipt.record.oldEpoch))),
          ("new_epoch", .integer(Int64(receipt.record.newEpoch))),
          ("old_root", .string(receipt.record.oldRootHash.hexadecimal)),
          ("new_root", .string(receipt.record.newRootHash.hexadecimal)),
          ("receipts", .count(receipt.slotReceipts.count)),
        ]))
    return receipt
  }

  /// Seals the root under another unseal key, and records how the vault is unsealed from now on.
  ///
  /// Only the root is sealed anew; this erases nothing. Broken off at any moment, the vault opens
  /// with the new way or with the former one, which the settings keep until it is certain.
  ///
  /// - Parameters:
  ///   - method: The new way, as it will stand in `lethe.yaml`.
  ///   - key: The new key.
  ///   - requester: Who asks.
  /// - Throws: ``VaultError`` `.denied`, `.storage`; `KeyringError` when the key is refused.
  public func rotateUnseal(
    to method: UnsealMethod, _ key: consuming UnsealKey, _ requester: Requester
  ) throws {
    let identity = try authorise(.manageKeys, requester)
    let present = try VaultSettings(readFrom: layout)
    try present.unsealed(by: method, previous: present.unseal).write(to: layout)
    do {
      try keyring.rotateUnseal(to: key)
    } catch {
      try present.write(to: layout)
      throw error
    }
    try log(
      AuditEvent(
        .unsealRotated, actor: try actor(identity.name),
        details: members(requester) + [
          ("from", .string(present.unseal.kind)), ("to", .string(method.kind)),
        ]))
    try present.unsealed(by: method, previous: nil).write(to: layout)
  }

  /// Splits the unseal key of a vault that is unsealed by a file.
  ///
  /// - Parameters:
  ///   - key: The unseal key, read again from its file.
  ///   - threshold: Shares needed, 2…`count`.
  ///   - count: Shares made, at most 16.
  ///   - requester: Who asks.
  /// - Returns: The shares; each goes to another holder.
  /// - Throws: ``VaultError`` `.denied`; `KeyringError` `.limit`, `.permission` for another kind of
  ///   unseal key.
  public func splitUnseal(
    _ key: consuming UnsealKey, threshold: Int, count: Int, _ requester: Requester
  ) throws -> [KeyShare] {
    let identity = try authorise(.manageKeys, requester)
    let shares = try key.withFileKey {
      try KeyShare.split($0, threshold: threshold, count: count, vault: id, random: random)
    }
    try log(
      AuditEvent(
        .unsealSplit, actor: try actor(identity.name),
        details: members(requester) + [
          ("shares", .count(count)), ("threshold", .count(threshold)),
        ]))
    return shares
  }

  /// Brings the copies of the key store up to date and tells how they stand.
  ///
  /// - Throws: ``VaultError`` `.denied`.
  public func synchroniseReplicas(_ requester: Requester) throws -> [ReplicaState] {
    try authorise(.manageKeys, requester)
    return try keyring.status().replicas
  }

  /// How the keys are kept, and what waits to be destroyed.
  ///
  /// - Throws: ``VaultError`` `.denied`.
  public func keysStatus(_ requester: Requester) throws -> KeysStatus {
    try authorise(.status, requester)
    let (open, backup) = try storing(layout.vault) {
      try queue.read { database in
        (
          try ErasureStore(database: database).unfinished().map(Self.pending),
          try MetaStore(database: database).number(.lastBackup)
        )
      }
    }
    return KeysStatus(
      keys: try keyring.status(), settings: settings, pending: open,
      lastBackupMilliseconds: backup.map { Int64(bitPattern: $0) })
  }

  private static func pending(_ erasure: ErasureProgress) throws -> PendingDestruction {
    let facts = try decode(erasure.facts)
    return PendingDestruction(
      reference: erasure.reference, kind: erasure.kind, state: erasure.state,
      startedMilliseconds: erasure.startedMilliseconds,
      finalDueMilliseconds: facts.finalDueMilliseconds)
  }
}

/// A destruction that is not final yet.
public struct PendingDestruction: Sendable {
  /// Reference of the case or run.
  public let reference: String
  /// What is destroyed.
  public let kind: ErasureKind
  /// How far it has come.
  public let state: ErasureState
  /// When it was asked for, in milliseconds since 1970-01-01 UTC.
  public let startedMilliseconds: Int64
  /// When its grace window is over, in milliseconds since 1970-01-01 UTC; nil without one.
  public let finalDueMilliseconds: Int64?
}

/// How the keys are kept.
public struct KeysStatus: Sendable {
  /// The key store and its slot.
  public let keys: KeyringStatus
  /// The vault's settings.
  public let settings: VaultSettings
  /// Destructions that are not final yet, oldest first.
  public let pending: [PendingDestruction]
  /// When the last backup was made, in milliseconds since 1970-01-01 UTC; nil for never.
  public let lastBackupMilliseconds: Int64?
}

extension UnsealMethod {
  /// What it is, without its place.
  var kind: String {
    switch self {
    case .file: "file"
    case .passphrase: "passphrase"
    case .token: "pkcs11"
    }
  }
}
