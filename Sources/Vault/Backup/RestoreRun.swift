import Foundation
internal import Analytics
internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// Moments between the steps of a restore; tests stop at each.
enum RestoreStep: CaseIterable, Sendable {
  case copied, opened, logged, planned, swept, indexed, recorded, closed, placed
}

/// Builds a restored vault beside its place, up to the rename.
///
/// Until then nothing that existed before is changed: the key store is a copy that is opened
/// without finishing anything, no key is destroyed, no checkpoint is signed.
final class RestoreRun {
  let request: RestoreRequest
  let place: NewPlace
  let vault: Vault
  let plan: RestorePlan
  private let identity: OperatorIdentity
  private let requester: Requester
  private let context: Context
  private let keysMark: KeyStoreMark
  private let sweep: OrphanSweep
  private let withdrawals: WithdrawalMatch

  /// What a restore takes from outside.
  struct Context {
    let environment: VaultEnvironment
    let progress: WorkProgress.Report
    let hook: (RestoreStep) throws -> Void
  }

  /// Verifies everything and finds out what has to be done, without doing it.
  init(
    _ request: RestoreRequest, _ unsealKey: borrowing UnsealKey, _ requester: Requester,
    _ place: NewPlace, _ context: Context
  ) throws {
    self.request = request
    self.requester = requester
    self.place = place
    self.context = context
    let files = try RestoreFiles(request, place.making, context.progress)
    try context.hook(.copied)
    keysMark = files.keysMark
    let keyring = try files.openKeyring(unsealKey, request, context.environment)
    try files.requireSigned(by: keyring)
    let policy = try PolicyEngine(PolicyFiles(directory: files.layout.policies))
    identity = try Self.authorise(requester, policy, context.environment.clock)
    try context.hook(.opened)
    vault = Vault(
      layout: files.layout, settings: files.settings, keyring: keyring, policy: policy,
      queue: try VaultDatabase.open(files.layout.vault, migrations: VaultMigrations.all),
      indexQueue: try VaultDatabase.open(files.layout.index, migrations: IndexMigrations.all),
      environment: context.environment)
    try vault.requireIsBackup(files.manifest)
    let log = try RestoreLog(vault, files.manifest, request.log)
    try log.importEntries(into: vault, context.progress)
    try context.hook(.logged)
    try Self.requireKeysFitLog(keysMark, log.since)
    let dropped = try RestoreMark(keysMark.log, log.checkpoint, request).requireFits(vault)
    (sweep, withdrawals) = try Self.look(vault, log.since, files.manifest, context.progress)
    plan = try Self.plan(vault, files, log, sweep, withdrawals, dropped: dropped)
    try context.hook(.planned)
  }

  /// Carries the plan out; the vault is complete beside its place when this returns.
  func apply() throws -> RestoreReport {
    let before = try vault.queue.read { try BackupStore.content($0).counts }
    try sweep.apply(vault)
    let (withdrawn, added) = try reapply()
    try context.hook(.swept)
    let entries = try makeStores()
    try context.hook(.indexed)
    let counts = try vault.queue.read { try BackupStore.content($0).counts }
    try requireExpected(counts, before, withdrawn: withdrawn, suppressed: added)
    let sequence = try record(counts, entries)
    try context.hook(.recorded)
    for queue in [vault.queue, vault.indexQueue] {
      _ = try VaultDatabase.truncateLog(queue)
      try queue.close()
    }
    _ = try vault.keyring.settle()
    try DurableFiles.syncDirectories(of: place.making)
    try context.hook(.closed)
    return RestoreReport(
      directory: place.directory, plan: plan, indexEntries: entries, counts: counts,
      logSequence: sequence)
  }

  /// Gives the vault its name, unless the key store it was made from has changed meanwhile.
  func putInPlace() throws {
    let isPlaced = try Keyring.holding(request.keys, at: keysMark) {
      // Another copy of the key store may have ended the epoch without this one's knowing.
      guard try vault.keyring.isInSlot(), try isFreeOfOtherEpochs() else { throw Self.stale }
      try DurableFiles.place(place.making, at: place.directory)
    }
    guard isPlaced else { throw Self.stale }
    try context.hook(.placed)
  }

  private func isFreeOfOtherEpochs() throws -> Bool {
    try request.isDroppingPreparedEpoch || vault.keyring.epochsAhead().isEmpty
  }

  private static let stale = VaultError(
    .stale,
    "the keys changed during the restore; let nobody use the old vault and repeat")
}

