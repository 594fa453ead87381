import GRDB
import Keyring
import Sealing
import Testing
import VaultTesting

@testable import Vault

/// Two vaults on one directory, as two processes would have it.
@Suite struct ProcessTests {
  @Test func bothBringInAndBothFind() throws {
    let test = try TestVault()
    let first = try test.made()
    let second = try test.open()
    for round in 0..<6 {
      let vault = round.isMultiple(of: 2) ? first : second
      let records = (0..<10).map {
        TestSources.crm.record(
          "K-\(round)-\($0)",
          ["number": "K-\(round)-\($0)", "email": "p\(round)-\($0)@example.com"])
      }
      #expect(try vault.ingest(records, from: TestSources.crm).subjects == 10)
    }
    for vault in [first, second] {
      for round in 0..<6 { #expect(try vault.count(.email, "p\(round)-3@example.com") == 1) }
    }
    #expect(
      try first.theOne(.email, "p1-1@example.com") == second.theOne(.email, "p1-1@example.com"))
    let sequences = try first.logEntries().enumerated().map {
      $0.element.number("seq") == $0.offset
    }
    #expect(sequences.allSatisfy { $0 })
  }

  @Test func theSameSubjectFromBothIsOneSubject() throws {
    let test = try TestVault()
    let first = try test.made()
    let second = try test.open()
    #expect(try first.ingest([People.anna], from: TestSources.crm).subjects == 1)
    #expect(try second.ingest([People.anna], from: TestSources.crm).unchanged == 1)
    let newer = TestSources.crm.record("K-1", day: TestVault.day + 1, ["number": "K-1"])
    #expect(try second.ingest([newer], from: TestSources.crm).replaced == 1)
    #expect(try first.count(.email, People.annaEmail) == 0)
  }

  @Test func aFenceIsSeenAtOnce() throws {
    let test = try TestVault()
    let first = try test.withPeople()
    let second = try test.open()
    let token = try second.theOne(.email, People.annaEmail)
    #expect(try second.values(token)["crm.email"] == [People.annaEmail])
    let leaf = try first.leaf(TestSources.crm, "K-1")
    try first.queue.write { try SubjectStore(database: $0).fence(leaf) }
    expect(VaultError.Code.fenced) { _ = try second.disclose(token, .dpo) }
    #expect(try second.count(.email, People.annaEmail) == 0)
  }

  @Test func anErasureIsSeenAtOnce() throws {
    let test = try TestVault()
    let first = try test.withPeople()
    let second = try test.open()
    let token = try second.theOne(.email, People.annaEmail)
    let bert = try second.theOne(.email, People.bertEmail)
    #expect(try second.values(token)["crm.email"] == [People.annaEmail])
    let leaf = try first.leaf(TestSources.crm, "K-1")
    try first.eraseNow(token, "R-1")
    expect(VaultError.Code.notFound) { _ = try second.disclose(token, .dpo) }
    expect(KeyringError.Code.keyDestroyed) { try second.keyring.withSubjectKey(leaf) { _ in } }
    #expect(try second.values(bert)["crm.email"] == [People.bertEmail])
    #expect(try second.ingest([People.anna], from: TestSources.crm).suppressed == 1)
  }

  @Test func anIndexRebuiltElsewhereIsUsedAtOnce() throws {
    let test = try TestVault()
    let first = try test.withPeople()
    let second = try test.open()
    #expect(try second.count(.email, People.annaEmail) == 1)
    _ = try first.rebuildIndex(.service)
    #expect(try second.count(.email, People.annaEmail) == 1)
    #expect(try second.ingest([People.anna], from: TestSources.crm).unchanged == 1)
  }

  @Test func eitherContinuesTheLogOfTheOther() throws {
    let test = try TestVault()
    let first = try test.withPeople()
    let second = try test.open()
    for round in 0..<4 {
      let vault = round.isMultiple(of: 2) ? first : second
      _ = try vault.theOne(.email, People.annaEmail)
      #expect(try vault.publishLog().size == (try vault.logEntries().count))
    }
  }

  /// Two threads, each with a vault of its own, write as fast as they can.
  @Test func writingAtTheSameTimeLosesNothing() async throws {
    let test = try TestVault()
    try test.create()
    let vaults = [try test.open(), try test.open()]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, vault) in vaults.enumerated() {
        group.addTask {
          for round in 0..<8 {
            let records = (0..<5).map { number in
              // Half of the subjects are the same for both.
              let name = number < 2 ? "both-\(round)-\(number)" : "v\(index)-\(round)-\(number)"
              return TestSources.crm.record(name, ["number": name])
            }
            try vault.ingest(records, from: TestSources.crm)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try vaults[0].value(Int.self, "SELECT count(*) FROM subject") == 8 * 2 + 2 * 8 * 3)
    #expect(try vaults[1].value(Int.self, "SELECT count(*) FROM record") == 64)
    #expect(try vaults[0].count(.customerNumber, "both-3-1") == 1)
    let sequences = try vaults[1].logEntries().enumerated()
      .map { $0.element.number("seq") == $0.offset }
    #expect(sequences.allSatisfy { $0 })
  }
}
