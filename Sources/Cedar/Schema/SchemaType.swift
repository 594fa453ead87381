/// Describes the values an attribute, tag or context may have.
indirect enum SchemaType: Hashable, Sendable {
  case bool
  /// A Boolean whose value is known; only the validator makes it.
  case singleton(Bool)
  case long
  case string
  case entity(EntityTypeName)
  case set(SchemaType)
  case record(RecordType)
  case `extension`(ExtensionKind)

  /// Finds a type that needs no declaration.
  static func builtIn(_ name: CedarString) -> SchemaType? {
    switch name {
    case "Bool": .bool
    case "Long": .long
    case "String": .string
    default: ExtensionKind(rawValue: name.text).map { .extension($0) }
    }
  }

  /// The type as error messages show it.
  var description: String {
    switch self {
    case .bool, .singleton: "bool"
    case .long: "long"
    case .string: "string"
    case .entity(let name): "entity of type \(name)"
    case .set: "set"
    case .record: "record"
    case .extension(let kind): kind.rawValue
    }
  }
}

/// Names the extension types.
enum ExtensionKind: String, Sendable {
  case ipaddr, decimal, datetime, duration

  /// The function that makes a value of the type from a string.
  var constructor: ExtensionFunction {
    switch self {
    case .ipaddr: .ip
    case .decimal: .decimal
    case .datetime: .datetime
    case .duration: .duration
    }
  }
}

/// Describes a closed record: no attributes other than these.
struct RecordType: Hashable, Sendable {
  /// One attribute.
  struct Attribute: Hashable, Sendable {
    let name: CedarString
    let isRequired: Bool
    let type: SchemaType
  }

  /// The attributes in the byte order of their names.
  let attributes: [Attribute]

  init(_ attributes: [Attribute]) { self.attributes = attributes.sorted { $0.name < $1.name } }

  /// Creates a record type from attributes in the byte order of their names.
  init(sorted attributes: [Attribute]) { self.attributes = attributes }

  /// Finds an attribute.
  ///
  /// - Complexity: O(log n).
  subscript(name: CedarString) -> Attribute? {
    var low = 0
    var high = attributes.count
    while low < high {
      let middle = (low + high) / 2
      if attributes[middle].name < name { low = middle + 1 } else { high = middle }
    }
    guard low < attributes.count, attributes[low].name == name else { return nil }
    return attributes[low]
  }
}