extension RestoreRun {
  /// Asks the backup's policy; there is no vault yet whose log could keep a denial.
  private static func authorise(
    _ requester: Requester, _ policy: PolicyEngine, _ clock: VaultClock
  ) throws -> OperatorIdentity {
    let identity = try policy.identify(requester.operatorName)
    try policy.checkPurpose(requester.purpose)
    if let reference = requester.caseReference { try Vault.checkReference(reference) }
    let context = DecisionContext(
      purpose: requester.purpose, now: clock.milliseconds, caseReference: requester.caseReference,
      isRestricted: false, isErased: false)
    guard policy.decide(.restore, by: identity, context: context).isAllowed else {
      throw VaultError(
        .denied,
        "the backup's policy does not let `\(identity.name)` \(Operation.restore.phrase) for "
          + "purpose `\(requester.purpose)`")
    }
    return identity
  }

  /// The log may know of a roll that this key store has not seen.
  private static func requireKeysFitLog(_ mark: KeyStoreMark, _ since: LogSince) throws {
    guard since.epoch <= mark.epoch else {
      throw KeyringError(
        .rollback,
        "the log tells of epoch \(since.epoch), the key store is of epoch \(mark.epoch): it is an "
          + "old copy; use the current one")
    }
  }

  private static func look(
    _ vault: Vault, _ since: LogSince, _ manifest: BackupManifest,
    _ progress: WorkProgress.Report
  ) throws -> (OrphanSweep, WithdrawalMatch) {
    try vault.queue.read { database in
      let sweep = try OrphanSweep(vault, database) {
        progress(WorkProgress(.keys, $0, of: manifest.counts.subjects))
      }
      let match = try WithdrawalMatch(
        since.withdrawals, vault, database, leavingOut: Set(sweep.subjects))
      return (sweep, match)
    }
  }

  private static func plan(
    _ vault: Vault, _ files: RestoreFiles, _ log: RestoreLog, _ sweep: OrphanSweep,
    _ withdrawals: WithdrawalMatch, dropped: Int
  ) throws -> RestorePlan {
    let entries = try vault.keyring.suppressionEntries()
    let missing = try vault.queue.read { database in
      let store = SuppressionStore(database: database)
      return try entries.count { try !store.contains($0.code) }
    }
    var content = try files.manifest.digest + log.checkpoint.rootHash.bytes
    content += UInt64(log.checkpoint.treeSize).bigEndianBytes
    content += files.keysMark.generation.bigEndianBytes
    for (_, count) in sweep.counts.members { content += UInt64(count).bigEndianBytes }
    for leaf in sweep.subjects { content += UInt64(leaf).bigEndianBytes }
    content += UInt64(withdrawals.rows.count).bigEndianBytes
    content += UInt64(dropped).bigEndianBytes
    return RestorePlan(
      manifest: files.manifest, logSize: log.checkpoint.treeSize,
      logRoot: log.checkpoint.rootHash, since: log.since,
      epoch: files.keysMark.epoch, generation: files.keysMark.generation,
      droppedEntries: dropped, swept: sweep.counts, suppressed: missing,
      withdrawals: withdrawals.rows.count, unmatchedWithdrawals: withdrawals.unmatched,
      unmatchedEntries: withdrawals.unmatchedEntries,
      digest: Array(SHA256.hash(content).prefix(8)).hexadecimal)
  }

  /// Applies again what was logged after the backup and is not a matter of keys.
  ///
  /// - Returns: Withdrawals and suppression entries that were added.
  private func reapply() throws -> (withdrawals: Int, suppressed: Int) {
    let known = try vault.keyring.suppressionEntries()
    let since = plan.since
    let keysMark = keysMark
    let (added, listed) = try vault.queue.write { database in
      let withdrawal = RestoreStore(database: database)
      let added = try withdrawals.rows.count {
        try withdrawal.insertWithdrawal($0.subject, purpose: $0.purpose, day: $0.day)
      }
      let suppression = SuppressionStore(database: database)
      for entry in known {
        try suppression.insert(entry.code, reason: entry.reason, day: entry.sinceDay)
      }
      let domains = DomainStore(database: database)
      for domain in since.domains where try domains.find(domain.name) == nil {
        try domains.insert(
          TokenDomain(
            number: try domains.nextNumber(), name: domain.name, isMonthly: domain.isMonthly))
      }
      try withdrawal.skipRecordNumbers()
      let meta = MetaStore(database: database)
      try meta.raise(.lastBackup, to: UInt64(clamping: since.lastBackupMilliseconds))
      try meta.raise(.keyGeneration, to: keysMark.generation)
      // Entries that the backup still has go with the next publication.
      if since.pruned.minimumIndex > 0 {
        try AuditStore(database: database).setMinimumIndex(
          since.pruned.minimumIndex, event: since.pruned.event)
      }
      return (added, try suppression.all())
    }
    // An entry from before the key store kept the list belongs there too.
    let codes = Set(known.map(\.code))
    try vault.keyring.keep(listed.filter { !codes.contains($0.code) })
    if plan.droppedEntries > 0 {
      try vault.keyring.lowerLogMark(to: LogMark(size: plan.logSize, root: plan.logRoot.bytes))
    }
    return (added, plan.suppressed)
  }

