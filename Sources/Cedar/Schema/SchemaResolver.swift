/// Resolves the names of parsed declarations: own namespace first, then outside any, then the
/// built-in types.
struct SchemaResolver {
  private let namespaces: [NamespaceSyntax]
  private var commonSyntax: [CedarString: (type: TypeSyntax, namespace: CedarString)] = [:]
  private var commonTypes: [CedarString: SchemaType] = [:]
  private var resolving: Set<CedarString> = []
  private var entityNames: Set<CedarString> = []
  private var actionUIDs: Set<EntityUID> = []
  private var actionTypes: Set<EntityTypeName> = []

  init(_ namespaces: [NamespaceSyntax]) { self.namespaces = namespaces }

  /// Checks and resolves every declaration.
  mutating func resolve() throws(CedarError) -> (
    [EntityTypeName: EntityTypeDeclaration], [EntityUID: ActionDeclaration]
  ) {
    for namespace in namespaces { try collect(namespace) }
    for namespace in namespaces { try checkShadowing(namespace) }
    for name in commonSyntax.keys { _ = try commonType(name) }
    return (try resolveEntityTypes(), try resolveActions())
  }

  // MARK: Collecting

  private static let reservedCommonTypeNames: Set<CedarString> = [
    "Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String",
  ]

  private mutating func collect(_ namespace: NamespaceSyntax) throws(CedarError) {
    for common in namespace.commonTypes {
      guard !SchemaResolver.reservedCommonTypeNames.contains(common.name) else {
        throw invalid("a common type cannot be named `\(common.name)`")
      }
      let name = SchemaResolver.qualified(common.name, in: namespace.name)
      let value = (type: common.type, namespace: namespace.name)
      guard commonSyntax.updateValue(value, forKey: name) == nil else {
        throw invalid("the type `\(name)` is declared twice")
      }
    }
    for entity in namespace.entities {
      guard entity.name != "Action" else {
        throw invalid("an entity type cannot be named `Action`")
      }
      let name = SchemaResolver.qualified(entity.name, in: namespace.name)
      guard entityNames.insert(name).inserted else {
        throw invalid("the entity type `\(name)` is declared twice")
      }
    }
    for action in namespace.actions {
      guard actionUIDs.insert(uid(action.name, in: namespace.name)).inserted else {
        throw invalid("the action `\(action.name)` is declared twice")
      }
      actionTypes.insert(uid(action.name, in: namespace.name).type)
    }
  }

  /// A definition in a namespace must not hide one outside any namespace.
  private func checkShadowing(_ namespace: NamespaceSyntax) throws(CedarError) {
    guard !namespace.name.isEmpty else { return }
    for name in namespace.commonTypes.map(\.name) + namespace.entities.map(\.name)
    where commonSyntax[name] != nil || entityNames.contains(name) {
      throw invalid("`\(name)` in the namespace `\(namespace.name)` hides one outside it")
    }
    for action in namespace.actions where actionUIDs.contains(uid(action.name, in: "")) {
      throw invalid("the action `\(action.name)` in `\(namespace.name)` hides one outside it")
    }
  }

  // MARK: Types

  private mutating func type(
    _ syntax: TypeSyntax, in namespace: CedarString
  ) throws(CedarError) -> SchemaType {
    switch syntax {
    case .set(let element): return .set(try type(element, in: namespace))
    case .record(let attributes): return .record(try record(attributes, in: namespace))
    case .path(let path): return try named(path, in: namespace)
    }
  }

  private mutating func record(
    _ attributes: [AttributeSyntax], in namespace: CedarString
  ) throws(CedarError) -> RecordType {
    var resolved: [RecordType.Attribute] = []
    for attribute in attributes {
      resolved.append(
        RecordType.Attribute(
          name: attribute.name, isRequired: attribute.isRequired,
          type: try type(attribute.type, in: namespace)))
    }
    return RecordType(resolved)
  }

  private mutating func named(
    _ path: EntityTypeName, in namespace: CedarString
  ) throws(CedarError) -> SchemaType {
    let isBuiltInOnly = path.namespace == "__cedar"
    if !isBuiltInOnly {
      for candidate in candidates(path, in: namespace) {
        if let common = try commonType(candidate) { return common }
        let name = EntityTypeName(declared: candidate)
        if entityNames.contains(candidate) || actionTypes.contains(name) { return .entity(name) }
      }
    }
    let name = isBuiltInOnly ? path.lastIdentifier : path.path
    guard let builtIn = SchemaType.builtIn(name) else {
      throw invalid("the type `\(path)` is not declared")
    }
    return builtIn
  }

  private mutating func commonType(_ name: CedarString) throws(CedarError) -> SchemaType? {
    if let known = commonTypes[name] { return known }
    guard let syntax = commonSyntax[name] else { return nil }
    guard resolving.insert(name).inserted else {
      throw invalid("the type `\(name)` is defined by itself")
    }
    guard resolving.count <= SchemaParser.nestingLimit else {
      throw CedarError(
        .limitExceeded,
        "types refer to each other more than \(SchemaParser.nestingLimit) levels deep")
    }
    let resolved = try type(syntax.type, in: syntax.namespace)
    resolving.remove(name)
    commonTypes[name] = resolved
    return resolved
  }

