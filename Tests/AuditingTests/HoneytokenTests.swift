import GRDB
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

@Suite struct HoneytokenTests {
  private func analyse(_ ledger: Ledger) throws -> AnomalyReport {
    try LogSearch(ledger.vault, .auditor).anomalies(
      AnomalyRules(
        fromMilliseconds: 0, toMilliseconds: ledger.test.clock.milliseconds + 1))
  }

  private func touches(_ ledger: Ledger) throws -> [Anomaly] {
    try analyse(ledger).findings.filter { $0.code == .honeytoken }
  }

  @Test func aPlantIsFoundAcrossMonths() throws {
    let ledger = try Ledger()
    try ledger.vault.plantHoneytoken(ledger.bert, .overseer)
    let size = try ledger.size()
    for days in [80, 120, 160] {
      ledger.test.clock.set(day: TestVault.day + days)
      try ledger.look(ledger.bert, .support)
      try ledger.look(ledger.anna, .support)
    }
    let findings = try touches(ledger)
    #expect(findings.count == 1)
    let finding = try #require(findings.first)
    #expect(try finding.actor == ledger.vault.actor("sam") && finding.count == 3)
    #expect(finding.entries == [size, size + 2, size + 4])
    #expect(try analyse(ledger).honeytokens == 1)
  }

  @Test func whatCameBeforeThePlantIsNoTouch() throws {
    let ledger = try Ledger()
    try ledger.vault.plantHoneytoken(ledger.anna, .overseer)
    #expect(try touches(ledger).filter { $0.count > 1 }.isEmpty)
    ledger.test.clock.set(day: TestVault.day + 71)
    #expect(try touches(ledger).allSatisfy { $0.fromMilliseconds == ledger.time(70) })
  }

  @Test func aSearchThatFindsAPlantIsATouch() throws {
    let ledger = try Ledger()
    ledger.test.clock.set(day: TestVault.day + 80)
    try ledger.vault.plantHoneytoken(ledger.bert, .auditor)
    _ = try ledger.vault.find(.email, Array(People.bertEmail.utf8), .support)
    let finding = try #require(try touches(ledger).first)
    #expect(try finding.count == 1 && finding.actor == ledger.vault.actor("sam"))
    // Asking the log about a plant is a touch too.
    _ = try LogSearch(ledger.vault, .overseer).history(of: ledger.bert)
    let actors = try touches(ledger).map(\.actor)
    #expect(
      Set(actors) == [try ledger.vault.actor("sam"), try ledger.vault.actor("dana")])
  }

  /// The log is read by many: neither placing, listing nor removing may name the plant.
  @Test func theLogDoesNotGiveThePlantAway() throws {
    let ledger = try Ledger()
    let size = try ledger.size()
    try ledger.vault.plantHoneytoken(ledger.bert, .overseer)
    _ = try ledger.vault.honeytokens(.overseer)
    _ = try analyse(ledger)
    try ledger.vault.removeHoneytoken(ledger.bert, .overseer)
    let added = try ledger.events()[size...]
    #expect(
      added.map(\.type) == [
        "honeytoken.placed", "log.examined", "log.analysed", "honeytoken.removed",
      ])
    for event in added {
      #expect(event.members["subjects"] == nil && event.members["count"] == nil)
    }
    let references = try ledger.vault.logSubjects(ledger.bert, .auditor).references
    let known = try ledger.vault.queue.read { database in
      try AuditStore(database: database).sequences(references: references.map(\.token))
    }
    #expect(known.allSatisfy { $0 < size })
    #expect(try touches(ledger).isEmpty)
  }

  @Test func theListNamesPlantsToWhoMayManageThem() throws {
    let ledger = try Ledger()
    try ledger.vault.plantHoneytoken(ledger.bert, .overseer)
    let listed = try ledger.vault.honeytokens(.auditor)
    #expect(listed.map(\.token) == [ledger.bert] && listed.first?.subjects == 1)
    for requester in [Requester.support, .analyst, .engineer] {
      expect(.denied) { _ = try ledger.vault.honeytokens(requester) }
      expect(.denied) { try ledger.vault.plantHoneytoken(ledger.anna, requester) }
      expect(.denied) { try ledger.vault.removeHoneytoken(ledger.bert, requester) }
    }
    #expect(try ledger.vault.honeytokens(.auditor).map(\.token) == [ledger.bert])
  }

  @Test func anErasedPlantIsToldAndCanBeCleared() throws {
    let ledger = try Ledger()
    try ledger.vault.plantHoneytoken(ledger.bert, .overseer)
    ledger.test.clock.set(day: TestVault.day + 80)
    try ledger.vault.eraseNow(ledger.bert, "C-1")
    let report = try analyse(ledger)
    #expect(report.honeytokens == 0 && report.lostHoneytokens == 1)
    let listed = try ledger.vault.honeytokens(.overseer)
    #expect(listed.count == 1 && listed.first?.token == nil)
    expect(.notFound) { try ledger.vault.removeHoneytoken(ledger.bert, .overseer) }
    try ledger.vault.removeHoneytoken(nil, .overseer)
    #expect(try ledger.vault.honeytokens(.overseer).isEmpty)
    #expect(try analyse(ledger).lostHoneytokens == 0)
    expect(.notFound) { try ledger.vault.removeHoneytoken(nil, .overseer) }
  }

  /// A destructive change gives a subject another key; its references in the log stay.
  @Test func aPlantWithANewKeyIsStillWatched() throws {
    let ledger = try Ledger()
    try ledger.vault.plantHoneytoken(ledger.bert, .overseer)
    ledger.test.clock.set(day: TestVault.day + 80)
    try ledger.look(ledger.bert, .support)
    let before = try #require(try touches(ledger).first { $0.actor != "" })
    try ledger.rekey(ledger.bert)
    let after = try touches(ledger)
    #expect(after.contains { $0.actor == before.actor && $0.entries == before.entries })
    try ledger.look(ledger.bert, .support)
    #expect(try touches(ledger).contains { $0.actor == before.actor && $0.count == 2 })
  }

  @Test func nobodyIsPlantedTwice() throws {
    let ledger = try Ledger()
    try ledger.vault.plantHoneytoken(ledger.bert, .overseer)
    let since = try ledger.vault.honeytokens(.overseer).first?.sinceMilliseconds
    ledger.test.clock.set(day: TestVault.day + 90)
    try ledger.vault.plantHoneytoken(ledger.bert, .overseer)
    let listed = try ledger.vault.honeytokens(.overseer)
    #expect(listed.count == 1 && listed.first?.sinceMilliseconds == since)
    try ledger.vault.removeHoneytoken(ledger.bert, .overseer)
    expect(.notFound) { try ledger.vault.removeHoneytoken(ledger.bert, .overseer) }
    let nobody = TokenText(domain: "desk", token: [UInt8](repeating: 1, count: 16))
    expect(.notFound) { try ledger.vault.plantHoneytoken(nobody, .overseer) }
  }
}
