internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

extension Vault {
  /// Fields named in one log entry; with the longest names the entry stays below its limit of 16
  /// KiB.
  static let disclosedFieldsPerEvent = 100
  /// Stands among the deciding policies when consent was withdrawn.
  static let withdrawnConsent = "withdrawn-consent"
  /// Most records one disclosure releases.
  public static let maximumDisclosedRecords = 200_000

  /// Releases a person's fields, each at the most revealing rung the policy allows: the one gate.
  ///
  /// The decision and the names of the fields are durable in the log before the first value leaves;
  /// if the log cannot be written, nothing is released. A request that is allowed nothing is logged
  /// too.
  ///
  /// - Parameters:
  ///   - token: The person's token of any domain.
  ///   - fields: Names of fields as `field` or `source.field`; nil for all.
  ///   - requester: Who asks.
  ///   - maximumRung: Release no more than this, whatever the policy allows.
  /// - Returns: The person's records with what may be shown of each field.
  /// - Throws: ``VaultError`` `.unknownOperator`, `.unknownPurpose`, `.notFound`, `.fenced`,
  ///   `.denied` when no field may be shown at any rung, `.limit`.
  public func disclose(
    _ token: TokenText, fields: Set<String>? = nil, _ requester: Requester,
    maximumRung: Rung = .plain
  ) throws -> Dossier {
    let identity = try identify(requester)
    try requireWitnessed("disclose", identity, requester)
    let material = try gather(try person(token))
    let wanted = material.wanted(fields)
    guard !wanted.isEmpty else {
      throw VaultError(
        .notFound,
        "the person has no field of that name; `lethe reveal` without field names shows what there is"
      )
    }
    let authorization = try decide(wanted, material, identity, requester, maximumRung)
    return try reveal(authorization, material, fields, to: token)
  }

  /// Reads a person's sealed records in one snapshot.
  ///
  /// - Parameters:
  ///   - person: The person.
  ///   - sources: The registered sources, when the caller has read them already.
  /// - Returns: Subjects, records and sources as of one moment.
  /// - Throws: ``VaultError`` `.notFound`, `.fenced`, `.limit`.
  func gather(
    _ person: Int64, sources: [Int: SourceDescription]? = nil
  ) throws -> PersonMaterial {
    try storing(layout.vault) {
      try queue.read { try gather(person, sources: sources, in: $0) }
    }
  }

  /// Reads a person's sealed records in the transaction that is under way.
  func gather(
    _ person: Int64, sources: [Int: SourceDescription]?, in database: Database
  ) throws -> PersonMaterial {
    let all = try SubjectStore(database: database).ofPerson(person)
    // An expiry under way fences only the subjects that lose everything; the rest stay readable.
    let rows = all.filter { !$0.isFenced }
    guard let anchor = rows.first(where: { $0.leaf == person }) ?? rows.first else {
      guard all.isEmpty else {
        throw VaultError(
          .fenced, "the erasure of this person has begun; nothing of it is released")
      }
      throw VaultError(.notFound, "the person is not in the vault any more")
    }
    let store = RecordStore(database: database)
    let withdrawals = WithdrawalStore(database: database)
    var records: [Int64: [RecordRow]] = [:]
    var withdrawn: [Int64: Set<String>] = [:]
    var count = 0
    for row in rows {
      let found = try store.ofSubject(row.leaf)
      count += found.count
      guard count <= Self.maximumDisclosedRecords else {
        throw VaultError(
          .limit, "the person has more than \(Self.maximumDisclosedRecords) records; name a field")
      }
      records[row.leaf] = found
      let purposes = try withdrawals.purposes(subject: row.leaf)
      if !purposes.isEmpty { withdrawn[row.leaf] = purposes }
    }
    return PersonMaterial(
      person: person, anchor: anchor.leaf, subjects: rows, records: records,
      sources: try sources ?? SourceStore(database: database).all(), withdrawn: withdrawn)
  }

