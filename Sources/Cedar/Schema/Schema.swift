/// Describes entity types, actions and contexts, read from the text or the JSON form.
///
/// A schema lets entities and contexts be read from plain JSON and checks entities and requests.
public struct Schema: Sendable {
  /// The declared entity types.
  let entityTypes: [EntityTypeName: EntityTypeDeclaration]
  /// The declared actions.
  let actions: [EntityUID: ActionDeclaration]
  /// The action entities with their hierarchy, which every entity store of this schema contains.
  let actionStore: EntityStore
  /// The types of the actions above the actions of a type.
  let actionAncestorTypes: [EntityTypeName: Set<EntityTypeName>]

  /// The longest schema that is read, in bytes of text or JSON.
  public static let sizeLimit = 4 << 20

  /// Parses schema text.
  ///
  /// - Throws: ``CedarError`` – `.syntax` with a position, `.invalidSchema` when declarations
  ///   contradict each other or name unknown things, `.limitExceeded`, `.invalidText`.
  public init(parsing text: String) throws(CedarError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Parses schema text given as UTF-8 bytes.
  ///
  /// - Throws: ``CedarError`` – `.syntax` with a position, `.invalidSchema` when declarations
  ///   contradict each other or name unknown things, `.limitExceeded`, `.invalidText`.
  public init(parsing bytes: [UInt8]) throws(CedarError) {
    try Schema.checkSize(bytes)
    try self.init(try SchemaParser.namespaces(in: bytes), lines: SourceLines(bytes))
  }

  /// Resolves declarations, whatever form they were written in.
  init(
    _ namespaces: [NamespaceSyntax], lines: SourceLines,
    limits: SchemaResolver.Limits = SchemaResolver.Limits()
  ) throws(CedarError) {
    var resolver = SchemaResolver(namespaces, lines: lines, limits: limits)
    let (entityTypes, actions) = try resolver.resolve()
    actionStore = try EntityStore(
      entities: actions.values.map { Entity($0.uid, parents: $0.parents) })
    self.entityTypes = entityTypes
    self.actions = actions
    var ancestorTypes: [EntityTypeName: Set<EntityTypeName>] = [:]
    for uid in actions.keys {
      ancestorTypes[uid.type, default: []].formUnion(actionStore.ancestors(of: uid).map(\.type))
    }
    actionAncestorTypes = ancestorTypes
  }

  /// Refuses what would take too long to read.
  static func checkSize(_ bytes: [UInt8]) throws(CedarError) {
    guard bytes.count <= sizeLimit else {
      throw CedarError(.limitExceeded, "the schema has more than \(sizeLimit) bytes")
    }
  }

  /// The uids of the declared actions, in order.
  public var actionUIDs: [EntityUID] { actions.keys.sorted() }

  /// The names of the declared entity types, in order.
  public var entityTypeNames: [EntityTypeName] { entityTypes.keys.sorted() }
}

/// Describes one entity type.
struct EntityTypeDeclaration: Equatable, Sendable {
  let name: EntityTypeName
  /// The types an entity may name as parents: the declared ones and everything above them.
  let parentTypes: Set<EntityTypeName>
  let attributes: RecordType
  /// The type of the tags; nil when the type has none.
  let tags: SchemaType?
  /// The ids of an enumerated type; nil when any id may be used.
  let enumeration: Set<CedarString>?
}

/// Describes one action.
struct ActionDeclaration: Equatable, Sendable {
  let uid: EntityUID
  let parents: Set<EntityUID>
  /// The principal types it applies to; empty for an action that only groups others.
  let principalTypes: Set<EntityTypeName>
  let resourceTypes: Set<EntityTypeName>
  let context: RecordType
}
