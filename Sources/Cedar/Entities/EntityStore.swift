/// Holds the entities a request may look at, with the transitive closure of their parents.
public struct EntityStore: Sendable {
  private var entities: [EntityUID: Entity]
  private var ancestors: [EntityUID: Set<EntityUID>]
  /// Parents that are named but not in the store.
  private var missing: Set<EntityUID>

  /// The most ancestors that all entities of one call may have together.
  public static let ancestorCountLimit = 8_000_000

  /// Creates an empty store.
  public init() {
    entities = [:]
    ancestors = [:]
    missing = []
  }

  /// Creates a store; with a schema it checks every entity and adds the action entities of the
  /// schema.
  ///
  /// - Throws: ``CedarError`` – `.duplicateEntity` when a uid occurs with different contents,
  ///   `.cyclicHierarchy`, `.invalidEntity` when an action has a parent that is not one or an
  ///   entity does not conform to the schema.
  public init(entities: [Entity], schema: Schema? = nil) throws(CedarError) {
    guard let schema else {
      self.init()
      try insert(entities)
      return
    }
    let actions = entities.filter(\.uid.type.isAction)
    let others = entities.filter { !$0.uid.type.isAction }
    for entity in others { try schema.validate(entity) }
    let given = try EntityStore(entities: actions)
    for action in actions {
      try schema.validate(action: action, ancestors: given.ancestors(of: action.uid))
    }
    self = try schema.actionStore.adding(others)
  }

  /// Makes a store with more entities, for instance those of one request over those of all.
  ///
  /// Only the new entities are linked when none of them was a missing parent before.
  ///
  /// - Throws: ``CedarError`` as the initializer does; the schema is not consulted.
  /// - Complexity: O(size of the store) for the copy, plus the closure of the new entities.
  public func adding(_ newEntities: [Entity]) throws(CedarError) -> EntityStore {
    var store = self
    try store.insert(newEntities)
    return store
  }

  /// The number of entities.
  public var count: Int { entities.count }

  /// Finds an entity.
  public subscript(uid: EntityUID) -> Entity? { entities[uid] }

  /// Tells whether an entity is another or has it among its ancestors; true for itself also when it
  /// is not stored.
  public func isMember(_ uid: EntityUID, of ancestor: EntityUID) -> Bool {
    uid == ancestor || ancestors[uid]?.contains(ancestor) == true
  }

  /// Calls a function with the parents of an entity, their parents and so on.
  func forEachAncestor(of uid: EntityUID, _ body: (EntityUID) -> Void) {
    guard let ancestors = ancestors[uid] else { return }
    for ancestor in ancestors { body(ancestor) }
  }

  /// The parents of an entity, their parents and so on.
  public func ancestors(of uid: EntityUID) -> Set<EntityUID> { ancestors[uid] ?? [] }
}

extension EntityStore {
  private mutating func insert(_ newEntities: [Entity]) throws(CedarError) {
    var added: [EntityUID] = []
    var relinksAll = false
    for entity in newEntities {
      if let existing = entities[entity.uid] {
        guard existing == entity else {
          throw CedarError(
            .duplicateEntity,
            "an entity of type `\(entity.uid.type)` is given twice with different contents")
        }
        continue
      }
      try EntityStore.checkActionParents(entity)
      entities[entity.uid] = entity
      added.append(entity.uid)
      relinksAll = relinksAll || missing.contains(entity.uid)
    }
    if relinksAll {
      ancestors = [:]
      missing = []
      added = Array(entities.keys)
    }
    try link(added)
  }

  private static func checkActionParents(_ entity: Entity) throws(CedarError) {
    guard entity.uid.type.isAction, !entity.parents.allSatisfy(\.type.isAction) else { return }
    throw CedarError(.invalidEntity, "an action has a parent that is not an action")
  }

  /// Computes the ancestors of entities, parents before children and without recursion.
  private mutating func link(_ uids: [EntityUID]) throws(CedarError) {
    let pending = Set(uids)
    var openParents: [EntityUID: Int] = [:]
    var children: [EntityUID: [EntityUID]] = [:]
    var ready: [EntityUID] = []
    for uid in uids {
      var openCount = 0
      for parent in entities[uid]?.parents ?? [] {
        if pending.contains(parent) {
          openCount += 1
          children[parent, default: []].append(uid)
        } else if entities[parent] == nil {
          missing.insert(parent)
        }
      }
      openParents[uid] = openCount
      if openCount == 0 { ready.append(uid) }
    }
    var linkedCount = 0
    var ancestorCount = 0
    while let uid = ready.popLast() {
      linkedCount += 1
      let closure = closure(of: entities[uid]?.parents ?? [])
      ancestorCount += closure.count
      guard ancestorCount <= EntityStore.ancestorCountLimit else {
        throw CedarError(
          .limitExceeded, "the entities have more than \(EntityStore.ancestorCountLimit) ancestors")
      }
      ancestors[uid] = closure
      for child in children[uid] ?? [] {
        openParents[child, default: 0] -= 1
        if openParents[child] == 0 { ready.append(child) }
      }
    }
    guard linkedCount == uids.count else {
      throw CedarError(.cyclicHierarchy, "the parents of an entity lead back to it")
    }
  }

  /// Joins parents with the ancestors of each, starting from the largest set: copying one whole is
  /// much faster than adding its elements.
  private func closure(of parents: Set<EntityUID>) -> Set<EntityUID> {
    var largest: EntityUID?
    var size = 0
    for parent in parents {
      let count = ancestors[parent]?.count ?? 0
      if count > size { (largest, size) = (parent, count) }
    }
    guard let largest, var closure = ancestors[largest] else { return parents }
    closure.formUnion(parents)
    for parent in parents where parent != largest { closure.formUnion(ancestors[parent] ?? []) }
    return closure
  }
}
