import Foundation
import GRDB
import Keyring
import Sealing
import Testing
import VaultTesting

@testable import Vault

@Suite struct ErasureTests {
  @Test func thePreviewSaysWhatWillGo() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.ingest(
      (1...3).map { TestSources.orders.record("B-1", "O-\($0)", ["amount": "1"]) },
      from: TestSources.orders)
    _ = try vault.assign(
      [(try vault.leaf(TestSources.orders, "B-1"), try vault.leaf(TestSources.crm, "K-1"))],
      .none, .service)
    let token = try vault.theOne(.email, People.annaEmail)
    let preview = try vault.previewErasure(token, .dpo)
    #expect(preview.subjects == 2)
    #expect(preview.records == ["crm": 1, "orders": 3])
    let outcome = try vault.erase(token, confirming: preview.digest, reference: "R-1", .dpo)
    #expect(outcome.facts.subjects == 2)
    #expect(outcome.facts.records == ["crm": 1, "orders": 3])
    #expect(outcome.facts.sweptRecords == 4)
    #expect(outcome.facts.verifiedUnreadable == 2)
    #expect(outcome.facts.newEpoch == outcome.facts.oldEpoch + 1)
    #expect(outcome.facts.assurance == 1)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM subject") == 1)
    #expect(
      try vault.values(try vault.theOne(.email, People.bertEmail))["crm.first_name"] == ["Bertolt"])
  }

  @Test func aChangeAfterThePreviewStopsTheErasure() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let digest = try vault.previewErasure(token, .dpo).digest
    try vault.ingest(
      [TestSources.crm.record("K-1", day: TestVault.day + 1, ["number": "K-1"])],
      from: TestSources.crm)
    for wrong in [digest, "", digest.uppercased() + "x"] {
      expect(VaultError.Code.stale) {
        _ = try vault.erase(token, confirming: wrong, reference: "R-1", .dpo)
      }
    }
    #expect(try vault.values(token)["crm.number"] == ["K-1"])
    #expect(try vault.logTypes().filter { $0.hasPrefix("erasure") }.isEmpty)
    #expect(try vault.keyring.status().epoch == 1)
  }

  @Test func aReferenceIsUsedOnce() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    let bert = try vault.theOne(.email, People.bertEmail)
    expect(VaultError.Code.invalidInput) { try vault.eraseNow(bert, "R-1") }
    #expect(try vault.values(bert)["crm.email"] == [People.bertEmail])
  }

  @Test func everyStateIsAnEvent() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let before = try vault.logTypes().count
    let outcome = try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    let types = try vault.logTypes().dropFirst(before).filter { $0 != "person.found" }
    #expect(
      types == [
        "erasure.requested", "erasure.fenced", "erasure.punctured", "erasure.prepared",
        "erasure.committed", "erasure.replicated", "erasure.retired", "erasure.final",
        "erasure.swept",
      ])
    #expect(try vault.logTypes()[outcome.facts.finalSequence] == "erasure.final")
  }

  @Test func onlyFinishedErasuresHaveAnOutcome() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    expect(VaultError.Code.notFound) { _ = try vault.erasureOutcome("R-1") }
    expect(VaultError.Code.notFound) { _ = try vault.certificate("R-1") }
    expect(VaultError.Code.notFound) { _ = try vault.finish("R-1") }
  }

  @Test func finishingTwiceChangesNothing() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let outcome = try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    let before = (try vault.dump(\.queue), try vault.logTypes(), try vault.keyring.status().epoch)
    #expect(try vault.resumeErasures().isEmpty)
    #expect(try vault.finish("R-1", resumed: true).facts == outcome.facts)
    #expect(try vault.dump(\.queue) == before.0)
    #expect(try vault.logTypes() == before.1)
    #expect(try vault.keyring.status().epoch == before.2)
  }

  /// A restored vault has no analysts' store; it must be able to erase all the same.
  @Test func aMissingAnalyticsStoreDoesNotStopAnErasure() throws {
    let test = try TestVault()
    try test.create()
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: test.layout.analytics + suffix)
    }
    let vault = try test.open()
    try vault.ingest([People.anna], from: TestSources.crm)
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    #expect(try vault.value(Int.self, "SELECT count(*) FROM subject") == 0)
    #expect(try test.open().resumeErasures().isEmpty)
  }

  /// The right to erasure has no upper limit on how much somebody left behind.
  @Test func aPersonOfManySubjectsCanBeFoundShownAndErased() throws {
    let test = try TestVault()
    let vault = try test.made()
    let count = 600
    try vault.ingest(
      (0..<count).map { TestSources.web.record("w-\($0)", "m-\($0)", ["cookie": "w-\($0)"]) },
      from: TestSources.web)
    let anchor = try vault.leaf(TestSources.web, "w-0")
    let leaves = try vault.queue.read { try Int64.fetchAll($0, sql: "SELECT leaf FROM subject") }
    _ = try vault.assign(leaves.map { ($0, anchor) }, .none, .service)
    let token = try vault.theOne(.cookie, "w-5")
    let sequence = try vault.disclose(token, .dpo).logSequence
    let entry = try vault.logEntries()[sequence]
    #expect(entry.number("subjects_not_listed") == Int64(count - AuditEvent.listedSubjectsMaximum))
    #expect(try vault.events(about: token, .dpo).contains { $0.sequence == sequence })
    let last = try vault.leaf(TestSources.web, "w-\(count - 1)")
    #expect(
      try vault.value(
        Int.self, "SELECT count(*) FROM subject WHERE person = \(anchor) AND leaf = \(last)") == 1)
    let outcome = try vault.eraseNow(token, "R-1")
    #expect(outcome.facts.subjects == count)
    #expect(outcome.facts.verifiedUnreadable == count)
    #expect(try vault.count(.cookie, "w-\(count - 1)") == 0)
  }

  @Test func twoProcessesThatResumeTheSameErasureLogItOnce() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let preview = try vault.previewErasure(token, .dpo)
    // Dies after the request.
    test.random.fail(after: 1)
    #expect(throws: (any Error).self) {
      _ = try vault.erase(token, confirming: preview.digest, reference: "R-1", .dpo)
    }
    test.random.fail(after: nil)
    let stale = try #require(
      try vault.queue.read { try ErasureStore(database: $0).find("R-1") })
    #expect(stale.state == .requested)
    #expect(try vault.resumeErasures() == ["R-1"])
    let facts = try vault.erasureOutcome("R-1").facts
    let types = try vault.logTypes()
    #expect(try test.open().finish("R-1", resumed: true).facts == facts)
    #expect(try vault.logTypes() == types)
  }
}
