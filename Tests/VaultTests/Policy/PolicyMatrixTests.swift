import Testing
import VaultTesting

@testable import Vault

/// Who sees what, for which purpose: the default policies as a table.
@Suite struct PolicyMatrixTests {
  private static func engine() throws -> PolicyEngine {
    try PolicyEngine(PolicyFiles(directory: TestVault.policies))
  }

  private static func field(_ category: String, _ purposes: [String]) -> FieldResource {
    FieldResource(
      source: "crm", field: "f", category: category, purposes: purposes, legalBasis: "contract")
  }

  private static func context(
    _ purpose: String, case reference: String? = nil, isRestricted: Bool = false,
    isErased: Bool = false
  ) -> DecisionContext {
    DecisionContext(
      purpose: purpose, now: 1_700_000_000_000, caseReference: reference,
      isRestricted: isRestricted, isErased: isErased)
  }

  /// Operator, purpose, category, case, highest rung; the source declared service, reporting and
  /// first-party advertising.
  static let cells: [(String, String, String, String?, Rung?)] = [
    ("dana", "subject_rights", "user.contact.email", nil, .plain),
    ("dana", "subject_rights", "user.health_and_medical", nil, .plain),
    ("dana", "essential.service", "user.contact.email", nil, .masked),
    ("dana", "marketing.advertising.third_party", "user.contact.email", nil, nil),
    ("sam", "essential.service", "user.contact.email", nil, .masked),
    ("sam", "essential.service", "user.contact.email", "C-1", .plain),
    ("sam", "essential.service", "user.name.first", "C-1", .masked),
    ("sam", "essential.service", "user.health_and_medical", "C-1", .masked),
    ("sam", "subject_rights", "user.contact.email", "C-1", nil),
    ("sam", "analytics.reporting", "user.contact.email", nil, nil),
    ("ana", "analytics.reporting", "user.contact.email", nil, .generalised),
    ("ana", "analytics.reporting", "user.name.first", nil, .generalised),
    ("ana", "subject_rights", "user.contact.email", nil, nil),
    ("ana", "essential.service", "user.contact.email", nil, nil),
    ("max", "marketing.advertising.first_party", "user.contact.email", nil, .masked),
    ("max", "marketing.advertising.first_party", "user.name.first", nil, .existence),
    ("max", "marketing.advertising.third_party", "user.name.first", nil, nil),
    ("max", "essential.service", "user.contact.email", nil, nil),
    ("eve", "essential.service", "user.contact.email", nil, .existence),
    ("eve", "subject_rights", "user.contact.email", nil, .existence),
    ("aude", "essential.legal_obligation", "user.contact.email", nil, .existence),
    ("lethe", "analytics.reporting", "user.contact.email", nil, .generalised),
  ]

  @Test(arguments: cells.indices)
  func cell(index: Int) throws {
    let (name, purpose, category, reference, rung) = Self.cells[index]
    let engine = try Self.engine()
    let decision = engine.decide(
      Self.field(
        category,
        ["essential.service", "analytics.reporting", "marketing.advertising.first_party"]),
      by: try engine.identify(name), context: Self.context(purpose, case: reference))
    #expect(decision.rung == rung, "\(name) for \(purpose) sees \(category)")
    #expect(decision.failures.isEmpty)
    #expect(rung == nil || !decision.policies.isEmpty)
  }

  @Test(arguments: ["dana", "sam", "ana", "max", "eve", "aude", "lethe"])
  func nobodySeesAnErasedPerson(name: String) throws {
    let engine = try Self.engine()
    let decision = engine.decide(
      Self.field("user.contact.email", ["essential.service"]), by: try engine.identify(name),
      context: Self.context("subject_rights", isErased: true))
    #expect(decision.rung == nil)
  }

  @Test(arguments: [("essential.service", Rung?.none), ("subject_rights", .plain)])
  func restrictedPersonIsForTheirOwnRequestOnly(purpose: String, rung: Rung?) throws {
    let engine = try Self.engine()
    let decision = engine.decide(
      Self.field("user.contact.email", ["essential.service"]), by: try engine.identify("dana"),
      context: Self.context(purpose, isRestricted: true))
    #expect(decision.rung == rung)
  }

  /// Operations by operator: what each may do, and nothing else.
  static let operations: [(String, String, Set<Operation>)] = [
    (
      "dana", "subject_rights",
      [
        .find, .access, .rectify, .erase, .withdraw, .expire, .tokenise, .readLog, .publishLog,
        .pruneLog, .manageHoneytokens, .status,
      ]
    ),
    ("aude", "essential.legal_obligation", [.readLog, .manageHoneytokens, .status]),
    ("ana", "analytics.reporting", [.countSegment, .status]),
    ("max", "marketing", [.countSegment]),
    ("sam", "essential.service", [.find]),
    ("sam", "analytics.reporting", []),
    (
      "eve", "essential.service",
      [
        .ingest, .unify, .project, .manageDomains, .rebuildIndex, .backUp, .restore, .manageKeys,
        .publishLog, .status,
      ]
    ),
    (
      "lethe", "essential.service",
      [
        .ingest, .unify, .project, .tokenise, .expire, .rebuildIndex, .backUp, .publishLog, .status,
      ]
    ),
  ]

  @Test(arguments: operations.indices)
  func operationsOfARole(index: Int) throws {
    let (name, purpose, expected) = Self.operations[index]
    let engine = try Self.engine()
    let identity = try engine.identify(name)
    for operation in Operation.allCases {
      let decision = engine.decide(operation, by: identity, context: Self.context(purpose))
      #expect(
        decision.isAllowed == expected.contains(operation), "\(name) and \(operation.rawValue)")
    }
  }

  @Test(arguments: ["dan", "", "Dana", "dana ", "nobody"])
  func unknownOperatorIsRefused(name: String) throws {
    let engine = try Self.engine()
    #expect(throws: VaultError(.unknownOperator, "")) { _ = try engine.identify(name) }
  }

  @Test(arguments: ["marketing.advertisin", "", "Marketing", "analytics.reporting.", "x"])
  func unknownPurposeIsRefused(key: String) throws {
    let engine = try Self.engine()
    #expect(throws: VaultError(.unknownPurpose, "")) { try engine.checkPurpose(key) }
  }

  @Test func aMisspellingGetsASuggestion() throws {
    let engine = try Self.engine()
    let error = try #require(throws: VaultError.self) { _ = try engine.identify("dan") }
    #expect(error.message.contains("dana"))
  }
}
