/// A corrected value, in the form in which it is stored and the one it is matched by.
public struct RectifiedField: Sendable {
  /// The field as `source.field`.
  public let path: String
  /// The value as UTF-8, normalised as the contract's type asks.
  public let stored: [UInt8]
  /// The form by which it identifies; equal to ``stored`` for most types.
  public let matched: [UInt8]

  /// Creates a value.
  public init(path: String, stored: [UInt8], matched: [UInt8]) {
    self.path = path
    self.stored = stored
    self.matched = matched
  }
}

/// A change after which something old must not be readable any more, in no backup either.
public enum SubjectChange: Sendable {
  /// Corrects fields of profiles (GDPR Art. 16).
  case rectify([RectifiedField])
  /// Erases single fields, named as `source.field` (GDPR Art. 17).
  case eraseFields(Set<String>)
  /// Records that consent to a purpose, and to those below it, is withdrawn (GDPR Art. 7(3)); what
  /// was collected for nothing else is erased.
  case withdraw(purpose: String)
}

/// What a change would do; shown before it is confirmed.
public struct ChangePreview: Sendable {
  /// The person's token.
  public let token: TokenText
  /// Subjects that get a new key.
  public let subjects: Int
  /// Records that are sealed anew with other content, by source.
  public let changed: [String: Int]
  /// Records that are erased, by source.
  public let dropped: [String: Int]
  /// Fingerprint of exactly this; handed back to confirm it.
  public let digest: String
}

/// A change that was made.
public struct ChangeOutcome: Sendable {
  /// The destruction of the old keys; nil when nothing that was stored had to go.
  public let erasure: ErasureOutcome?
  /// Place of the change in the log.
  public let logSequence: Int
}

/// What becomes of one record when its subject gets a new key.
enum RecordEdit: Hashable {
  /// Sealed anew as it is.
  case keep
  /// Deleted.
  case drop
  /// Sealed anew with other fields; nil takes a field out.
  case change([UInt16: [UInt8]?])
}

extension SubjectChange {
  /// Name in the log.
  var eventType: AuditEventType {
    switch self {
    case .rectify: .fieldsRectified
    case .eraseFields: .fieldsErased
    case .withdraw: .consentWithdrawn
    }
  }

  /// The permission it takes.
  var operation: Operation {
    switch self {
    case .rectify: .rectify
    case .eraseFields: .erase
    case .withdraw: .withdraw
    }
  }

  /// The fields it names.
  var paths: Set<String> {
    switch self {
    case .rectify(let fields): Set(fields.map(\.path))
    case .eraseFields(let paths): paths
    case .withdraw: []
    }
  }

  /// Everything a confirmation confirms, beside the records.
  var fingerprint: [UInt8] {
    switch self {
    case .rectify(let fields):
      fields.sorted { $0.path < $1.path }.reduce(into: [1]) { bytes, field in
        bytes += Array(field.path.utf8) + [0] + field.stored + [0]
      }
    case .eraseFields(let paths):
      paths.sorted().reduce(into: [2]) { $0 += Array($1.utf8) + [0] }
    case .withdraw(let purpose): [3] + Array(purpose.utf8)
    }
  }

  /// What becomes of a record of a source.
  func edit(_ record: RecordRow, of source: SourceDescription) throws -> RecordEdit {
    switch self {
    case .rectify(let fields):
      let changes = source.fields.compactMap { field in
        fields.first { $0.path == source.path(field) }.map { (field.number, $0.stored as [UInt8]?) }
      }
      return changes.isEmpty
        ? .keep : .change(Dictionary(changes, uniquingKeysWith: { $1 }))
    case .eraseFields(let paths):
      let present = try SealedFields.decode(record.sealed).map(\.number).filter { $0 < 0x8000 }
      let gone = present.filter { number in
        source.field(number).map { paths.contains(source.path($0)) } ?? false
      }
      if gone.isEmpty { return .keep }
      return gone.count == present.count
        ? .drop : .change(Dictionary(uniqueKeysWithValues: gone.map { ($0, nil) }))
    case .withdraw(let purpose):
      return source.isOnlyFor([purpose]) ? .drop : .keep
    }
  }
}

extension SourceDescription {
  /// A field's name among all sources.
  func path(_ field: FieldDescription) -> String { "\(name).\(field.name)" }

  /// Whether the source's data rests on consent alone and every purpose of it is withdrawn.
  func isOnlyFor(_ withdrawn: Set<String>) -> Bool {
    legalBasis == Self.consentBasis && purposes.allSatisfy { Self.covers($0, withdrawn) }
  }

  /// Whether data of the source may not be used for a purpose any more.
  func isWithdrawn(_ purpose: String, _ withdrawn: Set<String>) -> Bool {
    legalBasis == Self.consentBasis && Self.covers(purpose, withdrawn)
  }

  private static let consentBasis = "consent"

  private static func covers(_ purpose: String, _ withdrawn: Set<String>) -> Bool {
    withdrawn.contains { purpose == $0 || purpose.hasPrefix($0 + ".") }
  }
}
