import Intake
import Sealing
import Vault

/// The sources that are measured, and the records they send.
enum BenchSources {
  private static let customer = RetentionClass(
    name: "customer", number: 1, idleDays: nil, capDays: nil)
  /// Thirty days idle, ninety in all: third-party data.
  static let audience = RetentionClass(name: "dmp", number: 2, idleDays: 30, capDays: 90)

  /// The contract of ``customerFile(records:)``: ten fields, three of them identifiers.
  static func customerContract() throws -> Contract {
    try Contract(
      yaml: Array(contractText.utf8), file: "customers.yaml",
      retention: RetentionClasses(yaml: Array(retentionText.utf8), file: "retention.yaml"),
      purposes: PurposeCatalogue(keys: ["essential.service"]), digest: SHA256.hash)
  }

  private static let retentionText = """
    lethe_retention: 1
    classes:
      - {name: customer, number: 1, idle: null, cap: null, note: "benchmark", legal_source: "none"}

    """

  private static let contractText = """
    lethe_contract: 1
    source: customers
    title: Customers
    format: csv
    kind: profile
    party: first
    subject: customer_number
    record: customer_number
    collected: updated_at
    purposes: [essential.service]
    legal_basis: contract
    retention: customer
    region: DE
    fields:
      customer_number: {type: customer_number, category: user.unique_id, identifier: customer_number, required: true}
      email: {type: email, category: user.contact.email, identifier: email}
      phone: {type: phone, category: user.contact.phone_number, identifier: phone}
      first_name: {type: name, category: user.name.first}
      last_name: {type: name, category: user.name.last}
      birth_date: {type: date, category: user.demographic.date_of_birth}
      street: {type: address, category: user.contact.address.street}
      postcode: {type: postcode, category: user.contact.address.postal_code}
      city: {type: city, category: user.contact.address.city}
      updated_at: {type: datetime, category: user.account, required: true}

    """

  /// The customer number of the record at an index.
  static func customerNumber(_ index: Int) -> String { "K" + padded(index, 8) }

  /// A CSV file of customers, each once, the same in every run.
  static func customerFile(records: Int) -> [UInt8] {
    let first = ["Anna", "Jürgen", "Marie", "Oleg", "Zoë", "Paul", "Irina", "Thomas"]
    let last = ["Müller", "Schmidt", "Sokolowa", "Weber", "Nowak", "Fischer", "Iwanow"]
    let streets = ["Hauptstraße", "Gartenweg", "Am Markt", "Lindenallee", "Bahnhofstraße"]
    let cities = ["Köln", "Leipzig", "Frankfurt am Main", "Ulm", "Schwäbisch Hall"]
    var text = "customer_number,email,phone,first_name,last_name,birth_date,street,postcode,city"
    text += ",updated_at\n"
    for index in 0..<records {
      // Scattered, so that identifiers do not arrive in the order of an index.
      let scattered = index &* 7919 % 100_000_000
      text += customerNumber(index)
      text += ",person.\(scattered)@mail\(scattered % 97).example,+49151\(padded(scattered, 8))"
      text += ",\(first[index % first.count]),\(last[index % last.count])"
      text += ",\(1940 + index % 65)-\(padded(1 + index % 12, 2))-\(padded(1 + index % 28, 2))"
      text += ",\(streets[index % streets.count]) \(1 + index % 180)"
      text += ",\(padded(10_000 + index % 80_000, 5)),\(cities[index % cities.count])"
      text += ",2024-\(padded(1 + index % 9, 2))-\(padded(1 + index % 28, 2))T08:30:00Z\n"
    }
    return Array(text.utf8)
  }

  /// Web events of customers: they stay until the person is erased.
  static let visits = source(
    "visits", .first, ["essential.service"], customer,
    [
      ("cookie", .cookie, "user.device.cookie_id", .cookie),
      ("page", .text, "user.behavior.browsing_history", nil),
      ("locale", .language, "user.demographic.language", nil),
    ])

  /// Events about cookies, bought from a third party: they die by day of collection.
  static let bought = source(
    "bought", .third, ["marketing.advertising.third_party"], audience,
    [
      ("cookie", .cookie, "user.device.cookie_id", .cookie),
      ("segment", .text, "user.demographic.profile", nil),
      ("interest", .text, "user.demographic.profile", nil),
    ])

  private static func source(
    _ name: String, _ party: Party, _ purposes: [String], _ retention: RetentionClass,
    _ fields: [(String, FieldType, String, IdentifierKind?)]
  ) -> SourceDescription {
    SourceDescription(
      name: name, title: name, kind: .event, party: party, purposes: purposes,
      legalBasis: "consent", retentionClass: retention,
      fields: fields.enumerated().map { index, field in
        FieldDescription(
          number: UInt16(index + 1), name: field.0, type: field.1, category: field.2,
          identifier: field.3, exposure: nil)
      },
      contractDigest: [UInt8](repeating: 1, count: 32), eventNameField: nil,
      eventNameConstant: "seen")
  }

  /// A cookie of 32 hexadecimal digits.
  static func cookie(_ number: Int) -> [UInt8] {
    // The product scatters neighbours, as random cookies would be.
    let scattered = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
    return Array((padded(scattered) + padded(UInt64(number))).utf8)
  }

  /// One event of a cookie.
  static func event(_ number: Int, of cookie: [UInt8], day: Int) -> IncomingRecord {
    IncomingRecord(
      externalID: cookie, recordID: Array("e\(number)".utf8), collectedDay: day,
      eventName: "seen",
      fields: [
        IncomingField(number: 1, value: cookie),
        IncomingField(number: 2, value: Array("segment-\(number % 300)".utf8)),
        IncomingField(number: 3, value: Array("interest-\(number % 40)".utf8)),
      ],
      identifiers: [IncomingIdentifier(kind: .cookie, value: cookie)])
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func padded(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Vault {
  /// Brings many generated records in, batch by batch.
  func ingest(
    _ source: SourceDescription, count: Int, batch: Int = 5_000,
    _ record: (Int) -> IncomingRecord
  ) throws {
    let run = try beginIngest(source, .engineer)
    var report = IngestReport()
    for start in stride(from: 0, to: count, by: batch) {
      report.add(try ingest((start..<min(start + batch, count)).map(record), into: run))
    }
    guard report.added == count else {
      throw BenchError(message: "\(report.added) of \(count) records of `\(source.name)` went in")
    }
    try finishIngest(run, report: report, quarantined: 0)
  }
}

/// A benchmark that did not do what it should; its figures would be worth nothing.
struct BenchError: Error {
  let message: String
}
