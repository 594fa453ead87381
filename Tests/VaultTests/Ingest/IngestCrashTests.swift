import GRDB
import Testing
import VaultTesting

@testable import Vault

/// A process that dies anywhere in an ingest leaves nothing that repeating the batch does not heal.
@Suite struct IngestCrashTests {
  private static let batch = [People.anna, People.bert]

  private static func expectHealed(_ vault: Vault) throws {
    #expect(try vault.ingest(batch, from: TestSources.crm).total == 2)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM subject") == 2)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM record") == 2)
    let token = try vault.theOne(.email, People.annaEmail)
    #expect(try vault.values(token)["crm.first_name"] == ["Annabella"])
    #expect(try vault.count(.phone, People.phone) == 2)
    #expect(try vault.ingest(batch, from: TestSources.crm).unchanged == 2)
  }

  @Test func dyingAtEveryDraw() throws {
    let origin = try TestVault()
    try origin.create()
    _ = try origin.open().beginIngest(TestSources.crm, .engineer)
    var deaths = 0
    for draws in 0..<200 {
      let test = try origin.clone()
      do {
        let vault = try test.open()
        test.random.fail(after: draws)
        try vault.ingest(Self.batch, from: TestSources.crm)
        test.random.fail(after: nil)
        break
      } catch {
        deaths += 1
        test.random.fail(after: nil)
        let vault = try test.open()
        #expect(try vault.value(Int.self, "SELECT count(*) FROM record") == 0)
        try Self.expectHealed(vault)
      }
    }
    #expect((10..<200).contains(deaths))
  }

  /// The index is durable before the records: here the records never came.
  @Test func indexRowsThatLeadNowhereAreTakenUp() throws {
    let test = try TestVault()
    var vault = try test.withPeople()
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    try test.tamper(test.layout.vault, "DELETE FROM record; DELETE FROM subject")
    vault = try test.open()
    #expect(try vault.count(.email, People.annaEmail) == 0)
    try vault.forEachLinkageEvidence(.service) { _ in }
    try Self.expectHealed(vault)
    #expect(try vault.leaf(TestSources.crm, "K-1") == leaf, "the key made before is used")
  }

  /// Keys are durable before the index: here neither index nor records came.
  @Test func unusedKeysDoNoHarm() throws {
    let test = try TestVault()
    var vault = try test.withPeople()
    try test.tamper(test.layout.vault, "DELETE FROM record; DELETE FROM subject")
    try test.tamper(test.layout.index, "DELETE FROM match")
    vault = try test.open()
    try Self.expectHealed(vault)
    #expect(try vault.leaf(TestSources.crm, "K-1") > 1)
  }

  @Test func aFailedBatchLeavesNoEvent() throws {
    let test = try TestVault()
    let vault = try test.made()
    let run = try vault.beginIngest(TestSources.crm, .engineer)
    let before = try vault.logTypes()
    test.random.fail(after: 3)
    #expect(throws: (any Error).self) { try vault.ingest(Self.batch, into: run) }
    test.random.fail(after: nil)
    #expect(try vault.logTypes() == before)
    #expect(try vault.dump(\.queue).filter { $0.hasPrefix("record ") }.isEmpty)
  }
}
