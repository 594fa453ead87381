import Testing

@testable import Cedar

@Suite("Policies of policy text")
struct PolicyParserTests {
  static let accepted = [
    "permit(principal, action, resource);", "forbid(principal, action, resource,);",
    #"permit(principal == User::"u", action == Action::"a", resource == R::"r");"#,
    #"permit(principal in A::B::"u", action in Action::"a", resource in R::"r");"#,
    #"permit(principal is User, action in [Action::"a", N::Action::"b",], resource is A::R);"#,
    #"permit(principal is User in G::"g", action in [], resource is R in R::"r");"#,
    #"@id("x") @if("y") @flag permit(principal, action, resource);"#,
    "permit(principal, action, resource) when { true } unless { false } when { true };",
    "permit(principal == ?principal, action, resource in ?resource);",
    "permit(principal is User in ?principal, action, resource == ?resource);",
    "// only a comment\npermit(principal, action, resource); // end",
    "permit\u{a0}(\u{3000}principal,\u{2028}action,\u{85}resource)\u{0b};",
  ]

  static let rejected = [
    "permit(principal, action, resource)", "permit(principal, action, resource);;",
    "PERMIT(principal, action, resource);", "allow(principal, action, resource);",
    "permit(action, principal, resource);", "permit(principal, action);", "permit();",
    "permit(principal, action, resource, context);", "permit(principal; action, resource);",
    "permit(principal, action, resource) when {};",
    "permit(principal, action, resource) when true;",
    "permit(principal, action, resource) if { true };",
    #"permit(principal != User::"u", action, resource);"#,
    #"permit(principal == "u", action, resource);"#, "permit(principal == User, action, resource);",
    #"permit(principal in [User::"u"], action, resource);"#,
    #"permit(principal is "User", action, resource);"#,
    #"permit(principal: User, action, resource);"#,
    #"permit(principal, action == User::"a", resource);"#,
    #"permit(principal, action == MyAction::"a", resource);"#,
    #"permit(principal, action in [User::"a"], resource);"#,
    #"permit(principal, action is Action, resource);"#,
    "permit(principal, action == ?action, resource);",
    "permit(principal == ?resource, action, resource);",
    "permit(principal, action, resource == ?principal);",
    "permit(principal == ? principal, action, resource);",
    "permit(principal is ?principal, action, resource);",
    "permit(principal, action, resource) when { principal == ?principal };",
    #"@id("a") @id("b") permit(principal, action, resource);"#,
    "@id(a) permit(principal, action, resource);", "@id() permit(principal, action, resource);",
    #"@"id" permit(principal, action, resource);"#, #"@id("a")"#, "permit", "true", "}",
    #"permit(principal == __cedar::User::"u", action, resource);"#, "\u{feff}",
    "permit(principal, action, resource) when { true } when;",
  ]

  @Test("are accepted", arguments: accepted)
  func accepts(_ text: String) throws {
    let set = try PolicySet(parsing: text)
    #expect(set.policies.count + set.templates.count == 1)
  }

  @Test("are rejected as a syntax error", arguments: rejected)
  func rejects(_ text: String) {
    #expect(throws: CedarError(.syntax, "")) { try PolicySet(parsing: text) }
  }

  @Test("may be none", arguments: ["", " \n", "// nothing", "// nothing\r"])
  func acceptsEmpty(_ text: String) throws {
    let set = try PolicySet(parsing: text)
    #expect(set.policies.isEmpty && set.templates.isEmpty)
  }

  @Test("are refused when the bytes are not UTF-8")
  func rejectsInvalidText() {
    #expect(throws: CedarError(.invalidText, "")) { try PolicySet(parsing: [0x2F, 0x2F, 0xFF]) }
  }

  @Test("have ids by position, templates included, and readable annotations")
  func idsAndAnnotations() throws {
    let set = try PolicySet(
      parsing: """
        @id("first") @obligation("mask:last4") @flag permit(principal, action, resource);
        permit(principal == ?principal, action, resource);
          forbid(principal, action, resource);
        """)
    #expect(set.policies.map(\.id) == ["policy0", "policy2"])
    #expect(set.templates.map(\.id) == ["policy1"])
    #expect(set.policies.map(\.effect) == [.permit, .forbid])
    #expect(set.policies[0].annotation("id") == "first")
    #expect(set.policies[0].annotation("flag") == "")
    #expect(set.policies[0].annotation("absent") == nil)
    #expect(set.policies[0].annotations.map(\.value) == ["first", "mask:last4", nil])
    #expect(set.policies[1].position.line == 3 && set.policies[1].position.column == 3)
    #expect(set.policy(id: "policy1")?.isTemplate == true)
    #expect(set.policy(id: "policy3") == nil)
  }

  @Test("that fail say where")
  func errorPosition() {
    let error = #expect(throws: CedarError.self) {
      try PolicySet(parsing: "permit(principal, action, resource)\nwhen { 1 / 2 };")
    }
    #expect(error?.position?.line == 2 && error?.position?.column == 10)
    #expect(error?.description.hasPrefix("2:10: ") == true)
  }
}
