/// How long data of a class may stay.
public struct RetentionClass: Hashable, Sendable, Codable {
  /// Name in `policies/retention.yaml`.
  public let name: String
  /// Number in the bucket; 0…255, never renumbered.
  public let number: UInt8
  /// Days after the last collection until a value expires; nil for no such term.
  public let idleDays: Int?
  /// Days after the first collection until a value expires whatever happens; nil for no such term.
  public let capDays: Int?

  /// Creates a class.
  public init(name: String, number: UInt8, idleDays: Int?, capDays: Int?) {
    self.name = name
    self.number = number
    self.idleDays = idleDays
    self.capDays = capDays
  }

  /// Whether values of the class die by day of collection.
  public var hasTerm: Bool { idleDays != nil || capDays != nil }
}

/// Whether a record replaces the one before or adds to it.
public enum SourceKind: String, Sendable, Codable {
  /// Marks records of which the latest wins.
  case profile
  /// Marks records that are only appended.
  case event
}

/// Whose data a source sends.
public enum Party: String, Sendable, Codable {
  /// Marks the controller's own data.
  case first
  /// Marks data of others, such as a DMP's cookies.
  case third
}

/// What the vault keeps of a source contract.
public struct SourceDescription: Sendable, Hashable, Codable {
  /// Name of the source, such as `crm`.
  public let name: String
  /// Title for people.
  public let title: String
  /// Whether records replace or add.
  public let kind: SourceKind
  /// Whose data it is.
  public let party: Party
  /// Keys of the purposes the data was collected for.
  public let purposes: [String]
  /// Legal basis in the words of GDPR Article 6, such as `contract`.
  public let legalBasis: String
  /// How long the data may stay.
  public let retentionClass: RetentionClass
  /// The fields in order of their numbers.
  public let fields: [FieldDescription]
  /// SHA-256 of the contract file.
  public let contractDigest: [UInt8]
  /// Field that names the event, for event sources.
  public let eventNameField: String?
  /// Constant event name, for event sources that send one kind.
  public let eventNameConstant: String?

  /// Creates a description.
  public init(
    name: String, title: String, kind: SourceKind, party: Party, purposes: [String],
    legalBasis: String, retentionClass: RetentionClass, fields: [FieldDescription],
    contractDigest: [UInt8], eventNameField: String?, eventNameConstant: String?
  ) {
    self.name = name
    self.title = title
    self.kind = kind
    self.party = party
    self.purposes = purposes
    self.legalBasis = legalBasis
    self.retentionClass = retentionClass
    self.fields = fields
    self.contractDigest = contractDigest
    self.eventNameField = eventNameField
    self.eventNameConstant = eventNameConstant
  }

  /// Finds a field by its number.
  public func field(_ number: UInt16) -> FieldDescription? {
    let index = Int(number) - 1
    guard fields.indices.contains(index), fields[index].number == number else {
      return fields.first { $0.number == number }
    }
    return fields[index]
  }
}
