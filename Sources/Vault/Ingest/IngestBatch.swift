internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// One batch on its way into the vault.
final class IngestBatch {
  struct Item {
    let record: IncomingRecord
    let externalCode: [UInt8]
    let identifiers: [(code: [UInt8], kind: UInt16)]
  }

  private let vault: Vault
  private let run: IngestRun
  private let codes: MatchCodes
  private let opener: SubjectOpener
  private let subjects: SubjectStore
  private let records: RecordStore
  private let suppression: SuppressionStore
  private let withdrawals: WithdrawalStore
  private let today: Int
  private var items: [Item] = []
  private var leaves: [[UInt8]: Int64] = [:]
  private var open: [Int64: OpenSubject] = [:]
  private var fencedLeaves: Set<Int64> = []
  private var destroyed: [Bucket: Bool] = [:]
  private var withdrawn: [Int64: Bool] = [:]
  private var matches: [MatchRow] = []
  private var obsolete: [MatchRow] = []
  private var commitments: [UInt8] = []
  private var nextRow: Int64 = 0
  private(set) var report = IngestReport()

  init(_ vault: Vault, _ run: IngestRun, _ database: Database, _ codes: MatchCodes) {
    self.vault = vault
    self.run = run
    self.codes = codes
    opener = SubjectOpener(vault)
    subjects = SubjectStore(database: database)
    records = RecordStore(database: database)
    suppression = SuppressionStore(database: database)
    withdrawals = WithdrawalStore(database: database)
    today = vault.clock.day
  }

  /// Leaves out who is suppressed and what has expired, and computes the codes of the rest.
  func screen(_ incoming: [IncomingRecord]) throws {
    let hasSuppression = try !suppression.isEmpty()
    for record in incoming {
      if try hasExpired(record) {
        report.expired += 1
      } else if try hasSuppression && isSuppressed(record) {
        report.suppressed += 1
      } else {
        items.append(
          Item(
            record: record,
            externalCode: try codes.code(source: run.source.name, externalID: record.externalID),
            identifiers: try record.identifiers.map { identifier in
              (try codes.code(identifier.kind, identifier.value), identifier.kind.number)
            }))
      }
    }
  }

  /// Finds the subjects of the batch and makes those that are new.
  func findSubjects() throws {
    try vault.indexQueue.read { database in
      let index = IndexStore(database: database)
      for item in items where leaves[item.externalCode] == nil {
        leaves[item.externalCode] = try index.subjects(code: item.externalCode).first
      }
    }
    var missing: [[UInt8]] = []
    for item in items where leaves[item.externalCode] == nil {
      leaves[item.externalCode] = -1
      missing.append(item.externalCode)
    }
    if !missing.isEmpty {
      let made = try vault.keyring.createSubjectKeys(count: missing.count)
      for (code, leaf) in zip(missing, made) { leaves[code] = leaf }
    }
    try opener.preload(try subjects.keyLeaves(Set(leaves.values)))
    try vault.keyring.createBucketKeys(
      Set(
        items.map { item in
          run.source.retentionClass.bucket(
            collectedDay: item.record.collectedDay, firstDay: item.record.collectedDay)
        }))
    nextRow = try records.nextRow()
  }

  func storeAll() throws {
    for item in items {
      guard let leaf = leaves[item.externalCode], let subject = try subject(leaf, item) else {
        report.fenced += 1
        continue
      }
      guard try !isWithdrawn(leaf) else {
        report.withdrawn += 1
        continue
      }
      try store(item, of: subject)
    }
  }

  /// Writes the batch's part of the match index.
  func writeIndex(_ index: IndexStore) throws {
    for row in obsolete { try index.delete(row) }
    try index.insert(matches)
  }

  /// The batch's event: counts, and a digest over the commitments of the keys it brought.
  var event: AuditEvent {
    var details: [(key: String, value: CanonicalJSON)] = report.counts.map {
      ($0.name, .count($0.count))
    }
    details.append(("source", .string(run.source.name)))
    details.append(("commitments", .string(SHA256.hash(commitments).hexadecimal)))
    return AuditEvent(.recordsIngested, actor: run.actor, details: details)
  }
}

