internal import Cedar

extension PolicyEngine {
  /// What the engine says when no policy says anything.
  static let nothingPermits = "no policy permits it"
  /// What the engine says of a policy that could not be evaluated.
  static let failedToEvaluate = "the policy failed to evaluate, which refuses"
  /// What the engine says of a request the schema does not allow.
  static let doesNotConform = "the request does not conform to the policy schema"

  /// Finds the most revealing rung at which an operator may see a field.
  ///
  /// - Parameters:
  ///   - field: The field.
  ///   - identity: Who asks.
  ///   - context: The circumstances, as the vault knows them.
  /// - Returns: The decision; without a rung when nothing may be shown.
  /// - Complexity: At most one evaluation of the set for each rung.
  public func decide(
    _ field: FieldResource, by identity: OperatorIdentity, context: DecisionContext
  ) -> RungDecision {
    guard DottedKey.isWellFormed(field.category), let store = try? world.store(with: field) else {
      return RungDecision(
        rung: nil, policies: [], reasons: [Self.doesNotConform], limits: [], failures: [])
    }
    var limits: [String] = []
    var failures: [String] = []
    var last = Verdict.nonconforming
    for rung in Rung.allCases.reversed() {
      last = verdict(rung.action, on: field.uid, by: identity, context: context, store: store)
      for id in last.failures where !failures.contains(id) { failures.append(id) }
      if last.isAllowed {
        return RungDecision(
          rung: rung, policies: last.policies, reasons: last.reasons, limits: limits,
          failures: failures)
      }
      for id in last.policies where !limits.contains(id) { limits.append(id) }
    }
    return RungDecision(
      rung: nil, policies: last.policies, reasons: last.reasons, limits: limits, failures: failures)
  }

  /// Decides whether an operator may do something.
  ///
  /// - Parameters:
  ///   - operation: What they want to do.
  ///   - identity: Who asks.
  ///   - context: The circumstances, as the vault knows them.
  /// - Returns: The decision.
  public func decide(
    _ operation: Operation, by identity: OperatorIdentity, context: DecisionContext
  ) -> OperationDecision {
    let verdict = verdict(
      operation.action, on: PolicyWorld.vault, by: identity, context: context, store: world.store)
    return OperationDecision(
      isAllowed: verdict.isAllowed, policies: verdict.policies, reasons: verdict.reasons,
      failures: verdict.failures)
  }
}

/// One answer of Cedar, made to fail closed and put in the words of the policy files.
private struct Verdict {
  let isAllowed: Bool
  let policies: [String]
  let reasons: [String]
  let failures: [String]

  static let nonconforming = Verdict(
    isAllowed: false, policies: [], reasons: [PolicyEngine.doesNotConform], failures: [])
}

extension PolicyEngine {
  private func verdict(
    _ action: EntityUID, on resource: EntityUID, by identity: OperatorIdentity,
    context: DecisionContext, store: EntityStore
  ) -> Verdict {
    let request = Request(
      principal: EntityUID(type: PolicyWorld.operatorType, id: identity.name), action: action,
      resource: resource, context: context.record)
    // A purpose outside the tree has no parents, so policies about a parent would not see it.
    guard purposes.keys.contains(context.purpose), (try? world.schema.validate(request)) != nil
    else { return .nonconforming }
    let response = Authorizer.isAuthorized(
      request, policySet: catalogue.policySet, entities: store)
    let failures = response.errors.compactMap { catalogue.entries[$0.policyID]?.id }
    // Cedar skips what it cannot evaluate; a skipped forbid would open what it was to shut.
    let failedForbids = response.errors.filter { $0.effect == .forbid }
      .compactMap { catalogue.entries[$0.policyID]?.id }
    let isDenied = response.decision == .deny
    guard isDenied || failedForbids.isEmpty else {
      return Verdict(
        isAllowed: false, policies: failedForbids,
        reasons: failedForbids.map { _ in Self.failedToEvaluate }, failures: failures)
    }
    let entries = response.reasons.compactMap { catalogue.entries[$0] }
    var policies = entries.map(\.id)
    var reasons = entries.map(\.reason)
    if isDenied {
      policies += failedForbids
      reasons += failedForbids.map { _ in Self.failedToEvaluate }
    }
    return Verdict(
      isAllowed: !isDenied, policies: policies,
      reasons: reasons.isEmpty ? [Self.nothingPermits] : reasons, failures: failures)
  }
}
