import Analytics
import Foundation
import GRDB
import Keyring
import TestSupport
import Testing
import VaultTesting

@testable import Vault

/// A custodian or a reader stands in the way of an erasure: it waits, and says nothing too early.
@Suite struct CustodianAttackTests {
  private struct Scene {
    let test: TestVault
    let vault: Vault
    let anna: TokenText
    let leaf: Int64
    let second: String

    init() throws {
      test = try TestVault()
      second = test.root.appending(path: "key/second.slot").path
      let key = try UnsealKey.createFile(
        at: test.keyPath, outside: test.directory, random: test.random)
      try Vault.create(
        directory: test.directory, policies: TestVault.policies,
        settings: test.settings(custodians: [.file(path: second)]), unsealKey: key,
        environment: test.environment)
      vault = try test.open()
      try vault.ingest([People.anna, People.bert], from: TestSources.crm)
      anna = try vault.theOne(.email, People.annaEmail)
      leaf = try vault.leaf(TestSources.crm, "K-1")
    }

    func takeAway() throws {
      try FileManager.default.moveItem(atPath: second, toPath: second + ".away")
    }

    func bringBack() throws {
      try FileManager.default.moveItem(atPath: second + ".away", toPath: second)
    }

    func expectNotFinal() throws {
      expect(VaultError.Code.notFound) { _ = try vault.erasureOutcome("R-1") }
      expect(VaultError.Code.notFound) { _ = try vault.certificate("R-1") }
      #expect(try !vault.logTypes().contains("erasure.final"))
      #expect(throws: (any Error).self) { _ = try vault.disclose(anna, .dpo) }
      let bert = try vault.theOne(.email, People.bertEmail)
      #expect(try vault.values(bert)["crm.email"] == [People.bertEmail])
    }
  }

  @Test func aCustodianThatIsAwayFromTheStart() throws {
    let scene = try Scene()
    try scene.takeAway()
    expect(KeyringError.Code.unavailable) { try scene.vault.eraseNow(scene.anna, "R-1") }
    try scene.expectNotFinal()
    #expect(try scene.vault.resumeErasures().isEmpty)
    try scene.vault.keyring.withSubjectKey(scene.leaf) { _ in }
    try scene.bringBack()
    #expect(try scene.vault.resumeErasures() == ["R-1"])
    expect(KeyringError.Code.keyDestroyed) {
      try scene.vault.keyring.withSubjectKey(scene.leaf) { _ in }
    }
    #expect(try scene.vault.erasureOutcome("R-1").facts.custodians.count == 2)
    AttackReport.record(
      number: 10, name: "custodian unreachable from the start",
      tried: "one of two custodians away before PREPARED",
      result: "not FINAL, no certificate, person fenced, others readable; FINAL when it is back")
  }

  @Test func aCustodianThatGoesAwayBeforeRetired() throws {
    let origin = try Scene()
    let digest = try origin.vault.previewErasure(origin.anna, .dpo).digest
    // The first custodian draws the bytes its sector is overwritten with; there the process dies.
    var state: String?
    for draws in 0..<200 where state != "replicated" {
      origin.test.random.fail(after: draws)
      #expect(throws: (any Error).self) {
        if state == nil {
          _ = try origin.vault.erase(
            origin.anna, confirming: digest, reference: "R-1", .dpo)
        } else {
          _ = try origin.vault.finish("R-1", resumed: true)
        }
      }
      origin.test.random.fail(after: nil)
      state = try origin.vault.value(String.self, "SELECT state FROM erasure")
    }
    #expect(state == "replicated")
    try origin.takeAway()
    expect(KeyringError.Code.unavailable) { _ = try origin.vault.finish("R-1", resumed: true) }
    try origin.expectNotFinal()
    try origin.bringBack()
    #expect(try origin.vault.finish("R-1", resumed: true).isFinal)
    let types = try origin.vault.logTypes()
    for state in ErasureState.allCases {
      #expect(types.count { $0 == "erasure.\(state.rawValue)" } == 1)
    }
    AttackReport.record(
      number: 10, name: "custodian unreachable between REPLICATED and RETIRED",
      tried: "one of two custodians away when the old secret has to go",
      result: "not FINAL, no certificate; FINAL when it is back, every state logged once")
  }

  // MARK: - Readers

  static let readFiles = ["vault.sqlite", "index.sqlite"]

  @Test(arguments: readFiles) func aReaderBlocksTheLog(file: String) throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let anna = try vault.theOne(.email, People.annaEmail)
    for queue in [vault.queue, vault.indexQueue] {
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 20") }
    }
    let reader = try DatabaseQueue(path: "\(test.directory)/\(file)")
    try reader.writeWithoutTransaction { database in
      try database.inTransaction(.deferred) {
        _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
        expect(VaultError.Code.storage) { try vault.eraseNow(anna, "R-1") }
        return .commit
      }
    }
    // The data's log is emptied last, after FINAL; the index's before any key is touched.
    let isFinal = try vault.logTypes().contains("erasure.final")
    #expect(isFinal == (file == "vault.sqlite"))
    try reader.close()
    try vault.queue.close()
    try vault.indexQueue.close()
    let again = try test.open()
    #expect(try again.erasureOutcome("R-1").isFinal)
    try again.queue.close()
    try again.indexQueue.close()
    #expect(try FileScan.hits(in: test.directory, People.annaNeedles).isEmpty)
    for name in Self.readFiles {
      let log = FileManager.default.contents(atPath: "\(test.directory)/\(name)-wal")
      #expect(log?.isEmpty ?? true)
    }
    AttackReport.record(
      number: 13, name: "reader blocks the checkpoint of \(file)",
      tried: "a reader with an open transaction during the erasure of a person",
      result: isFinal
        ? "FINAL, and told that deleted ciphertext is still in the log; emptied at the next closing"
        : "told and not FINAL, no key destroyed yet; finished at the next opening")
  }

  /// With the vault's own waiting time this would take minutes, so the store gets a short one.
  @Test func aReaderBlocksTheLogOfTheAnalystsFile() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.project(.service)
    let anna = try vault.theOne(.email, People.annaEmail)
    let token = try vault.token(for: anna, in: "analytics", .dpo).text
    let store = try AnalyticsStore.open(test.layout.analytics, busyTimeoutSeconds: 0.02)
    let reader = try DatabaseQueue(path: test.layout.analytics)
    try reader.writeWithoutTransaction { database in
      try database.inTransaction(.deferred) {
        _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
        _ = try store.deleteProfiles(tokens: [token])
        expect(VaultError.Code.storage) {
          try vault.requireTruncated("analytics.sqlite") { try store.sweep() }
        }
        return .commit
      }
    }
    try vault.requireTruncated("analytics.sqlite") { try store.sweep() }
    AttackReport.record(
      number: 13, name: "reader blocks the checkpoint of analytics.sqlite",
      tried: "a reader with an open transaction while the log has to be emptied",
      result:
        "the step before any key is touched refuses; passes once the reader is gone")
  }
}
