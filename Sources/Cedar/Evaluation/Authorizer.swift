/// Decides requests exactly as the Cedar language says: deny overrides, and erroring policies are
/// skipped.
public enum Authorizer {
  /// Evaluates every policy of a set against a request.
  ///
  /// Skipping an erroring forbid can allow what it meant to forbid; see
  /// ``Response/hasFailedForbid``. Templates are not evaluated. The request and the entities are
  /// taken as they are; validate them first.
  ///
  /// - Parameters:
  ///   - request: The question.
  ///   - policySet: The parsed policies.
  ///   - entities: The entities the policies may look at.
  /// - Returns: The decision with the ids that determined it and the policies that failed.
  /// - Complexity: O(number of policies) evaluations.
  public static func isAuthorized(
    _ request: Request, policySet: PolicySet, entities: EntityStore
  ) -> Response {
    let evaluator = Evaluator(request: request, entities: entities)
    var permits: [CedarString] = []
    var forbids: [CedarString] = []
    var errors: [PolicyFailure] = []
    for policy in policySet.policies {
      do throws(CedarError) {
        guard try evaluator.isSatisfied(policy) else { continue }
        if policy.effect == .permit { permits.append(policy.id) } else { forbids.append(policy.id) }
      } catch {
        errors.append(PolicyFailure(policyID: policy.id, effect: policy.effect, error: error))
      }
    }
    let isAllowed = forbids.isEmpty && !permits.isEmpty
    return Response(
      decision: isAllowed ? .allow : .deny, reasons: isAllowed ? permits : forbids, errors: errors)
  }
}
