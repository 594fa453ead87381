/// Finds the policies whose scope may match a request.
///
/// Each policy is filed once, under the part of its scope that the fewest other policies share; a
/// list of actions files it under each of them. What is found is checked against the whole scope.
struct PolicyIndex: Sendable {
  private var byPrincipal: [EntityUID: [Int32]] = [:]
  private var byResource: [EntityUID: [Int32]] = [:]
  private var byAction: [EntityUID: [Int32]] = [:]
  private var byPrincipalType: [EntityTypeName: [Int32]] = [:]
  private var byResourceType: [EntityTypeName: [Int32]] = [:]
  /// Policies whose scope limits nothing.
  private var others: [Int32] = []

  /// A part of a scope that a policy can be filed under.
  private enum Key: Hashable {
    case principal(EntityUID)
    case resource(EntityUID)
    case actions([EntityUID])
    case principalType(EntityTypeName)
    case resourceType(EntityTypeName)
  }

  init(_ policies: [Policy]) {
    let keys = policies.map(PolicyIndex.keys)
    var uses: [Key: Int] = [:]
    for key in keys.joined() { uses[key, default: 0] += 1 }
    for (number, candidates) in keys.enumerated() {
      let best = candidates.min { uses[$0, default: 0] < uses[$1, default: 0] }
      file(Int32(number), under: best)
    }
  }

  /// Calls a function with the number of every policy that may match; with some of them more than
  /// once.
  func forEachCandidate(
    _ request: Request, _ entities: EntityStore, _ body: (Int32) -> Void
  ) {
    for number in others { body(number) }
    PolicyIndex.visit(byAction, request.action, entities, body)
    PolicyIndex.visit(byPrincipal, request.principal, entities, body)
    PolicyIndex.visit(byResource, request.resource, entities, body)
    if !byPrincipalType.isEmpty, let found = byPrincipalType[request.principal.type] {
      for number in found { body(number) }
    }
    if !byResourceType.isEmpty, let found = byResourceType[request.resource.type] {
      for number in found { body(number) }
    }
  }

  /// Visits what is filed under an entity or any of its ancestors.
  private static func visit(
    _ files: [EntityUID: [Int32]], _ uid: EntityUID, _ entities: EntityStore,
    _ body: (Int32) -> Void
  ) {
    guard !files.isEmpty else { return }
    if let found = files[uid] {
      for number in found { body(number) }
    }
    entities.forEachAncestor(of: uid) { ancestor in
      guard let found = files[ancestor] else { return }
      for number in found { body(number) }
    }
  }

  private mutating func file(_ number: Int32, under key: Key?) {
    switch key {
    case .principal(let uid): byPrincipal[uid, default: []].append(number)
    case .resource(let uid): byResource[uid, default: []].append(number)
    case .actions(let uids): for uid in uids { byAction[uid, default: []].append(number) }
    case .principalType(let type): byPrincipalType[type, default: []].append(number)
    case .resourceType(let type): byResourceType[type, default: []].append(number)
    case nil: others.append(number)
    }
  }

  private static func keys(of policy: Policy) -> [Key] {
    var keys: [Key] = []
    switch policy.principal {
    case .equal(.uid(let uid)), .memberOf(.uid(let uid)), .isTypeIn(_, .uid(let uid)):
      keys.append(.principal(uid))
    case .isType(let type): keys.append(.principalType(type))
    default: break
    }
    switch policy.resource {
    case .equal(.uid(let uid)), .memberOf(.uid(let uid)), .isTypeIn(_, .uid(let uid)):
      keys.append(.resource(uid))
    case .isType(let type): keys.append(.resourceType(type))
    default: break
    }
    switch policy.action {
    case .any: break
    case .equal(let uid), .memberOf(let uid): keys.append(.actions([uid]))
    case .memberOfAny(let uids): keys.append(.actions(uids))
    }
    return keys
  }
}
