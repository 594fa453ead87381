extension Schema {
  /// Checks a request: declared action, types it applies to, and a context with exactly the
  /// declared attributes.
  ///
  /// - Throws: ``CedarError`` – `.invalidRequest`.
  public func validate(_ request: Request) throws(CedarError) {
    guard let action = actions[request.action] else {
      throw CedarError(.invalidRequest, "the action is not declared in the schema")
    }
    try validate(
      participant: request.principal, role: "principal", allowed: action.principalTypes)
    try validate(participant: request.resource, role: "resource", allowed: action.resourceTypes)
    if let problem = problem(request.context, action.context, "the context") {
      throw CedarError(.invalidRequest, problem)
    }
  }

  /// Checks an entity: declared type, parents, attributes and tags; an action must equal its
  /// declaration.
  ///
  /// - Throws: ``CedarError`` – `.invalidEntity`.
  public func validate(_ entity: Entity) throws(CedarError) {
    let type = entity.uid.type
    guard !type.isAction else {
      return try validate(action: entity, ancestors: entity.parents)
    }
    guard let declaration = entityTypes[type] else {
      throw CedarError(.invalidEntity, "the entity type `\(type)` is not declared in the schema")
    }
    guard isKnown(entity.uid) else {
      throw CedarError(.invalidEntity, "an entity of type `\(type)` is not one of the enumerated")
    }
    for parent in entity.parents {
      guard declaration.parentTypes.contains(parent.type), isKnown(parent) else {
        throw CedarError(
          .invalidEntity,
          "an entity of type `\(type)` cannot have this parent of type `\(parent.type)`")
      }
    }
    let place = "an entity of type `\(type)`"
    if let problem = problem(entity.attributes, declaration.attributes, place) {
      throw CedarError(.invalidEntity, problem)
    }
    guard entity.tags.isEmpty || declaration.tags != nil else {
      throw CedarError(.invalidEntity, "the entity type `\(type)` has no tags")
    }
    for tag in entity.tags.elements {
      guard let tagType = declaration.tags,
        let problem = problem(tag.value, tagType, "a tag of \(place)")
      else { continue }
      throw CedarError(.invalidEntity, problem)
    }
  }

  /// Checks that an action entity of the data says what the schema says.
  func validate(action: Entity, ancestors: Set<EntityUID>) throws(CedarError) {
    guard actions[action.uid] != nil else {
      throw CedarError(.invalidEntity, "an action is not declared in the schema")
    }
    guard action.attributes.isEmpty, action.tags.isEmpty,
      ancestors == actionStore.ancestors(of: action.uid)
    else {
      throw CedarError(.invalidEntity, "an action differs from its declaration in the schema")
    }
  }

  private func validate(
    participant: EntityUID, role: String, allowed: Set<EntityTypeName>
  ) throws(CedarError) {
    guard allowed.contains(participant.type) else {
      throw CedarError(
        .invalidRequest, "the action does not apply to a \(role) of type `\(participant.type)`")
    }
    guard isKnown(participant) else {
      throw CedarError(.invalidRequest, "the \(role) is not one of the enumerated entities")
    }
  }

  /// Tells whether a uid may exist: a declared action, or an entity whose type is not enumerated or
  /// lists the id.
  private func isKnown(_ uid: EntityUID) -> Bool {
    if uid.type.isAction { return actions[uid] != nil }
    guard let enumeration = entityTypes[uid.type]?.enumeration else { return true }
    return enumeration.contains(uid.id)
  }
}

// MARK: - Values

extension Schema {
  /// Says what is wrong with a value of a type; nil when it conforms.
  private func problem(_ value: CedarValue, _ type: SchemaType, _ place: String) -> String? {
    switch (value, type) {
    case (.bool, .bool), (.long, .long), (.string, .string): return nil
    case (.ip, .extension(.ipaddr)), (.decimal, .extension(.decimal)): return nil
    case (.datetime, .extension(.datetime)), (.duration, .extension(.duration)): return nil
    case (.entity(let uid), .entity(let name)) where uid.type == name:
      return isKnown(uid) ? nil : "\(place) refers to an entity that is not enumerated"
    case (.set(let elements), .set(let elementType)):
      for element in elements {
        if let problem = problem(element, elementType, place) { return problem }
      }
      return nil
    case (.record(let record), .record(let recordType)): return problem(record, recordType, place)
    default:
      return "\(place) has \(value.typeName) where the schema declares \(type.description)"
    }
  }

  /// Walks record and type side by side; both are sorted by name.
  private func problem(_ record: CedarRecord, _ type: RecordType, _ place: String) -> String? {
    var elements = record.elements[...]
    for attribute in type.attributes {
      guard let element = elements.first, element.key <= attribute.name else {
        if attribute.isRequired { return "\(place) lacks the attribute `\(attribute.name)`" }
        continue
      }
      // An attribute before the expected one is not declared.
      guard element.key == attribute.name else { break }
      elements = elements.dropFirst()
      if let problem = problem(element.value, attribute.type, place) {
        return "\(problem) for the attribute `\(attribute.name)`"
      }
    }
    return elements.isEmpty ? nil : "\(place) has an attribute that is not declared"
  }
}
