import Testing

@testable import Cedar

@Suite("Levels of dereferencing")
struct ValidatorLevelTests {
  /// The condition and the least level at which it passes.
  static let levels: [(String, Int)] = [
    ("true", 0), ("principal == resource", 0), ("context.mfa", 0), ("action == action", 0),
    ("principal is User", 0), (#"principal == User::"u""#, 0), ("{a: principal}.a == principal", 0),
    (#"action in Action::"read""#, 1), ("principal.admin", 1), ("principal has age", 1),
    (#"principal in Group::"g""#, 1), (#"principal is User in Group::"g""#, 1),
    (#"principal.hasTag("a")"#, 1), ("principal.home.city == \"x\"", 1),
    (#"context has by && context.by.name == "x""#, 1), ("context has by", 0),
    ("{a: principal}.a.admin", 1), ("[principal.name].contains(\"x\")", 1),
    ("resource.owner == principal", 1), ("resource.owner.admin", 2), ("resource has owner.age", 2),
    (#"resource.owner in Group::"g""#, 2), (#"resource.owner.hasTag(resource.owner.name)"#, 2),
    ("{a: resource.owner}.a.admin", 2), ("{a: {b: resource.owner}}.a.b.admin", 2),
    ("resource.owner has home.zip", 2),
    (#"resource.owner has boss.boss && resource.owner.boss.boss.name == "x""#, 4),
    ("resource has owner.boss.boss.age", 4),
    ("(if context.mfa then principal else resource.owner).admin", 2),
    ("(if principal.admin then principal else principal).admin", 1),
    ("(if resource.owner.admin then principal else principal) == principal", 2),
    // What is not evaluated needs nothing.
    ("true || resource.owner.admin", 0), ("false && resource.owner.admin", 0),
    ("if true then principal.admin else resource.owner.admin", 1),
    ("if false then resource.owner.admin else principal.admin", 1),
    ("principal is Group in resource.owner", 0),
    ("(if true then principal else resource.owner).admin", 1),
    ("principal has zork.owner.boss", 1),
    ("{a: principal, b: resource.owner.admin}.a.admin", 2),
    // The action of the request may be named.
    (#"Action::"view" in Action::"read""#, 1),
  ]

  @Test("are counted from the variables", arguments: levels)
  func counts(_ condition: String, _ level: Int) throws {
    let passed = try ValidationFixture.condition(condition, level: level)
    #expect(passed.isValid, "\(passed.errors)")
    #expect(try ValidationFixture.condition(condition).isValid)
    guard level > 0 else { return }
    let result = try ValidationFixture.condition(condition, level: level - 1)
    #expect(Set(result.errors.map(\.code)) == [.levelExceeded])
  }

  @Test("of the scope count too")
  func scopes() throws {
    let policy = #"permit(principal in Group::"g", action, resource);"#
    #expect(try ValidationFixture.result(policy, level: 1).isValid)
    #expect(try !ValidationFixture.result(policy, level: 0).isValid)
    let template = "permit(principal == ?principal, action, resource in ?resource);"
    #expect(try ValidationFixture.result(template, level: 1).isValid)
    #expect(try !ValidationFixture.result(template, level: 0).isValid)
    let equal = #"permit(principal == User::"u", action == Action::"view", resource);"#
    #expect(try ValidationFixture.result(equal, level: 0).isValid)
  }

  @Test(
    "do not reach entities that the text names",
    arguments: [
      #"User::"u".admin"#, #"User::"u" has age"#, #"User::"u" in Group::"g""#,
      #"User::"u".hasTag("a")"#, #"(if context.mfa then principal else User::"u").admin"#,
      #"{a: User::"u"}.a.admin"#, #"Action::"edit" in Action::"read""#,
    ])
  func literals(_ condition: String) throws {
    #expect(try ValidationFixture.condition(condition).isValid)
    let result = try ValidationFixture.condition(condition, level: 9)
    #expect(result.errors.map(\.code) == [.literalDereferenced])
  }

  @Test("are checked only of policies that are valid otherwise")
  func onlyWhenValid() throws {
    let result = try ValidationFixture.condition("principal.zork && resource.owner.admin", level: 0)
    #expect(result.errors.map(\.code) == [.unknownAttribute])
  }

  @Test("are named with their place")
  func message() throws {
    let result = try ValidationFixture.condition("resource.owner.admin", level: 1)
    let column = ValidationFixture.scope.utf8.count + 9
    #expect(
      result.errors.map(\.description) == [
        "1:\(column): policy `policy0`: this needs level 2, more than the maximum of 1; "
          + "follow fewer attributes and ancestors, or allow a higher level"
      ])
  }
}
