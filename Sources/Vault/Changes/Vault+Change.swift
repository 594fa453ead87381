internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

extension Vault {
  /// Shows what a change would do.
  ///
  /// - Throws: ``VaultError`` `.denied`, `.notFound`, `.invalidInput` for a field or purpose that
  ///   is not there or cannot be changed.
  public func previewChange(
    _ change: SubjectChange, of token: TokenText, _ requester: Requester
  ) throws -> ChangePreview {
    try authorise(change.operation, requester)
    let plan = try ChangePlan(change, try gather(try person(token)), policy)
    return ChangePreview(
      token: token, subjects: plan.affected.count, changed: plan.changed, dropped: plan.dropped,
      digest: plan.digest)
  }

  /// Makes a change and destroys the keys under which the former values lie in every copy.
  ///
  /// The affected subjects are sealed anew under fresh keys in one transaction with the event; the
  /// destruction of the old keys then goes through the states of an erasure, and is resumed like
  /// one. In a backup of before, the former values do not open; neither does the rest of those
  /// subjects, which a restore has to get from the source again.
  ///
  /// - Parameters:
  ///   - change: The change.
  ///   - token: The person's token.
  ///   - digest: The fingerprint from ``previewChange(_:of:_:)``.
  ///   - reference: Reference of the case; unique.
  ///   - requester: Who asks.
  /// - Returns: What was done.
  /// - Throws: ``VaultError`` `.denied`, `.notFound`, `.stale` when the person has changed since
  ///   the preview, `.invalidInput`.
  public func apply(
    _ change: SubjectChange, to token: TokenText, confirming digest: String, reference: String,
    _ requester: Requester
  ) throws -> ChangeOutcome {
    let identity = try authorise(change.operation, requester)
    let person = try person(token)
    let material = try gather(person)
    let shown = try ChangePlan(change, material, policy)
    try shown.require(digest)
    let references = try references(material.subjects.map(SubjectOpener(self).open))
    var sequence = 0
    let note = try note(requester, about: material.anchor)
    let logChange = { (plan: ChangePlan, database: Database) in
      let event = AuditEvent(
        change.eventType, actor: try self.actor(identity.name), subjects: references,
        details: self.members(requester) + plan.details + [("reference", .string(reference))])
      sequence = try self.log(event, note, in: database)
    }
    let current = { (database: Database) in
      let now = try self.gather(person, sources: material.sources, in: database)
      let plan = try ChangePlan(change, now, self.policy)
      try plan.require(digest)
      return plan
    }
    guard !shown.affected.isEmpty else {
      try storing(layout.vault) {
        try queue.write { database in
          let plan = try current(database)
          try record(plan, in: database)
          try logChange(plan, database)
        }
      }
      return ChangeOutcome(erasure: nil, logSequence: sequence)
    }
    try begin(
      reference, .rekey, ErasureFacts(), requestedBy: identity, references: references, requester
    ) { database, facts in
      let plan = try current(database)
      try record(plan, in: database)
      let targets = try rekey(plan, &facts, in: database)
      try logChange(plan, database)
      return targets
    }
    return ChangeOutcome(erasure: try finish(reference), logSequence: sequence)
  }

  /// Keeps what the vault has to remember of a change itself: withdrawn consent.
  private func record(_ plan: ChangePlan, in database: Database) throws {
    guard case .withdraw(let purpose) = plan.change else { return }
    let store = WithdrawalStore(database: database)
    for row in plan.material.subjects {
      try store.insert(subject: row.leaf, purpose: purpose, day: clock.day)
    }
  }

  private func rekey(
    _ plan: ChangePlan, _ facts: inout ErasureFacts, in database: Database
  ) throws -> ErasureTargets {
    let generation = try indexQueue.read { try IndexStore(database: $0).generation() } ?? 1
    var rekeying = SubjectRekeying(self, generation: generation, database)
    let leaves = try keyring.createSubjectKeys(count: plan.affected.count)
    for (row, leaf) in zip(plan.affected, leaves) {
      guard let source = plan.material.sources[row.source] else { continue }
      try rekeying.rekey(row, to: leaf, source, matched: plan.matched(source)) {
        plan.edits[$0.row] ?? .keep
      }
      facts.generations["\(row.generation)", default: 0] += 1
    }
    facts.subjects = plan.affected.count
    facts.records = plan.changed.merging(plan.dropped, uniquingKeysWith: +)
    facts.fields = Dictionary(plan.change.paths.map { ($0, 1) }, uniquingKeysWith: +)
    // What the index must lose goes after the commit, by `unlinkFormer`: until then it may still be
    // needed.
    try storing(layout.index) {
      try indexQueue.write { try IndexStore(database: $0).insert(Array(rekeying.fresh)) }
    }
    return ErasureTargets(
      subjects: plan.affected.map(\.leaf), keys: plan.affected.map(\.keyLeaf), buckets: [])
  }
}

