import CedarFuzzing
import Testing

@testable import Cedar

@Suite("Compiled policy sets")
struct CompiledTests {
  private func same(_ one: Response, _ two: Response) -> Bool {
    one.decision == two.decision && one.reasons == two.reasons
      && one.errors.map(\.policyID) == two.errors.map(\.policyID)
      && one.errors.map(\.effect) == two.errors.map(\.effect)
      && one.errors.map(\.error.code) == two.errors.map(\.error.code)
  }

  @Test("decide as the set does, with the same reasons and errors", arguments: 0..<40)
  func generated(_ block: Int) throws {
    for seed in 0..<25 {
      let item = FuzzCase(seed: UInt64(4_000 + block * 25 + seed))
      guard var set = try? PolicySet(parsing: item.policies) else { continue }
      for link in item.links { try set.add(link) }
      let compiled = CompiledPolicySet(set)
      let entities = try EntityStore(json: item.entities)
      #expect(compiled.count == set.policies.count)
      for question in item.requests {
        let request = try question.request(nil)
        let expected = Authorizer.isAuthorized(request, policySet: set, entities: entities)
        let given = Authorizer.isAuthorized(request, policies: compiled, entities: entities)
        #expect(same(given, expected), "seed \(item.seed)")
      }
    }
  }

  @Test("decide the table of the authorizer", arguments: AuthorizerTests.cases)
  func authorizerTable(_ item: AuthorizerTests.Case) throws {
    let compiled = CompiledPolicySet(try PolicySet(parsing: item.policies))
    let response = Authorizer.isAuthorized(
      Fixture.request, policies: compiled, entities: try Fixture.store())
    #expect(response.decision == item.decision, "\(item.policies)")
    #expect(response.reasons == item.reasons, "\(item.policies)")
    #expect(response.errors.map(\.policyID) == item.errors, "\(item.policies)")
  }

  /// The root of one condition.
  private func root(_ text: String) throws -> Program.Node {
    var builder = ProgramBuilder()
    let policy = try Policy(
      parsing: "permit(principal, action, resource) when { \(text) };", id: "p")
    let conditions = builder.conditions(policy.conditions)
    let program = Program(builder)
    return program.nodes[Int(program.numbers[Int(conditions.start)])]
  }

  static let constant: [(String, Bool)] = [
    ("1 + 2 * 3 == 7", true), ("[1, 2].contains(3)", false), (#""abc" like "a*""#, true),
    (#"ip("10.0.0.1").isInRange(ip("10.0.0.0/8"))"#, true), ("{a: {b: 1}}.a == {b: 1}", true),
    ("{a: 1} has b", false), (#"User::"a" is User"#, true), (#"User::"a" == User::"b""#, false),
    (#"datetime("2024-01-01").offset(duration("1d")) < datetime("2024-01-01")"#, false),
    ("true && (1 < 2)", true), ("false && 1", false), ("!([].isEmpty())", false),
    ("-(5) < 0", true),
  ]

  @Test("compute constants beforehand", arguments: constant)
  func foldsConstants(_ text: String, _ expected: Bool) throws {
    guard case .truth(let isTrue) = try root(text) else {
      Issue.record("\(text) was not folded")
      return
    }
    #expect(isTrue == expected)
  }

  static let kept = [
    #"User::"u" in Group::"g""#, #"User::"u".name == "Ada""#, #"User::"u" has name"#,
    #"User::"u".hasTag("team")"#, #"{a: User::"u"} has a.name"#, "1 + true == 2",
    "9223372036854775807 + 1 == 0", #"ip("bad") == ip("10.0.0.1")"#, "true && 1", "context.t",
    #"ip("1.1.1.1", "2") == 1"#, "{a: 1}.b == 1", "1 like \"a\"", "principal == principal",
  ]

  @Test("leave what looks at the data, and what fails, to the decision", arguments: kept)
  func keepsOthers(_ text: String) throws {
    if case .truth = try root(text) { Issue.record("\(text) was folded") }
    let policies = "permit(principal, action, resource) when { \(text) };"
    let compiled = CompiledPolicySet(try PolicySet(parsing: policies))
    let response = Authorizer.isAuthorized(
      Fixture.request, policies: compiled, entities: try Fixture.store())
    #expect(same(response, try Fixture.decide(policies)))
  }

  @Test("name a policy once that several actions of its list lead to")
  func listOfActions() throws {
    let set = try PolicySet(
      parsing: #"""
        permit(principal, action in [Action::"read", Action::"all", Action::"view"], resource);
        permit(principal, action in [Action::"read", Action::"all"], resource)
          when { context.absent };
        permit(principal, action in [], resource);
        """#)
    let entities = try EntityStore(entities: [
      Entity(
        Fixture.view,
        parents: [EntityUID(type: "Action", id: "read"), EntityUID(type: "Action", id: "all")])
    ])
    let response = Authorizer.isAuthorized(
      Fixture.request, policies: CompiledPolicySet(set), entities: entities)
    #expect(response.reasons == ["policy0"])
    #expect(response.errors.map(\.policyID) == ["policy1"])
  }

  @Test("look only at policies whose scope may match")
  func index() throws {
    var text = ""
    for number in 0..<200 {
      for scope in [
        #"principal in Group::"g\#(number)", action, resource"#,
        "principal is T\(number), action, resource",
        #"principal, action, resource in Album::"a\#(number)""#,
        #"principal, action == Action::"\#(number)", resource"#,
      ] {
        text += "permit(\(scope)) when { context.absent };"
      }
    }
    text += #"permit(principal in Group::"everyone", action, resource);"#
    let set = try PolicySet(parsing: text)
    var seen: [Int32] = []
    CompiledPolicySet(set).index.forEachCandidate(Fixture.request, try Fixture.store()) {
      seen.append($0)
    }
    #expect(seen == [800])
  }

  @Test("are shared between tasks")
  func concurrency() async throws {
    let compiled = CompiledPolicySet(
      try PolicySet(
        parsing: #"permit(principal in Group::"g", action, resource) when { context.n == 7 };"#))
    let entities = try Fixture.store()
    let allowed = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<16 {
        group.addTask {
          (0..<200).count { _ in
            Authorizer.isAuthorized(Fixture.request, policies: compiled, entities: entities)
              .decision == .allow
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(allowed == 3_200)
  }
}
