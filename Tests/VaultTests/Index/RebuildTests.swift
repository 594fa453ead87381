import Analytics
import Foundation
import GRDB
import Keyring
import Testing
import VaultTesting

@testable import Vault

@Suite struct RebuildTests {
  private static func codes(_ vault: Vault) throws -> Set<Data> {
    try vault.indexQueue.read { try Set(Data.fetchAll($0, sql: "SELECT code FROM match")) }
  }

  @Test func theNewIndexAnswersAsTheOldOne() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let analytics = try vault.token(for: token, in: "analytics", .dpo)
    let before = try Self.codes(vault)
    #expect(try vault.rebuildIndex(.service) == before.count + 1, "the phone is of two")
    let after = try Self.codes(vault)
    #expect(after.count == before.count && after.isDisjoint(with: before))
    #expect(try vault.theOne(.email, People.annaEmail) == token)
    #expect(try vault.count(.phone, People.phone) == 2)
    #expect(try vault.person(token) == vault.person(analytics))
    #expect(try vault.ingest([People.anna, People.bert], from: TestSources.crm).unchanged == 2)
  }

  @Test func theOldCodesAreGoneFromTheFiles() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let before = try Self.codes(vault).map { [UInt8]($0) }
    #expect(try !FileScan.hits(in: test.directory, before).isEmpty)
    _ = try vault.rebuildIndex(.service)
    #expect(try FileScan.hits(in: test.directory, before).isEmpty)
  }

  @Test func aDeletedIndexIsMadeAnew() throws {
    let test = try TestVault()
    let token = try test.withPeople().theOne(.email, People.annaEmail)
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: test.layout.index + suffix)
    }
    let vault = try test.open()
    _ = try vault.rebuildIndex(.service)
    #expect(try vault.hasIndex())
    #expect(try vault.values(token)["crm.email"] == [People.annaEmail])
    #expect(try vault.theOne(.email, People.annaEmail) == token)
  }

  /// A copy of the old index is noise: its generation has no keys any more.
  @Test func anOldIndexFileDecidesNothing() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let old = try test.copyDirectory("old")
    _ = try vault.rebuildIndex(.service)
    for suffix in ["", "-wal", "-shm"] {
      let target = test.layout.index + suffix
      try? FileManager.default.removeItem(atPath: target)
      if suffix != "-shm", FileManager.default.fileExists(atPath: "\(old)/index.sqlite\(suffix)") {
        try FileManager.default.copyItem(atPath: "\(old)/index.sqlite\(suffix)", toPath: target)
      }
    }
    let mixed = try test.open()
    #expect(throws: (any Error).self) { _ = try mixed.count(.email, People.annaEmail) }
    _ = try mixed.rebuildIndex(.service)
    #expect(try mixed.count(.email, People.annaEmail) == 1)
  }

  /// Unification gave Anna another anchor; her earlier tokens must lead to her, and her analysts'
  /// rows go.
  @Test func tokensOfEverySubjectComeBack() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.openDomain("partner", isMonthly: false, .engineer)
    try vault.ingest(
      [TestSources.orders.record("B-1", "O-1", ["email": People.annaEmail, "amount": "1"])],
      from: TestSources.orders)
    _ = try vault.project(.service)
    let found = try vault.find(.email, Array(People.annaEmail.utf8), .dpo)
    #expect(found.count == 2)
    let partner = try found.map { try vault.token(for: $0.token, in: "partner", .dpo) }
    _ = try vault.assign(
      [(try vault.leaf(TestSources.orders, "B-1"), try vault.leaf(TestSources.crm, "K-1"))],
      .none, .service)
    _ = try vault.rebuildIndex(.service)
    let person = try vault.person(found[0].token)
    for token in found.map(\.token) + partner { #expect(try vault.person(token) == person) }
    try vault.eraseNow(found[1].token, "R-1")
    #expect(try vault.openAnalytics().counts().profiles == 1, "Bert's")
    for token in found.map(\.token) + partner {
      expect(VaultError.Code.notFound) { _ = try vault.person(token) }
    }
  }

  /// With nobody left there is no live key that would tell which generations are spent.
  @Test(arguments: [false, true]) func rebuildingAnEmptyVaultTwiceKeepsItUsable(
    deletesIndex: Bool
  ) throws {
    let test = try TestVault()
    var vault = try test.withPeople()
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    try vault.eraseNow(try vault.theOne(.email, People.bertEmail), "R-2")
    for _ in 0..<3 { _ = try vault.rebuildIndex(.service) }
    if deletesIndex {
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: test.layout.index + suffix)
      }
      vault = try test.open()
      _ = try vault.rebuildIndex(.service)
    }
    let carl = TestSources.crm.record("K-3", ["number": "K-3", "email": "carl@example.com"])
    #expect(try vault.ingest([carl], from: TestSources.crm).added == 1)
    #expect(try vault.count(.email, "carl@example.com") == 1)
  }

  @Test func dyingWhileRebuildingIsHealedByTheNext() throws {
    let origin = try TestVault()
    let vault = try origin.withPeople()
    try vault.queue.close()
    try vault.indexQueue.close()
    var deaths = 0
    for draws in 0..<100 {
      let test = try origin.clone()
      let dying = try test.open()
      test.random.fail(after: draws)
      do {
        _ = try dying.rebuildIndex(.service)
        break
      } catch {
        deaths += 1
        test.random.fail(after: nil)
        let again = try test.open()
        _ = try again.rebuildIndex(.service)
        #expect(try again.count(.email, People.annaEmail) == 1)
        #expect(try again.ingest([People.anna], from: TestSources.crm).unchanged == 1)
        let live = try again.keyring.liveIndexGenerations().map(\.generation)
        #expect(Set(live).count == 1, "no spent generation keeps its keys")
      }
    }
    #expect((3..<100).contains(deaths))
  }
}
