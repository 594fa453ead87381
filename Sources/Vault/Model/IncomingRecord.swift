/// One field value on its way into the vault; lives only until it is sealed.
public struct IncomingField: Sendable {
  /// Number of the field in its source.
  public let number: UInt16
  /// The value as UTF-8, as it will be stored.
  public let value: [UInt8]

  /// Creates a value.
  public init(number: UInt16, value: [UInt8]) {
    self.number = number
    self.value = value
  }
}

/// One identifier in the form it is matched by.
public struct IncomingIdentifier: Sendable {
  /// What it identifies.
  public let kind: IdentifierKind
  /// The normalised value as UTF-8.
  public let value: [UInt8]

  /// Creates an identifier.
  public init(kind: IdentifierKind, value: [UInt8]) {
    self.kind = kind
    self.value = value
  }
}

/// One record as the intake hands it to the vault: checked against its contract, normalised.
public struct IncomingRecord: Sendable {
  /// The subject's id in its source, as bytes.
  public let externalID: [UInt8]
  /// The record's id in its source, as bytes.
  public let recordID: [UInt8]
  /// Day of collection in days since 1970-01-01.
  public let collectedDay: Int
  /// Name of the event, for event sources.
  public let eventName: String?
  /// The present fields; an absent value has no entry.
  public let fields: [IncomingField]
  /// The identifiers to match by.
  public let identifiers: [IncomingIdentifier]

  /// Creates a record.
  public init(
    externalID: [UInt8], recordID: [UInt8], collectedDay: Int, eventName: String?,
    fields: [IncomingField], identifiers: [IncomingIdentifier]
  ) {
    self.externalID = externalID
    self.recordID = recordID
    self.collectedDay = collectedDay
    self.eventName = eventName
    self.fields = fields
    self.identifiers = identifiers
  }
}
