public import Vault

/// Four small sources with hand-made descriptions, and the records they send.
public enum TestSources {
  /// Ends with the customer relation.
  public static let customer = RetentionClass(
    name: "customer", number: 1, idleDays: nil, capDays: nil)
  /// Thirty days idle, ninety in all.
  public static let dmpClass = RetentionClass(name: "dmp", number: 2, idleDays: 30, capDays: 90)
  /// Thirteen months.
  public static let webClass = RetentionClass(name: "web", number: 3, idleDays: nil, capDays: 395)
  /// The rules of all sources.
  public static let classes = [customer, dmpClass, webClass]

  /// Profiles of customers.
  public static let crm = source(
    "crm", .profile, .first, ["essential.service", "analytics.reporting"], customer,
    [
      ("number", .customerNumber, "user.unique_id", .customerNumber, nil),
      ("email", .email, "user.contact.email", .email, nil),
      ("phone", .phone, "user.contact.phone_number", .phone, nil),
      ("first_name", .name, "user.name.first", nil, nil),
      ("last_name", .name, "user.name.last", nil, nil),
      ("birth_date", .date, "user.demographic.date_of_birth", nil, ("age_band", .ageBand)),
      ("diagnosis", .text, "user.health_and_medical", nil, nil),
      ("country", .country, "user.contact.address.country", nil, ("country", .exact)),
    ])
  /// Orders.
  public static let orders = source(
    "orders", .event, .first, ["essential.service", "analytics.reporting"], customer,
    [
      ("order", .opaqueID, "user.unique_id", nil, nil),
      ("email", .email, "user.contact.email", .email, nil),
      ("phone", .phone, "user.contact.phone_number", .phone, nil),
      ("number", .customerNumber, "user.unique_id", .customerNumber, nil),
      ("amount", .amount, "user.financial", nil, ("amount", .exact)),
    ], event: "order")
  /// Web events.
  public static let web = source(
    "web", .event, .first, ["analytics.reporting"], webClass,
    [
      ("cookie", .cookie, "user.device.cookie_id", .cookie, nil),
      ("number", .customerNumber, "user.unique_id", .customerNumber, nil),
      ("page", .text, "user.behavior.browsing_history", nil, nil),
    ], event: "page")
  /// Third-party cookies.
  public static let dmp = source(
    "dmp", .profile, .third, ["marketing.advertising.third_party"], dmpClass,
    [
      ("cookie", .cookie, "user.device.cookie_id", .cookie, nil),
      ("segments", .segmentList, "user.demographic.profile", nil, ("dmp_segment", .exact)),
      ("email", .email, "user.contact.email", .email, nil),
    ])

  /// One field: name, type, category, identifier, exposure.
  public typealias Field = (
    name: String, type: FieldType, category: String, identifier: IdentifierKind?,
    exposure: (attribute: String, generaliser: Generaliser)?
  )

  /// Describes a source.
  public static func source(
    _ name: String, _ kind: SourceKind, _ party: Party, _ purposes: [String],
    _ retention: RetentionClass, _ fields: [Field], event: String? = nil, digest: UInt8 = 1
  ) -> SourceDescription {
    SourceDescription(
      name: name, title: "Source \(name)", kind: kind, party: party, purposes: purposes,
      legalBasis: "contract", retentionClass: retention,
      fields: fields.enumerated().map { index, field in
        FieldDescription(
          number: UInt16(index + 1), name: field.name, type: field.type, category: field.category,
          identifier: field.identifier,
          exposure: field.exposure.map {
            Exposure(attribute: $0.attribute, generaliser: $0.generaliser)
          })
      },
      contractDigest: [UInt8](repeating: digest, count: 32), eventNameField: nil,
      eventNameConstant: event)
  }
}

extension SourceDescription {
  /// Makes the one record of a subject; its id is the subject's.
  public func record(
    _ subject: String, day: Int = TestVault.day, _ values: KeyValuePairs<String, String>
  ) -> IncomingRecord {
    record(subject, subject, day: day, values)
  }

  /// Makes a record; identifiers follow from the fields.
  public func record(
    _ subject: String, _ record: String, day: Int = TestVault.day,
    _ values: KeyValuePairs<String, String>
  ) -> IncomingRecord {
    var incoming: [IncomingField] = []
    var identifiers: [IncomingIdentifier] = []
    for field in fields {
      guard let value = values.first(where: { $0.key == field.name })?.value else { continue }
      incoming.append(IncomingField(number: field.number, value: Array(value.utf8)))
      if let kind = field.identifier {
        identifiers.append(IncomingIdentifier(kind: kind, value: Array(value.utf8)))
      }
    }
    return IncomingRecord(
      externalID: Array(subject.utf8), recordID: Array(record.utf8),
      collectedDay: day, eventName: eventNameConstant, fields: incoming, identifiers: identifiers)
  }
}

extension Requester {
  /// The DPO, answering a person.
  public static let dpo = Requester(
    operatorName: "dana", purpose: "subject_rights", caseReference: "DSR-1")
  /// The engineer who runs the sources.
  public static let engineer = Requester(operatorName: "eve", purpose: "essential.service")
  /// The vault's own jobs.
  public static let service = Requester(operatorName: "lethe", purpose: "essential.service")
  /// Support without a case.
  public static let support = Requester(operatorName: "sam", purpose: "essential.service")
  /// The analyst.
  public static let analyst = Requester(operatorName: "ana", purpose: "analytics.reporting")
}

extension Vault {
  /// Brings records in, in one batch.
  @discardableResult
  public func ingest(
    _ records: [IncomingRecord], from source: SourceDescription
  ) throws -> IngestReport {
    let run = try beginIngest(source, .engineer)
    return try ingest(records, into: run)
  }

  /// Finds exactly one person.
  public func theOne(_ kind: IdentifierKind, _ value: String) throws -> TokenText {
    let found = try find(kind, Array(value.utf8), .dpo)
    guard found.count == 1 else {
      throw VaultError(.notFound, "\(found.count) persons instead of one")
    }
    return found[0].token
  }

  /// How many persons an identifier finds.
  public func count(_ kind: IdentifierKind, _ value: String) throws -> Int {
    try find(kind, Array(value.utf8), .dpo).count
  }

  /// Erases a person as the desk does: preview, then confirmation.
  @discardableResult
  public func eraseNow(_ token: TokenText, _ reference: String) throws -> ErasureOutcome {
    let preview = try previewErasure(token, .dpo)
    return try erase(token, confirming: preview.digest, reference: reference, .dpo)
  }

  /// Every released value of a person by `source.field`.
  public func values(_ token: TokenText, _ requester: Requester = .dpo) throws -> [String: [String]]
  {
    var values: [String: [String]] = [:]
    for record in try disclose(token, requester).records {
      for field in record.fields {
        values["\(record.source.name).\(field.field.name)", default: []].append(field.value ?? "–")
      }
    }
    return values
  }
}

extension UnificationCounts {
  /// Where a test does not count.
  public static let none = UnificationCounts(subjects: 0, personsBefore: 0, persons: 0)
}
