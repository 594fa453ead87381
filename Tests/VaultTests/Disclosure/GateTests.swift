import GRDB
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// The one gate: decided, logged, and only then shown.
@Suite struct GateTests {
  private static func asking(
    _ name: String, _ purpose: String, _ reference: String? = nil
  ) -> Requester {
    Requester(operatorName: name, purpose: purpose, caseReference: reference)
  }

  @Test func theDecisionIsInTheLogWithItsRungs() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let dossier = try vault.disclose(token, fields: ["email", "crm.diagnosis"], .dpo)
    let entry = try vault.logEntries()[dossier.logSequence]
    #expect(entry.text("type") == "field.disclosed")
    #expect(entry.text("decision") == "allow")
    #expect(entry.text("purpose") == "subject_rights")
    #expect(entry.text("case") == "DSR-1")
    #expect(entry.text("policy_set") == vault.policy.digest.hexadecimal)
    #expect(entry.texts("fields") == ["crm.email": "plain", "crm.diagnosis": "plain"])
    #expect(entry.text("actor") == (try vault.actor("dana")))
    #expect(!entry.text("actor").contains("dana"))
    guard case .array(let subjects)? = entry["subjects"] else {
      Issue.record("the entry names no subject")
      return
    }
    #expect(subjects.count == 1)
    #expect(dossier.policies == ["dpo-subject-rights"])
  }

  /// Operator, purpose, case; then the rung of e-mail, name, birth date, diagnosis.
  static let rungs: [(String, String, String?, [String])] = [
    ("dana", "subject_rights", "DSR-1", ["plain", "plain", "plain", "plain"]),
    ("dana", "essential.service", nil, ["masked", "masked", "masked", "masked"]),
    ("sam", "essential.service", nil, ["masked", "masked", "masked", "masked"]),
    ("sam", "essential.service", "T-7", ["plain", "masked", "masked", "masked"]),
    (
      "ana", "analytics.reporting", nil,
      ["generalised", "generalised", "generalised", "generalised"]
    ),
    ("eve", "essential.service", nil, ["existence", "existence", "existence", "existence"]),
    ("aude", "analytics.reporting", nil, ["existence", "existence", "existence", "existence"]),
  ]

  @Test(arguments: rungs) func everyRoleSeesItsRung(
    name: String, purpose: String, reference: String?, expected: [String]
  ) throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let dossier = try vault.disclose(token, Self.asking(name, purpose, reference))
    let fields = try #require(dossier.records.first).fields
    let shown = ["email", "first_name", "birth_date", "diagnosis"].map { wanted in
      fields.first { $0.field.name == wanted }?.rung?.name ?? "none"
    }
    #expect(shown == expected)
    let logged = try vault.logEntries()[dossier.logSequence].texts("fields")
    for field in fields { #expect(logged["crm.\(field.field.name)"] == field.rung?.name) }
    let plain = ["email": People.annaEmail, "first_name": "Annabella", "diagnosis": "hay fever"]
    for field in fields where field.rung != .plain {
      if let value = field.value { #expect(value != plain[field.field.name]) }
      if field.rung == .existence { #expect(field.value == nil) }
    }
  }

  static let denials: [(String, String, VaultError.Code)] = [
    ("sam", "marketing.advertising", .denied),
    ("max", "marketing.advertising.first_party", .denied),
    ("ana", "essential.service", .denied),
    ("dana", "marketing.advertising.third_party", .denied),
    ("nobody", "essential.service", .unknownOperator),
    ("", "essential.service", .unknownOperator),
    ("dana", "essential.gossip", .unknownPurpose),
    ("dana", "", .unknownPurpose),
    ("Dana", "subject_rights", .unknownOperator),
  ]

  @Test(arguments: denials) func whoMayNotSeesNothing(
    name: String, purpose: String, code: VaultError.Code
  ) throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let before = try vault.logEntries().count
    expect(code) { _ = try vault.disclose(token, Self.asking(name, purpose)) }
    let added = try vault.logEntries().dropFirst(before)
    guard code == .denied else {
      #expect(added.map { $0.text("type") } == ["operator.rejected"])
      return
    }
    #expect(added.map { $0.text("type") } == ["field.disclosed"])
    #expect(added.first?.text("decision") == "deny")
    let shown = try #require(added.first).texts("fields").values
    #expect(shown.count == 8 && shown.allSatisfy { $0 == "denied" })
  }

  @Test func deniedOperationsAreLogged() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let who = Self.asking("ana", "analytics.reporting")
    let attempts: [(String, () throws -> Void)] = [
      ("find", { _ = try vault.find(.email, Array(People.annaEmail.utf8), who) }),
      ("erase", { _ = try vault.previewErasure(token, who) }),
      ("erase", { _ = try vault.erase(token, confirming: "x", reference: "R", who) }),
      ("access", { _ = try vault.events(about: token, who) }),
      ("tokenise", { _ = try vault.token(for: token, in: "analytics", who) }),
      ("expire", { _ = try vault.planExpiry(TestSources.classes, who) }),
      ("project", { _ = try vault.project(who) }),
      ("rebuild_index", { _ = try vault.rebuildIndex(who) }),
      ("manage_domains", { _ = try vault.openDomain("partner", isMonthly: false, who) }),
      ("unify", { _ = try vault.assign([], .none, who) }),
      ("read_log", { _ = try vault.readLog(0, who) }),
      ("ingest", { _ = try vault.beginIngest(TestSources.crm, who) }),
    ]
    for (operation, attempt) in attempts {
      let before = try vault.logEntries().count
      expect(VaultError.Code.denied, attempt)
      let added = try vault.logEntries().dropFirst(before)
      #expect(added.map { $0.text("type") } == ["operation.denied"])
      #expect(added.first?.text("operation") == operation)
    }
  }

  @Test func theLogComesFirst() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let before = try vault.logEntries().count
    // The event's id is the only draw of a disclosure: without it there is no event, and no value.
    test.random.fail(after: 0)
    var released: Dossier?
    #expect(throws: (any Error).self) { released = try vault.disclose(token, .dpo) }
    #expect(released == nil)
    test.random.fail(after: nil)
    #expect(try vault.logEntries().count == before)
    #expect(try vault.values(token)["crm.email"] == [People.annaEmail])
  }

  @Test func aReadOnlyLogReleasesNothing() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    try vault.queue.write { database in
      try database.execute(
        sql:
          "CREATE TRIGGER full BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(FAIL, 'full'); END")
    }
    var released: Dossier?
    expect(VaultError.Code.storage) { released = try vault.disclose(token, .dpo) }
    #expect(released == nil)
  }

  @Test func fieldsAreNamedWithOrWithoutSource() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    for names: Set<String> in [["email"], ["crm.email"], ["email", "shop.email", "nothing"]] {
      let fields = try vault.disclose(token, fields: names, .dpo).records.flatMap(\.fields)
      #expect(fields.map(\.field.name) == ["email"])
    }
    for names: Set<String> in [[], ["orders.email"], ["Email"], ["crm."], ["1"], ["32768"]] {
      expect(VaultError.Code.notFound) { _ = try vault.disclose(token, fields: names, .dpo) }
    }
  }

  @Test func theCallerCanAskForLessButNotForMore() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    for rung in Rung.allCases {
      let dossier = try vault.disclose(token, .dpo, maximumRung: rung)
      #expect(dossier.records.flatMap(\.fields).allSatisfy { $0.rung == rung })
      let less = try vault.disclose(token, .support, maximumRung: rung)
      #expect(
        less.records.flatMap(\.fields).allSatisfy { ($0.rung ?? .plain) <= min(rung, .masked) })
    }
  }

  @Test func unknownTokensLeadToNobody() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let stranger = TokenText(domain: "desk", token: [UInt8](repeating: 7, count: 16))
    let misnamed = [
      stranger, TokenText(domain: "analytics", token: token.token),
      TokenText(domain: "audit", token: token.token),
      TokenText(domain: "nowhere", token: token.token),
    ]
    for wrong in misnamed {
      expect(VaultError.Code.notFound) { _ = try vault.disclose(wrong, .dpo) }
      expect(VaultError.Code.notFound) { _ = try vault.previewErasure(wrong, .dpo) }
    }
  }

  @Test func aFencedPersonIsShut() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let material = try vault.gather(try vault.person(token))
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    try vault.queue.write { try SubjectStore(database: $0).fence(leaf) }
    expect(VaultError.Code.fenced) { _ = try vault.disclose(token, .dpo) }
    expect(VaultError.Code.fenced) { _ = try vault.token(for: token, in: "analytics", .dpo) }
    expect(VaultError.Code.fenced) { _ = try vault.events(about: token, .dpo) }
    expect(VaultError.Code.fenced) { _ = try vault.previewErasure(token, .dpo) }
    #expect(try vault.count(.email, People.annaEmail) == 0)
    #expect(material.subjects.allSatisfy { !$0.isFenced })
  }

  @Test func noEntryOfTheLogHoldsPersonalData() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    _ = try vault.disclose(token, .dpo)
    _ = try vault.token(for: token, in: "analytics", .dpo)
    _ = try vault.project(.service)
    try vault.eraseNow(token, "R-1")
    try vault.publishLog()
    let secrets = People.annaNeedles + [People.bertEmail, "Bertolt", "K-1", "K-2", "dana", "sam"]
    for sequence in 0..<(try vault.logEntries().count) {
      let entry = try vault.queue.read { try AuditStore(database: $0).entry(sequence) }
      let text = String(decoding: entry, as: UTF8.self)
      for secret in secrets { #expect(!text.contains(secret)) }
    }
    #expect(try FileScan.hits(in: vault.layout.audit, secrets).isEmpty)
  }
}
