/// Compares a request with the scope of a policy.
struct ScopeMatcher {
  let request: Request
  let entities: EntityStore

  func matches(_ constraint: ScopeConstraint, _ uid: EntityUID) -> Bool {
    switch constraint {
    case .any: true
    case .equal(.uid(let expected)): uid == expected
    case .memberOf(.uid(let ancestor)): entities.isMember(uid, of: ancestor)
    case .isType(let type): uid.type == type
    case .isTypeIn(let type, .uid(let ancestor)):
      uid.type == type && entities.isMember(uid, of: ancestor)
    // A template is never evaluated; an open slot matches nothing.
    case .equal(.slot), .memberOf(.slot), .isTypeIn(_, .slot): false
    }
  }

  func matches(_ constraint: ActionConstraint) -> Bool {
    switch constraint {
    case .any: true
    case .equal(let expected): request.action == expected
    case .memberOf(let ancestor): entities.isMember(request.action, of: ancestor)
    case .memberOfAny(let ancestors):
      ancestors.contains { entities.isMember(request.action, of: $0) }
    }
  }
}
