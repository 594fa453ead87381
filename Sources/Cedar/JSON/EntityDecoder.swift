extension EntityStore {
  /// Reads entities from JSON text; with a schema it understands plain values and checks every
  /// entity.
  ///
  /// - Throws: ``CedarError`` as the initializer for bytes does.
  public init(json text: String, schema: Schema? = nil) throws(CedarError) {
    try self.init(json: Array(text.utf8), schema: schema)
  }

  /// Reads entities from JSON: an array of `{uid, attrs, parents, tags?}`.
  ///
  /// - Throws: ``CedarError`` – `.invalidJSON` for malformed text or values Cedar does not have,
  ///   `.invalidEntity`, `.duplicateEntity`, `.cyclicHierarchy`, or the error of an extension
  ///   constructor.
  public init(json bytes: [UInt8], schema: Schema? = nil) throws(CedarError) {
    let entities: [Entity]
    do throws(CedarError) {
      entities = try EntityStore.entities(try JSONReader.read(bytes), schema)
    } catch {
      // Members nobody knows are ignored, whatever JSON they hold.
      guard error.code == .invalidJSON,
        let json = try? JSONReader.read(bytes, allowsForeign: true),
        let others = try? EntityStore.entities(json, schema)
      else { throw error }
      entities = others
    }
    try self.init(entities: entities, schema: schema)
  }

  private static func entities(
    _ json: JSONValue, _ schema: Schema?
  ) throws(CedarError) -> [Entity] {
    guard let items = json.elements else {
      throw CedarError(.invalidJSON, "entities must be an array")
    }
    var entities: [Entity] = []
    for item in items { entities.append(try entity(item, schema: schema)) }
    return entities
  }

  private static func entity(_ json: JSONValue, schema: Schema?) throws(CedarError) -> Entity {
    guard let uidValue = json["uid"], let attributes = json["attrs"]?.members,
      let parentValues = json["parents"]?.elements
    else {
      throw CedarError(.invalidJSON, "an entity needs `uid`, `attrs` and `parents`")
    }
    let uid = try ValueDecoder.uid(uidValue)
    let declaration = schema?.entityTypes[uid.type]
    var parents: Set<EntityUID> = []
    for parent in parentValues { parents.insert(try ValueDecoder.uid(parent)) }
    return Entity(
      uid,
      attributes: try ValueDecoder.record(attributes, expecting: declaration?.attributes),
      parents: parents, tags: try tags(json["tags"], type: declaration?.tags))
  }

  private static func tags(
    _ json: JSONValue?, type: SchemaType?
  ) throws(CedarError) -> CedarRecord {
    guard let json else { return [:] }
    guard let members = json.members else {
      throw CedarError(.invalidJSON, "the tags of an entity must be an object")
    }
    var tags: [(CedarString, CedarValue)] = []
    for member in members {
      tags.append((member.key, try ValueDecoder.value(member.value, expecting: type)))
    }
    return CedarRecord(uniqueElements: tags)
  }
}

extension CedarRecord {
  /// Reads a request context from JSON text.
  ///
  /// - Throws: ``CedarError`` as the initializer for bytes does.
  public init(
    contextJSON text: String, schema: Schema? = nil, action: EntityUID
  ) throws(CedarError) {
    try self.init(contextJSON: Array(text.utf8), schema: schema, action: action)
  }

  /// Reads a request context from JSON: an object, with the types the schema declares for the
  /// action.
  ///
  /// Whether the context conforms is checked by ``Schema/validate(_:)-(Request)``.
  ///
  /// - Throws: ``CedarError`` – `.invalidJSON`, `.invalidRequest` when the action is not declared,
  ///   or the error of an extension constructor.
  public init(
    contextJSON bytes: [UInt8], schema: Schema? = nil, action: EntityUID
  ) throws(CedarError) {
    guard let members = try JSONReader.read(bytes).members else {
      throw CedarError(.invalidJSON, "the context must be an object")
    }
    let declaration = schema?.actions[action]
    guard schema == nil || declaration != nil else {
      throw CedarError(.invalidRequest, "the action is not declared in the schema")
    }
    self = try ValueDecoder.record(members, expecting: declaration?.context)
  }
}
