extension Policy {
  /// Reads one policy or template from the JSON form of Cedar.
  ///
  /// - Parameters:
  ///   - json: The JSON text of an object with `effect`, `principal`, `action`, `resource`,
  ///     `conditions` and perhaps `annotations`.
  ///   - id: The id of the policy.
  /// - Throws: ``CedarError`` – `.invalidJSON` for malformed text, `.invalidPolicy` with the path
  ///   of the value that is no policy, `.limitExceeded`, `.invalidText`.
  public init(json: String, id: CedarString) throws(CedarError) {
    try self.init(json: Array(json.utf8), id: id)
  }

  /// Reads one policy or template from the JSON form of Cedar, given as UTF-8 bytes.
  ///
  /// - Throws: ``CedarError`` as the initializer for text does.
  public init(json bytes: [UInt8], id: CedarString) throws(CedarError) {
    self = try PolicyDecoder.policy(try PolicyDecoder.document(bytes), id: id)
  }
}

extension PolicySet {
  /// Reads a set from the JSON form of Cedar: `{staticPolicies, templates, templateLinks}`.
  ///
  /// - Throws: ``CedarError`` as the initializer for bytes does.
  public init(json text: String) throws(CedarError) {
    try self.init(json: Array(text.utf8))
  }

  /// Reads a set from the JSON form of Cedar, given as UTF-8 bytes.
  ///
  /// - Throws: ``CedarError`` – `.invalidJSON` for malformed text, `.invalidPolicy` with the path
  ///   of the value that is no policy, `.duplicatePolicy`, `.unknownPolicy` and `.invalidLink` for
  ///   ids and links that do not fit together, `.limitExceeded`, `.invalidText`.
  public init(json bytes: [UInt8]) throws(CedarError) {
    self.init()
    let document = try PolicyDecoder.document(bytes)
    let parts = try document.object(required: ["staticPolicies", "templates", "templateLinks"])
    for (id, node) in try parts["staticPolicies"].members() {
      let policy = try PolicyDecoder.policy(node, id: id)
      guard !policy.isTemplate else {
        throw node.failure("a static policy has no slots; move it to `templates`")
      }
      try add(policy)
    }
    for (id, node) in try parts["templates"].members() {
      let template = try PolicyDecoder.policy(node, id: id)
      guard template.isTemplate else {
        throw node.failure("a template needs a slot; move it to `staticPolicies`")
      }
      try add(template)
    }
    for node in try parts["templateLinks"].elements() {
      let link = try node.object(required: ["templateId", "newId", "values"])
      try self.link(
        try link["templateId"].string(), as: try link["newId"].string(),
        values: try PolicyDecoder.values(link["values"]))
    }
  }
}

/// Reads policies from their JSON form; anything that is not expected is refused.
enum PolicyDecoder {
  /// The deepest nesting of arrays and objects: four for each level of an expression.
  static let nestingLimit = 4 * PolicySet.nestingLimit

  static func document(_ bytes: [UInt8]) throws(CedarError) -> JSONNode {
    return JSONNode(
      value: try JSONReader.read(bytes, nestingLimit: nestingLimit, allowsForeign: true),
      path: .root)
  }

  static func policy(_ node: JSONNode, id: CedarString) throws(CedarError) -> Policy {
    let object = try node.object(
      required: ["effect", "principal", "action", "resource", "conditions"],
      optional: ["annotations"])
    guard let effect = Policy.Effect(rawValue: try object["effect"].string().text) else {
      throw object["effect"].failure("expected `permit` or `forbid`")
    }
    var conditions: [PolicyCondition] = []
    for condition in try object["conditions"].elements() {
      conditions.append(try self.condition(condition))
    }
    return Policy(
      id: id, effect: effect, annotations: try annotations(object.optional("annotations")),
      position: SourcePosition(offset: 0, line: 1, column: 1),
      principal: try scope(object["principal"], slot: .principal),
      action: try actionScope(object["action"]),
      resource: try scope(object["resource"], slot: .resource), conditions: conditions)
  }

