import CedarFuzzing
import Testing

@testable import Cedar

/// What must hold for every set of policies, tried on generated ones.
@Suite("Properties of the authorizer")
struct AuthorizerPropertyTests {
  /// A generated set with the requests that go with it.
  private struct World {
    let set: PolicySet
    let entities: EntityStore
    let requests: [Request]

    init?(seed: UInt64) throws {
      let item = FuzzCase(seed: seed)
      guard var set = try? PolicySet(parsing: item.policies) else { return nil }
      for link in item.links { try set.add(link) }
      self.set = set
      entities = try EntityStore(json: item.entities)
      requests = try item.requests.map { try $0.request(nil) }
    }

    /// What a set says about a request, both ways of evaluating it.
    func answers(_ set: PolicySet, _ request: Request) -> [Answer] {
      [
        Answer(Authorizer.isAuthorized(request, policySet: set, entities: entities)),
        Answer(
          Authorizer.isAuthorized(
            request, policies: CompiledPolicySet(set), entities: entities)),
      ]
    }
  }

  private struct Answer: Equatable {
    let decision: Response.Decision
    let reasons: Set<CedarString>
    let errors: Set<CedarString>

    init(_ response: Response) {
      decision = response.decision
      reasons = Set(response.reasons)
      errors = Set(response.errors.map(\.policyID))
    }
  }

  private static let seedsPerBlock = 20

  private func forEachWorld(
    _ block: Int, _ body: (World, inout FuzzNumbers) throws -> Void
  ) throws {
    for place in 0..<Self.seedsPerBlock {
      let seed = UInt64(8_000 + block * Self.seedsPerBlock + place)
      var numbers = FuzzNumbers(seed: seed)
      guard let world = try World(seed: seed) else { continue }
      try body(world, &numbers)
    }
  }

  /// The same policies, links included, in another order.
  private func shuffled(_ set: PolicySet, _ numbers: inout FuzzNumbers) throws -> PolicySet {
    func mixed(_ policies: [Policy]) -> [Policy] {
      var rest = policies
      var result: [Policy] = []
      while !rest.isEmpty { result.append(rest.remove(at: numbers.below(rest.count))) }
      return result
    }
    var result = PolicySet()
    for policy in mixed(set.templates) + mixed(set.policies) { try result.add(policy) }
    return result
  }

  @Test("the order of policies does not matter", arguments: 0..<20)
  func order(_ block: Int) throws {
    try forEachWorld(block) { world, numbers in
      let other = try shuffled(world.set, &numbers)
      #expect(other == world.set)
      for request in world.requests {
        let answers = world.answers(world.set, request) + world.answers(other, request)
        #expect(answers.allSatisfy { $0 == answers[0] })
      }
    }
  }

  @Test("one more forbid never turns deny into allow", arguments: 0..<20)
  func moreForbids(_ block: Int) throws {
    try forEachWorld(block) { world, numbers in
      let other = FuzzCase(seed: numbers.next())
      guard let strangers = try? PolicySet(parsing: other.policies) else { return }
      for policy in strangers.policies where policy.effect == .forbid {
        var set = world.set
        try set.add(policy.renamed("added"))
        for request in world.requests {
          let before = world.answers(world.set, request)[0]
          for after in world.answers(set, request) {
            #expect(before.decision == .allow || after.decision == .deny)
            #expect(before.errors.isSubset(of: after.errors))
          }
        }
      }
    }
  }

  @Test("one permit less never turns deny into allow", arguments: 0..<20)
  func fewerPermits(_ block: Int) throws {
    try forEachWorld(block) { world, _ in
      for policy in world.set.policies where policy.effect == .permit {
        var set = world.set
        try set.remove(policy.id)
        for request in world.requests {
          let before = world.answers(world.set, request)[0]
          for after in world.answers(set, request) {
            #expect(before.decision == .allow || after.decision == .deny)
          }
        }
      }
    }
  }

  static let unrelated = [
    #"permit(principal == Nobody::"x", action, resource);"#,
    #"forbid(principal, action == Action::"nothing", resource) when { context.absent };"#,
    #"forbid(principal, action, resource is Nothing) when { 1 + true == 2 };"#,
    "permit(principal, action, resource) when { false };",
    "forbid(principal, action, resource) unless { true };",
    "forbid(principal == ?principal, action, resource);",
  ]

  @Test("a policy that does not apply changes nothing", arguments: unrelated)
  func unrelatedPolicy(_ text: String) throws {
    let policy = try Policy(parsing: text, id: "added")
    for block in 0..<5 {
      try forEachWorld(block) { world, _ in
        var set = world.set
        try set.add(policy)
        for request in world.requests {
          let expected = world.answers(world.set, request)[0]
          #expect(world.answers(set, request).allSatisfy { $0 == expected })
        }
      }
    }
  }

  @Test("an allow has a permit and no forbid, a deny only forbids", arguments: 0..<20)
  func reasons(_ block: Int) throws {
    try forEachWorld(block) { world, _ in
      for request in world.requests {
        for answer in world.answers(world.set, request) {
          let effects = Set(answer.reasons.compactMap { world.set.policy(id: $0)?.effect })
          #expect(effects == (answer.decision == .allow ? [.permit] : []) || effects == [.forbid])
          #expect(answer.decision == .deny || effects == [.permit])
          #expect(answer.reasons.isDisjoint(with: answer.errors))
        }
      }
    }
  }

  @Test("text and JSON decide as the original", arguments: 0..<20)
  func roundTrips(_ block: Int) throws {
    try forEachWorld(block) { world, _ in
      let json = try PolicySet(json: world.set.json)
      for request in world.requests {
        let expected = world.answers(world.set, request)[0]
        #expect(world.answers(json, request).allSatisfy { $0 == expected })
      }
    }
  }
}
