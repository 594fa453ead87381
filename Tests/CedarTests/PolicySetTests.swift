import Testing

@testable import Cedar

@Suite("Policy sets")
struct PolicySetTests {
  static let text = #"""
    permit(principal == ?principal, action, resource in ?resource);
    permit(principal is User in ?principal, action, resource);
    forbid(principal, action, resource) when { context.absent };
    permit(principal, action, resource in Album::"a");
    """#

  private let album = EntityUID(type: "Album", id: "a")

  private func set() throws -> PolicySet { try PolicySet(parsing: Self.text) }

  private func code(_ body: () throws -> Void) throws -> CedarError.Code? {
    try Fixture.code(body)
  }

  @Test("tell which slots a template has")
  func slots() throws {
    let set = try set()
    #expect(set.templates.map(\.slots) == [[.principal, .resource], [.principal]])
    #expect(set.policies.allSatisfy { $0.slots.isEmpty && !$0.isTemplate })
    #expect(set.count == 4 && !set.isEmpty && PolicySet().isEmpty)
  }

  @Test("link templates when every slot and nothing else gets an entity")
  func links() throws {
    var set = try set()
    try set.link("policy0", as: "l0", values: [.principal: Fixture.user, .resource: album])
    try set.link("policy1", as: "l1", values: [.principal: EntityUID(type: "Group", id: "g")])
    let link = try #require(set.policy(id: "l0")?.link)
    #expect(link.templateID == "policy0")
    #expect(link.values == [.principal: Fixture.user, .resource: album])
    #expect(set.links(of: "policy0").map(\.id) == ["l0"])
    #expect(set.links(of: "policy3").isEmpty)
    #expect(set.policy(id: "l1")?.isTemplate == false)
    #expect(set.templates.count == 2 && set.policies.count == 4)

    let before = set
    let refused: [(CedarString, CedarString, [Slot: EntityUID], CedarError.Code)] = [
      ("policy0", "x", [:], .invalidLink),
      ("policy0", "x", [.principal: Fixture.user], .invalidLink),
      ("policy0", "x", [.resource: album], .invalidLink),
      ("policy1", "x", [.principal: Fixture.user, .resource: album], .invalidLink),
      ("policy1", "x", [.resource: album], .invalidLink),
      ("policy1", "l0", [.principal: Fixture.user], .duplicatePolicy),
      ("policy1", "policy0", [.principal: Fixture.user], .duplicatePolicy),
      ("policy2", "x", [:], .unknownPolicy), ("nope", "x", [:], .unknownPolicy),
      ("l0", "x", [:], .unknownPolicy),
    ]
    for (template, id, values, expected) in refused {
      #expect(try code { try set.link(template, as: id, values: values) } == expected)
    }
    #expect(set == before)
  }

  @Test("evaluate linked policies and no template")
  func evaluation() throws {
    var set = try set()
    let request = Request(principal: Fixture.user, action: Fixture.view, resource: album)
    func reasons() throws -> [CedarString] {
      Authorizer.isAuthorized(request, policySet: set, entities: try Fixture.store()).reasons
    }
    #expect(try reasons() == ["policy3"])
    try set.link("policy0", as: "exact", values: [.principal: Fixture.user, .resource: album])
    try set.link("policy0", as: "other", values: [.principal: album, .resource: album])
    try set.link("policy1", as: "group", values: [.principal: EntityUID(type: "Group", id: "g")])
    try set.link("policy1", as: "self", values: [.principal: Fixture.user])
    try set.link("policy1", as: "none", values: [.principal: EntityUID(type: "Group", id: "x")])
    #expect(try reasons() == ["policy3", "exact", "group", "self"])
    #expect(try reasons() == (try PolicySet(json: set.json)).reasons(request))
    try set.unlink("exact")
    #expect(try reasons() == ["policy3", "group", "self"])
  }

  @Test("add and remove by id, each id once")
  func addAndRemove() throws {
    var set = try set()
    let policy = try Policy(parsing: "permit(principal, action, resource);", id: "mine")
    try set.add(policy)
    #expect(set.policy(id: "mine") == policy)
    #expect(try code { try set.add(policy) } == .duplicatePolicy)
    #expect(try code { try set.add(policy.renamed("policy0")) } == .duplicatePolicy)
    #expect(try set.remove("policy2").effect == .forbid)
    #expect(set.policy(id: "policy2") == nil && set.policy(id: "policy3")?.id == "policy3")
    #expect(try code { try set.remove("policy2") } == .unknownPolicy)
    #expect(try code { try set.unlink("mine") } == .unknownPolicy)
    #expect(try code { try set.unlink("nope") } == .unknownPolicy)

    try set.link("policy1", as: "l", values: [.principal: Fixture.user])
    #expect(try code { try set.remove("policy1") } == .invalidLink)
    let linked = try set.unlink("l")
    try set.add(linked)
    #expect(set.links(of: "policy1") == [linked])
    try set.remove("l")
    #expect(try set.remove("policy1").isTemplate)
    #expect(set.policy(id: "policy1") == nil && set.policy(id: "policy0")?.isTemplate == true)
    #expect(try code { try set.add(linked) } == .unknownPolicy)
    #expect(set.policies.map(\.id) == ["policy3", "mine"])
  }

  @Test("refuse a linked policy that its template does not give")
  func foreignLink() throws {
    var set = try set()
    var other = try PolicySet(parsing: "permit(principal == ?principal, action, resource);")
    try other.link("policy0", as: "x", values: [.principal: Fixture.user])
    let policy = try #require(other.policy(id: "x"))
    #expect(try code { try set.add(policy) } == .invalidLink)
    #expect(try code { try set.add(policy.renamed("y")) } == .invalidLink)
  }

  @Test("merge whole or not at all")
  func merge() throws {
    var left = try set()
    var right = try set()
    try right.link("policy1", as: "l", values: [.principal: Fixture.user])
    let before = left
    #expect(try code { try left.merge(right) } == .duplicatePolicy)
    #expect(left == before)

    let renamed = try left.merge(right, duplicates: .rename)
    #expect(
      renamed == [
        "policy0": "policy4", "policy1": "policy5", "policy2": "policy6", "policy3": "policy7",
      ])
    #expect(left.count == 9)
    #expect(left.policy(id: "l")?.link?.templateID == "policy5")
    #expect(left.links(of: "policy5").map(\.id) == ["l"])
    let forbid = try #require(right.policy(id: "policy2"))
    #expect(left.policy(id: "policy6")?.hasSameContent(as: forbid) == true)

    var third = PolicySet()
    #expect(try third.merge(right) == [:])
    #expect(third == right)
  }

  @Test("compare by what they hold, not by order or place")
  func equality() throws {
    let scope = "(principal, action, resource)"
    let one = try PolicySet(parsing: "permit\(scope) when { {a: 1, b: 2} == {} };")
    let two = try PolicySet(
      parsing: "\n permit ( principal,action,resource, ) when { { \"b\" : 2, a : 1 } == {} } ;")
    let three = try PolicySet(parsing: "forbid\(scope);")
    #expect(one == two && one != three)
    func policy(_ annotations: String) throws -> Policy {
      try Policy(parsing: "\(annotations) permit\(scope);", id: "p")
    }
    let annotated = try policy(#"@a @b("x")"#)
    #expect(annotated == (try policy(#"@b("x") @a"#)))
    #expect(annotated != (try policy(#"@a("") @b("x")"#)))
    #expect(annotated != annotated.renamed("q"))
  }

  @Test("give one policy only when the text has exactly one")
  func onePolicy() throws {
    let template = "permit(principal == ?principal, action, resource);"
    #expect(try Policy(parsing: template, id: "t").isTemplate)
    for text in ["", template + template, "permit"] {
      #expect(try code { _ = try Policy(parsing: text, id: "p") } == .syntax)
    }
  }

  /// Documents with POLICY, TEMPLATE and UID to be filled in.
  static let refused: [(String, CedarError.Code)] = [
    ("{}", .invalidPolicy), ("[]", .invalidPolicy),
    (#"{"staticPolicies":{},"templates":{}}"#, .invalidPolicy),
    (#"{"staticPolicies":{},"templates":{},"templateLinks":null}"#, .invalidPolicy),
    (#"{"staticPolicies":{},"templates":{},"templateLinks":[],"x":1}"#, .invalidPolicy),
    (document(policies: #""t":TEMPLATE"#), .invalidPolicy),
    (document(templates: #""p":POLICY"#), .invalidPolicy),
    (document(policies: #""p":POLICY,"p":POLICY"#), .invalidJSON),
    (document(policies: #""t":POLICY"#), .duplicatePolicy),
    (document(link: #""templateId":"t","newId":"l""#), .invalidPolicy),
    (document(link: #""templateId":"t","newId":"l","values":{},"x":1"#), .invalidPolicy),
    (document(link: #""templateId":"t","newId":"l","values":{}"#), .invalidLink),
    (document(link: #""templateId":"z","newId":"l","values":{}"#), .unknownPolicy),
    (
      document(link: #""templateId":"t","newId":"t","values":{"?principal":UID}"#), .duplicatePolicy
    ),
    (document(link: #""templateId":"t","newId":"l","values":{"principal":UID}"#), .invalidPolicy),
    (document(link: #""templateId":"t","newId":"l","values":{"?principal":"x"}"#), .invalidPolicy),
    (
      document(
        link: #""templateId":"t","newId":"l","values":{"?principal":UID,"?resource":UID}"#),
      .invalidLink
    ),
  ]

  private static func document(
    policies: String = "", templates: String = #""t":TEMPLATE"#, link: String? = nil
  ) -> String {
    #"{"staticPolicies":{\#(policies)},"templates":{\#(templates)},"#
      + #""templateLinks":[\#(link.map { "{\($0)}" } ?? "")]}"#
  }

  private static func filled(_ text: String) throws -> String {
    let policy = try Policy(parsing: "permit(principal, action, resource);", id: "p").json
    let template = try Policy(
      parsing: "permit(principal == ?principal, action, resource);", id: "t"
    ).json
    return text.replacing("POLICY", with: policy).replacing("TEMPLATE", with: template)
      .replacing("UID", with: #"{"type":"U","id":"u"}"#)
  }

  @Test("are refused as JSON", arguments: refused)
  func refusesJSON(_ text: String, _ expected: CedarError.Code) throws {
    #expect(try code { _ = try PolicySet(json: try Self.filled(text)) } == expected)
  }

  @Test("are read from JSON with ids and links")
  func readsJSON() throws {
    let text = Self.document(
      link: #""templateId":"t","newId":"l","values":{"?principal":{"__entity":ENTITY}}"#
    ).replacing("ENTITY", with: #"{"type":"User","id":"u"}"#)
    let set = try PolicySet(json: try Self.filled(text))
    #expect(set.policies.map(\.id) == ["l"] && set.templates.map(\.id) == ["t"])
    #expect(set.reasons(Fixture.request) == ["l"])
    #expect(try PolicySet(json: set.json) == set)
    #expect(try PolicySet(json: PolicySet().json) == PolicySet())
  }
}

extension PolicySet {
  /// The reasons of a request over the fixture's entities.
  fileprivate func reasons(_ request: Request) -> [CedarString] {
    guard let store = try? Fixture.store() else { return [] }
    return Authorizer.isAuthorized(request, policySet: self, entities: store).reasons
  }
}
