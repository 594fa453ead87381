import Testing
import Unification
import Vault
import VaultTesting

@Suite struct UnifierTests {
  private static func order(
    _ buyer: String, _ id: String, _ values: KeyValuePairs<String, String>
  ) -> IncomingRecord {
    TestSources.orders.record(buyer, id, values)
  }

  private static func person(_ vault: Vault, _ kind: IdentifierKind, _ value: String) throws -> Int
  {
    try vault.find(kind, Array(value.utf8), .dpo).map(\.subjects).first ?? 0
  }

  @Test func aSharedEmailMakesOnePerson() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      [TestSources.crm.record("K-1", ["number": "K-1", "email": "a@example.com"])],
      from: TestSources.crm)
    try vault.ingest(
      [Self.order("B-1", "O-1", ["email": "a@example.com"])], from: TestSources.orders)
    try vault.ingest(
      [Self.order("B-2", "O-2", ["email": "b@example.com"])], from: TestSources.orders)
    let report = try Unifier(vault).run(.service)
    #expect(report.subjects == 3 && report.personsBefore == 3 && report.persons == 2)
    #expect(report.moved == 1)
    #expect(report.links.map(\.kind) == [.email])
    let token = try vault.theOne(.email, "a@example.com")
    #expect(try vault.disclose(token, .dpo).subjectCount == 2)
  }

  @Test func aSecondRunMovesNothing() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      (0..<40).map {
        TestSources.crm.record(
          "K-\($0)", ["number": "N-\($0 % 12)", "email": "m\($0 % 7)@example.com"])
      }, from: TestSources.crm)
    let first = try Unifier(vault).run(.service)
    for _ in 0..<3 {
      let again = try Unifier(vault).run(.service)
      #expect(again.moved == 0 && again.persons == first.persons)
    }
  }

  @Test func removingWhatLinkedThemSeparatesThem() throws {
    let test = try TestVault()
    let vault = try test.made()
    func crm(_ id: String, _ email: String, day: Int = 0) -> IncomingRecord {
      TestSources.crm.record(
        id, day: TestVault.day + day, ["number": id, "email": email])
    }
    try vault.ingest(
      [crm("K-1", "x@example.com"), crm("K-2", "x@example.com")], from: TestSources.crm)
    _ = try Unifier(vault).run(.service)
    #expect(try Self.person(vault, .customerNumber, "K-2") == 2)
    try vault.ingest([crm("K-2", "y@example.com", day: 1)], from: TestSources.crm)
    let report = try Unifier(vault).run(.service)
    #expect(report.moved == 1 && report.persons == 2)
    #expect(try Self.person(vault, .customerNumber, "K-1") == 1)
    #expect(try Self.person(vault, .customerNumber, "K-2") == 1)
  }

  @Test func aHubEmailLinksNobody() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      (0..<13).map {
        TestSources.crm.record("K-\($0)", ["number": "K-\($0)", "email": "test@test.com"])
      }, from: TestSources.crm)
    let report = try Unifier(vault).run(.service)
    #expect(report.persons == 13 && report.moved == 0)
    #expect(report.hubValues.map(\.kind) == [.email] && report.hubValues.map(\.count) == [1])
  }

  @Test func aHouseholdStaysTwoPeople() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      ["anna", "bert"].map {
        TestSources.crm.record(
          $0, ["number": $0, "email": "\($0)@example.com", "phone": "+4930123456"])
      }, from: TestSources.crm)
    let report = try Unifier(vault).run(.service)
    #expect(report.persons == 2 && report.refused == 1)
  }

  @Test func theAnchorIsTheOldestOwnProfile() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      [TestSources.dmp.record("c-1", ["cookie": "c-1"])], from: TestSources.dmp)
    try vault.ingest(
      [TestSources.web.record("w-1", "m-1", ["cookie": "c-1", "number": "K-1"])],
      from: TestSources.web)
    try vault.ingest([TestSources.crm.record("K-1", ["number": "K-1"])], from: TestSources.crm)
    let crm = try vault.theOne(.customerNumber, "K-1", in: "crm")
    _ = try Unifier(vault).run(.service)
    #expect(try vault.theOne(.cookie, "c-1") == crm, "the person's token outlives third-party data")
  }

  @Test func theErasedAndTheFencedAreLeftOut() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      ["K-1", "K-2", "K-3"].map {
        TestSources.crm.record($0, ["number": $0, "email": "x@example.com"])
      }, from: TestSources.crm)
    try vault.eraseNow(try vault.theOne(.customerNumber, "K-2"), "R-1")
    let report = try Unifier(vault).run(.service)
    #expect(report.subjects == 2 && report.persons == 1)
  }

  @Test func erasingAPersonErasesAllThatWasJoined() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      ["K-1", "K-2"].map { TestSources.crm.record($0, ["number": $0, "email": "x@example.com"]) },
      from: TestSources.crm)
    _ = try Unifier(vault).run(.service)
    let outcome = try vault.eraseNow(try vault.theOne(.customerNumber, "K-1"), "R-1")
    #expect(outcome.facts.subjects == 2)
    #expect(try vault.count(.customerNumber, "K-2") == 0)
  }

  @Test func onlyWhoMayUnifyDoes() throws {
    let test = try TestVault()
    let vault = try test.made()
    for requester in [Requester.analyst, .support, .dpo] {
      #expect(throws: VaultError(.denied, "")) { _ = try Unifier(vault).run(requester) }
    }
  }

  @Test func anEmptyVaultHasNobody() throws {
    let test = try TestVault()
    let report = try Unifier(try test.made()).run(.service)
    #expect(report.subjects == 0 && report.persons == 0 && report.moved == 0)
  }
}

extension Vault {
  /// The one person of this identifier that a source knows.
  func theOne(_ kind: IdentifierKind, _ value: String, in source: String) throws -> TokenText {
    let found = try find(kind, Array(value.utf8), .dpo).filter { $0.sources == [source] }
    guard found.count == 1 else { throw VaultError(.notFound, "\(found.count) persons") }
    return found[0].token
  }
}
