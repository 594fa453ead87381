import Vault

/// What each field type may be used for.
extension FieldType {
  /// Kinds of identifier a field of this type can be.
  ///
  /// Empty for every type whose values many people share: matching on a country or a date would
  /// make one person of thousands.
  var identifierKinds: [IdentifierKind] {
    switch self {
    case .email: [.email]
    case .phone: [.phone]
    case .customerNumber: [.customerNumber]
    case .cookie: [.cookie]
    case .nationalID: [.nationalID]
    case .opaqueID: [.customerNumber, .cookie, .nationalID]
    default: []
    }
  }

  /// Whether a value of this type holds a day.
  var isDay: Bool { self == .date || self == .datetime }

  /// The Fideslang category a field of this type has when the contract names none; nil where the
  /// type alone does not tell.
  var defaultCategory: String? {
    switch self {
    case .email: "user.contact.email"
    case .phone: "user.contact.phone_number"
    case .name: "user.name"
    case .postcode: "user.contact.address.postal_code"
    case .country: "user.contact.address.country"
    case .city: "user.contact.address.city"
    case .address: "user.contact.address.street"
    case .customerNumber, .opaqueID: "user.unique_id"
    case .cookie: "user.device.cookie_id"
    case .nationalID: "user.government_id"
    case .eventName: "user.behavior"
    case .url: "user.behavior.browsing_history"
    case .ip: "user.device.ip_address"
    case .gender: "user.demographic.gender"
    case .language: "user.demographic.language"
    case .date, .datetime, .text, .integer, .amount, .boolean, .segmentList: nil
    }
  }

  /// Names under which a field of this type can be shown to analysts (`expose.as`).
  func generalisers(in kind: SourceKind) -> [String] {
    let own: [String] =
      switch self {
      case .country, .gender, .language, .boolean, .eventName, .segmentList: ["exact"]
      case .integer, .amount: ["exact", "bucket"]
      case .date: ["year", "month", "age_band"] + (kind == .event ? ["day"] : [])
      case .datetime: ["year", "month"] + (kind == .event ? ["day"] : [])
      case .postcode, .text: ["prefix"]
      case .email: ["email_domain"]
      default: []
      }
    return own + ["present"]
  }
}

/// Limits of generalisers.
enum GeneraliserLimit {
  /// Longest prefix shown to analysts, in characters: the initial three digits of a postcode is
  /// what the HIPAA safe harbor allows (45 CFR 164.514(b)(2)(i)(B)).
  static let prefixLength = 3
  /// Widest bucket, in units of the field (cents for amounts).
  static let bucketWidth = 1_000_000_000
}
