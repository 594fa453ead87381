internal import GRDB
internal import Sealing
internal import Transparency

/// Up to where entries of the log are to go.
public enum PruneLine: Hashable, Sendable {
  /// Everything that the log's rule lets go.
  case rule
  /// Entries older than a number of days, which the rule does not keep.
  case olderThan(days: Int)
  /// Entries below a place, which the rule does not keep.
  case below(sequence: Int)
}

/// What pruning the log would delete, frozen; carried out only by its digest.
public struct PrunePlan: Sendable {
  /// Index below which entries would be gone; a multiple of 256.
  public let minimumIndex: Int
  /// Index below which they are gone already.
  public let present: Int
  /// The time that every entry to go is older than, in milliseconds since 1970-01-01 UTC.
  public let beforeMilliseconds: Int64
  /// Days for which the rule keeps entries.
  public let keepDays: Int
  /// Fingerprint of exactly these entries.
  public let digest: String

  /// Number of entries to go.
  public var entries: Int { minimumIndex - present }
  /// Whether nothing would go.
  public var isEmpty: Bool { entries <= 0 }
}

/// What pruning did.
public struct PruneReport: Sendable {
  /// Index below which entries are gone.
  public let minimumIndex: Int
  /// Number of entries that went.
  public let entries: Int
  /// Place of the event in the log.
  public let logSequence: Int
  /// The publication that told of it; while it is withheld, nothing is deleted yet.
  public let published: PublishedLog
}

extension Vault {
  /// Shows which entries of the log would go.
  ///
  /// Only full bundles go, only entries that are published, older than the rule `log_keep_days` of
  /// the settings keeps them, and older than the last backup: a backup is restored by what the log
  /// tells has happened since.
  ///
  /// - Parameters:
  ///   - line: Up to where.
  ///   - requester: Who asks.
  /// - Returns: The plan; empty when nothing is due.
  /// - Throws: ``VaultError`` `.denied`, `.invalidInput` without a rule, or for entries that it
  ///   keeps.
  public func planPrune(_ line: PruneLine, _ requester: Requester) throws -> PrunePlan {
    try authorise(.pruneLog, requester)
    guard let keepDays = settings.log.keepDays else {
      throw VaultError(
        .invalidInput,
        "entries of the log go by a published rule only and this vault has none; set "
          + "`log_keep_days` in `lethe.yaml` and publish the log")
    }
    let key = try NoteVerifierKey(encoded: logVerifierKey())
    let published =
      try PublishedDirectory(layout.audit).checkpoint(signedBy: key)?.treeSize ?? 0
    return try storing(layout.vault) {
      try queue.read { database in
        let store = AuditStore(database: database)
        var cutoff = clock.milliseconds - Int64(keepDays) * VaultClock.millisecondsPerDay
        var end = try min(published, store.firstEntry(notBefore: cutoff))
        switch line {
        case .rule: break
        case .olderThan(let days):
          guard days >= keepDays else {
            throw VaultError(
              .invalidInput,
              "`log_keep_days` keeps entries for \(keepDays) days, so those older than \(days) days "
                + "cannot go")
          }
          cutoff = clock.milliseconds - Int64(days) * VaultClock.millisecondsPerDay
          end = try min(end, store.firstEntry(notBefore: cutoff))
        case .below(let sequence):
          guard (0...end).contains(sequence) else {
            throw VaultError(
              .invalidInput,
              "entries from \(end) on are younger than the \(keepDays) days of `log_keep_days` or "
                + "not published, so those below \(sequence) cannot go")
          }
          end = sequence
        }
        if let backup = try MetaStore(database: database).number(.lastBackup) {
          end = try min(end, store.firstEntry(notBefore: Int64(clamping: backup)))
        }
        return try plan(
          to: end / TileAddress.fullWidth * TileAddress.fullWidth, cutoff, keepDays, store)
      }
    }
  }

  private func plan(
    to minimumIndex: Int, _ cutoff: Int64, _ keepDays: Int, _ store: AuditStore
  ) throws -> PrunePlan {
    let present = try store.minimumIndex()
    let target = max(minimumIndex, present)
    let root = try MerkleTree.root(size: target, read: store.hash)
    let content =
      UInt64(present).bigEndianBytes + UInt64(target).bigEndianBytes
      + UInt64(keepDays).bigEndianBytes + root.bytes
    return PrunePlan(
      minimumIndex: target, present: present, beforeMilliseconds: cutoff, keepDays: keepDays,
      digest: Array(SHA256.hash(content).prefix(8)).hexadecimal)
  }

  /// Deletes old entries of the log, in the vault and where it is published; the hashes stay.
  ///
  /// First the event is logged and published; then entries, payloads and references go, and the
  /// bundles last. An interrupted prune is finished by the next publication.
  ///
  /// - Parameters:
  ///   - plan: From ``planPrune(_:_:)``.
  ///   - digest: The plan's fingerprint, as confirmed.
  ///   - requester: Who asks.
  /// - Returns: What was done.
  /// - Throws: ``VaultError`` `.denied`, `.stale` when digest and plan do not fit, and as
  ///   ``publishLog(to:patience:)``.
  public func prune(
    _ plan: PrunePlan, confirming digest: String, _ requester: Requester
  ) throws -> PruneReport {
    try prune(plan, confirming: digest, requester) { _ in }
  }

  func prune(
    _ plan: PrunePlan, confirming digest: String, _ requester: Requester,
    hook: @escaping (PublishStep) throws -> Void
  ) throws -> PruneReport {
    let identity = try authorise(.pruneLog, requester)
    guard digest == plan.digest else {
      throw VaultError(
        .stale, "the plan is now `\(plan.digest)`, not `\(digest)`; look at it and confirm again")
    }
    let actor = try actor(identity.name)
    let sequence = try storing(layout.vault) {
      try queue.write { database in
        let store = AuditStore(database: database)
        let now = try self.plan(
          to: plan.minimumIndex, plan.beforeMilliseconds, plan.keepDays, store)
        guard now.digest == plan.digest, !now.isEmpty else {
          throw VaultError(
            .stale, "the log was pruned since the plan; make a new plan and confirm it")
        }
        let size = try store.size()
        let root = try MerkleTree.root(size: size, read: store.hash)
        var details = members(requester)
        details.append(("minimum_index", .count(plan.minimumIndex)))
        details.append(("before", .integer(plan.beforeMilliseconds)))
        details.append(("root", .string(root.bytes.hexadecimal)))
        details.append(("tree_size", .count(size)))
        details.append(("keep_days", .count(plan.keepDays)))
        let sequence = try log(
          AuditEvent(.logPruned, actor: actor, details: details), in: database)
        try store.setMinimumIndex(plan.minimumIndex, event: sequence)
        return sequence
      }
    }
    return PruneReport(
      minimumIndex: plan.minimumIndex, entries: plan.entries, logSequence: sequence,
      published: try publishLog(hook: hook))
  }
}
