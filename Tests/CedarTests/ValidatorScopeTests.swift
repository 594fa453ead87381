import Testing

@testable import Cedar

@Suite("Strict validation of names and scopes")
struct ValidatorScopeTests {
  static let valid = [
    "principal, action, resource", #"principal == User::"u", action, resource"#,
    #"principal in Org::"o", action in Action::"read", resource in Folder::"f""#,
    #"principal is User in Group::"g", action in [Action::"view", Action::"write"], resource"#,
    #"principal in User::"u", action == Action::"edit", resource is Doc"#,
    #"principal is N::Bot, action in Action::"write", resource"#,
    // Templates
    "principal == ?principal, action, resource == ?resource",
    #"principal in ?principal, action == Action::"view", resource in ?resource"#,
    "principal is User in ?principal, action, resource is Doc in ?resource",
  ]

  @Test("lets pass", arguments: valid)
  func passes(_ scope: String) throws {
    let result = try ValidationFixture.result("permit(\(scope));")
    #expect(result.isValid && result.warnings.isEmpty, "\(result.errors)")
  }

  static let inapplicable = [
    #"principal == Group::"g", action, resource"#, #"principal in Doc::"d", action, resource"#,
    #"principal is Kind, action, resource"#, #"principal, action == Action::"read", resource"#,
    #"principal, action in Action::"view", resource is User"#,
    #"principal is User, action == N::Action::"run", resource"#,
    #"principal is User in Doc::"d", action, resource"#,
    #"principal is N::Bot, action in Action::"read", resource"#,
    #"principal is Action, action, resource"#, #"principal == Action::"view", action, resource"#,
    "principal is Group in ?principal, action, resource",
    #"principal == ?principal, action, resource is Org"#,
  ]

  @Test("refuses scopes that no action fits", arguments: inapplicable)
  func refusesInapplicable(_ scope: String) throws {
    let result = try ValidationFixture.result("permit(\(scope));")
    #expect(result.errors.map(\.code) == [.inapplicableScope])
    #expect(result.errors.first?.message.hasPrefix("unable to find an applicable action") == true)
    #expect(result.warnings.map(\.code) == [.impossiblePolicy])
  }

  @Test("says when `in` is meant where `==` is written")
  func equalityHint() throws {
    let result = try ValidationFixture.result(
      #"permit(principal == Group::"g", action, resource);"#)
    #expect(result.errors.first?.hint == "`in` may be meant where `==` is written")
    let other = try ValidationFixture.result(#"permit(principal == Doc::"d", action, resource);"#)
    #expect(other.errors.map(\.hint) == [nil])
  }

  static let unknown: [(String, ValidationError.Code, String?)] = [
    (#"principal == Usr::"u""#, .unknownEntityType, "did you mean `User`?"),
    (#"false && principal == Zork::"u""#, .unknownEntityType, nil),
    ("true || principal is Zork", .unknownEntityType, nil),
    (#"if true then true else principal in [Zork::"z"]"#, .unknownEntityType, nil),
    (#"principal is User in Zork::"z""#, .unknownEntityType, nil),
    (#"principal is Bot"#, .unknownEntityType, nil),
    (#"action == Action::"vew""#, .unknownAction, "did you mean `view`?"),
    (#"false && action in [Action::"view", Action::"zork"]"#, .unknownAction, nil),
    (#"action == Action::"run""#, .unknownAction, #"did you mean `N::Action::"run"`?"#),
    (#"action == M::Action::"zork""#, .unknownAction, nil),
    (
      #"[Kind::"wrk"].isEmpty()"#, .unknownEntity,
      #"the schema lists `Kind::"play"`, `Kind::"work"`"#
    ),
    (#"false && Kind::"none" == resource"#, .unknownEntity, nil),
  ]

  @Test("refuses unknown names, also where nothing is evaluated", arguments: unknown)
  func refusesUnknown(
    _ condition: String, _ code: ValidationError.Code, _ hint: String?
  ) throws {
    let result = try ValidationFixture.condition(condition)
    #expect(result.errors.map(\.code) == [code], "\(result.errors)")
    if let hint { #expect(result.errors.first?.hint == hint) }
  }

  @Test("refuses unknown names in scopes and templates")
  func refusesUnknownInScopes() throws {
    for (scope, code) in [
      (#"principal == Zork::"z", action, resource"#, ValidationError.Code.unknownEntityType),
      ("principal is Zork, action, resource", .unknownEntityType),
      (#"principal, action == Action::"zork", resource"#, .unknownAction),
      (#"principal, action in [Action::"read", Action::"zork"], resource"#, .unknownAction),
      (#"principal == ?principal, action, resource in Zork::"z""#, .unknownEntityType),
      (#"principal == Kind::"none", action, resource == ?resource"#, .unknownEntity),
    ] {
      let codes = try ValidationFixture.result("permit(\(scope));").errors.map(\.code)
      #expect(codes.contains(code) && codes.contains(.inapplicableScope), "\(scope)")
    }
    let empty = try ValidationFixture.result("permit(principal, action in [], resource);")
    #expect(Set(empty.errors.map(\.code)) == [.emptySet, .inapplicableScope])
    let mixed = try ValidationFixture.result(
      #"permit(principal, action in [Action::"view", N::Action::"run"], resource);"#)
    #expect(mixed.errors.map(\.code) == [.incompatibleTypes])
  }

  @Test("checks the conditions of templates")
  func templates() throws {
    let template = "permit(principal == ?principal, action, resource) when { principal.zork };"
    #expect(
      try ValidationFixture.result(template).errors.map(\.code) == [
        .unknownAttribute, .unknownAttribute,
      ])
    let guarded =
      "permit(principal is User in ?principal, action, resource == ?resource) "
      + "when { principal has age && principal.age == resource.owner.name };"
    #expect(try ValidationFixture.result(guarded).errors.map(\.code) == [.incompatibleTypes])
  }

  @Test("without actions every policy is inapplicable")
  func emptySchema() throws {
    let validator = Validator(schema: try Schema(parsing: ""))
    let result = validator.validate(try PolicySet(parsing: "permit(principal, action, resource);"))
    #expect(result.errors.map(\.code) == [.inapplicableScope])
    #expect(result.warnings.map(\.code) == [.impossiblePolicy])
    #expect(validator.validate(try PolicySet(parsing: "")).isValid)
  }
}
