import Testing

@testable import Cedar

/// The schema and helpers that the tables of the validator share.
enum ValidationFixture {
  static let text = #"""
    entity Org;
    entity Group in [Org];
    entity User in [Group] {
      name: String, age?: Long, boss?: User, home: { city: String, zip?: Long }, ip: ipaddr,
      kinds: Set<Kind>, since: datetime, score: decimal, span: duration, admin: Bool
    } tags Set<String>;
    entity Doc in [Folder] { owner: User, "odd name"?: String, public: Bool };
    entity Folder in [Folder];
    entity Kind enum ["work", "play"];
    action read, write;
    action view in [read] appliesTo {
      principal: User, resource: Doc, context: { mfa: Bool, note?: String, act: Action, by?: User }
    };
    action edit in [read, write] appliesTo { principal: User, resource: Doc };
    namespace N {
      entity Bot;
      action run in [Action::"write"] appliesTo { principal: Bot, resource: Bot };
    }
    """#

  static let scope = #"permit(principal is User, action == Action::"view", resource is Doc)"#

  static func result(_ policy: String, level: Int? = nil) throws -> ValidationResult {
    let validator = Validator(schema: try Schema(parsing: text))
    return validator.validate(try PolicySet(parsing: policy), maximumLevel: level)
  }

  static func condition(_ text: String, level: Int? = nil) throws -> ValidationResult {
    try result("\(scope) when { \(text) };", level: level)
  }
}

@Suite("Strict validation of conditions")
struct ValidatorTests {
  static let valid = [
    // Literals and equality
    #"1 == "a""#, "true == 1 || true", #"User::"a" == Group::"b""#, "action == 1",
    "principal == resource", "{} == {}", "{a: true} == {a: false}", "context == context",
    #"Action::"view" == action"#, "principal.admin == context.mfa",
    #"[{a: true}, {a: context.mfa}] == [{a: false}]"#,
    // Order and arithmetic
    "1 < 2 && 3 >= 2", #"principal.since < datetime("2024-01-01")"#,
    #"principal.span > duration("1h")"#, "1 + 2 * -3 - 4 == 0",
    #"principal.score.lessThan(decimal("1.0"))"#,
    // Short circuit
    "false && 1 == principal.zork", "true || principal.zork", "if true then true else 1",
    "if false then 1 else true", "!true && principal.zork", "!(principal is User) && 1",
    #"Action::"view" == Action::"edit" && 1"#, "principal is Group && principal.zork",
    #"principal is Group in Zone::"never" && true || true"#
      .replacing("Zone", with: "Folder"),
    // Attributes and capabilities
    #"principal.name like "a*""#, "principal has age && principal.age == 1",
    "principal has age && resource.public && principal.age == 1",
    "if principal has age then principal.age == 1 else false",
    "(principal has age || false) && principal.age == 1",
    "(principal has age && true) && principal.age == 1",
    "(principal has age && context.mfa || principal has age) && principal.age == 1",
    "(if context.mfa then principal has age else principal has age) && principal.age == 1",
    "resource.owner has age && resource.owner.age == 1",
    #"resource has owner.age && resource["owner"]["age"] == 1"#,
    #"resource has "odd name" && resource["odd name"] == "x""#,
    "principal has boss.boss.age && principal.boss.boss.age == 1",
    "principal has zork || true", "context has zork && context.zork.a == 1",
    "{a: 1} has b && 1", "!({a: 1} has a) && 1", "{a: 1}.a == 1",
    "principal has age && (if principal has age then true else 1)",
    "(if context.mfa != true then principal else principal) has age && "
      + "(if !(context.mfa == true) then principal else principal).age == 1",
    // Tags
    #"principal.hasTag("a") && principal.getTag("a").contains("b")"#,
    #"principal.hasTag(principal.name) && principal.getTag(principal.name).isEmpty()"#,
    #"resource.hasTag("a") && 1"#, #"action.hasTag("a") && resource.getTag("x")"#,
    // Sets
    "[1, 2].contains(3)", "principal.kinds.containsAll(principal.kinds)",
    #"principal.kinds.containsAny([Kind::"work"])"#, "principal.kinds.isEmpty()",
    "[principal, resource.owner].contains(principal)",
    // Membership and types
    #"principal in Group::"g""#, #"principal in [Group::"g", Group::"h"]"#, "principal in resource",
    #"principal in Org::"o""#, #"(principal in Doc::"d") && 1"#, "resource in resource",
    #"action in Action::"read""#, #"!(action in [Action::"write"]) || 1"#,
    #"action in [Action::"write", Action::"read"] || 1"#, #"action in User::"u" && 1"#,
    #"N::Action::"run" in Action::"write" || 1"#, "context.act in action", "action in context.act",
    "principal is User || 1", "principal is User in Group::\"g\"", "action is Action || 1",
    "principal is N::Bot && 1",
    // Extensions
    #"ip("10.0.0.1").isInRange(ip("10.0.0.0/8"))"#, "principal.ip.isLoopback()",
    #"datetime("2024-01-01").offset(duration("1h")).toDate() < principal.since"#,
    #"principal.since.durationSince(principal.since).toHours() == 1"#,
    #"principal.since.toTime() == principal.span"#,
  ]

  @Test("lets pass", arguments: valid)
  func passes(_ condition: String) throws {
    let result = try ValidationFixture.condition(condition)
    #expect(result.isValid, "\(result.errors)")
  }

  static let invalid: [(String, ValidationError.Code)] = [
    ("1", .unexpectedType), ("principal", .unexpectedType), (#""a""#, .unexpectedType),
    ("true && 1", .unexpectedType), ("1 && true", .unexpectedType), ("!1", .unexpectedType),
    ("false || 1", .unexpectedType), ("if 1 then true else true", .unexpectedType),
    ("context.mfa && 1", .unexpectedType), ("if context.mfa then 1 else 2", .unexpectedType),
    ("if context.mfa then true else 1", .incompatibleTypes),
    (#"(if context.mfa then {a: 1} else {a: "x"}) == {a: 1}"#, .incompatibleTypes),
    (#"(if context.mfa then {a: 1} else {a: 1, b: 2}).a == 1"#, .incompatibleTypes),
    ("(if context.mfa then principal else resource) == principal", .incompatibleTypes),
    ("principal.name == 1", .incompatibleTypes), ("principal.kinds == [1]", .incompatibleTypes),
    ("principal != 1", .incompatibleTypes),
    (#"context == {mfa: true, note: "x", act: action, by: principal}"#, .incompatibleTypes),
    (#"principal.home == {city: "x"}"#, .incompatibleTypes),
    ("1 < principal", .unexpectedType), ("principal.score < principal.score", .unexpectedType),
    (#"datetime("2024-01-01") < duration("1h")"#, .unexpectedType),
    (#""a" < "b""#, .unexpectedType),
    ("true < false", .unexpectedType), ("principal.score > 1", .unexpectedType),
    (#"1 + "a" == 2"#, .unexpectedType), ("-principal.name == 1", .unexpectedType),
    ("[1] * [2] == 3", .unexpectedType), ("principal.name.length == 1", .unexpectedType),
    ("principal.zork == 1", .unknownAttribute), ("context.zork == 1", .unknownAttribute),
    ("{a: 1}.b == 1", .unknownAttribute), ("action.name == 1", .unknownAttribute),
    ("principal has name && principal.nam == \"a\"", .unknownAttribute),
    ("principal.age == 1", .unsafeAttribute), ("context.note == \"a\"", .unsafeAttribute),
    ("principal.home.zip == 1", .unsafeAttribute),
    ("principal has age || principal.age == 1", .unsafeAttribute),
    ("!(principal has age) && principal.age == 1", .unsafeAttribute),
    ("!(!(principal has age)) && principal.age == 1", .unsafeAttribute),
    ("(if principal has age then true else false) && principal.age == 1", .unsafeAttribute),
    ("if principal has age then true else principal.age == 1", .unsafeAttribute),
    ("(principal has age || context.mfa) && principal.age == 1", .unsafeAttribute),
    ("resource.owner has age && principal.age == 1", .unsafeAttribute),
    ("principal has boss.age && principal.boss.age == 1 && principal.age == 1", .unsafeAttribute),
    ("1 has a", .unexpectedType), ("principal.name has a", .unexpectedType),
    ("principal has name.a", .unexpectedType), ("[1] has a", .unexpectedType),
    (#"principal.getTag("a").isEmpty()"#, .unsafeTag),
    (#"principal.hasTag("a") && principal.getTag("b").isEmpty()"#, .unsafeTag),
    (#"principal.hasTag("a") && resource.owner.getTag("a").isEmpty()"#, .unsafeTag),
    (#"principal.hasTag("a") || principal.getTag("a").isEmpty()"#, .unsafeTag),
    (#"resource.getTag("a") == 1"#, .unsafeTag), ("principal.hasTag(1)", .unexpectedType),
    (#"principal.name.hasTag("a")"#, .unexpectedType),
    (
      #"if resource.hasTag("a") || context.mfa then resource.getTag("a") == 1 else true"#,
      .unsafeTag
    ),
    (#"(resource.hasTag("a") || resource.hasTag("a")) || resource.getTag("a")"#, .unsafeTag),
    ("[] == []", .emptySet), ("principal in []", .emptySet), ("[[]].isEmpty()", .emptySet),
    (#"[1, "a"].isEmpty()"#, .incompatibleTypes),
    ("[principal, resource].isEmpty()", .incompatibleTypes),
    (#"[{a: 1}, {a: 1, b: 1}].isEmpty()"#, .incompatibleTypes),
    ("[1].contains(\"a\")", .incompatibleTypes), ("[1].containsAll([\"a\"])", .incompatibleTypes),
    ("[1].containsAny([principal])", .incompatibleTypes), ("[1].containsAny(1)", .unexpectedType),
    ("principal.contains(1)", .unexpectedType), ("principal.name.isEmpty()", .unexpectedType),
    ("{a: 1}.containsAll([1])", .unexpectedType),
    ("principal in 1", .unexpectedType), (#""a" in principal"#, .unexpectedType),
    ("principal in [1]", .unexpectedType), ("principal in [[principal]]", .unexpectedType),
    (#"principal in [User::"u", Group::"g"]"#, .incompatibleTypes), ("1 is User", .unexpectedType),
    ("principal like \"a\"", .unexpectedType), ("1 like \"a\"", .unexpectedType),
    (#"ip("x").isIpv4()"#, .extensionFormat),
    (#"decimal("1") == principal.score"#, .extensionFormat),
    (#"datetime("2024-13-01") == principal.since"#, .extensionFormat),
    (#"duration("1x") == principal.span"#, .extensionFormat),
    ("ip(principal.name).isIpv4()", .computedArgument), ("ip(1).isIpv4()", .unexpectedType),
    (#"ip(if true then "::1" else "::2").isIpv4()"#, .computedArgument),
    (#"ip("::1", "::2").isIpv4()"#, .arity), ("ip().isIpv4()", .arity),
    ("principal.ip.isInRange()", .arity), ("principal.ip.isIpv4(1)", .arity),
    ("principal.name.isIpv4()", .unexpectedType),
    ("1.toDate() == principal.since", .unexpectedType),
    (#"principal.since.offset(1) == principal.since"#, .unexpectedType),
    (#"ip("::1")"#, .unexpectedType),
  ]

  @Test("refuses", arguments: invalid)
  func refuses(_ condition: String, _ code: ValidationError.Code) throws {
    let result = try ValidationFixture.condition(condition)
    #expect(result.errors.map(\.code).contains(code), "\(result.errors)")
    #expect(result.errors.allSatisfy { $0.position != nil && $0.policyID == "policy0" })
  }

  @Test("says where, what and what would help, once for all environments")
  func messages() throws {
    let result = try ValidationFixture.result(
      """
      // the first line
      permit(principal is User, action, resource)
      when { principal.nme == "x" }
      unless { resource.owner.age == 1 };
      """)
    #expect(
      result.errors.map(\.description) == [
        "3:8: policy `policy0`: an entity of type `User` has no attribute `nme`; "
          + "did you mean `name`?",
        "4:10: policy `policy0`: an entity of type `User` may lack the attribute `age`; "
          + "ask with `has age` first",
      ])
    let context = try ValidationFixture.condition(#"context.note == "x""#)
    #expect(
      context.errors.first?.message
        == #"the context of `Action::"view"` may lack the attribute `note`"#)
  }

  @Test("finds more than one error and names the policy of each")
  func severalErrors() throws {
    let result = try ValidationFixture.result(
      "\(ValidationFixture.scope) when { 1 + \"a\" == principal.zork };"
        + "\(ValidationFixture.scope);\(ValidationFixture.scope) when { [] == 1 };")
    #expect(result.errors(ofPolicy: "policy0").map(\.code) == [.unexpectedType, .unknownAttribute])
    #expect(result.errors(ofPolicy: "policy1").isEmpty)
    #expect(result.errors(ofPolicy: "policy2").map(\.code) == [.emptySet])
    #expect(!result.isValid)
  }

  @Test("warns of policies that no request can satisfy, without an error")
  func impossiblePolicies() throws {
    for condition in ["false", "principal is Group", "{} has a", #"action == Action::"edit""#] {
      let result = try ValidationFixture.condition(condition)
      #expect(result.isValid)
      #expect(result.warnings.map(\.code) == [.impossiblePolicy])
      #expect(result.warnings.first?.description.hasPrefix("1:1: policy `policy0`: ") == true)
    }
    for condition in ["true", "context.mfa", #"principal == User::"u""#] {
      #expect(try ValidationFixture.condition(condition).warnings.isEmpty)
    }
    // False for one action, but not for every one.
    let some = try ValidationFixture.result(
      #"permit(principal, action, resource) when { action == Action::"edit" };"#)
    #expect(some.isValid && some.warnings.isEmpty)
  }

  @Test("checks a condition in every environment")
  func everyEnvironment() throws {
    let isMissingForEdit = try ValidationFixture.result(
      "permit(principal is User, action, resource) when { context.mfa };")
    #expect(isMissingForEdit.errors.map(\.code) == [.unknownAttribute])
    let isGuarded = try ValidationFixture.result(
      #"permit(principal is User, action, resource) when { action == Action::"view" && context.mfa };"#
    )
    #expect(isGuarded.isValid)
    let isMissingForBots = try ValidationFixture.result(
      #"permit(principal, action, resource) when { principal.name == "x" };"#)
    #expect(isMissingForBots.errors.map(\.code) == [.unknownAttribute])
    let asksForType = try ValidationFixture.result(
      #"permit(principal, action, resource) when { principal is User && principal.name == "x" };"#)
    #expect(asksForType.isValid)
  }
}
