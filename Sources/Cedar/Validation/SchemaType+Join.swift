/// How types of the schema relate in the strict validator.
extension SchemaType {
  /// Tells whether the type is a Boolean, of known value or not.
  var isBoolean: Bool {
    switch self {
    case .bool, .singleton: true
    default: false
    }
  }

  /// Finds the least type that has the values of both; nil when strict validation allows none.
  ///
  /// Only Booleans of known value join to something new. Records need the same attributes, each
  /// required in both or in neither.
  static func join(_ left: SchemaType, _ right: SchemaType, _ budget: inout Int) -> SchemaType? {
    budget -= 1
    guard budget > 0 else { return nil }
    switch (left, right) {
    case (.singleton(let one), .singleton(let other)): return one == other ? left : .bool
    case (.bool, .singleton), (.singleton, .bool), (.bool, .bool): return .bool
    case (.set(let one), .set(let other)): return join(one, other, &budget).map { .set($0) }
    case (.record(let one), .record(let other)):
      guard one.attributes.count == other.attributes.count else { return nil }
      var attributes: [RecordType.Attribute] = []
      attributes.reserveCapacity(one.attributes.count)
      for (first, second) in zip(one.attributes, other.attributes) {
        guard first.name == second.name, first.isRequired == second.isRequired,
          let type = join(first.type, second.type, &budget)
        else { return nil }
        attributes.append(
          RecordType.Attribute(name: first.name, isRequired: first.isRequired, type: type))
      }
      return .record(RecordType(sorted: attributes))
    case (.long, .long), (.string, .string): return left
    case (.entity(let one), .entity(let other)): return one == other ? left : nil
    case (.extension(let one), .extension(let other)): return one == other ? left : nil
    default: return nil
    }
  }

  /// The type as a policy writer knows it, cut off where it gets long.
  var name: String {
    var text = ""
    write(to: &text)
    return text
  }

  /// The length after which the name of a type is cut off, in characters.
  private static let nameLimit = 120

  private func write(to text: inout String) {
    guard text.utf8.count < SchemaType.nameLimit else {
      if !text.hasSuffix("…") { text += "…" }
      return
    }
    switch self {
    case .bool, .singleton: text += "Bool"
    case .long: text += "Long"
    case .string: text += "String"
    case .entity(let name): text += name.description
    case .extension(let kind): text += kind.rawValue
    case .set(let element):
      text += "Set<"
      element.write(to: &text)
      text += ">"
    case .record(let record):
      text += "{"
      for (index, attribute) in record.attributes.enumerated() {
        guard text.utf8.count < SchemaType.nameLimit else {
          text += "…"
          break
        }
        text += (index == 0 ? "" : ", ") + attribute.name.text + (attribute.isRequired ? "" : "?")
        text += ": "
        attribute.type.write(to: &text)
      }
      text += "}"
    }
  }
}
