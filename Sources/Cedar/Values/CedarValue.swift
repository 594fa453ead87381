/// Holds a value of the Cedar language.
///
/// Equality is Cedar's: total, false across types, by value for the extension types, and an IP
/// address equals another only when address and prefix are equal.
public enum CedarValue: Hashable, Sendable {
  /// A Boolean.
  case bool(Bool)
  /// A 64-bit signed integer.
  case long(Int64)
  /// A string.
  case string(CedarString)
  /// A reference to an entity, which need not be in the store.
  case entity(EntityUID)
  /// A set without order or duplicates; elements may have different types.
  case set(Set<CedarValue>)
  /// A record.
  case record(CedarRecord)
  /// A decimal number with four fraction digits.
  case decimal(CedarDecimal)
  /// An IP address or range.
  case ip(CedarIPAddress)
  /// An instant.
  case datetime(CedarDateTime)
  /// A length of time.
  case duration(CedarDuration)

  /// Creates a string value from Swift text.
  public static func string(_ text: String) -> CedarValue { .string(CedarString(text)) }

  /// Creates a set of entity references.
  public static func entities(_ uids: some Sequence<EntityUID>) -> CedarValue {
    .set(Set(uids.map { .entity($0) }))
  }

  /// The name of the value's type as error messages show it.
  var typeName: String {
    switch self {
    case .bool: "bool"
    case .long: "long"
    case .string: "string"
    case .entity(let uid): "entity of type \(uid.type)"
    case .set: "set"
    case .record: "record"
    case .decimal: "decimal"
    case .ip: "ipaddr"
    case .datetime: "datetime"
    case .duration: "duration"
    }
  }
}

extension CedarValue: ExpressibleByStringLiteral {
  /// Creates a string value.
  public init(stringLiteral value: String) { self = .string(CedarString(value)) }
}

extension CedarValue: ExpressibleByIntegerLiteral {
  /// Creates a long value.
  public init(integerLiteral value: Int64) { self = .long(value) }
}

extension CedarValue: ExpressibleByBooleanLiteral {
  /// Creates a Boolean value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension CedarValue: ExpressibleByArrayLiteral {
  /// Creates a set value; duplicates count once.
  public init(arrayLiteral elements: CedarValue...) { self = .set(Set(elements)) }
}

extension CedarValue: ExpressibleByDictionaryLiteral {
  /// Creates a record value; a key given twice is a programmer error.
  public init(dictionaryLiteral elements: (CedarString, CedarValue)...) {
    self = .record(CedarRecord(uniqueElements: elements))
  }
}