  private func entityName(
    _ path: EntityTypeName, in namespace: CedarString
  ) throws(CedarError) -> EntityTypeName {
    for candidate in candidates(path, in: namespace) where entityNames.contains(candidate) {
      return EntityTypeName(declared: candidate)
    }
    throw invalid("the entity type `\(path)` is not declared")
  }

  private func candidates(_ path: EntityTypeName, in namespace: CedarString) -> [CedarString] {
    guard path.namespace.isEmpty, !namespace.isEmpty else { return [path.path] }
    return [SchemaResolver.qualified(path.path, in: namespace), path.path]
  }

  // MARK: Entity types

  private mutating func resolveEntityTypes() throws(CedarError) -> [EntityTypeName:
    EntityTypeDeclaration]
  {
    let parents = try parentTypes()
    var result: [EntityTypeName: EntityTypeDeclaration] = [:]
    for namespace in namespaces {
      for entity in namespace.entities {
        let name = EntityTypeName(
          declared: SchemaResolver.qualified(entity.name, in: namespace.name))
        var tags: SchemaType?
        if let syntax = entity.tags { tags = try type(syntax, in: namespace.name) }
        result[name] = EntityTypeDeclaration(
          name: name, parentTypes: SchemaResolver.closure(of: name, in: parents),
          attributes: try record(entity.attributes, in: namespace.name), tags: tags,
          enumeration: entity.enumeration.map { Set($0) })
      }
    }
    return result
  }

  private func parentTypes() throws(CedarError) -> [EntityTypeName: [EntityTypeName]] {
    var parents: [EntityTypeName: [EntityTypeName]] = [:]
    for namespace in namespaces {
      for entity in namespace.entities {
        let name = EntityTypeName(
          declared: SchemaResolver.qualified(entity.name, in: namespace.name))
        for parent in entity.parents {
          parents[name, default: []].append(try entityName(parent, in: namespace.name))
        }
      }
    }
    return parents
  }

  /// Collects everything above a type; type hierarchies may be cyclic.
  private static func closure(
    of name: EntityTypeName, in parents: [EntityTypeName: [EntityTypeName]]
  ) -> Set<EntityTypeName> {
    var result: Set<EntityTypeName> = []
    var pending = parents[name] ?? []
    while let next = pending.popLast() {
      if result.insert(next).inserted { pending += parents[next] ?? [] }
    }
    return result
  }
}

// MARK: - Actions

extension SchemaResolver {
  private mutating func resolveActions() throws(CedarError) -> [EntityUID: ActionDeclaration] {
    var result: [EntityUID: ActionDeclaration] = [:]
    for namespace in namespaces {
      for action in namespace.actions {
        let uid = uid(action.name, in: namespace.name)
        var parents: Set<EntityUID> = []
        for parent in action.parents { parents.insert(try actionUID(parent, in: namespace.name)) }
        result[uid] = ActionDeclaration(
          uid: uid, parents: parents,
          principalTypes: try entityNames(action.appliesTo.principals, in: namespace.name),
          resourceTypes: try entityNames(action.appliesTo.resources, in: namespace.name),
          context: try context(action.appliesTo.context, in: namespace.name))
      }
    }
    return result
  }

  private func entityNames(
    _ paths: [EntityTypeName]?, in namespace: CedarString
  ) throws(CedarError) -> Set<EntityTypeName> {
    var result: Set<EntityTypeName> = []
    for path in paths ?? [] { result.insert(try entityName(path, in: namespace)) }
    return result
  }

  private mutating func context(
    _ syntax: TypeSyntax?, in namespace: CedarString
  ) throws(CedarError) -> RecordType {
    guard let syntax else { return RecordType([]) }
    guard case .record(let record) = try type(syntax, in: namespace) else {
      throw invalid("the context of an action must be a record")
    }
    return record
  }

  private func actionUID(
    _ reference: ActionReferenceSyntax, in namespace: CedarString
  ) throws(CedarError) -> EntityUID {
    let type = reference.type ?? "Action"
    for candidate in candidates(type, in: namespace) {
      let uid = EntityUID(type: EntityTypeName(declared: candidate), id: reference.id)
      if actionUIDs.contains(uid) { return uid }
    }
    throw invalid("the action `\(reference.id)` is not declared")
  }

  private func uid(_ name: CedarString, in namespace: CedarString) -> EntityUID {
    let type = SchemaResolver.qualified("Action", in: namespace)
    return EntityUID(type: EntityTypeName(declared: type), id: name)
  }

  private static func qualified(_ name: CedarString, in namespace: CedarString) -> CedarString {
    namespace.isEmpty ? name : EntityTypeName(identifiers: [namespace, name]).path
  }

  private func invalid(_ message: String) -> CedarError { CedarError(.invalidSchema, message) }
}
