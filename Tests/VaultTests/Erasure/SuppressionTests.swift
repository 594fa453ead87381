import GRDB
import Sealing
import Testing
import VaultTesting

@testable import Vault

/// Who was erased does not come back, and nobody else is kept out.
@Suite struct SuppressionTests {
  private static func erased() throws -> (TestVault, Vault) {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    return (test, vault)
  }

  @Test func theErasedPersonIsRefusedFromEverySource() throws {
    let (_, vault) = try Self.erased()
    #expect(try vault.ingest([People.anna], from: TestSources.crm).suppressed == 1)
    let byEmail = TestSources.orders.record(
      "B-1", "O-1", ["order": "O-1", "email": People.annaEmail, "amount": "1"])
    let byNumber = TestSources.web.record("w-1", "m-1", ["cookie": "w-1", "number": "K-1"])
    #expect(try vault.ingest([byEmail], from: TestSources.orders).suppressed == 1)
    #expect(try vault.ingest([byNumber], from: TestSources.web).suppressed == 1)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM subject") == 1)
    #expect(try vault.count(.email, People.annaEmail) == 0)
  }

  @Test func aNewNumberDoesNotHelpTheOldEmailBackIn() throws {
    let (_, vault) = try Self.erased()
    let renamed = TestSources.crm.record("K-77", ["number": "K-77", "email": People.annaEmail])
    #expect(try vault.ingest([renamed], from: TestSources.crm).suppressed == 1)
  }

  @Test func theHouseholdIsNotRefused() throws {
    let (_, vault) = try Self.erased()
    #expect(try vault.ingest([People.bert], from: TestSources.crm).unchanged == 1)
    let carl = TestSources.crm.record(
      "K-3", ["number": "K-3", "email": "carl@example.com", "phone": People.phone])
    #expect(try vault.ingest([carl], from: TestSources.crm).added == 1)
    #expect(try vault.count(.phone, People.phone) == 2)
  }

  @Test func aPhoneAloneKeepsOutWhoHasNothingElse() throws {
    let (_, vault) = try Self.erased()
    let anonymous = TestSources.orders.record(
      "B-7", "O-7", ["order": "O-7", "phone": People.phone, "amount": "1"])
    #expect(try vault.ingest([anonymous], from: TestSources.orders).suppressed == 1)
    let other = TestSources.orders.record(
      "B-8", "O-8", ["order": "O-8", "phone": "+4930999", "amount": "1"])
    #expect(try vault.ingest([other], from: TestSources.orders).added == 1)
  }

  /// Others who hold the value, and whether it is then kept off the list.
  @Test(arguments: [(0, false), (1, false), (3, false), (4, true), (9, true)])
  func aValueOfManyIsNotSuppressed(others: Int, isShared: Bool) throws {
    let test = try TestVault()
    let vault = try test.made()
    let hub = "test@test.com"
    try vault.ingest(
      (0...others).map { TestSources.crm.record("K-\($0)", ["number": "K-\($0)", "email": hub]) },
      from: TestSources.crm)
    let outcome = try vault.eraseNow(try vault.theOne(.customerNumber, "K-0"), "R-1")
    #expect(outcome.facts.shared == (isShared ? 1 : 0))
    let report = try vault.ingest(
      [TestSources.crm.record("K-99", ["number": "K-99", "email": hub])], from: TestSources.crm)
    #expect(report.added == (isShared ? 1 : 0))
    #expect(report.suppressed == (isShared ? 0 : 1))
    #expect(
      try vault.ingest(
        [TestSources.crm.record("K-0", ["number": "K-0"])], from: TestSources.crm
      ).suppressed == 1)
  }

  @Test func theListHoldsKeyedNumbersOnly() throws {
    let (test, vault) = try Self.erased()
    #expect(try vault.value(Int.self, "SELECT count(*) FROM suppression") == 4)
    #expect(try FileScan.hits(in: test.directory, People.annaNeedles).isEmpty)
    let other = try TestVault(seed: 2)
    let second = try other.withPeople()
    try second.eraseNow(try second.theOne(.email, People.annaEmail), "R-1")
    let lists = try [vault, second].map { vault in
      try vault.queue.read { try Set(Int64.fetchAll($0, sql: "SELECT entry FROM suppression")) }
    }
    #expect(lists[0].isDisjoint(with: lists[1]), "a list of one vault is no dictionary for another")
  }

  @Test func suppressionSurvivesARebuiltIndex() throws {
    let (_, vault) = try Self.erased()
    _ = try vault.rebuildIndex(.service)
    #expect(try vault.ingest([People.anna], from: TestSources.crm).suppressed == 1)
    #expect(try vault.ingest([People.bert], from: TestSources.crm).unchanged == 1)
  }

  @Test func expiryDoesNotSuppress() throws {
    let test = try TestVault()
    let vault = try test.made()
    func row(_ day: Int) -> IncomingRecord {
      TestSources.dmp.record("c-1", day: day, ["cookie": "c-1"])
    }
    try vault.ingest([row(TestVault.day)], from: TestSources.dmp)
    test.clock.set(day: TestVault.day + 40)
    let plan = try vault.planExpiry(TestSources.classes, .dpo)
    #expect(plan.subjects.count == 1)
    _ = try vault.expire(plan, confirming: plan.digest, reference: "E-1", .dpo)
    #expect(try vault.ingest([row(TestVault.day + 39)], from: TestSources.dmp).added == 1)
  }
}