  static func values(_ node: JSONNode) throws(CedarError) -> [Slot: EntityUID] {
    var values: [Slot: EntityUID] = [:]
    for (key, value) in try node.members() {
      guard let slot = Slot(rawValue: key.text) else {
        throw value.failure("expected the slot `?principal` or `?resource`")
      }
      values[slot] = try value.uid()
    }
    return values
  }

  private static func annotations(_ node: JSONNode?) throws(CedarError) -> [PolicyAnnotation] {
    var annotations: [PolicyAnnotation] = []
    for (key, value) in try node?.members() ?? [] {
      guard Identifier.isWhole(key.bytes) else {
        throw value.failure("the key of an annotation must be an identifier")
      }
      if value.value.isNull {
        annotations.append(PolicyAnnotation(key: key, value: nil))
      } else {
        annotations.append(PolicyAnnotation(key: key, value: try value.string()))
      }
    }
    return annotations
  }

  private static func condition(_ node: JSONNode) throws(CedarError) -> PolicyCondition {
    let object = try node.object(required: ["kind", "body"])
    guard let kind = PolicyCondition.Kind(rawValue: try object["kind"].string().text) else {
      throw object["kind"].failure("expected `when` or `unless`")
    }
    return PolicyCondition(kind: kind, body: try expression(object["body"]))
  }
}

// MARK: - Scope

extension PolicyDecoder {
  private static func scope(_ node: JSONNode, slot: Slot) throws(CedarError) -> ScopeConstraint {
    let keys: [CedarString] = ["entity", "slot", "entity_type", "in"]
    let object = try node.object(required: ["op"], optional: keys)
    switch try object["op"].string() {
    case "All":
      _ = try node.object(required: ["op"])
      return .any
    case "==": return .equal(try reference(node, slot: slot, besides: ["op"]))
    case "in": return .memberOf(try reference(node, slot: slot, besides: ["op"]))
    case "is":
      let object = try node.object(required: ["op", "entity_type"], optional: ["in"])
      let type = try object["entity_type"].typeName()
      guard let ancestor = object.optional("in") else { return .isType(type) }
      return .isTypeIn(type, try reference(ancestor, slot: slot, besides: []))
    default: throw object["op"].failure("expected `All`, `==`, `in` or `is`")
    }
  }

  /// Reads either `entity` or `slot`.
  private static func reference(
    _ node: JSONNode, slot: Slot, besides keys: [CedarString]
  ) throws(CedarError) -> EntityReference {
    let object = try node.object(required: keys, optional: ["entity", "slot"])
    switch (object.optional("entity"), object.optional("slot")) {
    case (let entity?, nil): return .uid(try entity.uid())
    case (nil, let name?):
      guard try name.string().text == slot.rawValue else {
        throw name.failure("only the slot `\(slot.rawValue)` may stand here")
      }
      return .slot
    default: throw node.failure("expected either `entity` or `slot`")
    }
  }

  private static func actionScope(_ node: JSONNode) throws(CedarError) -> ActionConstraint {
    let object = try node.object(required: ["op"], optional: ["entity", "entities"])
    switch try object["op"].string() {
    case "All":
      _ = try node.object(required: ["op"])
      return .any
    case "==":
      return .equal(try action(try node.object(required: ["op", "entity"])["entity"]))
    case "in":
      switch (object.optional("entity"), object.optional("entities")) {
      case (let entity?, nil): return .memberOf(try action(entity))
      case (nil, let entities?):
        var uids: [EntityUID] = []
        for entity in try entities.elements() { uids.append(try action(entity)) }
        return .memberOfAny(uids)
      default: throw node.failure("expected either `entity` or `entities`")
      }
    default: throw object["op"].failure("expected `All`, `==` or `in`")
    }
  }

  private static func action(_ node: JSONNode) throws(CedarError) -> EntityUID {
    let uid = try node.uid()
    guard uid.type.isAction else {
      throw node.failure("the action must be an entity of type `Action`")
    }
    return uid
  }
}
