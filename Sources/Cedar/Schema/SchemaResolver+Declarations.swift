/// The declarations of entity types and actions.
extension SchemaResolver {
  mutating func resolveEntityTypes() throws(CedarError) -> [EntityTypeName: EntityTypeDeclaration] {
    let parents = try parentTypes()
    var result: [EntityTypeName: EntityTypeDeclaration] = [:]
    for namespace in namespaces {
      for entity in namespace.entities {
        let name = EntityTypeName(declared: Self.qualified(entity.name, in: namespace.name))
        var tags: SchemaType?
        if let syntax = entity.tags { tags = try type(syntax, in: namespace.name).type }
        guard case .record(let attributes) = try type(entity.shape, in: namespace.name).type else {
          throw invalid("the shape of the entity type `\(name)` must be a record", at: entity.place)
        }
        result[name] = EntityTypeDeclaration(
          name: name, parentTypes: try closure(of: name, in: parents), attributes: attributes,
          tags: tags, enumeration: entity.enumeration.map { Set($0) })
      }
    }
    return result
  }

  private func parentTypes() throws(CedarError) -> [EntityTypeName: [EntityTypeName]] {
    var parents: [EntityTypeName: [EntityTypeName]] = [:]
    for namespace in namespaces {
      for entity in namespace.entities {
        let name = EntityTypeName(declared: Self.qualified(entity.name, in: namespace.name))
        for parent in entity.parents {
          parents[name, default: []].append(try entityName(parent, in: namespace.name))
        }
      }
    }
    return parents
  }

  /// Collects everything above a type or an action; type hierarchies may be cyclic.
  private mutating func closure<Name: Hashable>(
    of name: Name, in parents: [Name: [Name]]
  ) throws(CedarError) -> Set<Name> {
    var result: Set<Name> = []
    var pending = parents[name] ?? []
    while let next = pending.popLast() {
      try step()
      if result.insert(next).inserted { pending += parents[next] ?? [] }
    }
    return result
  }

  // MARK: Actions

  mutating func resolveActions() throws(CedarError) -> [EntityUID: ActionDeclaration] {
    var result: [EntityUID: ActionDeclaration] = [:]
    var allParents: [EntityUID: [EntityUID]] = [:]
    for namespace in namespaces {
      for action in namespace.actions {
        let uid = uid(action.name, in: namespace.name)
        var parents: Set<EntityUID> = []
        for parent in action.parents { parents.insert(try actionUID(parent, in: namespace.name)) }
        allParents[uid] = Array(parents)
        result[uid] = ActionDeclaration(
          uid: uid, parents: parents,
          principalTypes: try entityNames(action.appliesTo.principals, in: namespace.name),
          resourceTypes: try entityNames(action.appliesTo.resources, in: namespace.name),
          context: try context(action, in: namespace.name))
      }
    }
    try checkCycles(allParents)
    return result
  }

  private func checkCycles(_ parents: [EntityUID: [EntityUID]]) throws(CedarError) {
    var resolver = self
    for namespace in namespaces {
      for action in namespace.actions {
        let uid = uid(action.name, in: namespace.name)
        guard !(try resolver.closure(of: uid, in: parents).contains(uid)) else {
          throw invalid(
            "the parents of the action `\(uid.mention)` lead back to it", at: action.place)
        }
      }
    }
  }

  private mutating func entityNames(
    _ references: [TypeReference]?, in namespace: CedarString
  ) throws(CedarError) -> Set<EntityTypeName> {
    var result: Set<EntityTypeName> = []
    for reference in references ?? [] {
      try step()
      result.insert(try entityName(reference, in: namespace))
    }
    return result
  }

  private mutating func context(
    _ action: ActionSyntax, in namespace: CedarString
  ) throws(CedarError) -> RecordType {
    guard let syntax = action.appliesTo.context else { return RecordType([]) }
    guard case .record(let record) = try type(syntax, in: namespace).type else {
      throw invalid("the context of the action `\(action.name)` must be a record", at: action.place)
    }
    return record
  }

  private func actionUID(
    _ reference: ActionReferenceSyntax, in namespace: CedarString
  ) throws(CedarError) -> EntityUID {
    let type = reference.type ?? "Action"
    for candidate in Self.candidates(type, in: namespace) {
      let uid = EntityUID(type: EntityTypeName(declared: candidate), id: reference.id)
      if actionUIDs.contains(uid) { return uid }
    }
    let hint = Suggestion.hint(reference.id, among: actionUIDs.sorted().map(\.id))
    throw invalid(
      "the action `\(reference.id)` is not declared" + (hint.map { "; \($0)" } ?? ""),
      at: reference.place)
  }
}
