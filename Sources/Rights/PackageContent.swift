import Foundation
import Vault

/// The machine-readable part of an access package.
struct PackageContent: Encodable {
  /// Format of the package; additions keep the number, changes raise it.
  static let format = 1

  struct Field: Encodable {
    let name: String
    let category: String
    let rung: String
    let value: String?
  }

  struct Record: Encodable {
    let collected: String
    let erasedBy: String?
    let fields: [Field]

    enum CodingKeys: String, CodingKey {
      case collected, fields
      case erasedBy = "erased_by"
    }
  }

  struct Source: Encodable {
    let name: String
    let title: String
    let party: String
    let purposes: [String]
    let legalBasis: String
    let retention: String
    let pseudonymisedForAnalysts: [String]
    let records: [Record]

    enum CodingKeys: String, CodingKey {
      case name, title, party, purposes, retention, records
      case legalBasis = "legal_basis"
      case pseudonymisedForAnalysts = "pseudonymised_for_analysts"
    }
  }

  struct LookUp: Encodable {
    let time: String
    let event: String
    let purpose: String?
    let fields: [String: String]
    let logEntry: Int

    enum CodingKeys: String, CodingKey {
      case time, event, purpose, fields
      case logEntry = "log_entry"
    }
  }

  let format: Int
  let reference: String
  let created: String
  let person: String
  let subjects: Int
  let sources: [Source]
  let recipients: [String]
  let lookUps: [LookUp]

  enum CodingKeys: String, CodingKey {
    case reference, created, person, subjects, sources, recipients
    case format = "lethe_access_package"
    case lookUps = "look_ups"
  }
}

extension PackageContent {
  init(_ dossier: Dossier, events: [PersonEvent], reference: String, milliseconds: Int64) {
    format = Self.format
    self.reference = reference
    created = Self.time(milliseconds)
    person = dossier.token.text
    subjects = dossier.subjectCount
    let names = dossier.records.reduce(into: [String]()) { names, record in
      if !names.contains(record.source.name) { names.append(record.source.name) }
    }
    sources = names.compactMap { name in
      Self.source(dossier.records.filter { $0.source.name == name })
    }
    // Activation, which hands data to recipients, does not exist yet; nothing can have been sent.
    recipients = []
    lookUps = events.map { event in
      LookUp(
        time: Self.time(event.milliseconds), event: event.type, purpose: event.purpose,
        fields: Dictionary(event.fields.map { ($0.field, $0.rung) }, uniquingKeysWith: { $1 }),
        logEntry: event.sequence)
    }
  }

  /// The content as JSON with sorted keys.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(self)) + [0x0A]
  }

  private static func source(_ records: [DisclosedRecord]) -> Source? {
    guard let description = records.first?.source else { return nil }
    return Source(
      name: description.name, title: description.title, party: description.party.rawValue,
      purposes: description.purposes, legalBasis: description.legalBasis,
      retention: description.retentionClass.name,
      pseudonymisedForAnalysts: description.fields.compactMap { $0.exposure?.attribute },
      records: records.map { record in
        Record(
          collected: CivilDate(day: record.collectedDay).text,
          erasedBy: record.expiryDay.map { CivilDate(day: $0).text },
          fields: record.fields.map {
            Field(
              name: $0.field.name, category: $0.field.category,
              rung: $0.rung?.name ?? "withheld", value: $0.value)
          })
      })
  }

  /// `YYYY-MM-DDThh:mm:ssZ`.
  static func time(_ milliseconds: Int64) -> String {
    let day = CivilDate.day(ofMilliseconds: milliseconds)
    let second = Int(milliseconds / 1000) - day * 86_400
    let parts = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(CivilDate(day: day).text)T\(parts.joined(separator: ":"))Z"
  }
}
