/// Resolves the names of parsed declarations: own namespace first, then outside any, then the
/// built-in types.
struct SchemaResolver {
  /// What one schema may be made of at most.
  struct Limits {
    /// Types, parents and `appliesTo` pairs that are spelled out.
    ///
    /// One list of names before one list of types, or types made of types made of types, can stand
    /// for far more than the text is long.
    var steps = 1_000_000
    /// Namespaces, types, entity types and actions.
    var declarations = 50_000
    /// Nodes of one type with everything it refers to.
    var typeSize = 100_000
  }

  /// The deepest nesting of one type with everything it refers to.
  static let typeDepthLimit = 128

  /// A type with its measures.
  struct Sized {
    let type: SchemaType
    var size = 1
    var depth = 1
  }

  let namespaces: [NamespaceSyntax]
  private let lines: SourceLines
  private var commonSyntax: [CedarString: (syntax: CommonTypeSyntax, namespace: CedarString)] = [:]
  private var commonTypes: [CedarString: Sized] = [:]
  private var resolving: Set<CedarString> = []
  private(set) var entityNames: Set<CedarString> = []
  private(set) var actionUIDs: Set<EntityUID> = []
  private var actionTypes: Set<EntityTypeName> = []
  private let limits: Limits
  private var stepsLeft: Int

  init(_ namespaces: [NamespaceSyntax], lines: SourceLines, limits: Limits) {
    self.namespaces = namespaces
    self.lines = lines
    self.limits = limits
    stepsLeft = limits.steps
  }

  /// Checks and resolves every declaration.
  mutating func resolve() throws(CedarError) -> (
    [EntityTypeName: EntityTypeDeclaration], [EntityUID: ActionDeclaration]
  ) {
    let count = namespaces.reduce(namespaces.count) {
      $0 + $1.commonTypes.count + $1.entities.count + $1.actions.count
    }
    guard count <= limits.declarations else {
      throw CedarError(
        .limitExceeded, "the schema has more than \(limits.declarations) declarations")
    }
    for namespace in namespaces { try collect(namespace) }
    for namespace in namespaces { try checkShadowing(namespace) }
    for namespace in namespaces {
      for common in namespace.commonTypes {
        _ = try commonType(Self.qualified(common.name, in: namespace.name), at: common.place)
      }
    }
    return (try resolveEntityTypes(), try resolveActions())
  }

  // MARK: Collecting

  private static let reservedCommonTypeNames: Set<CedarString> = [
    "Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String",
  ]

  private mutating func collect(_ namespace: NamespaceSyntax) throws(CedarError) {
    for common in namespace.commonTypes {
      guard !SchemaResolver.reservedCommonTypeNames.contains(common.name) else {
        throw invalid("a common type cannot be named `\(common.name)`", at: common.place)
      }
      let name = Self.qualified(common.name, in: namespace.name)
      let value = (syntax: common, namespace: namespace.name)
      guard commonSyntax.updateValue(value, forKey: name) == nil else {
        throw invalid("the type `\(name)` is declared twice", at: common.place)
      }
    }
    for entity in namespace.entities {
      guard entity.name != "Action" else {
        throw invalid(
          "an entity type cannot be named `Action`; declare actions with `action`",
          at: entity.place)
      }
      let name = Self.qualified(entity.name, in: namespace.name)
      guard entityNames.insert(name).inserted else {
        throw invalid("the entity type `\(name)` is declared twice", at: entity.place)
      }
    }
    for action in namespace.actions {
      let uid = uid(action.name, in: namespace.name)
      guard actionUIDs.insert(uid).inserted else {
        throw invalid("the action `\(uid.mention)` is declared twice", at: action.place)
      }
      actionTypes.insert(uid.type)
    }
  }

  /// A definition in a namespace must not hide one outside any namespace.
  private func checkShadowing(_ namespace: NamespaceSyntax) throws(CedarError) {
    guard !namespace.name.isEmpty else { return }
    let types =
      namespace.commonTypes.map { ($0.name, $0.place) }
      + namespace.entities.map { ($0.name, $0.place) }
    for (name, place) in types where commonSyntax[name] != nil || entityNames.contains(name) {
      throw invalid(
        "`\(name)` in the namespace `\(namespace.name)` hides one outside it; rename either",
        at: place)
    }
    for action in namespace.actions where actionUIDs.contains(uid(action.name, in: "")) {
      throw invalid(
        "the action `\(action.name)` in `\(namespace.name)` hides one outside it; rename either",
        at: action.place)
    }
  }

  // MARK: Types

