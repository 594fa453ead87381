/// Turns JSON into Cedar values, guided by the expected type where a schema gives one.
struct ValueDecoder {
  /// Decodes a value.
  ///
  /// `{"__entity": …}` and `{"__extn": …}` are always understood; with an entity or extension type
  /// expected, the plain `{"type", "id"}`, `{"fn", "arg"}` or constructor string is understood too.
  /// Whether the value then has that type is for the schema to check.
  ///
  /// - Throws: ``CedarError`` – `.invalidJSON`, or the error of an extension constructor.
  static func value(
    _ json: JSONValue, expecting type: SchemaType? = nil
  ) throws(CedarError) -> CedarValue {
    switch json {
    case .null, .fraction:
      throw CedarError(.invalidJSON, "null and fractions are not Cedar values")
    case .bool(let value): return .bool(value)
    case .integer(let value): return .long(value)
    case .string(let text):
      guard case .extension(let kind) = type else { return .string(text) }
      return try kind.constructor.call([.string(text)])
    case .array(let elements):
      var elementType: SchemaType?
      if case .set(let inner) = type { elementType = inner }
      var set: Set<CedarValue> = []
      for element in elements { set.insert(try value(element, expecting: elementType)) }
      return .set(set)
    case .object(let members): return try object(json, members, expecting: type)
    }
  }

  /// Decodes an object into a record, with the attribute types of the expected record.
  static func record(
    _ members: [(key: CedarString, value: JSONValue)], expecting type: RecordType?
  ) throws(CedarError) -> CedarRecord {
    var pairs: [(CedarString, CedarValue)] = []
    for member in members {
      guard !escapes.contains(member.key) || type?[member.key] != nil else {
        throw CedarError(.invalidJSON, "an escape object has the wrong shape")
      }
      pairs.append((member.key, try value(member.value, expecting: type?[member.key]?.type)))
    }
    return CedarRecord(uniqueElements: pairs)
  }

  /// Decodes a uid: `{"type", "id"}`, bare or below `__entity`; other members are ignored.
  static func uid(_ json: JSONValue) throws(CedarError) -> EntityUID {
    let inner = json["__entity"] ?? json
    guard let type = inner["type"]?.string, let id = inner["id"]?.string else {
      throw CedarError(.invalidJSON, "an entity uid must be an object with `type` and `id`")
    }
    return EntityUID(type: try EntityTypeName(path: type), id: id)
  }

  static let escapes: Set<CedarString> = ["__entity", "__extn", "__expr"]

  private static func object(
    _ json: JSONValue, _ members: [(key: CedarString, value: JSONValue)],
    expecting type: SchemaType?
  ) throws(CedarError) -> CedarValue {
    if members.count == 1, let call = json["__extn"] { return try extensionValue(call) }
    if members.count == 1, json["__entity"] != nil { return .entity(try uid(json)) }
    switch type {
    case .entity: return .entity(try uid(json))
    case .extension: return try extensionValue(json["__extn"] ?? json)
    case .record(let record): return .record(try self.record(members, expecting: record))
    default: return .record(try record(members, expecting: nil))
    }
  }

  /// Decodes `{"fn", "arg"}` or `{"fn", "args"}` by calling the function.
  ///
  /// Other members are ignored.
  private static func extensionValue(_ json: JSONValue) throws(CedarError) -> CedarValue {
    guard let name = json["fn"]?.string, let function = ExtensionFunction.named(name) else {
      throw CedarError(.invalidJSON, "an extension value must be an object with `fn` and `arg`")
    }
    if let argument = json["arg"] { return try function.call([try value(argument)]) }
    guard let elements = json["args"]?.elements else {
      throw CedarError(.invalidJSON, "an extension value must be an object with `fn` and `arg`")
    }
    var arguments: [CedarValue] = []
    for element in elements { arguments.append(try value(element)) }
    return try function.call(arguments)
  }
}
