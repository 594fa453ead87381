import Foundation
internal import GRDB
public import Keyring

extension Vault {
  /// Shows what restoring a backup would do; nothing is left behind.
  ///
  /// Everything is verified as for the restore itself, which needs as much space and time.
  ///
  /// - Parameters:
  ///   - request: Backup, keys, log and place.
  ///   - unsealKey: The vault's unseal key.
  ///   - environment: Clock and randomness.
  ///   - requester: Who asks; the backup's policy decides.
  ///   - progress: Told how far it is.
  /// - Returns: The plan.
  /// - Throws: As ``restore(_:confirming:unsealKey:environment:_:progress:)``.
  public static func planRestore(
    _ request: RestoreRequest, unsealKey: borrowing UnsealKey,
    environment: VaultEnvironment = VaultEnvironment(), _ requester: Requester,
    progress: @escaping WorkProgress.Report = { _ in }
  ) throws -> RestorePlan {
    let place = try restorePlace(request)
    try place.begin()
    defer { place.discard() }
    let context = RestoreRun.Context(
      environment: environment, progress: progress, hook: { _ in })
    return try RestoreRun(request, unsealKey, requester, place, context).plan
  }

  /// Restores a backup into a new directory: old data, current keys, current log.
  ///
  /// What the present keys do not open is deleted; suppressions and withdrawn consent from after
  /// the backup are applied again. Nothing that exists is changed before the new directory has its
  /// name. Then the keys of the old match index are destroyed, which ends the epoch: the key store
  /// this one was copied from does not open any more.
  ///
  /// - Parameters:
  ///   - request: Backup, keys, log and place.
  ///   - digest: The plan's fingerprint, as confirmed.
  ///   - unsealKey: The vault's unseal key.
  ///   - environment: Clock and randomness.
  ///   - requester: Who asks; the backup's policy decides.
  ///   - progress: Told how far it is.
  /// - Returns: What was done.
  /// - Throws: ``VaultError`` `.stale` when digest and plan do not fit or the key store changed
  ///   meanwhile, `.denied`, `.vaultDirectory`, `.integrity` for a backup, log or count that does
  ///   not fit, `.storage`; `KeyringError` `.rollback` for an old key store, `.sealed`.
  public static func restore(
    _ request: RestoreRequest, confirming digest: String, unsealKey: consuming UnsealKey,
    environment: VaultEnvironment = VaultEnvironment(), _ requester: Requester,
    progress: @escaping WorkProgress.Report = { _ in }
  ) throws -> RestoreReport {
    try restore(
      request, confirming: digest, unsealKey, requester,
      RestoreRun.Context(environment: environment, progress: progress, hook: { _ in }))
  }

  static func restore(
    _ request: RestoreRequest, confirming digest: String, _ unsealKey: consuming UnsealKey,
    _ requester: Requester, _ context: RestoreRun.Context
  ) throws -> RestoreReport {
    let place = try restorePlace(request)
    try place.begin()
    let report: RestoreReport
    do {
      report = try build(request, confirming: digest, unsealKey, requester, place, context)
    } catch {
      place.discard()
      throw error
    }
    // From here on the new vault is the vault; opening it finishes what was under way.
    let vault = try open(
      directory: place.directory, unsealKey: unsealKey, environment: context.environment)
    try vault.publishLog()
    return report
  }

  /// Builds and places the vault; every connection to its files is closed on return.
  private static func build(
    _ request: RestoreRequest, confirming digest: String, _ unsealKey: borrowing UnsealKey,
    _ requester: Requester, _ place: NewPlace, _ context: RestoreRun.Context
  ) throws -> RestoreReport {
    let run = try RestoreRun(request, unsealKey, requester, place, context)
    guard run.plan.digest == digest else {
      throw VaultError(
        .stale,
        "the plan is now `\(run.plan.digest)`, not `\(digest)`; look at it and confirm again")
    }
    let report = try run.apply()
    try run.putInPlace()
    return report
  }

  private static func restorePlace(_ request: RestoreRequest) throws -> NewPlace {
    let place = try NewPlace(request.directory)
    guard !place.isInside(request.backup) else {
      throw VaultError(
        .invalidInput, "`\(request.directory)` lies inside the backup; name another place")
    }
    return place
  }

  /// Destroys the index keys from before a restore, if that is still to be done.
  ///
  /// It waits, as an erasure does, for a custodian or a copy of the key store that is missing.
  func finishRestore() throws {
    let due = try storing(layout.vault) {
      try queue.read { try MetaStore(database: $0).number(.indexKeysDue) }
    }
    guard let due else { return }
    let old = try keyring.liveIndexGenerations().filter { UInt64($0.generation) < due }
    do {
      try storing(layout.vault) {
        try queue.write { database in
          try destroyIndexKeys(old, actor: try actor("lethe"), in: database)
          try MetaStore(database: database).remove(.indexKeysDue)
        }
      }
    } catch let error as KeyringError where error.isWaiting {}
  }
}
