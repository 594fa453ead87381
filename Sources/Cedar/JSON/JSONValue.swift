/// Holds JSON as Cedar allows it; null and fractions only where they are asked for.
indirect enum JSONValue: Sendable {
  case null
  /// A number that is no integer of 64 bits.
  case fraction
  case bool(Bool)
  case integer(Int64)
  case string(CedarString)
  case array([JSONValue])
  /// The members in the order of the text; no key occurs twice.
  case object([(key: CedarString, value: JSONValue)])

  /// Finds a member of an object; nil for other values.
  subscript(key: CedarString) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The members of an object; nil for other values.
  var members: [(key: CedarString, value: JSONValue)]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  /// The elements of an array; nil for other values.
  var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The text of a string; nil for other values.
  var string: CedarString? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// Tells whether the value is null.
  var isNull: Bool {
    if case .null = self { true } else { false }
  }
}
