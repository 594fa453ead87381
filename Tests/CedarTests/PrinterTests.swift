import CedarFuzzing
import Testing

@testable import Cedar

@Suite("Printed policies")
struct PrinterTests {
  private func printed(_ expression: String) throws -> String {
    let policy = try Policy(
      parsing: "permit(principal, action, resource) when { \(expression) };", id: "p")
    let text = policy.text
    #expect(try Policy(parsing: text, id: "p") == policy, "\(expression)")
    return String(text.dropFirst("permit(principal, action, resource)\nwhen { ".count).dropLast(3))
  }

  static let kept = [
    "true", "-3", "-9223372036854775808 == 1", "-(5) == 1", "--3 == 1", "----3 == 1",
    "----(-3) == 1", "!!!!true", "!!!!(!true)", "!(-3)", "-(!true)", "-context.a == 1",
    "-5.a == 1", "(-5).a", "1 - (2 - 3) - 4 == 1", "1 + 2 * (3 + 4) == 1", "(1 == 1) == true",
    "a && b || c && !d", "a && (b || c)", "a || (b || c)", "a && (b && c)",
    "if a then b else if c then d else a", "(if a then b else c) && d",
    "if if a then b else c then a else b", "[if a then b else c, {a: if a then b else c}]",
    "context has a.b.c", #"context has "a b""#, #"context has "if""#, #"context["a.b"]["if"].c"#,
    "(context has a) has b", "principal is A::B in [principal]", "(principal is A) == true",
    #"context.s like "a*\*b*""#, #"context.s like """#, #"{"a b": 1, c: [], "in": {}}.c"#,
    #"A::B::"x\"\\\n\r\t\0\u{7f}\u{feff}'é""#, #"ip("10.0.0.1").isInRange(ip("10.0.0.0/8"))"#,
    "ip()", #"ip("1", "2")"#, "context.d.lessThan()", "1.a", "true.b", #""x".c"#,
    "[1].containsAll([1]) && [].isEmpty()", "principal.hasTag(context.k)",
    #"datetime("2024-01-01").offset(duration("1d")) < context.now"#,
  ]

  @Test("keep what is written in the printer's manner", arguments: kept)
  func keeps(_ expression: String) throws {
    let written = Self.spelledOut(expression)
    #expect(try printed(written) == written)
  }

  /// Lets the table write `a` for `context.a`.
  private static func spelledOut(_ text: String) -> String {
    guard text.contains("a && ") || text.contains("a || ") || text.contains("if a") else {
      return text
    }
    return text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let bare = word.drop { "(!".contains($0) }
      let core = bare.prefix { "abcd".contains($0) }
      let isName = core.count == 1 && bare.dropFirst().allSatisfy { "),}]".contains($0) }
      return isName
        ? word.prefix(word.count - bare.count) + "context." + bare : Substring(word)
    }.joined(separator: " ")
  }

  static let rewritten = [
    ("((true))", "true"), ("(true && false) && true", "true && false && true"),
    ("(1 + 2) + 3 == 6", "1 + 2 + 3 == 6"), ("(1 * 2) + 3 == 5", "1 * 2 + 3 == 5"),
    ("-(----3) == 1", "----(-3) == 1"), ("!(!!!!true)", "!!!!(!true)"), ("- 5 == 1", "-5 == 1"),
    ("- - 5 == 1", "--5 == 1"), ("! true", "!true"),
    (#"context["a"].b"#, "context.a.b"), (#"context has "a""#, "context has a"),
    (#"{"a": 1,} == {}"#, "{a: 1} == {}"), ("[1,2,] == []", "[1, 2] == []"),
    (#"A :: "x" == principal"#, #"A::"x" == principal"#),
    (#""\u{41}\x42" == "C""#, #""AB" == "C""#),
    ("true // comment\n", "true"), (#""" like "\u{2a}\u{e9}""#, "\"\" like \"*\u{e9}\""),
  ]

  @Test("lose only what means nothing", arguments: rewritten)
  func rewrites(_ text: String, _ expected: String) throws {
    #expect(try printed(text) == expected)
  }

  @Test("keep annotations, scopes, slots and clauses")
  func wholePolicies() throws {
    let text = #"""
      @id("a\nb")
      @if
      permit(principal is A::B in ?principal, action in [Action::"a", N::Action::"b"], resource)
      when { context.a }
      unless { context["b c"] };
      forbid(principal in U::"u", action, resource == ?resource);
      permit(principal == U::"u", action == Action::"a", resource is R in R::"r");
      permit(principal, action in Action::"a", resource is R in ?resource);
      permit(principal, action in [], resource);

      """#
    let set = try PolicySet(parsing: text)
    let lines = Set(text.split(separator: "\n"))
    #expect(Set(set.text.split(separator: "\n")) == lines)
    for policy in set.policies + set.templates {
      #expect(try Policy(parsing: policy.text, id: policy.id) == policy)
      #expect(try Policy(json: policy.json, id: policy.id) == policy)
    }
  }

  @Test("of a linked policy have the entity in place of the slot")
  func linked() throws {
    var set = try PolicySet(parsing: "permit(principal == ?principal, action, resource);")
    try set.link("policy0", as: "one", values: [.principal: Fixture.user])
    #expect(
      try #require(set.policy(id: "one")).text
        == #"permit(principal == User::"u", action, resource);"#)
  }

  @Test("read back equal for generated policies", arguments: 0..<40)
  func generated(_ block: Int) throws {
    for seed in 0..<25 {
      let item = FuzzCase(seed: UInt64(block * 25 + seed))
      guard let set = try? PolicySet(parsing: item.policies) else { continue }
      for policy in set.policies + set.templates {
        #expect(try Policy(parsing: policy.text, id: policy.id) == policy, "seed \(item.seed)")
      }
    }
  }

  @Test("nested to the limit read back")
  func deepest() throws {
    for (open, inner, close) in [
      ("!(true && ", "true", ")"), ("1 - (", "1", ")"), ("[", "1", "]"), ("-(-(", "1", "))"),
      ("if true then (", "true", ") else true"), ("(if true then ", "true", " else true).a"),
      ("{a: if true then ", "true", " else true}"), ("[1].contains(", "1", ")"),
    ] {
      var deepest: Policy?
      for count in 1...PolicySet.nestingLimit {
        let body =
          String(repeating: open, count: count) + inner + String(repeating: close, count: count)
        let text = "permit(principal, action, resource) when { \(body) };"
        guard let policy = try? Policy(parsing: text, id: "p") else { break }
        deepest = policy
      }
      let policy = try #require(deepest)
      #expect(try Policy(parsing: policy.text, id: "p") == policy, "\(open)")
      #expect(try Policy(json: policy.json, id: "p") == policy, "\(open)")
    }
  }
}
