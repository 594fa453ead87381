/// Holds a policy set in the form that is fastest to evaluate.
///
/// Made once, used for many requests, from any number of threads. It decides as the set decides:
/// the same policies in the same order, with the same errors. Policies whose scope cannot match are
/// not looked at; constants are computed beforehand.
public struct CompiledPolicySet: Sendable {
  /// A policy in numbers only.
  struct Entry: Sendable {
    let effect: Policy.Effect
    let principal: Program.Scope
    let action: Program.Scope
    let resource: Program.Scope
    let conditions: Program.List
  }

  let ids: [CedarString]
  let entries: [Entry]
  let index: PolicyIndex
  let program: Program

  /// Compiles the policies of a set; templates without links have no part in it.
  ///
  /// - Complexity: O(size of the set).
  public init(_ policySet: PolicySet) {
    var builder = ProgramBuilder()
    entries = policySet.policies.map { policy in
      Entry(
        effect: policy.effect, principal: builder.scope(policy.principal),
        action: builder.scope(policy.action), resource: builder.scope(policy.resource),
        conditions: builder.conditions(policy.conditions))
    }
    ids = policySet.policies.map(\.id)
    index = PolicyIndex(policySet.policies)
    program = Program(builder)
  }

  /// The number of policies.
  public var count: Int { entries.count }
}

extension Authorizer {
  /// Evaluates a compiled policy set against a request.
  ///
  /// Gives what ``isAuthorized(_:policySet:entities:)`` gives for the set it was compiled from.
  ///
  /// - Parameters:
  ///   - request: The question.
  ///   - policies: The compiled policies.
  ///   - entities: The entities the policies may look at.
  /// - Returns: The decision with the ids that determined it and the policies that failed.
  /// - Complexity: O(number of policies whose scope may match) evaluations.
  public static func isAuthorized(
    _ request: Request, policies: CompiledPolicySet, entities: EntityStore
  ) -> Response {
    let evaluator = ProgramEvaluator(policies.program, request, entities)
    var permits: [Int32] = []
    var forbids: [Int32] = []
    var failures: [(number: Int32, error: CedarError)] = []
    policies.index.forEachCandidate(request, entities) { number in
      let entry = policies.entries[Int(number)]
      do throws(CedarError) {
        guard try evaluator.isSatisfied(entry) else { return }
        if entry.effect == .permit { permits.append(number) } else { forbids.append(number) }
      } catch {
        failures.append((number, error))
      }
    }
    let isAllowed = forbids.isEmpty && !permits.isEmpty
    return Response(
      decision: isAllowed ? .allow : .deny,
      reasons: policies.orderedIDs(isAllowed ? permits : forbids),
      errors: policies.failures(failures))
  }
}

extension CompiledPolicySet {
  /// The ids of policies in the order of the set, each once.
  fileprivate func orderedIDs(_ numbers: [Int32]) -> [CedarString] {
    guard numbers.count > 1 else { return numbers.map { ids[Int($0)] } }
    var result: [CedarString] = []
    var last: Int32 = -1
    for number in numbers.sorted() where number != last {
      result.append(ids[Int(number)])
      last = number
    }
    return result
  }

  fileprivate func failures(_ found: [(number: Int32, error: CedarError)]) -> [PolicyFailure] {
    guard !found.isEmpty else { return [] }
    var failures: [PolicyFailure] = []
    var last: Int32 = -1
    for (number, error) in found.sorted(by: { $0.number < $1.number }) where number != last {
      failures.append(
        PolicyFailure(
          policyID: ids[Int(number)], effect: entries[Int(number)].effect, error: error))
      last = number
    }
    return failures
  }
}

extension ProgramEvaluator {
  /// Tells whether scope and conditions of a policy hold; scopes cannot fail.
  fileprivate func isSatisfied(_ entry: CompiledPolicySet.Entry) throws(CedarError) -> Bool {
    guard matches(entry.action, request.action), matches(entry.principal, request.principal),
      matches(entry.resource, request.resource)
    else { return false }
    return try areSatisfied(entry.conditions)
  }
}