  /// Makes the match index under keys of its own, and an empty analysts' store.
  ///
  /// The keys of the old index are destroyed once the vault has its name: until then a roll would
  /// take away the only key store that is in use.
  private func makeStores() throws -> Int {
    _ = try AnalyticsStore.create(vault.layout.analytics)
    let live = try vault.keyring.liveIndexGenerations().map(\.generation).max() ?? 0
    let next = try vault.nextIndexGeneration(after: live)
    let total = plan.manifest.counts.subjects - plan.swept.subjects
    return try vault.queue.write { database in
      let entries = try vault.refillIndex(from: database, generation: next) {
        context.progress(WorkProgress(.index, $0, of: total))
      }
      try MetaStore(database: database).setNumber(.indexKeysDue, UInt64(next))
      return entries
    }
  }

  private func requireExpected(
    _ counts: BackupCounts, _ before: BackupCounts, withdrawn: Int, suppressed: Int
  ) throws {
    let swept = plan.swept
    let pairs: [(name: String, found: Int, expected: Int)] = [
      ("subjects", counts.subjects, before.subjects - swept.subjects),
      ("records", counts.records, before.records - swept.records),
      ("suppression entries", counts.suppressed, before.suppressed + suppressed),
      ("erasures under way", counts.openErasures, before.openErasures),
    ]
    for pair in pairs where pair.found != pair.expected {
      throw VaultError(
        .integrity,
        "the restored vault has \(pair.found) \(pair.name), not the \(pair.expected) expected; "
          + "nothing was restored, verify the backup")
    }
    guard counts.withdrawals >= withdrawn, withdrawn == plan.withdrawals else {
      throw VaultError(
        .integrity,
        "the restored vault has \(counts.withdrawals) withdrawn consents, which does not fit the "
          + "plan; nothing was restored, verify the backup")
    }
  }

  private func record(_ counts: BackupCounts, _ entries: Int) throws -> Int {
    var details = vault.members(requester)
    details.append(("manifest", .string(try plan.manifest.digest.hexadecimal)))
    details.append(("backup_log_size", .count(plan.manifest.logSize)))
    details.append(("backup_ms", .integer(plan.manifest.milliseconds)))
    details.append(("log_size", .count(plan.logSize)))
    details.append(("key_generation", .integer(Int64(plan.generation))))
    details.append(("swept", try .members(plan.swept.members.map { ($0.name, .count($0.count)) })))
    details.append(
      (
        "reapplied",
        try .members([
          ("suppression", .count(plan.suppressed)), ("withdrawals", .count(plan.withdrawals)),
          ("withdrawals_unmatched", .count(plan.unmatchedWithdrawals)),
          ("domains", .count(plan.since.domains.count)),
        ])
      ))
    details.append(("since", try .members(plan.since.members.map { ($0.name, .count($0.count)) })))
    details.append(("counts", try .members(counts.members.map { ($0.name, .count($0.count)) })))
    details.append(("match_entries", .count(entries)))
    if plan.droppedEntries > 0 {
      details.append(("dropped_entries", .count(plan.droppedEntries)))
    }
    return try vault.log(
      AuditEvent(.vaultRestored, actor: try vault.actor(identity.name), details: details))
  }
}

extension LogSince {
  /// The counts by name.
  public var members: [(name: String, count: Int)] {
    [
      ("log_entries", entries), ("erasures", erasures), ("erased_subjects", erasedSubjects),
      ("expiries", expiries), ("expired_subjects", expiredSubjects),
      ("expired_buckets", expiredBuckets), ("changes", changes), ("changed_keys", changedKeys),
      ("ingested_records", ingested),
    ]
  }
}
