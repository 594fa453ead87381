/// Checks that what a policy names is declared, and that its scope fits some action.
struct NameCheck {
  let schema: Schema

  /// The most ids of an enumerated type that a hint lists.
  private static let listedIDs = 5

  /// What is wrong with the names of a policy, also in parts that are never evaluated.
  func problems(
    entities: [TermBuilder.EntityMention], types: [TermBuilder.TypeMention]
  ) -> Set<ValidationProblem> {
    var problems: Set<ValidationProblem> = []
    for mention in types
    where !isKnown(mention.type) && problems.count < Validator.errorLimit {
      problems.insert(
        ValidationProblem(
          code: .unknownEntityType, offset: mention.offset,
          message: "the entity type `\(mention.type)` is not declared in the schema",
          hint: Suggestion.hint(mention.type.path, among: schema.entityTypeNames.map(\.path))))
    }
    for mention in entities where problems.count < Validator.errorLimit {
      if let problem = problem(mention) { problems.insert(problem) }
    }
    return problems
  }

  private func isKnown(_ type: EntityTypeName) -> Bool {
    type.isAction || schema.entityTypes[type] != nil
  }

  private func problem(_ mention: TermBuilder.EntityMention) -> ValidationProblem? {
    let uid = mention.uid
    if uid.type.isAction {
      guard schema.actions[uid] == nil else { return nil }
      return ValidationProblem(
        code: .unknownAction, offset: mention.offset,
        message: "the action `\(uid.mention)` is not declared in the schema", hint: hint(uid))
    }
    guard let ids = schema.entityTypes[uid.type]?.enumeration, !ids.contains(uid.id) else {
      return nil
    }
    let listed = ids.sorted().prefix(NameCheck.listedIDs).map {
      "`\(EntityUID(type: uid.type, id: $0).mention)`"
    }
    let rest = ids.count > listed.count ? " and \(ids.count - listed.count) more" : ""
    return ValidationProblem(
      code: .unknownEntity, offset: mention.offset,
      message: "`\(uid.mention)` is not one of the enumerated entities of its type",
      hint: "the schema lists \(listed.joined(separator: ", "))\(rest)")
  }

  /// The same id in another namespace, or an id of the same type that is spelled nearly so.
  private func hint(_ uid: EntityUID) -> String? {
    if let other = schema.actionUIDs.first(where: { $0.id == uid.id }) {
      return "did you mean `\(other.mention)`?"
    }
    let ids = schema.actionUIDs.filter { $0.type == uid.type }.map(\.id)
    return Suggestion.hint(uid.id, among: ids)
  }

  // MARK: Scope

  /// Says that no request the schema allows can pass the scope; nil when one can.
  func scopeProblem(_ policy: Policy) -> ValidationProblem? {
    for uid in actions(policy.action) {
      guard let action = schema.actions[uid],
        action.principalTypes.contains(where: { fits($0, policy.principal) }),
        action.resourceTypes.contains(where: { fits($0, policy.resource) })
      else { continue }
      return nil
    }
    return ValidationProblem(
      code: .inapplicableScope, offset: policy.position.offset,
      message: "unable to find an applicable action for the scope of the policy",
      hint: scopeHint(policy))
  }

  /// The declared actions that pass a constraint; none when it names an unknown one.
  private func actions(_ constraint: ActionConstraint) -> [EntityUID] {
    switch constraint {
    case .any: return schema.actionUIDs
    case .equal(let uid): return [uid]
    case .memberOf(let ancestor): return actions(below: [ancestor])
    case .memberOfAny(let ancestors): return actions(below: ancestors)
    }
  }

  private func actions(below ancestors: [EntityUID]) -> [EntityUID] {
    guard ancestors.allSatisfy({ schema.actions[$0] != nil }) else { return [] }
    return schema.actionUIDs.filter { uid in
      ancestors.contains { schema.actionStore.isMember(uid, of: $0) }
    }
  }

  private func fits(_ type: EntityTypeName, _ constraint: ScopeConstraint) -> Bool {
    switch constraint {
    case .any, .equal(.slot), .memberOf(.slot): true
    case .equal(.uid(let uid)): type == uid.type
    case .memberOf(.uid(let uid)): schema.mayBeMember(type, of: uid.type)
    case .isType(let wanted), .isTypeIn(let wanted, .slot): type == wanted
    case .isTypeIn(let wanted, .uid(let uid)):
      type == wanted && schema.mayBeMember(type, of: uid.type)
    }
  }

  private func scopeHint(_ policy: Policy) -> String? {
    for constraint in [policy.principal, policy.resource] {
      guard case .equal(.uid(let uid)) = constraint else { continue }
      let named = actions(policy.action).compactMap { schema.actions[$0] }
      let types = named.reduce(into: Set<EntityTypeName>()) {
        $0.formUnion($1.principalTypes.union($1.resourceTypes))
      }
      let isAncestor = types.contains { $0 != uid.type && schema.mayBeMember($0, of: uid.type) }
      if isAncestor, !types.contains(uid.type) { return "`in` may be meant where `==` is written" }
    }
    return nil
  }
}