extension Vault {
  /// Takes out of the match index what no record of the subjects has any more.
  func unlinkFormer(_ subjects: [Int64]) throws {
    let generation = try indexQueue.read { try IndexStore(database: $0).generation() } ?? 1
    let codes = MatchCodes(keyring: keyring, generation: generation)
    let opener = SubjectOpener(self)
    for leaf in subjects {
      let (row, records) = try storing(layout.vault) {
        try queue.read { database in
          (
            try SubjectStore(database: database).find(leaf),
            try RecordStore(database: database).ofSubject(leaf)
          )
        }
      }
      // An erasure may have taken the subject since.
      guard let row, !row.isFenced, let subject = try opener.openUnlessDestroyed(row) else {
        continue
      }
      let kept = Set(try records.flatMap { try codes.rows(of: $0, subject, opener) })
      try storing(layout.index) {
        try indexQueue.write { database in
          let store = IndexStore(database: database)
          for entry in try store.rows(subject: leaf)
          where entry.kind != MatchRow.externalIDKind && !kept.contains(entry) {
            try store.delete(entry)
          }
        }
      }
    }
    try storing(layout.index) {
      try requireTruncated("index.sqlite") { try VaultDatabase.truncateLog(indexQueue) }
    }
  }
}

/// What a change does to the records of a person as they stand.
struct ChangePlan {
  let change: SubjectChange
  let material: PersonMaterial
  /// Records that do not stay as they are, by row.
  let edits: [Int64: RecordEdit]
  /// Subjects that lose something.
  let affected: [SubjectRow]
  let changed: [String: Int]
  let dropped: [String: Int]

  init(_ change: SubjectChange, _ material: PersonMaterial, _ policy: PolicyEngine) throws {
    try Self.check(change, material, policy)
    var edits: [Int64: RecordEdit] = [:]
    var affected: [SubjectRow] = []
    var changed: [String: Int] = [:]
    var dropped: [String: Int] = [:]
    for row in material.subjects {
      guard let source = material.sources[row.source] else { continue }
      let before = edits.count
      for record in material.records[row.leaf] ?? [] {
        let edit = try change.edit(record, of: source)
        guard edit != .keep else { continue }
        edits[record.row] = edit
        if edit == .drop {
          dropped[source.name, default: 0] += 1
        } else {
          changed[source.name, default: 0] += 1
        }
      }
      if edits.count > before { affected.append(row) }
    }
    self.change = change
    self.material = material
    self.edits = edits
    self.affected = affected
    self.changed = changed
    self.dropped = dropped
    if case .withdraw = change { return }
    guard !affected.isEmpty else {
      throw VaultError(
        .notFound, "the person has no value of the named fields; `lethe reveal` shows what there is"
      )
    }
  }

  /// The matched forms of corrected identifiers of a source.
  func matched(_ source: SourceDescription) -> [UInt16: [UInt8]] {
    guard case .rectify(let fields) = change else { return [:] }
    return source.fields.reduce(into: [:]) { forms, field in
      forms[field.number] = fields.first { $0.path == source.path(field) }?.matched
    }
  }

  /// What the log says of the change: names and counts, never a value.
  var details: [(key: String, value: CanonicalJSON)] {
    var details: [(key: String, value: CanonicalJSON)] = [
      ("changed", .count(changed.values.reduce(0, +))),
      ("dropped", .count(dropped.values.reduce(0, +))),
      ("rekeyed", .count(affected.count)),
    ]
    if !change.paths.isEmpty { details.append(("fields", .texts(change.paths.sorted()))) }
    if case .withdraw(let purpose) = change { details.append(("withdrawn", .string(purpose))) }
    return details
  }

  /// The fingerprint of exactly this plan.
  var digest: String {
    var content = change.fingerprint
    for row in material.subjects {
      content += UInt64(row.leaf).bigEndianBytes
      for record in material.records[row.leaf] ?? [] {
        content += UInt64(record.row).bigEndianBytes + record.contentCode
        content.append(edits[record.row] == nil ? 0 : 1)
      }
    }
    return Array(SHA256.hash(content).prefix(8)).hexadecimal
  }

  func require(_ digest: String) throws {
    guard digest == self.digest else {
      throw VaultError(
        .stale,
        "the person has changed since the preview; look at the new preview and confirm again")
    }
  }

  private static func check(
    _ change: SubjectChange, _ material: PersonMaterial, _ policy: PolicyEngine
  ) throws {
    if case .withdraw(let purpose) = change { return try policy.checkPurpose(purpose) }
    let sources = Set(material.subjects.map(\.source)).compactMap { material.sources[$0] }
    guard !change.paths.isEmpty else {
      throw VaultError(.invalidInput, "no field is named; name one as `source.field`")
    }
    for path in change.paths.sorted() {
      let source = sources.first { source in source.fields.contains { source.path($0) == path } }
      guard let source else {
        throw VaultError(
          .invalidInput,
          "no source of this person has a field \(path.inMessage); name it as `source.field`")
      }
      if case .rectify = change, source.kind == .event {
        throw VaultError(
          .invalidInput,
          "\(path.inMessage) belongs to events, which are records of what happened; erase the field "
            + "instead, or correct it at the source")
      }
    }
  }
}
