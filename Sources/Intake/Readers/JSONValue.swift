/// A JSON value whose numbers are still the text of the file, so that no amount is rounded.
indirect enum JSONValue {
  case null
  case boolean(Bool)
  /// The exact text of a number.
  case number([UInt8])
  /// UTF-8, escapes resolved.
  case string([UInt8])
  case array([JSONValue])
  case object([JSONMember])
}

/// One member of a JSON object.
struct JSONMember {
  let key: [UInt8]
  let value: JSONValue
}

extension JSONValue {
  /// What is found by following some keys down.
  enum Lookup {
    /// Nothing, or `null`, somewhere on the way.
    case absent
    /// Something that is not an object stands in the way.
    case blocked
    case found(JSONValue)
  }

  /// Follows keys from this object down.
  func lookup(_ path: [[UInt8]]) -> Lookup {
    var value = self
    for key in path {
      switch value {
      case .null: return .absent
      case .object(let members):
        guard let member = members.first(where: { $0.key == key }) else { return .absent }
        value = member.value
      default: return .blocked
      }
    }
    if case .null = value { return .absent }
    return .found(value)
  }
}
