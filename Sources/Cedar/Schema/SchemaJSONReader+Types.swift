/// The types of the JSON form.
extension SchemaJSONReader {
  /// What a type may have besides its name, by the name.
  private static let fields: [CedarString: Set<CedarString>] = [
    "Set": ["element"], "Record": ["attributes", "additionalAttributes"], "Entity": ["name"],
    "EntityOrCommon": ["name"], "Extension": ["name"],
  ]

  mutating func type(
    _ json: JSONValue, named key: CedarString
  ) throws(CedarError) -> TypeSyntax {
    try at(key) { (reader) throws(CedarError) in try reader.type(json) }
  }

  mutating func type(
    _ json: JSONValue, allowing others: Set<CedarString> = []
  ) throws(CedarError) -> TypeSyntax {
    guard let kind = json["type"]?.string else {
      throw failure("a type must be an object with the string `type`")
    }
    let known = (SchemaJSONReader.fields[kind] ?? []).union(others).union(["type"])
    try check(json, has: [], among: known)
    switch kind {
    case "String": return .builtIn(.string)
    case "Long": return .builtIn(.long)
    case "Boolean": return .builtIn(.bool)
    case "Set":
      guard let element = json["element"] else { throw failure("a set needs `element`") }
      return .set(try type(element, named: "element"))
    case "Record": return .record(try attributes(json))
    case "Entity": return .named(try reference(json, .entity))
    case "EntityOrCommon": return .named(try reference(json, .any))
    case "Extension":
      let path = try name(of: json)
      guard let kind = ExtensionKind(rawValue: path.path.text) else {
        throw failure("the extension type `\(path)` does not exist")
      }
      return .builtIn(.extension(kind))
    default: return .named(TypeReference(path: try name(kind), kind: .common, place: place))
    }
  }

  private mutating func attributes(_ json: JSONValue) throws(CedarError) -> [AttributeSyntax] {
    if let additional = json["additionalAttributes"] {
      guard case .bool(let isOpen) = additional, !isOpen else {
        throw failure("`additionalAttributes` must be false; Cedar's records are closed")
      }
    }
    guard json["attributes"] != nil else { throw failure("a record needs `attributes`") }
    var attributes: [AttributeSyntax] = []
    for member in try members(json, "attributes") {
      attributes.append(
        try at(member.key) { (reader) throws(CedarError) in
          var isRequired = true
          if let required = member.value["required"] {
            guard case .bool(let flag) = required else {
              throw reader.failure("`required` must be true or false")
            }
            isRequired = flag
          }
          try reader.annotations(member.value)
          return AttributeSyntax(
            name: member.key, isRequired: isRequired,
            type: try reader.type(member.value, allowing: ["required", "annotations"]))
        })
    }
    return attributes
  }

  private func reference(
    _ json: JSONValue, _ kind: TypeReference.Kind
  ) throws(CedarError) -> TypeReference {
    TypeReference(path: try name(of: json), kind: kind, place: place)
  }

  private func name(of json: JSONValue) throws(CedarError) -> EntityTypeName {
    guard let text = json["name"]?.string else { throw failure("the type needs a string `name`") }
    return try name(text)
  }
}