  /// Asks the policy about each field and records the answer; only then is there an authorization.
  func decide(
    _ wanted: [(path: FieldKeyPath, source: SourceDescription, field: FieldDescription)],
    _ material: PersonMaterial, _ identity: OperatorIdentity, _ requester: Requester,
    _ maximumRung: Rung
  ) throws -> Authorization {
    var rungs: [FieldKeyPath: Rung] = [:]
    var policies: Set<String> = []
    var errors: Set<String> = []
    var shown: [(key: String, value: CanonicalJSON)] = []
    let context = decisionContext(requester)
    for item in wanted {
      let decision = policy.decide(
        FieldResource(item.field, of: item.source), by: identity, context: context)
      policies.formUnion(decision.policies)
      errors.formUnion(decision.failures)
      let isWithdrawn = material.isWithdrawn(requester.purpose, item.source)
      if isWithdrawn { policies.insert(Self.withdrawnConsent) }
      let rung = isWithdrawn ? nil : decision.rung.map { min($0, maximumRung) }
      rungs[item.path] = rung
      shown.append(
        ("\(item.source.name).\(item.field.name)", .string(rung?.name ?? "denied")))
    }
    let opener = SubjectOpener(self)
    let subjects = try material.subjects.map(opener.open)
    var details = members(requester)
    details.append(("decision", .string(rungs.isEmpty ? "deny" : "allow")))
    details.append(("policies", .texts(policies.sorted())))
    if !errors.isEmpty { details.append(("policy_errors", .texts(errors.sorted()))) }
    let actor = try actor(identity.name)
    let references = try references(subjects)
    // Wide contracts: an entry has a limit, so the fields of one decision may take several.
    let events = try stride(from: 0, to: shown.count, by: Self.disclosedFieldsPerEvent).map {
      start in
      let part = shown[start..<min(start + Self.disclosedFieldsPerEvent, shown.count)]
      return AuditEvent(
        .fieldDisclosed, actor: actor, subjects: references,
        details: details + [("fields", try .members(Array(part)))])
    }
    let note = try note(requester, about: material.anchor)
    let sequence = try committing { database in
      try requireUnchanged(material.subjects, in: database)
      // The note belongs to the decision as a whole, and its first event stands for it.
      let first = try log(events[0], note, in: database)
      for event in events.dropFirst() { try log(event, in: database) }
      return first
    }
    guard !rungs.isEmpty else {
      throw VaultError(
        .denied,
        "the policy shows `\(identity.name)` nothing of this person for purpose "
          + "`\(requester.purpose)`; the denial is logged")
    }
    return Authorization(rungs: rungs, policies: policies.sorted(), logSequence: sequence)
  }

  /// Refuses when the erasure of a subject has begun, or its key was replaced since it was read.
  ///
  /// Fencing takes the same lock: what is logged behind this came before it, and after it comes
  /// nothing.
  func requireUnchanged(_ rows: [SubjectRow], in database: Database) throws {
    for row in rows {
      guard let now = try SubjectStore(database: database).find(row.leaf), !now.isFenced else {
        throw VaultError(
          .fenced, "the erasure of this person has begun; nothing of it is released")
      }
      guard now.keyLeaf == row.keyLeaf else {
        throw VaultError(.stale, "the person has just been changed; ask again")
      }
    }
  }

  /// Opens what the authorization allows.
  ///
  /// The person keeps the token the caller came with, and tokens at rung `tokenised` are of its
  /// domain: another domain's would be a join that takes permission of its own.
  private func reveal(
    _ authorization: consuming Authorization, _ material: PersonMaterial, _ names: Set<String>?,
    to token: TokenText
  ) throws -> Dossier {
    guard let domain = try domains().first(where: { $0.name == token.domain }) else {
      throw VaultError(.notFound, "the token's domain does not exist")
    }
    let revealer = Revealer(
      self, rungs: authorization.rungs, names: names, tokens: try tokenMaker(domain))
    var records: [DisclosedRecord] = []
    for row in material.subjects {
      guard let source = material.sources[row.source] else { continue }
      let subject = try revealer.opener.open(row)
      for record in material.records[row.leaf] ?? [] {
        records.append(
          DisclosedRecord(
            source: source, collectedDay: record.collectedDay,
            expiryDay: source.retentionClass.expiryDay(of: record.bucket),
            fields: try revealer.fields(of: record, subject, source)))
      }
    }
    return Dossier(
      token: token, subjectCount: material.subjects.count, records: records,
      logSequence: authorization.logSequence, policies: authorization.policies)
  }
}

/// A person's sealed records, read in one snapshot.
struct PersonMaterial {
  let person: Int64
  let anchor: Int64
  let subjects: [SubjectRow]
  let records: [Int64: [RecordRow]]
  let sources: [Int: SourceDescription]
  /// Withdrawn purposes by subject.
  let withdrawn: [Int64: Set<String>]

  /// Whether a subject of the source has withdrawn its consent to a purpose.
  func isWithdrawn(_ purpose: String, _ source: SourceDescription) -> Bool {
    subjects.contains { row in
      guard sources[row.source]?.name == source.name, let purposes = withdrawn[row.leaf] else {
        return false
      }
      return source.isWithdrawn(purpose, purposes)
    }
  }

  /// The fields of the person's sources that a request names.
  func wanted(
    _ names: Set<String>?
  ) -> [(path: FieldKeyPath, source: SourceDescription, field: FieldDescription)] {
    Set(subjects.map(\.source)).sorted().flatMap { number in
      guard let source = sources[number] else {
        return [] as [(path: FieldKeyPath, source: SourceDescription, field: FieldDescription)]
      }
      return source.fields.filter { $0.isNamed(by: names, in: source) }.map {
        (FieldKeyPath(source: number, field: $0.number), source, $0)
      }
    }
  }
}

extension FieldDescription {
  /// Whether a request that names fields as `field` or `source.field` means this one.
  func isNamed(by names: Set<String>?, in source: SourceDescription) -> Bool {
    names.map { $0.contains(name) || $0.contains("\(source.name).\(name)") } ?? true
  }
}

extension RetentionClass {
  /// First day on which a bucket's values are due to go; nil for no term.
  func expiryDay(of bucket: Bucket) -> Int? {
    shortestTermDays.map { Int(bucket.day) + $0 }
  }
}
