import Testing

@testable import Cedar

@Suite("Authorizer")
struct AuthorizerTests {
  struct Case: Sendable {
    let policies: String
    let decision: Response.Decision
    var reasons: [CedarString] = []
    var errors: [CedarString] = []
  }

  static let permit = "permit(principal, action, resource);"
  static let forbid = "forbid(principal, action, resource);"
  static let failing = "(principal, action, resource) when { context.absent };"

  static let cases = [
    Case(policies: "", decision: .deny),
    Case(policies: permit, decision: .allow, reasons: ["policy0"]),
    Case(policies: forbid, decision: .deny, reasons: ["policy0"]),
    Case(policies: permit + permit, decision: .allow, reasons: ["policy0", "policy1"]),
    Case(policies: permit + forbid + forbid, decision: .deny, reasons: ["policy1", "policy2"]),
    Case(policies: "permit" + failing, decision: .deny, errors: ["policy0"]),
    // Skip on error: the forbid that cannot be evaluated does not forbid.
    Case(
      policies: permit + "forbid" + failing, decision: .allow, reasons: ["policy0"],
      errors: ["policy1"]),
    Case(
      policies: "permit" + failing + forbid, decision: .deny, reasons: ["policy1"],
      errors: ["policy0"]),
    Case(
      policies: "permit" + failing + permit, decision: .allow, reasons: ["policy1"],
      errors: ["policy0"]),
    Case(
      policies: "permit(principal, action, resource) when { 1 };", decision: .deny,
      errors: ["policy0"]),
    Case(
      policies: "permit(principal, action, resource) unless { 1 };", decision: .deny,
      errors: ["policy0"]),
    // An unsatisfied scope or an earlier false condition keeps the failing one from being
    // evaluated.
    Case(
      policies: "permit(principal is Photo, action, resource) when { context.absent };",
      decision: .deny),
    Case(
      policies: "permit(principal, action, resource) when { false } when { context.absent };",
      decision: .deny),
    Case(
      policies: "permit(principal, action, resource) unless { true } when { context.absent };",
      decision: .deny),
    Case(policies: "permit(principal == ?principal, action, resource);", decision: .deny),
    Case(
      policies: "forbid(principal in ?principal, action, resource);" + permit,
      decision: .allow, reasons: ["policy1"]),
    Case(
      policies: #"permit(principal in Group::"everyone", action, resource);"#, decision: .allow,
      reasons: ["policy0"]),
    Case(policies: #"permit(principal in Group::"other", action, resource);"#, decision: .deny),
    Case(policies: #"permit(principal == User::"other", action, resource);"#, decision: .deny),
    Case(
      policies: #"permit(principal is User in Group::"g", action, resource is Photo);"#,
      decision: .allow, reasons: ["policy0"]),
    Case(
      policies: #"permit(principal is User in Group::"x", action, resource);"#, decision: .deny),
    Case(policies: "permit(principal is N::User, action, resource);", decision: .deny),
    Case(policies: "permit(principal, action in [], resource);", decision: .deny),
    Case(
      policies: #"permit(principal, action in [Action::"a", Action::"view"], resource);"#,
      decision: .allow, reasons: ["policy0"]),
    Case(policies: #"permit(principal, action == N::Action::"view", resource);"#, decision: .deny),
    Case(
      policies: #"permit(principal, action in Action::"view", resource == Photo::"p");"#,
      decision: .allow, reasons: ["policy0"]),
    Case(policies: #"permit(principal, action, resource in Album::"a");"#, decision: .deny),
  ]

  @Test("decides", arguments: cases)
  func decides(_ item: Case) throws {
    let response = try Fixture.decide(item.policies)
    #expect(response.decision == item.decision, "\(item.policies)")
    #expect(response.reasons == item.reasons, "\(item.policies)")
    #expect(response.errors.map(\.policyID) == item.errors, "\(item.policies)")
  }

  @Test("tells an ignored forbid from an ignored permit, so that callers can fail closed")
  func reportsFailedForbid() throws {
    let open = try Fixture.decide(Self.permit + "forbid" + Self.failing)
    #expect(open.decision == .allow && open.hasFailedForbid)
    #expect(open.errors.first?.error.code == .missingAttribute)
    let closed = try Fixture.decide(Self.permit + "permit" + Self.failing)
    #expect(!closed.hasFailedForbid)
  }

  @Test("follows action groups")
  func actionGroups() throws {
    let level1 = EntityUID(type: "Action", id: "level1")
    let level2 = EntityUID(type: "Action", id: "level2")
    let store = try EntityStore(entities: [
      Entity(level1, parents: [level2]), Entity(level2), Entity(Fixture.view, parents: [level1]),
    ])
    let policies = try PolicySet(
      parsing: #"permit(principal, action in Action::"level2", resource);"#)
    for (action, decision) in [
      (Fixture.view, Response.Decision.allow), (level1, .allow), (level2, .allow),
      (EntityUID(type: "Action", id: "other"), .deny),
    ] {
      let request = Request(principal: Fixture.user, action: action, resource: Fixture.photo)
      let response = Authorizer.isAuthorized(request, policySet: policies, entities: store)
      #expect(response.decision == decision)
    }
  }
}
