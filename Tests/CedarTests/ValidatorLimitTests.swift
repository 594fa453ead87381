import Testing

@testable import Cedar

/// Inputs that stand for much more than they are long: each ends with an error, none with a crash.
@Suite("Limits of schemas and of the validator")
struct ValidatorLimitTests {
  static let base =
    "entity U { u: U, v?: U, a?: Long }; action v appliesTo { principal: U, resource: U };"

  static func repeated(_ count: Int, _ text: (Int) -> String) -> String {
    (0..<count).map(text).joined()
  }

  /// Limits that a test reaches quickly; the figures of the library are a hundred times higher.
  static let limits = SchemaResolver.Limits(steps: 10_000, declarations: 500, typeSize: 1_000)

  static let schemas: [(String, String)] = [
    (
      "types of types",
      repeated(50) { "type T\($0 + 1) = { a: T\($0), b: T\($0) };" } + "type T0 = Long;"
    ),
    (
      "deep types of deep types",
      "type T0 = Long;"
        + repeated(8) {
          "type T\($0 + 1) = \(String(repeating: "Set<", count: 30))T\($0)"
            + "\(String(repeating: ">", count: 30));"
        }
    ),
    ("a long chain of types", repeated(400) { "type T\($0) = T\($0 + 1);" } + "type T400 = Long;"),
    ("a wide record", "type T = {" + repeated(1_001) { "a\($0): Long," } + "};"),
    ("a chain of entity types", repeated(400) { "entity E\($0) in E\($0 + 1);" } + "entity E400;"),
    ("a chain of actions", repeated(400) { "action a\($0) in a\($0 + 1);" } + "action a400;"),
    (
      "names by attributes",
      "entity A" + repeated(110) { ", E\($0)" } + " {" + repeated(100) { "a\($0): Long," } + "};"
    ),
    (
      "actions by types",
      "entity A" + repeated(110) { ", E\($0)" } + "; action a" + repeated(100) { ", a\($0)" }
        + " appliesTo { principal: [A" + repeated(110) { ", E\($0)" } + "], resource: A };"
    ),
    ("many declarations", repeated(501) { "entity E\($0);" }),
    ("many namespaces", repeated(501) { "namespace N\($0) {}" }),
  ]

  @Test("hold for schemas", arguments: schemas)
  func schema(_ name: String, _ text: String) throws {
    let namespaces = try SchemaParser.namespaces(in: Array(text.utf8))
    #expect(throws: CedarError(.limitExceeded, "")) {
      try Schema(namespaces, lines: SourceLines(), limits: Self.limits)
    }
  }

  @Test("hold for the length of schemas")
  func schemaLength() {
    let long = String(repeating: " ", count: Schema.sizeLimit + 1)
    #expect(throws: CedarError(.limitExceeded, "")) { try Schema(parsing: long) }
    #expect(throws: CedarError(.limitExceeded, "")) { try Schema(json: long) }
    #expect(throws: Never.self) {
      try Schema(parsing: String(repeating: " ", count: Schema.sizeLimit))
    }
  }

  @Test("hold for schemas in JSON")
  func schemaJSON() {
    let deep =
      #"{"": {"entityTypes": {}, "actions": {}, "commonTypes": {"T": "#
      + String(repeating: #"{"type": "Set", "element": "#, count: 200)
      + #"{"type": "Long"}"# + String(repeating: "}", count: 200) + "}}}"
    #expect(throws: CedarError(.limitExceeded, "")) { try Schema(json: deep) }
  }

  @Test(
    "find common types that lead back to themselves",
    arguments: [
      "type A = A;", "type A = Set<B>; type B = { c: C }; type C = A;",
      "type A = { a?: A };", "namespace N { type A = B; type B = Set<N::A>; }",
      "type A = Long; type B = { x: A, y: B };",
    ])
  func cycles(_ text: String) {
    let error = #expect(throws: CedarError(.invalidSchema, "")) { try Schema(parsing: text) }
    #expect(error?.message.hasSuffix("is defined by itself") == true && error?.position != nil)
  }

  private func result(
    _ condition: String, schema: String = base, level: Int? = nil,
    steps: Int = Validator.stepLimit
  ) throws -> ValidationResult {
    let policies = try PolicySet(
      parsing: "permit(principal, action, resource) when { \(condition) };")
    let validator = Validator(schema: try Schema(parsing: schema), steps: steps)
    return validator.validate(policies, maximumLevel: level)
  }

  private static func nested(_ count: Int, _ wrap: (String) -> String) -> String {
    (0..<count).reduce("principal") { inner, _ in wrap(inner) } + " == principal"
  }

  @Test("let deep nesting pass whose sugar would double at each level")
  func nesting() throws {
    for condition in [
      Self.nested(80) { #"(if \#($0) is U in U::"x" then principal else principal)"# },
      Self.nested(80) { "(if \($0) has u.u.v.u then principal else principal)" },
      "principal has " + Array(repeating: "u", count: 200).joined(separator: "."),
    ] {
      #expect(try result(condition).isValid)
      #expect(try result(condition, level: 300).isValid)
    }
  }

  @Test("end the check of one policy, and count its errors")
  func policies() throws {
    let terms = Array(repeating: "principal has a", count: 60_000).joined(separator: " && ")
    #expect(try result(terms).errors.map(\.code) == [.limitExceeded])
    let errors = (0..<1_000).map { "principal.a == \($0)" }.joined(separator: " || ")
    #expect(try result(errors).errors.count == Validator.errorLimit)
    let unknown = (0..<1_000).map { "principal == Z::\"\($0)\"" }.joined(separator: " || ")
    #expect(try result(unknown).errors.count == Validator.errorLimit)
  }

  @Test("end the check of a policy in too many environments, and of types that are too large")
  func steps() throws {
    let names = (0..<40).map { "E\($0)" }.joined(separator: ", ")
    let environments =
      "entity \(names); action a appliesTo { principal: [\(names)], resource: [\(names)] };"
    #expect(try result("true", schema: environments).isValid)
    let tooMany = try result("true", schema: environments, steps: 5_000)
    #expect(tooMany.errors.map(\.code) == [.limitExceeded] && tooMany.warnings.isEmpty)
    let level = try result("true", schema: environments, level: 1, steps: 9_000)
    #expect(level.errors.map(\.code) == [.limitExceeded])
    let types =
      "type S0 = Long; type T0 = Long;"
      + Self.repeated(8) {
        "type S\($0 + 1) = { a: S\($0), b: S\($0) }; type T\($0 + 1) = { a: T\($0), b: T\($0) };"
      }
    let context =
      types
      + "entity U; action a appliesTo { principal: U, resource: U, context: { s: S8, t: T8 } };"
    #expect(try result("context.s == context.t", schema: context, steps: 5_000).isValid)
    let many = Array(repeating: "context.s == context.t", count: 20).joined(separator: " && ")
    let result = try result(many, schema: context, steps: 5_000)
    #expect(result.errors.map(\.code) == [.limitExceeded])
  }
}
