internal import GRDB
internal import Keyring
public import Sealing
internal import Transparency

/// A bucket whose term is over.
public struct ExpiringBucket: Sendable, Hashable {
  /// The retention class.
  public let retentionClass: RetentionClass
  /// The bucket.
  public let bucket: Bucket
  /// Records in it.
  public let records: Int

  /// Day of collection in days since 1970-01-01.
  public var day: Int { Int(bucket.day) }
}

/// What an expiry would destroy, frozen; applied only by its digest.
public struct ExpiryPlan: Sendable {
  /// The day the plan was made for, in days since 1970-01-01.
  public let day: Int
  /// The buckets, oldest first.
  public let buckets: [ExpiringBucket]
  /// Subjects that have no record outside these buckets; their keys go too.
  public let subjects: [Int64]
  /// Records past their class's cap that are in a younger bucket, because the rule was shortened.
  public let overdue: Int
  /// Fingerprint of exactly this plan.
  public let digest: String

  /// Number of records that become unreadable.
  public var records: Int { buckets.reduce(0) { $0 + $1.records } }
}

extension Vault {
  /// Lists the buckets whose term is over on the vault's present day.
  ///
  /// A bucket is due when the class's shortest term has passed since its day. Buckets without
  /// records are listed too while their key lives: an old backup may still hold their ciphertext.
  public func planExpiry(_ classes: [RetentionClass], _ requester: Requester) throws -> ExpiryPlan {
    try authorise(.expire, requester)
    let live = try keyring.liveBuckets()
    let today = clock.day
    return try storing(layout.vault) {
      try queue.read { database in
        let store = RecordStore(database: database)
        let counts = Dictionary(
          uniqueKeysWithValues: try store.buckets().map { ($0.bucket, $0.records) })
        let buckets = live.compactMap { bucket -> ExpiringBucket? in
          guard bucket.day > 0,
            let rule = classes.first(where: { $0.number == bucket.retentionClass }),
            let due = rule.expiryDay(of: bucket), due <= today
          else { return nil }
          return ExpiringBucket(
            retentionClass: rule, bucket: bucket, records: counts[bucket] ?? 0)
        }
        let subjects = try store.subjects(inAny: buckets.map(\.bucket)).whole
        let overdue = try overdue(classes, Set(buckets.map(\.bucket)), store)
        return ExpiryPlan(
          day: today, buckets: buckets, subjects: subjects, overdue: overdue,
          digest: Self.digest(buckets, subjects))
      }
    }
  }

  /// Destroys the keys of a plan's buckets and emptied subjects, then deletes their rows.
  ///
  /// - Parameters:
  ///   - plan: From ``planExpiry(_:_:)``.
  ///   - digest: The plan's fingerprint, as confirmed.
  ///   - reference: Reference of the run; unique.
  ///   - requester: Who asks.
  /// - Returns: What was destroyed.
  /// - Throws: ``VaultError`` `.stale` when digest and plan do not fit, `.denied`, `.storage`.
  public func expire(
    _ plan: ExpiryPlan, confirming digest: String, reference: String, _ requester: Requester
  ) throws -> ErasureOutcome {
    let identity = try authorise(.expire, requester)
    guard digest == plan.digest else {
      throw VaultError(
        .stale, "the plan is now `\(plan.digest)`, not `\(digest)`; look at it and confirm again")
    }
    var facts = ErasureFacts()
    facts.subjects = plan.subjects.count
    facts.buckets = plan.buckets.map(\.bucket.rawValue)
    for bucket in plan.buckets {
      facts.records[bucket.retentionClass.name, default: 0] += bucket.records
    }
    // Check, fence and request are one transaction: a record that arrives after the plan was made
    // must not go with a subject that was empty before it.
    try begin(
      reference, .expiry, facts, requestedBy: identity, references: [], requester
    ) { database, facts in
      let staying = try requireUnchanged(plan, database)
      try forgetIdentifiers(of: staying, in: Set(plan.buckets.map(\.bucket)), database)
      let store = SubjectStore(database: database)
      for leaf in plan.subjects { try store.fence(leaf) }
      return ErasureTargets(
        subjects: plan.subjects, keys: try store.keyLeaves(plan.subjects),
        buckets: plan.buckets.map(\.bucket))
    }
    return try finish(reference)
  }

  /// Refuses a plan that does not fit the vault any more.
  ///
  /// - Returns: Subjects that lose some of their records and stay.
  private func requireUnchanged(_ plan: ExpiryPlan, _ database: Database) throws -> [Int64] {
    let store = RecordStore(database: database)
    let counts = Dictionary(
      uniqueKeysWithValues: try store.buckets().map { ($0.bucket, $0.records) })
    let buckets = plan.buckets.map {
      ExpiringBucket(
        retentionClass: $0.retentionClass, bucket: $0.bucket, records: counts[$0.bucket] ?? 0)
    }
    let subjects = try store.subjects(inAny: plan.buckets.map(\.bucket))
    guard Self.digest(buckets, subjects.whole) == plan.digest else {
      throw VaultError(
        .stale, "records have come or gone since the plan; make a new plan and confirm it")
    }
    return subjects.partly
  }

  private func overdue(
    _ classes: [RetentionClass], _ due: Set<Bucket>, _ store: RecordStore
  ) throws -> Int {
    try classes.reduce(0) { sum, rule in
      guard let cap = rule.capDays else { return sum }
      return sum
        + (try store.countFirstCollected(
          class: rule.number, through: clock.day - cap, outside: due))
    }
  }

  /// Takes the identifiers that only expiring records have out of the match index.
  ///
  /// This is for subjects that stay; those that go are unlinked whole. It comes before the keys go,
  /// because afterwards nobody can say what they were.
  private func forgetIdentifiers(
    of staying: [Int64], in due: Set<Bucket>, _ database: Database
  ) throws {
    let generation = try indexQueue.read { try IndexStore(database: $0).generation() } ?? 1
    let codes = MatchCodes(keyring: keyring, generation: generation)
    let records = RecordStore(database: database)
    var obsolete: [MatchRow] = []
    try forEachBatch(of: staying, in: database) { opener, leaves in
      for row in try leaves.compactMap(SubjectStore(database: database).find) where !row.isFenced {
        let subject = try opener.open(row)
        var kept: Set<MatchRow> = []
        var gone: Set<MatchRow> = []
        for record in try records.ofSubject(row.leaf) {
          let rows = try codes.rows(of: record, subject, opener)
          if due.contains(record.bucket) { gone.formUnion(rows) } else { kept.formUnion(rows) }
        }
        obsolete += gone.subtracting(kept)
      }
    }
    try storing(layout.index) {
      try indexQueue.write { index in
        for row in obsolete { try IndexStore(database: index).delete(row) }
      }
    }
  }

  private static func digest(_ buckets: [ExpiringBucket], _ subjects: [Int64]) -> String {
    var content: [UInt8] = []
    for bucket in buckets {
      content += bucket.bucket.rawValue.bigEndianBytes + UInt64(bucket.records).bigEndianBytes
    }
    for subject in subjects { content += UInt64(subject).bigEndianBytes }
    return Array(SHA256.hash(content).prefix(8)).hexadecimal
  }
}
