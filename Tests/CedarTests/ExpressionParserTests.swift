import Testing

@testable import Cedar

@Suite("Expressions of policy text")
struct ExpressionParserTests {
  static let accepted = [
    #"principal::"x" == principal"#, #"permit::"x" == principal"#, "context.contains",
    #"{"if": 1} == {}"#, "(1) == 1", "-(5) == 1", "- 5 == 1", "--9223372036854775808 == 1",
    "1 is User", #"principal is User in [User::"a"]"#, "principal is User in context.x",
    #"ip("1").isIpv4(1, 2)"#, #""a" like "\u{2a}b""#, #"context["if"]"#, #""a\u{1_}" == "a""#,
    "[1,] == []", #"ip("a",)"#, "if true then 1 else 2",
    "(if true then true else false)", "[if true then 1 else 2] == []", "!!!!true", "----1 == 1",
    "-1.a == 1", "1.a == 2", #""a"["b"] == 1"#, "true || false && true", "context.isIpv4",
    "decimal()", #"User::"a" == "b""#, "\"a\nb\" == \"c\"", "\"a\tb\" == \"c\"",
    "\"a\u{0}b\" == \"c\"", #""x" like "\*""#, "{a: 1,} == {}", "(principal).a", "{a: 1}.a == 1",
    "true.a", #""\x7f" == "a""#, #""\\" == "a""#, "// a comment\n true", "true // a comment\n",
    "1 - -1 == 2", "- - 1 == 1", "! true", "principal has a.b.c", #"User :: "a" == principal"#,
    #"A::B::User::"a" == principal"#, #"{"a b": 1} == {}"#, "1.isIpv4()", "context has principal",
    "9223372036854775807 == 1", "-9223372036854775808 == 1", "true\u{a0}&&\u{2003}true",
    "true // cr ends a comment\r && true", "context.when.unless.permit",
  ]

  static let rejected = [
    "", "context has (a)", #"context has "a"."b""#, "{if: 1} == {}", #"User::"a".b::"c""#,
    #""a" like "a" "b""#, "context.if", "principal.a.b()", #""\u{_1}" == "a""#, "[,] == []",
    "[1,,2] == []", "context has if", "context has a.if", "1 + if true then 1 else 2",
    "true && if true then true else false", "!!!!!true", "-----1 == 1", "!-1 == 2", "-!true",
    "9223372036854775808 == 1", "-9223372036854775809 == 1", "18446744073709551616 == 1",
    "-(9223372036854775808) == 1", "-9223372036854775808.a == 1", "1 == 1 == 1", "1 < 2 < 3",
    "1 in 2 in 3", "context has a has b", "principal in resource == true", "1 / 2 == 1",
    "1 % 2 == 1", "a", "principal(1)", #"User::ip("a")"#, "contains(1)", "context.contains()",
    "context.contains(1, 2)", "context.isEmpty(1)", "context.ip()", "principal.getTag()",
    "isIpv4(1)", "?principal == principal", #"__cedar::User::"a" == principal"#,
    #"if::"a" == principal"#, "\"a\rb\" == \"c\"", "\"a\r\nb\" == \"c\"", #""\*" == "c""#,
    "\"a\\\nb\" == \"c\"", #"{a: 1, "a": 2} == {}"#, #"{"\u{61}": 1, a: 2} == {}"#, "{,} == {}",
    #""\x80" == "a""#, #""\x7" == "a""#, #""\u{d800}" == "a""#, #""\u{110000}" == "a""#,
    #""\u{}" == "a""#, #""\u{1234567}" == "a""#, #""\u1" == "a""#, #""\b" == "a""#, "()",
    #"principal is "User""#, #"principal is User::"a""#, "principal like User", "context has 1",
    "`a`", "true // no end", "1 + + 1 == 2", "true; true", "a.b", "context == principal, true",
    "TRUE", "1 = 1", "true & true", "true | true", "1.5 == 1", "'a' == 1", "\"open",
    "context[1]", "context[principal]", "true\u{feff}", "/* no */ true", "a::b", "User::{}",
    "1 <> 2", "not true", "if true then 1", "null", "context.1", "\u{e9} == 1", "if", "true true",
  ]

  @Test("is accepted", arguments: accepted)
  func accepts(_ text: String) throws {
    let set = try PolicySet(parsing: "permit(principal, action, resource) when { \(text) };")
    #expect(set.policies.count == 1)
  }

  @Test("is rejected as a syntax error with a position", arguments: rejected)
  func rejects(_ text: String) {
    let error = #expect(throws: CedarError.self) {
      try PolicySet(parsing: "permit(principal, action, resource) when { \(text) };")
    }
    #expect(error?.code == .syntax)
    #expect(error?.position?.line ?? 0 >= 1)
  }

  @Test("is accepted up to the nesting limit and refused beyond, without exhausting the stack")
  func nestingLimit() throws {
    func policy(_ open: String, _ close: String, _ count: Int) -> String {
      let inner =
        String(repeating: open, count: count) + "true" + String(repeating: close, count: count)
      return "permit(principal, action, resource) when { \(inner) };"
    }
    _ = try PolicySet(parsing: policy("(", ")", PolicySet.nestingLimit - 1))
    for (open, close, count) in [
      ("(", ")", PolicySet.nestingLimit), ("[", "]", 100_000), ("!(", ")", 100_000),
      ("if true then ", " else 1", 50_000), ("{a:", "}", 100_000),
    ] {
      #expect(throws: CedarError(.limitExceeded, "")) {
        try PolicySet(parsing: policy(open, close, count))
      }
    }
    let members = String(repeating: ".a", count: 100_000)
    #expect(throws: CedarError(.limitExceeded, "")) {
      try PolicySet(parsing: "permit(principal, action, resource) when { context\(members) };")
    }
  }

  @Test("keeps long flat chains of && and || at one level")
  func longChains() throws {
    let chain = Array(repeating: "context.t", count: 5_000).joined(separator: " && ")
    #expect(try Fixture.value(chain) == true)
    let other = Array(repeating: "!context.t", count: 5_000).joined(separator: " || ")
    #expect(try Fixture.value(other) == false)
  }
}
