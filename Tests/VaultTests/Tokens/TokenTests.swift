import GRDB
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Vault

@Suite struct TokenTests {
  @Test func aTokenIsStableInItsDomain() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    #expect(try vault.theOne(.customerNumber, "K-1") == token)
    test.clock.set(day: TestVault.day + 400)
    #expect(try test.open().theOne(.email, People.annaEmail) == token)
    let first = try vault.token(for: token, in: "analytics", .dpo)
    #expect(try vault.token(for: first, in: "analytics", .dpo) == first)
    #expect(try vault.token(for: first, in: "desk", .dpo) == token)
  }

  @Test func domainsHaveNothingInCommon() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.openDomain("partner-a", isMonthly: false, .engineer)
    _ = try vault.openDomain("partner-b", isMonthly: false, .engineer)
    var tokens: [TokenText] = []
    for email in [People.annaEmail, People.bertEmail] {
      let desk = try vault.theOne(.email, email)
      tokens.append(desk)
      for domain in ["analytics", "partner-a", "partner-b"] {
        tokens.append(try vault.token(for: desk, in: domain, .dpo))
      }
    }
    #expect(Set(tokens.map(\.token)).count == 8, "no bytes are shared between domains or persons")
    for token in tokens {
      for domain in ["desk", "analytics", "partner-a", "partner-b"] where domain != token.domain {
        expect(VaultError.Code.notFound) {
          _ = try vault.disclose(TokenText(domain: domain, token: token.token), .dpo)
        }
      }
    }
  }

  @Test func joiningTwoDomainsIsLogged() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    _ = try vault.token(for: token, in: "analytics", .dpo)
    let entry = try #require(try vault.logEntries().last)
    #expect(entry.text("type") == "token.issued")
    #expect(entry.text("domain") == "analytics")
  }

  @Test func theAuditDomainIsTheLogsAlone() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    expect(VaultError.Code.denied) { _ = try vault.token(for: token, in: "audit", .dpo) }
    expect(VaultError.Code.notFound) { _ = try vault.token(for: token, in: "nowhere", .dpo) }
    expect(VaultError.Code.denied) { _ = try vault.token(for: token, in: "analytics", .support) }
  }

  @Test func monthlyDomainsChangeWithTheMonth() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.openDomain("monthly", isMonthly: true, .engineer)
    let desk = try vault.theOne(.email, People.annaEmail)
    // 2024-10-04, 2024-10-31, 2024-11-01.
    let tokens = try [0, 27, 28].map { days in
      test.clock.set(day: TestVault.day + days)
      return try vault.token(for: desk, in: "monthly", .dpo)
    }
    #expect(tokens[0] == tokens[1])
    #expect(tokens[1] != tokens[2])
    #expect(try vault.person(tokens[0]) == vault.person(tokens[2]))
  }

  @Test func referencesInTheLogChangeWithTheMonthAndAreFoundInAll() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    var references: Set<String> = []
    for days in [0, 28, 60] {
      test.clock.set(day: TestVault.day + days)
      let sequence = try vault.disclose(token, .dpo).logSequence
      guard case .array(let subjects)? = try vault.logEntries()[sequence]["subjects"],
        case .string(let text)? = subjects.first
      else {
        Issue.record("entry \(sequence) names no subject")
        continue
      }
      references.insert(text)
    }
    #expect(references.count == 3)
    let events = try vault.events(about: token, .dpo)
    #expect(events.filter { $0.type == "field.disclosed" }.count == 3)
    #expect(events.contains { $0.type == "person.found" })
    let bert = try vault.theOne(.email, People.bertEmail)
    #expect(try vault.events(about: bert, .dpo).map(\.type) == ["person.found"])
  }

  @Test func afterTheErasureATokenIsUnknownAndCannotBeMadeAgain() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let analytics = try vault.token(for: token, in: "analytics", .dpo)
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    let row = try #require(
      try vault.queue.read { try SubjectStore(database: $0).find(leaf) })
    try vault.eraseNow(token, "R-1")
    for gone in [token, analytics] {
      expect(VaultError.Code.notFound) { _ = try vault.person(gone) }
    }
    // Even with the old row, the e-mail and every live key the secret of the token stays shut.
    #expect(throws: (any Error).self) { _ = try SubjectOpener(vault).open(row) }
    try vault.ingest(
      [TestSources.orders.record("B-9", "O-9", ["number": "K-99", "amount": "1"])],
      from: TestSources.orders)
    #expect(try vault.theOne(.customerNumber, "K-99") != token)
  }

  static let names: [(String, Bool)] = [
    ("partner", true), ("p2", true), ("a-b-c", true), (String(repeating: "a", count: 24), true),
    (String(repeating: "a", count: 25), false), ("a", false), ("", false), ("2a", false),
    ("-a", false), ("Partner", false), ("a_b", false), ("a b", false), ("ä1", false),
    ("desk", false), ("audit", false), ("a\u{0}b", false),
  ]

  @Test(arguments: names) func domainNamesAreNarrow(name: String, isFit: Bool) throws {
    let test = try TestVault()
    let vault = try test.made()
    guard isFit else {
      expect(VaultError.Code.invalidInput) {
        _ = try vault.openDomain(name, isMonthly: false, .engineer)
      }
      #expect(try vault.domains().count == 3)
      return
    }
    #expect(try vault.openDomain(name, isMonthly: false, .engineer).number == 4)
    expect(VaultError.Code.invalidInput) {
      _ = try vault.openDomain(name, isMonthly: true, .engineer)
    }
  }

  static let texts = [
    "", "t1", "t1__", "t1_desk_", "t1_desk_abc", "t2_desk_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "t1__aaaaaaaaaaaaaaaaaaaaaaaaaa", "t1_desk_AAAAAAAAAAAAAAAAAAAAAAAAAA",
    "t1_desk_aaaaaaaaaaaaaaaaaaaaaaaaab", "t1_desk_aaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "t1_desk_aaaaaaaaaaaaaaaaaaaaaaaaa1", "t1_desk_aaaaaaaaaaaaaaaaaaaaaaaaaa_x",
    " t1_desk_aaaaaaaaaaaaaaaaaaaaaaaaaa",
  ]

  @Test(arguments: texts) func whatIsNoTokenIsRefused(text: String) {
    expect(VaultError.Code.invalidInput) { _ = try TokenText(text) }
  }

  @Test(arguments: 0..<20) func tokenTextsComeBack(seed: UInt8) throws {
    let bytes = (0..<16).map { UInt8(truncatingIfNeeded: Int(seed) * 37 + $0 * 101) }
    let token = TokenText(domain: "desk", token: bytes)
    #expect(try TokenText(token.text) == token)
  }
}