extension IngestBatch {
  /// The subject of an item, opened; nil while its erasure is under way.
  private func subject(_ leaf: Int64, _ item: Item) throws -> OpenSubject? {
    if let known = open[leaf] { return known }
    if fencedLeaves.contains(leaf) { return nil }
    if let row = try subjects.find(leaf) {
      guard !row.isFenced else {
        fencedLeaves.insert(leaf)
        return nil
      }
      let subject = try opener.open(row)
      open[leaf] = subject
      return subject
    }
    let subject = try opener.create(
      leaf: leaf, source: run.sourceNumber, externalID: item.record.externalID, day: today)
    try subjects.insert(subject.row)
    commitments += subject.row.commitment
    matches.append(
      MatchRow(code: item.externalCode, subject: leaf, kind: MatchRow.externalIDKind))
    report.subjects += 1
    open[leaf] = subject
    return subject
  }

  private func store(_ item: Item, of subject: OpenSubject) throws {
    let idCode = subject.code(0x49, item.record.recordID)
    let contentCode = Self.contentCode(item.record, subject)
    let existing = try records.find(subject: subject.row.leaf, idCode: idCode)
    if let existing {
      guard existing.contentCode != contentCode || isRefresh(item.record, of: existing) else {
        report.unchanged += 1
        return
      }
      guard run.source.kind == .profile else {
        report.conflicting += 1
        return
      }
      // The latest by collection wins, so that a file with two rows of one record can be repeated.
      guard existing.collectedDay <= item.record.collectedDay else {
        report.outdated += 1
        return
      }
      try records.delete(row: existing.row)
      try forgetIdentifiers(of: existing, subject, keeping: item)
      report.replaced += 1
    } else {
      report.added += 1
    }
    let firstDay = min(existing?.firstDay ?? item.record.collectedDay, item.record.collectedDay)
    try insert(item, of: subject, idCode: idCode, contentCode: contentCode, firstDay: firstDay)
  }

  /// Whether the same content was collected again later, which starts its idle term anew.
  private func isRefresh(_ record: IncomingRecord, of existing: RecordRow) -> Bool {
    run.source.kind == .profile && run.source.retentionClass.hasTerm
      && record.collectedDay > existing.collectedDay
  }

  private func insert(
    _ item: Item, of subject: OpenSubject, idCode: [UInt8], contentCode: [UInt8], firstDay: Int
  ) throws {
    let record = item.record
    let bucket = run.source.retentionClass.bucket(
      collectedDay: record.collectedDay, firstDay: firstDay)
    let key = try opener.fieldKey(subject, bucket, createIfMissing: true)
    var sealed: [UInt8] = []
    sealed.reserveCapacity(record.fields.count * 80)
    for field in record.fields {
      let cell = Cell(table: CellTable.record, field: field.number, row: UInt64(nextRow))
      let envelope = try opener.cipher.seal(field.value, key: key, cell: cell)
      SealedFields.append(field.number, envelope, to: &sealed)
    }
    if !record.identifiers.isEmpty {
      let number = SealedIdentifiers.cellNumber
      var identifiers = SealedIdentifiers.encode(record.identifiers)
      defer { identifiers.wipe() }
      let envelope = try opener.cipher.seal(
        identifiers, key: key,
        cell: Cell(table: CellTable.record, field: number, row: UInt64(nextRow)))
      SealedFields.append(number, envelope, to: &sealed)
    }
    try records.insert(
      RecordRow(
        row: nextRow, subject: subject.row.leaf, bucket: bucket, firstDay: firstDay,
        collectedDay: record.collectedDay, idCode: idCode, contentCode: contentCode, sealed: sealed)
    )
    nextRow += 1
    for identifier in item.identifiers {
      matches.append(
        MatchRow(code: identifier.code, subject: subject.row.leaf, kind: identifier.kind))
    }
  }

