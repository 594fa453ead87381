import Foundation
import Testing
import VaultTesting

@testable import Vault

/// A policy set that cannot be used is refused when it is loaded, with the file and what is wrong.
@Suite struct PolicyFilesTests {
  private static func files(
    cedar: String? = nil, schema: String? = nil, operators: String? = nil, purposes: String? = nil
  ) throws -> PolicyFiles {
    let base = try PolicyFiles(directory: TestVault.policies)
    return PolicyFiles(
      cedar: cedar.map { [("vault.cedar", Array($0.utf8))] } ?? base.cedar,
      schema: schema.map { Array($0.utf8) } ?? base.schema,
      operators: operators.map { Array($0.utf8) } ?? base.operators,
      purposes: purposes.map { Array($0.utf8) } ?? base.purposes)
  }

  @Test func defaultPoliciesLoad() throws {
    let engine = try PolicyEngine(Self.files())
    #expect(engine.digest.count == 32)
    #expect(engine.title(ofPurpose: "essential.service", language: "ru") == "Оказание услуги")
    #expect(engine.title(ofPurpose: "essential.service", language: "xx") == "essential.service")
  }

  @Test func digestChangesWithEveryFile() throws {
    let base = try PolicyEngine(Self.files()).digest
    let text = String(decoding: try Self.files().cedar[0].text, as: UTF8.self)
    let operators = String(decoding: try Self.files().operators, as: UTF8.self)
    let changed = [
      try PolicyEngine(Self.files(cedar: text + "\n// more\n")).digest,
      try PolicyEngine(Self.files(operators: operators + "\n# more\n")).digest,
    ]
    #expect(Set(changed + [base]).count == 3)
  }

  @Test(arguments: [
    "permit (principal, action, resource)", "permit (principal, action, resource) when { 1 + ; };",
    "@id(\"a\") permit (principal, action, resource);",
    "@reason(\"r\") permit (principal, action, resource);",
    "@id(\"a\") @reason(\"r\") permit (principal in Role::\"dpoo\", action, resource);",
    "@id(\"a\") @reason(\"r\") permit (principal, action == Action::\"readPlein\", resource);",
    """
    @id("a") @reason("r") permit (principal, action, resource);
    @id("a") @reason("r") permit (principal, action, resource);
    """,
    "\u{0}", "PERMIT (principal, action, resource);",
  ])
  func brokenPolicyIsRefused(cedar: String) throws {
    let error = try #require(throws: VaultError.self) {
      _ = try PolicyEngine(Self.files(cedar: cedar))
    }
    #expect(error.code == .policyFile)
    #expect(error.message.contains("vault.cedar"))
    #expect(!error.message.contains("\n"))
  }

  @Test(arguments: [
    "", "operators: []", "lethe_operators: 2\noperators: []", "lethe_operators: 1",
    "lethe_operators: 1\noperators:\n  - {name: dana, roles: [dpo], extra: 1}",
    "lethe_operators: 1\noperators:\n  - {name: dana, roles: [dpo]}\n  - {name: dana, roles: [dpo]}",
    "lethe_operators: 1\noperators:\n  - {name: dana, roles: [king]}",
    "lethe_operators: 1\nlethe_operators: 1\noperators: []", "a: &x [1]\nb: *x", "{", "\u{0}",
  ])
  func brokenOperatorsAreRefused(yaml: String) throws {
    let error = try #require(throws: VaultError.self) {
      _ = try PolicyEngine(Self.files(operators: yaml))
    }
    #expect(error.code == .policyFile)
    #expect(!error.message.contains("\n"))
  }

  @Test(arguments: [
    "", "lethe_purposes: 1", "lethe_purposes: 1\npurposes: []", "lethe_purposes: 9\npurposes: []",
    "lethe_purposes: 1\npurposes:\n  - {key: a.b}", "lethe_purposes: 1\npurposes:\n  - {key: A}",
    "lethe_purposes: 1\npurposes:\n  - {key: a}\n  - {key: a}",
  ])
  func brokenPurposesAreRefused(yaml: String) throws {
    let error = try #require(throws: VaultError.self) {
      _ = try PolicyEngine(Self.files(purposes: yaml))
    }
    #expect(error.code == .policyFile)
  }

  @Test(arguments: ["", "entity Operator;", "action readPlain;", "{"])
  func schemaWithoutTheVaultsActionsIsRefused(schema: String) throws {
    let error = try #require(throws: VaultError.self) {
      _ = try PolicyEngine(Self.files(schema: schema))
    }
    #expect(error.code == .policyFile)
    #expect(error.message.contains("vault.cedarschema"))
  }

  /// A forbid that cannot be evaluated would let the permit stand in plain Cedar; here it refuses.
  @Test func forbidThatFailsRefuses() throws {
    let cedar = """
      @id("all") @reason("everyone") permit (principal, action, resource);
      @id("broken") @reason("cannot be evaluated")
      forbid (principal, action == Action::"readPlain", resource)
      when { context.now.toDate() == datetime("no date") };
      """
    let engine = try PolicyEngine(Self.files(cedar: cedar))
    let field = FieldResource(
      source: "crm", field: "f", category: "user.contact.email", purposes: ["essential.service"],
      legalBasis: "contract")
    let decision = engine.decide(
      field, by: try engine.identify("dana"),
      context: DecisionContext(purpose: "essential.service", now: 0))
    #expect(decision.rung == .masked, "the broken forbid concerns plain alone")
    #expect(decision.failures.contains("broken"))
  }
}
