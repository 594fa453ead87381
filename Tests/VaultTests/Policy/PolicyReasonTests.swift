import Testing
import VaultTesting

@testable import Vault

/// Decisions of the default policies name the policies behind them, with their reasons.
@Suite struct PolicyReasonTests {
  /// The default policies with one more file.
  private static func engine(adding text: String? = nil) throws -> PolicyEngine {
    let base = try PolicyFiles(directory: TestVault.policies)
    let more = text.map { [(name: "more.cedar", text: Array($0.utf8))] } ?? []
    return try PolicyEngine(
      PolicyFiles(
        cedar: base.cedar + more, schema: base.schema, operators: base.operators,
        purposes: base.purposes))
  }

  private static func field(_ category: String) -> FieldResource {
    FieldResource(
      source: "crm", field: "f", category: category, purposes: ["essential.service"],
      legalBasis: "contract")
  }

  /// Operator, context, what decided.
  static let decisions: [(String, DecisionContext, [String])] = [
    ("dana", DecisionContext(purpose: "subject_rights", now: 0), ["dpo-subject-rights"]),
    ("dana", DecisionContext(purpose: "essential.service", now: 0), ["dpo-masked"]),
    ("dana", DecisionContext(purpose: "essential", now: 0), ["undeclared-purpose"]),
    (
      "dana", DecisionContext(purpose: "subject_rights", now: 0, isErased: true),
      ["erased-person"]
    ),
    (
      "dana", DecisionContext(purpose: "essential.service", now: 0, isRestricted: true),
      ["restricted-person"]
    ),
    (
      "sam", DecisionContext(purpose: "marketing", now: 0, isRestricted: true, isErased: true),
      ["undeclared-purpose", "erased-person", "restricted-person"]
    ),
    ("ana", DecisionContext(purpose: "essential.service", now: 0), []),
  ]

  @Test(arguments: decisions)
  func decisionsNameTheirPolicies(
    name: String, context: DecisionContext, policies: [String]
  ) throws {
    let engine = try Self.engine()
    let decision = engine.decide(
      Self.field("user.contact.email"), by: try engine.identify(name), context: context)
    #expect(decision.policies == policies)
    #expect(decision.reasons.count == max(1, policies.count))
    #expect(decision.reasons.allSatisfy { !$0.isEmpty })
  }

  @Test func theReasonIsTheOneInTheFile() throws {
    let engine = try Self.engine()
    let decision = engine.decide(
      Self.field("user.contact.email"), by: try engine.identify("max"),
      context: DecisionContext(purpose: "marketing", now: 0))
    #expect(decision.reasons == ["the source did not collect this data for the purpose"])
  }

  /// A careless permit does not open special categories; the default forbid still caps them.
  @Test(arguments: [
    ("user.health_and_medical.genetic", "essential.service", Rung.masked),
    ("user.biometric", "essential.legal_obligation", .masked),
    ("user.demographic.religious_belief", "essential.service", .masked),
    ("user.health_and_medical", "subject_rights", .plain),
    ("user.demographic.gender", "essential.service", .plain),
    ("user.health_and_medicals", "essential.service", .plain),
  ])
  func specialCategoriesStayCapped(category: String, purpose: String, rung: Rung) throws {
    let engine = try Self.engine(
      adding: #"@id("careless") @reason("r") permit (principal, action, resource);"#)
    let decision = engine.decide(
      Self.field(category), by: try engine.identify("eve"),
      context: DecisionContext(purpose: purpose, now: 0))
    #expect(decision.rung == rung)
    #expect(decision.limits == (rung == .masked ? ["special-category"] : []))
  }

  @Test(arguments: [
    (Operation.tokenise, "essential.service", true, false, false),
    (.tokenise, "subject_rights", true, false, true),
    (.tokenise, "subject_rights", false, true, false),
    (.erase, "subject_rights", false, true, true),
    (.access, "subject_rights", true, false, true),
  ])
  func statesOfAPersonShutOperations(
    operation: Operation, purpose: String, isRestricted: Bool, isErased: Bool, isAllowed: Bool
  ) throws {
    let engine = try Self.engine()
    let decision = engine.decide(
      operation, by: try engine.identify("dana"),
      context: DecisionContext(
        purpose: purpose, now: 0, isRestricted: isRestricted, isErased: isErased))
    #expect(decision.isAllowed == isAllowed)
  }

  @Test(arguments: ["evil\nname", "x`y``z", "\u{1B}[31m", String(repeating: "d", count: 1_000)])
  func whatWasTypedCannotSpoilTheMessage(name: String) throws {
    let engine = try Self.engine()
    let error = try #require(throws: VaultError.self) { _ = try engine.identify(name) }
    #expect(error.message.utf8.count < 200)
    #expect(error.message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    #expect(error.message.count { $0 == "`" } == 2)
  }
}
