import Cedar
import Testing
import VaultTesting

@testable import Vault

/// The ladder, and everything that has to end in a refusal.
@Suite struct FailClosedTests {
  private static let everyone = """
    @id("everyone") @reason("everyone") permit (principal, action, resource);

    """

  private static func engine(_ cedar: String) throws -> PolicyEngine {
    let base = try PolicyFiles(directory: TestVault.policies)
    return try PolicyEngine(
      PolicyFiles(
        cedar: [("test.cedar", Array(cedar.utf8))], schema: base.schema, operators: base.operators,
        purposes: base.purposes))
  }

  private static func field(_ category: String = "user.contact.email") -> FieldResource {
    FieldResource(
      source: "crm", field: "f", category: category, purposes: ["essential.service"],
      legalBasis: "contract")
  }

  private static func decide(
    _ cedar: String, purpose: String = "essential.service", case reference: String? = nil,
    category: String = "user.contact.email"
  ) throws -> RungDecision {
    let engine = try engine(cedar)
    return engine.decide(
      field(category), by: try engine.identify("eve"),
      context: DecisionContext(purpose: purpose, now: 0, caseReference: reference))
  }

  // MARK: - The ladder

  @Test(arguments: [
    ("Plain", Rung.plain), ("Masked", .masked), ("Generalised", .generalised),
    ("Tokenised", .tokenised), ("Existence", .existence),
  ])
  func permittingAGroupPermitsWhatLiesBelow(name: String, rung: Rung) throws {
    let cedar = """
      @id("a") @reason("r") permit (principal, action in Action::"upTo\(name)", resource);

      """
    #expect(try Self.decide(cedar).rung == rung)
    // Forbidding the top of what is permitted leaves the next rung, down to nothing.
    let cap = """
      @id("cap") @reason("r")
      forbid (principal, action == Action::"read\(name)", resource);
      """
    let decision = try Self.decide(cedar + cap)
    #expect(decision.rung == Rung(rawValue: rung.rawValue - 1))
    #expect(decision.limits.contains("cap"))
  }

  /// Forbidden actions, rung that is left of everything.
  static let forbidden: [([String], Rung?)] = [
    ([], .plain), (["readMasked"], .plain), (["upToMasked"], .plain), (["readPlain"], .masked),
    (["readPlain", "readMasked"], .generalised), (["readPlain", "readGeneralised"], .masked),
    (["readPlain", "readMasked", "readGeneralised"], .tokenised),
    (["readPlain", "readMasked", "readGeneralised", "readTokenised"], .existence),
    (["readPlain", "upToMasked"], nil), (["upToPlain"], nil),
  ]

  @Test(arguments: forbidden)
  func forbidsShutTheirRungsOnly(actions: [String], rung: Rung?) throws {
    let forbids = actions.map { action in
      let relation = action.hasPrefix("read") ? "==" : "in"
      return """
        @id("no-\(action.lowercased())") @reason("shut")
        forbid (principal, action \(relation) Action::"\(action)", resource);
        """
    }
    let decision = try Self.decide(Self.everyone + forbids.joined(separator: "\n"))
    #expect(decision.rung == rung)
    #expect(decision.policies.isEmpty == false)
    #expect(decision.failures.isEmpty)
  }

  // MARK: - Policies that fail

  /// Text of the second policy, rung that is left, ids of the failures.
  static let failing: [(String, Rung?, [String])] = [
    (#"forbid (principal, action in Action::"upToPlain", resource)"#, nil, ["broken"]),
    (#"forbid (principal, action == Action::"readPlain", resource)"#, .masked, ["broken"]),
    (#"forbid (principal, action == Action::"readMasked", resource)"#, .plain, []),
    (#"forbid (principal, action == Action::"ingest", resource)"#, .plain, []),
    ("forbid (principal, action, resource)", nil, ["broken"]),
    ("permit (principal, action, resource)", .plain, ["broken"]),
  ]

  @Test(arguments: failing)
  func whatFailsNeverOpens(head: String, rung: Rung?, failures: [String]) throws {
    let cedar = Self.everyone + "@id(\"broken\") @reason(\"r\") \(head)"
    for condition in [
      "9223372036854775807 + 1 > 0", "context.nothing", #"context.caseReference == "C-1""#,
      #"resource.legalBasis < 1"#,
    ] {
      let decision = try Self.decide("\(cedar) when { \(condition) };")
      #expect(decision.rung == rung, "\(head) when \(condition)")
      #expect(decision.failures == failures, "\(head) when \(condition)")
      if rung == nil {
        #expect(decision.policies == ["broken"])
        #expect(decision.reasons == [PolicyEngine.failedToEvaluate])
      }
    }
  }

  @Test func aPermitThatFailsPermitsNothing() throws {
    let decision = try Self.decide(
      #"@id("a") @reason("r") permit (principal, action, resource) when { context.nothing };"#)
    #expect(decision.rung == nil)
    #expect(decision.policies.isEmpty)
    #expect(decision.reasons == [PolicyEngine.nothingPermits])
    #expect(decision.failures == ["a"])
  }

  /// Without its case the forbid fails and refuses; with one it decides.
  @Test(arguments: [(nil, nil, ["closed"]), ("C-1", nil, []), ("C-2", Rung.plain, [])])
  func anAbsentAttributeRefuses(reference: String?, rung: Rung?, failures: [String]) throws {
    let closed = """
      @id("closed") @reason("the case is closed") forbid (principal, action, resource)
      when { context.caseReference == "C-1" };
      """
    let decision = try Self.decide(Self.everyone + closed, case: reference)
    #expect(decision.rung == rung)
    #expect(decision.failures == failures)
  }

  @Test func aFailingForbidRefusesOperations() throws {
    let broken = """
      @id("broken") @reason("r") forbid (principal, action == Action::"erase", resource)
      when { context.nothing };
      """
    let engine = try Self.engine(Self.everyone + broken)
    let eve = try engine.identify("eve")
    let context = DecisionContext(purpose: "subject_rights", now: 0)
    let erase = engine.decide(.erase, by: eve, context: context)
    #expect(!erase.isAllowed)
    #expect(erase.policies == ["broken"])
    #expect(erase.failures == ["broken"])
    let find = engine.decide(.find, by: eve, context: context)
    #expect(find.isAllowed)
    #expect(find.failures.isEmpty)
  }

  // MARK: - Requests that make no sense

  @Test(arguments: ["", "essential.servic", "Essential", "marketing.", "x"])
  func anUnknownPurposeIsNeverDecided(purpose: String) throws {
    let decision = try Self.decide(Self.everyone, purpose: purpose)
    #expect(decision.rung == nil)
    #expect(decision.reasons == [PolicyEngine.doesNotConform])
    let engine = try Self.engine(Self.everyone)
    let operation = engine.decide(
      .find, by: try engine.identify("eve"), context: DecisionContext(purpose: purpose, now: 0))
    #expect(!operation.isAllowed)
    #expect(operation.reasons == [PolicyEngine.doesNotConform])
  }

  @Test(arguments: ["", ".", "user.", "User.contact", "user contact", "user..contact", "user.\n"])
  func aMalformedCategoryIsNeverDecided(category: String) throws {
    #expect(try Self.decide(Self.everyone, category: category).rung == nil)
  }

  @Test func noPolicyMeansNothing() throws {
    let decision = try Self.decide("// nothing is permitted")
    #expect(decision.rung == nil)
    #expect(decision.reasons == [PolicyEngine.nothingPermits])
  }
}
