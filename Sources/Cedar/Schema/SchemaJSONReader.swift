/// Turns the JSON form of a schema into declarations; names are resolved as those of text are.
struct SchemaJSONReader {
  typealias Member = (key: CedarString, value: JSONValue)

  /// The way from the top of the JSON to what is being read, for messages.
  private var path: [CedarString] = []

  /// Reads every namespace.
  static func namespaces(_ json: JSONValue) throws(CedarError) -> [NamespaceSyntax] {
    var reader = SchemaJSONReader()
    var namespaces: [NamespaceSyntax] = []
    for member in try reader.members(json) {
      namespaces.append(try reader.namespace(member))
    }
    return namespaces
  }

  private mutating func namespace(_ member: Member) throws(CedarError) -> NamespaceSyntax {
    try at(member.key) { (reader) throws(CedarError) in
      if !member.key.isEmpty { _ = try reader.name(member.key) }
      var namespace = NamespaceSyntax(name: member.key)
      let known: Set<CedarString> = ["commonTypes", "entityTypes", "actions", "annotations"]
      try reader.check(member.value, has: ["entityTypes", "actions"], among: known)
      namespace.commonTypes = try reader.each(member.value, "commonTypes") {
        (reader, member) throws(CedarError) in try reader.commonType(member)
      }
      namespace.entities = try reader.each(member.value, "entityTypes") {
        (reader, member) throws(CedarError) in try reader.entityType(member)
      }
      namespace.actions = try reader.each(member.value, "actions") {
        (reader, member) throws(CedarError) in try reader.action(member)
      }
      try reader.annotations(member.value)
      guard !member.key.isEmpty || member.value["annotations"]?.members?.isEmpty != false else {
        throw reader.failure("declarations outside any namespace have no annotations in common")
      }
      return namespace
    }
  }

  // MARK: Declarations

  private mutating func commonType(_ member: Member) throws(CedarError) -> CommonTypeSyntax {
    try identifier(member.key)
    try annotations(member.value)
    return CommonTypeSyntax(
      name: member.key, type: try type(member.value, allowing: ["annotations"]), place: place)
  }

  private mutating func entityType(_ member: Member) throws(CedarError) -> EntityTypeSyntax {
    try identifier(member.key)
    let json = member.value
    let isEnumerated = json["enum"] != nil
    try check(
      json, has: [],
      among: isEnumerated
        ? ["enum", "annotations"] : ["memberOfTypes", "shape", "tags", "annotations"])
    try annotations(json)
    var entity = EntityTypeSyntax(name: member.key, place: place)
    if isEnumerated {
      let ids = try strings(json, "enum")
      guard !ids.isEmpty else { throw failure("`enum` needs at least one id") }
      entity.enumeration = ids
      return entity
    }
    entity.parents = try references(json, "memberOfTypes")
    if let shape = json["shape"] { entity.shape = try type(shape, named: "shape") }
    if let tags = json["tags"] { entity.tags = try type(tags, named: "tags") }
    return entity
  }

  private mutating func action(_ member: Member) throws(CedarError) -> ActionSyntax {
    let json = member.value
    try check(json, has: [], among: ["attributes", "appliesTo", "memberOf", "annotations"])
    try annotations(json)
    guard json["attributes"]?.isNull != false else { throw failure("actions have no attributes") }
    var action = ActionSyntax(name: member.key, place: place)
    if let parents = json["memberOf"], !parents.isNull {
      for parent in try elements(parents, named: "memberOf") {
        action.parents.append(try actionReference(parent))
      }
    }
    if let appliesTo = json["appliesTo"], !appliesTo.isNull {
      action.appliesTo = try self.appliesTo(appliesTo)
    }
    return action
  }

  private mutating func actionReference(
    _ json: JSONValue
  ) throws(CedarError) -> ActionReferenceSyntax {
    try check(json, has: ["id"], among: ["id", "type"])
    guard let id = json["id"]?.string else { throw failure("`id` must be a string") }
    guard let type = json["type"], !type.isNull else {
      return ActionReferenceSyntax(type: nil, id: id, place: place)
    }
    guard let text = type.string else { throw failure("`type` must be a string") }
    return ActionReferenceSyntax(type: try name(text), id: id, place: place)
  }

  private mutating func appliesTo(_ json: JSONValue) throws(CedarError) -> AppliesToSyntax {
    try at("appliesTo") { (reader) throws(CedarError) in
      try reader.check(
        json, has: ["principalTypes", "resourceTypes"],
        among: ["principalTypes", "resourceTypes", "context"])
      var result = AppliesToSyntax()
      result.principals = try reader.references(json, "principalTypes")
      result.resources = try reader.references(json, "resourceTypes")
      if let context = json["context"] {
        result.context = try reader.type(context, named: "context")
      }
      return result
    }
  }

