import Testing

@testable import Cedar

@Suite("Evaluation")
struct EvaluatorTests {
  static let isTrue = [
    "true || 1", "true || 1 + true == 2", "!(false && 1)", "if true then true else 1 + true",
    #"!(1 == "1")"#, "[1, 1, 2] == [2, 1]", "[1] != [1, 2]", #"{a: 1, b: 2} == {b: 2, a: 1}"#,
    "{a: 1} != {a: 1, b: 2}", #"[1, "a", true].contains("a")"#, "1 != true", "[] == []",
    #"decimal("1.0") == decimal("1.0000")"#, #"duration("1h") == duration("60m")"#,
    #"ip("10.0.0.1/24") != ip("10.0.0.0/24")"#, #"ip("10.0.0.1") == ip("10.0.0.1/32")"#,
    #"datetime("2024-01-01") == datetime("2024-01-01T01:00:00+0100")"#,
    "1 < 2", "2 <= 2", "3 > 2", "3 >= 3", "!(2 > 2)", #"duration("1s") < duration("1m")"#,
    #"datetime("2024-01-01") >= datetime("2023-12-31")"#, "1 + 2 * 3 == 7", "2 - 3 - 4 == -5",
    "-9223372036854775808 == context.min", "context.min + context.max == -1", "--1 == 1",
    "principal in principal", #"User::"ghost" in User::"ghost""#, "!(principal in [])",
    #"!(User::"ghost" in Group::"g")"#, #"principal in Group::"g""#,
    #"principal in Group::"everyone""#, #"principal in [Group::"x", Group::"everyone"]"#,
    #"!(Group::"everyone" in principal)"#, "principal has name", #"principal has "name""#,
    "!(principal has team)", #"!(User::"ghost" has name)"#, "context has r.a.b",
    "!(context has r.x.b)", "!(context has x.a.b)", "principal has boss.boss.name",
    #"context["if"] == 1"#, #"context["n"] == 7"#, "principal.boss.boss.level == 5",
    #"principal.hasTag("team")"#, #"principal.getTag("team") == "red""#,
    #"!(principal.hasTag("name"))"#, #"!(User::"ghost".hasTag("team"))"#, "principal is User",
    "!(principal is N::User)", #"!(N::User::"u" is User)"#, #"principal is User in Group::"g""#,
    "!(principal is Photo in 1)", #"!(User::"ghost" is Photo)"#, #""abc" like "a*""#,
    #""abc" like "*b*""#, #""" like "*""#, #""a*c" like "a\*c""#, #"!("abc" like "a\*c")"#,
    #""a*c" like "a\u{2a}c""#, #""abc" like "a\u{2a}c""#, #""abc" like "a\x2ac""#,
    #""ababac" like "*aba*c""#,
    #"!("aba" like "aba*aba")"#, #""ab" like "**a**b**""#, #""\u{e9}x" like "\u{e9}*""#,
    #"!("e\u{301}" like "\u{e9}")"#, #""e\u{301}" != "\u{e9}""#, #""\r\nx" like "\r*""#,
    "[1, 2].containsAll([])", "!([1, 2].containsAny([]))", "[1, 2].containsAll([2, 1, 1])",
    "!([1].containsAll([1, 2]))", "[1, 2].containsAny([2, 3])", "[].isEmpty()",
    "!(context.set.isEmpty())", "!([1].contains(2))",
    #"action == Action::"view""#, "resource.owner == principal", "[[1, 2]].contains([2, 1])",
  ]

  @Test("gives true", arguments: isTrue)
  func evaluatesToTrue(_ text: String) throws {
    #expect(try Fixture.value(text) == true)
  }

  static let failing: [(String, CedarError.Code)] = [
    ("true && 1", .type), ("1 && true", .type), ("false || 1", .type), ("1 || true", .type),
    ("!1", .type), ("if 1 then true else true", .type), ("true && true && 1", .type),
    ("context.max + 1 == 0", .overflow), ("context.min - 1 == 0", .overflow),
    ("context.max * 2 == 0", .overflow), ("-context.min == 0", .overflow),
    ("--9223372036854775808 == 0", .overflow), ("1 + true == 2", .type), ("-true == 1", .type),
    (#""a" + "b" == "ab""#, .type), ("1 < true", .type), (#""a" < "b""#, .type),
    (#"decimal("1.0") < decimal("2.0")"#, .type),
    (#"datetime("2024-01-01") < duration("1h")"#, .type), ("true < false", .type),
    ("true > false", .type), ("1 in principal", .type), ("principal in 1", .type),
    (#"principal in [User::"u", 1]"#, .type), ("1 in []", .type), ("principal in context", .type),
    (#"principal in context.set"#, .type), ("1 has a", .type), ("context has n.a", .type),
    ("[1] has a", .type), ("context.x == 1", .missingAttribute), ("context.n.x == 1", .type),
    ("principal.x == 1", .missingAttribute), (#"User::"ghost".name == 1"#, .missingEntity),
    (#"context["e\u{301}"] == 1"#, .missingAttribute), ("principal.team == 1", .missingAttribute),
    (#"User::"ghost".getTag("a") == 1"#, .missingEntity),
    (#"principal.getTag("name") == 1"#, .missingTag), ("principal.getTag(1) == 1", .type),
    ("principal.hasTag(1)", .type), (#"context.hasTag("a")"#, .type), ("1 is User", .type),
    ("context is User", .type), ("principal is User in 1", .type), (#"1 like "a""#, .type),
    ("1.contains(1)", .type), ("[1].containsAll(1)", .type), ("1.containsAll([1])", .type),
    ("[1].containsAny(1)", .type), ("context.isEmpty()", .type),
    (#"principal.contains(1)"#, .type),
    (#"ip("x") == 1"#, .extensionFormat), (#"ip("1.1.1.1", "2") == 1"#, .arity),
    ("ip() == 1", .arity), ("ip(1) == 1", .type), (#"decimal("1") == 1"#, .extensionFormat),
    (#"ip("1.1.1.1").isInRange()"#, .arity), (#"ip("1.1.1.1").isIpv4(1)"#, .arity),
    ("1.isIpv4()", .type), (#"decimal("1.0").lessThan(1)"#, .type),
    (#"1.lessThan(decimal("1.0"))"#, .type), (#"duration("1h").toDate() == 1"#, .type),
    (#"datetime("2024-01-01").offset(1) == 1"#, .type),
    (#"datetime("2024-01-01").durationSince(duration("1h")) == 1"#, .type),
    (#"datetime("2024-01-01").toDays() == 1"#, .type), ("[1, 1 + true].contains(1)", .type),
    ("{a: 1 + true}.b == 1", .type), ("[1].contains(context.x)", .missingAttribute),
    ("context.x == context.max + 1", .missingAttribute),
  ]

  @Test("fails", arguments: failing)
  func fails(_ text: String, _ code: CedarError.Code) throws {
    #expect(try Fixture.failure(text) == code)
  }

  @Test("never puts ids or values of the data into a message")
  func messagesHoldNoData() throws {
    let secret = EntityUID(type: "User", id: "secret-id")
    let request = Request(
      principal: secret, action: Fixture.view, resource: secret, context: ["v": "secret-value"])
    let conditions = [
      "principal.name == 1", #"principal.getTag("secret-tag") == 1"#, "context.v + 1 == 2",
      "ip(context.v) == 1", "context.v in resource", "context.v.x == 1",
    ]
    for condition in conditions {
      let response = try Fixture.decide(
        "permit(principal, action, resource) when { \(condition) };", request)
      let error = try #require(response.errors.first?.error)
      #expect(!error.description.contains("secret"))
    }
  }
}
