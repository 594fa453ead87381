/// A field of a disclosure at the rung the policy allowed.
public struct DisclosedField: Sendable {
  /// Name of the field in its source.
  public let field: FieldDescription
  /// The rung; nil when the policy allows none, and then there is no value.
  public let rung: Rung?
  /// The value at that rung; nil for no rung and for rung `existence`.
  public let value: String?
}

/// A record of a disclosure.
public struct DisclosedRecord: Sendable {
  /// The source the record came from.
  public let source: SourceDescription
  /// Day of collection in days since 1970-01-01.
  public let collectedDay: Int
  /// Retention class of the record's bucket, with the last day it can be read; nil for no term.
  public let expiryDay: Int?
  /// The fields that are present, in the contract's order.
  public let fields: [DisclosedField]
}

/// What was released about one person.
public struct Dossier: Sendable {
  /// The person's token in the domain `desk`.
  public let token: TokenText
  /// Number of subjects the person consists of.
  public let subjectCount: Int
  /// The records in order of source and storage.
  public let records: [DisclosedRecord]
  /// Place of the disclosure in the log.
  public let logSequence: Int
  /// Identifiers of the policies that decided.
  public let policies: [String]
}
