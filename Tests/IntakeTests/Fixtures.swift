import Testing
import Vault

@testable import Intake

/// Small policy files and shortcuts the suites share.
enum Fixtures {
  /// Day of ingest in the tests: 2026-03-01.
  static let today = 20513

  static let retentionText = """
    lethe_retention: 1
    classes:
      - {name: customer, number: 1, idle: null, cap: null}
      - {name: dmp, number: 2, idle: P30D, cap: P90D, start: collection}
    """

  static let purposesText = """
    lethe_purposes: 1
    purposes:
      - {key: essential.service, title: {en: "Service"}}
      - {key: marketing.advertising.first_party}
    """

  static let contractText = """
    lethe_contract: 1
    source: crm
    title: CRM customers
    format: csv
    kind: profile
    party: first
    subject: number
    purposes: [essential.service]
    legal_basis: contract
    retention: customer
    region: DE
    fields:
      number: {type: customer_number, identifier: customer_number, required: true}
      email: {type: email, identifier: email}
      phone: {type: phone, identifier: phone}
      born: {type: date, category: user.demographic.date_of_birth}
    """

  static let eventText = """
    lethe_contract: 1
    source: web
    title: Web events
    format: jsonl
    kind: event
    party: third
    subject: anonymous
    record: [anonymous, message]
    collected: at
    event_name: name
    purposes: [essential.service]
    legal_basis: consent
    retention: dmp
    fields:
      anonymous: {type: cookie, path: anonymousId, identifier: cookie, required: true}
      message: {type: opaque_id, path: messageId}
      at: {type: datetime, category: user.behavior, path: timestamp}
      name: {type: event_name, path: event}
      amount: {type: amount, category: user.financial, path: properties.revenue}
      lists: {type: segment_list, category: user.behavior, path: properties.lists}
    """

  static func retention() throws -> RetentionClasses {
    try RetentionClasses(yaml: Array(retentionText.utf8), file: "retention.yaml")
  }

  static func purposes() throws -> PurposeCatalogue {
    try PurposeCatalogue(yaml: Array(purposesText.utf8), file: "purposes.yaml")
  }

  static func contract(_ text: String = contractText) throws -> Contract {
    try Contract(
      yaml: Array(text.utf8), file: "test.yaml", retention: try retention(),
      purposes: try purposes(), digest: { [UInt8($0.count & 0xFF)] })
  }

  /// Everything a data file gives, in chunks of some size.
  static func items(
    _ bytes: [UInt8], _ contract: Contract, chunk: Int = IntakeLimit.chunkByteCount
  ) throws -> [RecordItem] {
    var reader = try RecordReader(
      contract: contract, source: MemoryByteSource(bytes, chunkByteCount: chunk),
      file: "data", ingestDay: today)
    var items: [RecordItem] = []
    while let item = try reader.next() { items.append(item) }
    return items
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Runs `body` and returns the ``IntakeError`` it throws.
func refusal(_ body: () throws -> Void) -> IntakeError? {
  do {
    try body()
    return nil
  } catch {
    return error as? IntakeError
  }
}

extension RecordItem {
  var record: IncomingRecord? { if case .record(let record, _) = self { record } else { nil } }
  var bad: BadRecord? { if case .bad(let bad) = self { bad } else { nil } }
}