  /// Checks the keys and values of annotations, which have no meaning for evaluation.
  mutating func annotations(_ json: JSONValue) throws(CedarError) {
    for annotation in try members(json, "annotations") {
      guard Identifier.isWhole(annotation.key.bytes) else {
        throw failure("the annotation `\(annotation.key)` must be an identifier")
      }
      guard annotation.value.string != nil || annotation.value.isNull else {
        throw failure("the annotation `\(annotation.key)` must be a string")
      }
    }
  }
}

// MARK: - Parts

extension SchemaJSONReader {
  private static let builtInPrefix = Array("__cedar::".utf8)

  /// Reads a path of identifiers, which may start with `__cedar`.
  func name(_ text: CedarString) throws(CedarError) -> EntityTypeName {
    let prefix = SchemaJSONReader.builtInPrefix
    do throws(CedarError) {
      if text.bytes.starts(with: prefix), path.count > 1 {
        let rest = CedarString(trusting: Array(text.bytes.dropFirst(prefix.count)))
        return EntityTypeName(identifiers: ["__cedar", try EntityTypeName(path: rest).path])
      }
      return try EntityTypeName(path: text)
    } catch {
      throw failure("`\(text)` must be identifiers joined by `::`, without blanks")
    }
  }

  /// Checks a name that must be one identifier.
  private func identifier(_ text: CedarString) throws(CedarError) {
    guard Identifier.isWhole(text.bytes), !Identifier.isReserved(text) else {
      throw failure("`\(text)` must be an identifier that is not reserved")
    }
  }

  private func references(
    _ json: JSONValue, _ key: CedarString
  ) throws(CedarError) -> [TypeReference] {
    var references: [TypeReference] = []
    for text in try strings(json, key) {
      references.append(
        TypeReference(path: try name(text), kind: .entity, place: .path(path + [key])))
    }
    return references
  }

  private func strings(_ json: JSONValue, _ key: CedarString) throws(CedarError) -> [CedarString] {
    guard let value = json[key] else { return [] }
    var strings: [CedarString] = []
    for element in try elements(value, named: key) {
      guard let text = element.string else { throw failure("`\(key)` must hold strings only") }
      strings.append(text)
    }
    return strings
  }

  func elements(
    _ json: JSONValue, named key: CedarString
  ) throws(CedarError) -> [JSONValue] {
    guard let elements = json.elements else { throw failure("`\(key)` must be an array") }
    return elements
  }

  func members(_ json: JSONValue) throws(CedarError) -> [Member] {
    guard let members = json.members else { throw failure("expected an object") }
    return members
  }

  /// The members of a member; none when it is missing.
  func members(_ json: JSONValue, _ key: CedarString) throws(CedarError) -> [Member] {
    guard let value = json[key] else { return [] }
    guard let members = value.members else { throw failure("`\(key)` must be an object") }
    return members
  }

  func check(
    _ json: JSONValue, has required: [CedarString], among known: Set<CedarString>
  ) throws(CedarError) {
    for member in try members(json) where !known.contains(member.key) {
      let names = known.sorted().map { "`\($0)`" }.joined(separator: ", ")
      throw failure("`\(member.key)` is unknown here; known are \(names)")
    }
    for key in required where json[key] == nil { throw failure("`\(key)` is missing") }
  }

  /// Runs a body with one more name on the path.
  mutating func at<Result>(
    _ key: CedarString, _ body: (inout SchemaJSONReader) throws(CedarError) -> Result
  ) throws(CedarError) -> Result {
    path.append(key)
    defer { path.removeLast() }
    return try body(&self)
  }

  /// Reads every member of a member, with both names on the path.
  private mutating func each<Result>(
    _ json: JSONValue, _ key: CedarString,
    _ body: (inout SchemaJSONReader, Member) throws(CedarError) -> Result
  ) throws(CedarError) -> [Result] {
    var results: [Result] = []
    for member in try members(json, key) {
      path += [key, member.key]
      results.append(try body(&self, member))
      path.removeLast(2)
    }
    return results
  }

  var place: SchemaPlace { .path(path) }

  func failure(_ message: String) -> CedarError {
    CedarError(.invalidSchema, SchemaJSONReader.text(path) + message)
  }

  /// How messages begin that belong to a place in JSON; the outermost name is the namespace.
  static func text(_ path: [CedarString]) -> String {
    guard let first = path.first else { return "" }
    let names = (first.isEmpty ? Array(path.dropFirst()) : path).map(\.text)
    return names.isEmpty ? "" : "at `\(names.joined(separator: "/"))`: "
  }
}
