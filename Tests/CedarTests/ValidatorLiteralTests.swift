import Testing

@testable import Cedar

/// Cedar joins Boolean literals when it reads `&&` and `||`, so that comparing what is left is
/// decided before anything runs; found by comparing with cedarpy.
@Suite("Validation of joined literals")
struct ValidatorLiteralTests {
  /// Whether the code behind `||`, which is ill typed, is never looked at.
  private func isDecided(_ test: String) throws -> Bool {
    let schema = try Schema(
      parsing: "entity U { b?: Long }; action a appliesTo { principal: U, resource: U };")
    let policies = try PolicySet(
      parsing: "permit(principal, action, resource) when { \(test) || principal.b == 1 };")
    return Validator(schema: schema).validate(policies).isValid
  }

  @Test(
    "a comparison of literals is decided",
    arguments: [
      "true == true", "(false && true) == false", "(true || false) == true",
      "(false || false) == (true && false)", "(true && true && true) == true",
      "(true && (true || false)) == true", "(true && false) != true",
    ])
  func decided(_ test: String) throws {
    #expect(try isDecided(test))
  }

  @Test(
    "a comparison of anything else is not",
    arguments: [
      "(!true) == false", "(if true then false else false) == false",
      "(true && (1 == 1)) == true", "-(1) == -1", "(1 == 1) == true",
      "{a: true && false}.a == false", "(1 + 1) == 2",
      "(true && true && principal has b) == true",
    ])
  func undecided(_ test: String) throws {
    #expect(try !isDecided(test))
  }
}
