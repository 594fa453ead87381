internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

extension Vault {
  /// Most records one disclosure releases.
  public static let maximumDisclosedRecords = 200_000

  /// Releases a person's fields, each at the most revealing rung the policy allows: the one gate.
  ///
  /// The decision and the names of the fields are durable in the log before the first value leaves; if
  /// the log cannot be written, nothing is released. A request that is allowed nothing is logged too.
  ///
  /// - Parameters:
  ///   - token: The person's token of any domain.
  ///   - fields: Names of fields as `field` or `source.field`; nil for all.
  ///   - requester: Who asks.
  ///   - maximumRung: Release no more than this, whatever the policy allows.
  /// - Returns: The person's records with what may be shown of each field.
  /// - Throws: ``VaultError`` `.unknownOperator`, `.unknownPurpose`, `.notFound`, `.fenced`, `.denied`
  ///   when no field may be shown at any rung, `.limit`.
  public func disclose(
    _ token: TokenText, fields: Set<String>? = nil, _ requester: Requester,
    maximumRung: Rung = .plain
  ) throws -> Dossier {
    let identity = try identify(requester)
    let material = try gather(try person(token))
    let wanted = material.wanted(fields)
    guard !wanted.isEmpty else {
      throw VaultError(
        .notFound,
        "the person has no field of that name; `lethe reveal` without field names shows what there is"
      )
    }
    let authorization = try decide(wanted, material, identity, requester, maximumRung)
    return try reveal(authorization, material, fields)
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
      try queue.read { database in
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
        var records: [Int64: [RecordRow]] = [:]
        var count = 0
        for row in rows {
          let found = try store.ofSubject(row.leaf)
          count += found.count
          guard count <= Self.maximumDisclosedRecords else {
            throw VaultError(
              .limit,
              "the person has more than \(Self.maximumDisclosedRecords) records; name a field")
          }
          records[row.leaf] = found
        }
        return PersonMaterial(
          person: person, anchor: anchor.leaf, subjects: rows, records: records,
          sources: try sources ?? SourceStore(database: database).all())
      }
    }
  }

  private func decide(
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
      let rung = decision.rung.map { min($0, maximumRung) }
      rungs[item.path] = rung
      shown.append(
        ("\(item.source.name).\(item.field.name)", .string(rung?.name ?? "denied")))
    }
    let opener = SubjectOpener(self)
    let subjects = try material.subjects.map(opener.open)
    var details = members(requester)
    details.append(("decision", .string(rungs.isEmpty ? "deny" : "allow")))
    details.append(("fields", try .members(shown)))
    details.append(("policies", .texts(policies.sorted())))
    if !errors.isEmpty { details.append(("policy_errors", .texts(errors.sorted()))) }
    let event = AuditEvent(
      .fieldDisclosed, actor: try actor(identity.name), subjects: try references(subjects),
      details: details)
    let sequence = try storing(layout.vault) {
      try queue.write { database in
        // Fencing takes the same lock: what is logged here came before it, and after it comes nothing.
        for row in material.subjects {
          guard let now = try SubjectStore(database: database).find(row.leaf), !now.isFenced else {
            throw VaultError(
              .fenced, "the erasure of this person has begun; nothing of it is released")
          }
        }
        return try log(event, in: database)
      }
    }
    guard !rungs.isEmpty else {
      throw VaultError(
        .denied,
        "the policy shows `\(identity.name)` nothing of this person for purpose "
          + "`\(requester.purpose)`; the denial is logged")
    }
    return Authorization(rungs: rungs, policies: policies.sorted(), logSequence: sequence)
  }

  private func reveal(
    _ authorization: consuming Authorization, _ material: PersonMaterial, _ names: Set<String>?
  ) throws -> Dossier {
    let opener = SubjectOpener(self)
    defer { opener.cipher.wipe() }
    var records: [DisclosedRecord] = []
    var anchor: OpenSubject?
    let desk = try tokenMaker(.desk)
    for row in material.subjects {
      let subject = try opener.open(row)
      if row.leaf == material.anchor { anchor = subject }
      for record in material.records[row.leaf] ?? [] {
        guard let source = material.sources[row.source] else { continue }
        let fields = try disclosed(
          record, subject, source, authorization.rungs, names, opener, desk)
        records.append(
          DisclosedRecord(
            source: source, collectedDay: record.collectedDay,
            expiryDay: source.retentionClass.expiryDay(of: record.bucket), fields: fields))
      }
    }
    guard let anchor else {
      throw VaultError(.integrity, "a person without anchor; verify the vault")
    }
    return Dossier(
      token: TokenText(domain: TokenDomain.desk.name, token: try desk.token(anchor)),
      subjectCount: material.subjects.count, records: records,
      logSequence: authorization.logSequence, policies: authorization.policies)
  }

  private func disclosed(
    _ record: RecordRow, _ subject: OpenSubject, _ source: SourceDescription,
    _ rungs: [FieldKeyPath: Rung], _ names: Set<String>?, _ opener: SubjectOpener,
    _ desk: TokenMaker
  ) throws -> [DisclosedField] {
    var wanted: Set<UInt16> = []
    for field in source.fields where field.isNamed(by: names, in: source) {
      wanted.insert(field.number)
    }
    var fields: [DisclosedField] = []
    try opener.open(record, of: subject, wanted: wanted) { number, value in
      guard let field = source.field(number) else { return }
      let rung = rungs[FieldKeyPath(source: subject.row.source, field: number)]
      let shown = try rung.flatMap { rung in
        try present(value.plaintextCopy(), field, at: rung, subject, desk)
      }
      fields.append(DisclosedField(field: field, rung: rung, value: shown))
    }
    return fields
  }

  /// A value at a rung; nil where the rung says only that it exists.
  private func present(
    _ value: [UInt8], _ field: FieldDescription, at rung: Rung, _ subject: OpenSubject,
    _ desk: TokenMaker
  ) throws -> String? {
    switch rung {
    case .plain: return field.type.plainText(value)
    case .masked: return Masking.masked(value, of: field.type)
    case .generalised:
      let generaliser = field.exposure?.generaliser ?? .present
      return Generalising.generalised(value, of: field.type, by: generaliser, today: clock.day)
    case .tokenised:
      return TokenText(domain: TokenDomain.desk.name, token: try desk.token(subject)).text
    case .existence: return nil
    }
  }
}

/// A person's sealed records, read in one snapshot.
struct PersonMaterial {
  let person: Int64
  let anchor: Int64
  let subjects: [SubjectRow]
  let records: [Int64: [RecordRow]]
  let sources: [Int: SourceDescription]

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