  mutating func type(
    _ syntax: TypeSyntax, in namespace: CedarString
  ) throws(CedarError) -> Sized {
    try step()
    let result: Sized
    switch syntax {
    case .builtIn(let type): return Sized(type: type)
    case .named(let reference): return try named(reference, in: namespace)
    case .set(let element):
      let inner = try type(element, in: namespace)
      result = Sized(type: .set(inner.type), size: inner.size + 1, depth: inner.depth + 1)
    case .record(let attributes): result = try record(attributes, in: namespace)
    }
    guard result.size <= limits.typeSize, result.depth <= Self.typeDepthLimit else {
      throw CedarError(
        .limitExceeded,
        "a type has more than \(limits.typeSize) parts or \(Self.typeDepthLimit) levels with "
          + "everything it refers to")
    }
    return result
  }

  private mutating func record(
    _ attributes: [AttributeSyntax], in namespace: CedarString
  ) throws(CedarError) -> Sized {
    var resolved: [RecordType.Attribute] = []
    var size = 1
    var depth = 0
    for attribute in attributes {
      let inner = try type(attribute.type, in: namespace)
      size += inner.size
      depth = max(depth, inner.depth)
      resolved.append(
        RecordType.Attribute(
          name: attribute.name, isRequired: attribute.isRequired, type: inner.type))
    }
    return Sized(type: .record(RecordType(resolved)), size: size, depth: depth + 1)
  }

  private mutating func named(
    _ reference: TypeReference, in namespace: CedarString
  ) throws(CedarError) -> Sized {
    let path = reference.path
    let isBuiltInOnly = path.namespace == "__cedar"
    if !isBuiltInOnly {
      for candidate in Self.candidates(path, in: namespace) {
        if reference.kind != .entity,
          let common = try commonType(candidate, at: reference.place)
        {
          return common
        }
        let name = EntityTypeName(declared: candidate)
        if reference.kind != .common,
          entityNames.contains(candidate) || actionTypes.contains(name)
        {
          return Sized(type: .entity(name))
        }
      }
    }
    let name = isBuiltInOnly ? path.lastIdentifier : path.path
    guard reference.kind != .entity, let builtIn = SchemaType.builtIn(name) else {
      throw invalid(
        "the type `\(path)` is not declared" + hint(path, reference.kind), at: reference.place)
    }
    return Sized(type: builtIn)
  }

  private mutating func commonType(
    _ name: CedarString, at place: SchemaPlace
  ) throws(CedarError) -> Sized? {
    if let known = commonTypes[name] { return known }
    guard let (syntax, namespace) = commonSyntax[name] else { return nil }
    guard resolving.insert(name).inserted else {
      throw invalid("the type `\(name)` is defined by itself", at: place)
    }
    guard resolving.count <= SchemaParser.nestingLimit else {
      throw error(
        .limitExceeded,
        "types refer to each other more than \(SchemaParser.nestingLimit) levels deep", at: place)
    }
    let resolved = try type(syntax.type, in: namespace)
    resolving.remove(name)
    commonTypes[name] = resolved
    return resolved
  }

  private func hint(_ path: EntityTypeName, _ kind: TypeReference.Kind) -> String {
    let commons = kind == .entity ? [] : commonSyntax.keys.sorted()
    let entities = kind == .common ? [] : entityNames.sorted()
    let builtIns: [CedarString] = ["Bool", "Long", "String", "Set"]
    return Suggestion.hint(path.path, among: commons + entities + builtIns).map { "; \($0)" } ?? ""
  }

  // MARK: Names

  func entityName(
    _ reference: TypeReference, in namespace: CedarString
  ) throws(CedarError) -> EntityTypeName {
    for candidate in Self.candidates(reference.path, in: namespace)
    where entityNames.contains(candidate) {
      return EntityTypeName(declared: candidate)
    }
    throw invalid(
      "the entity type `\(reference.path)` is not declared" + hint(reference.path, .entity),
      at: reference.place)
  }

  static func candidates(_ path: EntityTypeName, in namespace: CedarString) -> [CedarString] {
    guard path.namespace.isEmpty, !namespace.isEmpty else { return [path.path] }
    return [qualified(path.path, in: namespace), path.path]
  }

  static func qualified(_ name: CedarString, in namespace: CedarString) -> CedarString {
    namespace.isEmpty ? name : EntityTypeName(identifiers: [namespace, name]).path
  }

  func uid(_ name: CedarString, in namespace: CedarString) -> EntityUID {
    let type = Self.qualified("Action", in: namespace)
    return EntityUID(type: EntityTypeName(declared: type), id: name)
  }

  func invalid(_ message: String, at place: SchemaPlace) -> CedarError {
    error(.invalidSchema, message, at: place)
  }

  private func error(
    _ code: CedarError.Code, _ message: String, at place: SchemaPlace
  ) -> CedarError {
    switch place {
    case .offset(let offset): CedarError(code, message, at: lines.position(of: offset))
    case .path(let path): CedarError(code, SchemaJSONReader.text(path) + message)
    }
  }

  /// Counts work against the limit.
  mutating func step(_ count: Int = 1) throws(CedarError) {
    stepsLeft -= count
    guard stepsLeft > 0 else {
      throw CedarError(
        .limitExceeded, "the schema spells out more than \(limits.steps) types and parents")
    }
  }
}
