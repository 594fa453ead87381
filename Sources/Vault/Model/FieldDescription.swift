/// What a field's values look like; decides normalisation, masking and what may identify.
public enum FieldType: String, Sendable, CaseIterable, Codable {
  case email, phone, name, date, datetime, postcode, country, city, address, text, integer, amount
  case boolean
  case customerNumber = "customer_number"
  case cookie
  case nationalID = "national_id"
  case opaqueID = "opaque_id"
  case eventName = "event_name"
  case url, ip, gender, language
  case segmentList = "segment_list"
}

/// What an identifier identifies; equal values of one kind link subjects.
public enum IdentifierKind: String, Sendable, CaseIterable, Codable {
  case email, phone
  case customerNumber = "customer_number"
  case cookie
  case nationalID = "national_id"

  /// Number in the match index; never renumbered.
  public var number: UInt16 {
    switch self {
    case .email: 1
    case .phone: 2
    case .customerNumber: 3
    case .cookie: 4
    case .nationalID: 5
    }
  }

  /// Finds the kind of a number in the match index.
  public init?(number: UInt16) {
    guard let kind = Self.allCases.first(where: { $0.number == number }) else { return nil }
    self = kind
  }
}

/// How a value is coarsened before analysts see it.
public enum Generaliser: Hashable, Sendable, Codable {
  case exact, year, month, day, ageBand, emailDomain, present
  /// Keeps the first `length` characters.
  case prefix(length: Int)
  /// Keeps the lower bound of a band of `width`.
  case bucket(width: Int)
}

/// What analysts may see of a field, and under which name.
public struct Exposure: Hashable, Sendable, Codable {
  /// Name of the attribute in the analytics store.
  public let attribute: String
  /// The coarsening applied first.
  public let generaliser: Generaliser

  /// Creates an exposure.
  public init(attribute: String, generaliser: Generaliser) {
    self.attribute = attribute
    self.generaliser = generaliser
  }
}

/// One field of a source, as its contract says.
public struct FieldDescription: Hashable, Sendable, Codable {
  /// Number of the field in its source, from 1; part of the sealed cell's address.
  public let number: UInt16
  /// Name in the contract.
  public let name: String
  /// Type of its values.
  public let type: FieldType
  /// Fideslang data category, such as `user.contact.email`.
  public let category: String
  /// What the field identifies, if anything.
  public let identifier: IdentifierKind?
  /// What analysts may see of it, if anything.
  public let exposure: Exposure?

  /// Creates a description.
  public init(
    number: UInt16, name: String, type: FieldType, category: String, identifier: IdentifierKind?,
    exposure: Exposure?
  ) {
    self.number = number
    self.name = name
    self.type = type
    self.category = category
    self.identifier = identifier
    self.exposure = exposure
  }
}
