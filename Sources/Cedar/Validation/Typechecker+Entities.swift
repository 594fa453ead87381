/// Attributes, tags, types and membership of entities.
extension Typechecker {
  // MARK: Attributes

  mutating func attribute(
    _ term: Term, _ receiver: Term, _ name: CedarString, _ known: Set<Capability>
  ) -> SchemaType? {
    guard let type = check(receiver, known).type else { return nil }
    guard let record = schema.attributes(of: type) else {
      report(
        .unexpectedType, receiver,
        "attribute `\(name)` asked of `\(type.name)`, which is no entity and no record")
      return nil
    }
    guard let attribute = record[name] else {
      report(
        .unknownAttribute, term, "\(place(receiver, type)) has no attribute `\(name)`",
        hint: Suggestion.hint(name, among: record.attributes.map(\.name)))
      return nil
    }
    guard attribute.isRequired || known.contains(.attribute(of: receiver.key, name)) else {
      report(
        .unsafeAttribute, term, "\(place(receiver, type)) may lack the attribute `\(name)`",
        hint: "ask with `has \(name)` first")
      return nil
    }
    return attribute.type
  }

  /// Checks `has a.b` as `has a` and, where that can be true, `.a has b`.
  mutating func has(
    _ term: Term, _ receiver: Term, _ path: [Term.Step], _ known: Set<Capability>
  ) -> Finding {
    guard var type = check(receiver, known).type else { return Finding(type: .bool) }
    var result = Finding(type: .singleton(true))
    for (index, step) in path.enumerated() {
      budget -= 1
      guard let record = schema.attributes(of: type) else {
        report(
          .unexpectedType, term, "`has \(step.name)` asked of `\(type.name)`",
          hint: "`has` asks entities and records for attributes")
        return Finding(type: .bool)
      }
      let capability = Capability.attribute(of: step.receiver, step.name)
      guard let attribute = record[step.name] else {
        trace?.reach[term.number] = .first(index + 1)
        return Finding(type: .singleton(false))
      }
      let isCertain = known.contains(capability) || (attribute.isRequired && type.isRecord)
      result.type = Self.and(result.type, isCertain ? .singleton(true) : .bool)
      result.capabilities.insert(capability)
      type = attribute.type
    }
    return result
  }

  /// How messages name the receiver of an attribute.
  private func place(_ receiver: Term, _ type: SchemaType) -> String {
    if case .variable(.context) = receiver.kind {
      return "the context of `\(environment.action.uid.mention)`"
    }
    if case .entity(let name) = type { return "an entity of type `\(name)`" }
    return "a record"
  }

  // MARK: Tags

  mutating func hasTag(_ receiver: Term, _ name: Term, _ known: Set<Capability>) -> Finding {
    let entity = expectEntity(receiver, known)
    expect(.string, name, known)
    guard let entity else { return Finding(type: .bool) }
    let capability = Capability.tag(of: receiver.key, name.key)
    let type: SchemaType
    if schema.entityTypes[entity]?.tags == nil {
      type = .singleton(false)
    } else {
      type = known.contains(capability) ? .singleton(true) : .bool
    }
    return Finding(type: type, capabilities: [capability])
  }

  mutating func tag(
    _ term: Term, _ receiver: Term, _ name: Term, _ known: Set<Capability>
  ) -> SchemaType? {
    let entity = expectEntity(receiver, known)
    expect(.string, name, known)
    guard let entity else { return nil }
    guard known.contains(.tag(of: receiver.key, name.key)) else {
      report(
        .unsafeTag, term, "an entity of type `\(entity)` may lack the tag",
        hint: "ask with `hasTag` and the same expression first")
      return nil
    }
    guard let type = schema.entityTypes[entity]?.tags else {
      report(.noTags, term, "the entity type `\(entity)` has no tags")
      return nil
    }
    return type
  }

  // MARK: Types and membership

  /// Checks `is T`, and `in` behind it where `is` can be true.
  mutating func isType(
    _ term: Term, _ operand: Term, _ type: EntityTypeName, _ ancestor: Term?,
    _ known: Set<Capability>
  ) -> SchemaType {
    let entity = expectEntity(
      operand, known, hint: { _ in "`is` asks for the type of an entity" })
    let isSame = entity.map { SchemaType.singleton($0 == type) }
    guard let ancestor else { return isSame ?? .bool }
    guard isSame != .singleton(false) else {
      trace?.reach[term.number] = .first(1)
      return .singleton(false)
    }
    return Self.and(isSame, membership(operand, entity, ancestor, known))
  }

  mutating func membership(
    _ left: Term, _ right: Term, _ known: Set<Capability>
  ) -> SchemaType {
    let entity = expectEntity(
      left, known, hint: { _ in "use `contains` to ask for an element of a set" })
    return membership(left, entity, right, known)
  }

  /// The type of `in`, for a left side that was checked before.
  private mutating func membership(
    _ left: Term, _ entity: EntityTypeName?, _ right: Term, _ known: Set<Capability>
  ) -> SchemaType {
    let type = check(right, known).type
    let ancestor: EntityTypeName?
    switch type {
    case .entity(let name), .set(.entity(let name)): ancestor = name
    case nil: ancestor = nil
    case .some(let other):
      report(
        .unexpectedType, right, "expected an entity or a set of them but found `\(other.name)`",
        hint: "use `contains` to ask for an element of a set")
      return .bool
    }
    guard let entity, let ancestor else { return .bool }
    if case .entity(let uid) = literal(left), uid.type.isAction, let uids = entities(right) {
      let isMember = uids.contains { schema.actionStore.isMember(uid, of: $0) && $0.type.isAction }
      return .singleton(isMember)
    }
    return schema.mayBeMember(entity, of: ancestor) ? .bool : .singleton(false)
  }

  /// The entities of a literal, of `action` or of a set of those.
  private func entities(_ term: Term) -> [EntityUID]? {
    if case .set(let elements) = term.kind {
      var uids: [EntityUID] = []
      for element in elements {
        guard case .entity(let uid) = literal(element) else { return nil }
        uids.append(uid)
      }
      return uids
    }
    guard case .entity(let uid) = literal(term) else { return nil }
    return [uid]
  }
}

extension SchemaType {
  /// Tells whether the type is a record, which is there for certain, unlike an entity.
  var isRecord: Bool {
    if case .record = self { true } else { false }
  }

  /// Tells whether the type is an entity type.
  var isEntity: Bool {
    if case .entity = self { true } else { false }
  }
}

extension Schema {
  /// The attributes of a type; nil for a type that is no entity and no record.
  func attributes(of type: SchemaType) -> RecordType? {
    switch type {
    case .record(let record): record
    case .entity(let name): entityTypes[name]?.attributes ?? RecordType([])
    default: nil
    }
  }

  /// Tells whether an entity of one type can be one of another type or below it.
  func mayBeMember(_ type: EntityTypeName, of ancestor: EntityTypeName) -> Bool {
    if type == ancestor { return true }
    if let declaration = entityTypes[type] { return declaration.parentTypes.contains(ancestor) }
    return actionAncestorTypes[type]?.contains(ancestor) == true
  }
}
