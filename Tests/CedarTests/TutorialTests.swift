import Testing

@testable import Cedar

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Runs the samples of `Cedar.docc/FirstDecision.md`; a test below holds the two together.
@Suite("Tutorial")
struct TutorialTests {
  @Test("gives what it says")
  func runs() throws {
    // samples begin
    let policies = try PolicySet(
      parsing: """
        @id("support-reads")
        permit(principal in Team::"support", action == Action::"read", resource is Ticket);

        @id("author-closes")
        permit(principal, action == Action::"close", resource is Ticket)
        when { resource.author == principal };

        @id("hold-stops-closing")
        forbid(principal, action == Action::"close", resource)
        when { resource.onHold };
        """)

    let names = policies.policies.map { policy in policy.annotation("id") }

    let entities = try EntityStore(
      json: """
        [
          {"uid": {"type": "User", "id": "ada"}, "attrs": {},
           "parents": [{"type": "Team", "id": "support"}]},
          {"uid": {"type": "Ticket", "id": "17"}, "parents": [],
           "attrs": {"author": {"__entity": {"type": "User", "id": "ada"}}, "onHold": false}}
        ]
        """)

    let ada = EntityUID(type: "User", id: "ada")
    let ticket = EntityUID(type: "Ticket", id: "17")
    let close = EntityUID(type: "Action", id: "close")
    let request = Request(principal: ada, action: close, resource: ticket)
    let response = Authorizer.isAuthorized(request, policySet: policies, entities: entities)

    let decision = response.decision  // allow
    let reasons = response.reasons  // policy1: the author closes

    let bare = try EntityStore(
      entities: [Entity(ticket, attributes: ["author": .entity(ada)])])
    let open = Authorizer.isAuthorized(request, policySet: policies, entities: bare)
    let isRisky = open.decision == .allow && open.hasFailedForbid

    let schema = try Schema(
      parsing: """
        entity Team;
        entity User in [Team];
        entity Ticket { author: User, onHold?: Bool };
        action read, close appliesTo { principal: User, resource: Ticket };
        """)
    let result = Validator(schema: schema).validate(policies)
    let complaint = result.errors.first?.description

    var grants = try PolicySet(
      parsing: """
        permit(principal == ?principal, action == Action::"read", resource == ?resource);
        """)
    try grants.link("policy0", as: "ada-reads-17", values: [.principal: ada, .resource: ticket])
    let linked = grants.policy(id: "ada-reads-17")?.text
    try grants.unlink("ada-reads-17")

    let compiled = CompiledPolicySet(policies)
    let again = Authorizer.isAuthorized(request, policies: compiled, entities: entities)

    let text = policies.text
    let json = policies.json
    let restored = try PolicySet(json: json)
    // samples end

    #expect(names == ["support-reads", "author-closes", "hold-stops-closing"])
    #expect(decision == .allow && reasons == ["policy1"])
    #expect(isRisky && open.errors.map(\.policyID) == ["policy2"])
    #expect(!result.isValid && result.errors.allSatisfy { $0.policyID == "policy2" })
    #expect(complaint?.contains("onHold") == true)
    let expected = #"permit(principal == User::"ada", action == Action::"read", "#
    #expect(linked == expected + #"resource == Ticket::"17");"#)
    #expect(grants.policies.isEmpty && grants.templates.count == 1)
    #expect(again.reasons == reasons && again.decision == decision)
    #expect(restored == policies)
    #expect(try PolicySet(parsing: text) == policies)
  }

  /// The lines of a text without their indentation and without empty ones.
  private func lines(_ text: Substring) -> [Substring] {
    text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
  }

  @Test("shows the code that runs here, and no other")
  func samplesAreTheSame() throws {
    let root = #filePath.replacing("Tests/CedarTests/TutorialTests.swift", with: "")
    func read(_ path: String) throws -> String {
      String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    }
    let page = try read(root + "Sources/Cedar/Cedar.docc/FirstDecision.md")
    let parts = page.split(separator: "```", omittingEmptySubsequences: false)
    var shown: [Substring] = []
    for (number, part) in parts.enumerated() where number % 2 == 1 {
      #expect(part.hasPrefix("swift\n"))
      shown += lines(part.dropFirst("swift\n".count))
    }
    let source = try read(#filePath)
    let begin = try #require(source.firstRange(of: "// samples begin\n"))
    let end = try #require(source.firstRange(of: "    // samples end\n"))
    #expect(shown == lines(source[begin.upperBound..<end.lowerBound]))
    #expect(shown.count > 40)
  }
}