  /// Marks a replaced record's identifiers for removal, unless the new record or another record of
  /// the subject still has them.
  private func forgetIdentifiers(
    of replaced: RecordRow, _ subject: OpenSubject, keeping item: Item
  ) throws {
    let leaf = subject.row.leaf
    let old = try identifierRows(of: replaced, subject)
    var kept = Set(item.identifiers.map { MatchRow(code: $0.code, subject: leaf, kind: $0.kind) })
    guard !old.isSubset(of: kept) else { return }
    for other in try records.ofSubject(leaf) {
      kept.formUnion(try identifierRows(of: other, subject))
    }
    obsolete += old.subtracting(kept)
    matches.removeAll { old.contains($0) && !kept.contains($0) }
  }

  private func identifierRows(
    of record: RecordRow, _ subject: OpenSubject
  ) throws -> Set<MatchRow> {
    Set(try codes.rows(of: record, subject, opener))
  }

  /// Whether a record's term is over, or the key of its day was destroyed under an earlier rule.
  private func hasExpired(_ record: IncomingRecord) throws -> Bool {
    let rule = run.source.retentionClass
    guard let term = rule.shortestTermDays else { return false }
    guard record.collectedDay + term > today else { return true }
    let bucket = rule.bucket(collectedDay: record.collectedDay, firstDay: record.collectedDay)
    if let known = destroyed[bucket] { return known }
    let isDestroyed = try vault.keyring.isDestroyed(bucket)
    destroyed[bucket] = isDestroyed
    return isDestroyed
  }

  /// Whether the subject has withdrawn its consent to everything the source is for.
  private func isWithdrawn(_ leaf: Int64) throws -> Bool {
    if let known = withdrawn[leaf] { return known }
    let purposes = try withdrawals.purposes(subject: leaf)
    let isWithdrawn = !purposes.isEmpty && run.source.isOnlyFor(purposes)
    withdrawn[leaf] = isWithdrawn
    return isWithdrawn
  }

  /// A phone alone keeps someone out only when the record has nothing better: households share it.
  private func isSuppressed(_ record: IncomingRecord) throws -> Bool {
    let external = try codes.suppressionEntry(
      source: run.source.name, externalID: record.externalID)
    if try suppression.contains(external) { return true }
    let strong = record.identifiers.filter { $0.kind != .phone }
    for identifier in strong.isEmpty ? record.identifiers : strong {
      let entry = try codes.suppressionEntry(identifier.kind, identifier.value)
      if try suppression.contains(entry) { return true }
    }
    return false
  }

  /// The code whose equality makes two records the same.
  ///
  /// Its input is made in one piece of the right size and wiped: freed memory keeps what was in it.
  private static func contentCode(_ record: IncomingRecord, _ subject: OpenSubject) -> [UInt8] {
    let name = record.eventName ?? ""
    var bytes: [UInt8] = []
    defer { bytes.wipe() }
    bytes.reserveCapacity(
      record.fields.reduce(name.utf8.count + 2) {
        $0 + SealedFields.prefixByteCount + $1.value.count
      })
    bytes.append(0x43)
    bytes.append(contentsOf: name.utf8)
    bytes.append(0)
    for field in record.fields { SealedFields.append(field.number, field.value, to: &bytes) }
    return subject.code(labelled: bytes)
  }
}

extension RetentionClass {
  /// The term after which a value that was not collected again is gone.
  public var shortestTermDays: Int? {
    switch (idleDays, capDays) {
    case (let idle?, let cap?): min(idle, cap)
    case (let idle?, nil): idle
    case (nil, let cap): cap
    }
  }

  /// The bucket of a value: its class and day of collection.
  ///
  /// Where a class has an idle term and a cap, refreshing moves a value to a later day, but never
  /// so far that its bucket would outlive the cap: the last days before the cap are counted from
  /// the first collection. So destroying buckets by age alone keeps both terms.
  ///
  /// - SeeAlso: `docs/decisions/0003-refresh-and-the-hard-cap.md`.
  func bucket(collectedDay: Int, firstDay: Int) -> Bucket {
    guard hasTerm else { return Bucket(retentionClass: number, day: 0) }
    var day = collectedDay
    if let capDays {
      day = min(day, firstDay + capDays - (idleDays ?? capDays))
    }
    return Bucket(
      retentionClass: number, day: UInt32(clamping: min(max(day, 1), Int(Bucket.maximumDay))))
  }
}
