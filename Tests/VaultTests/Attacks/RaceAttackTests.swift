import Foundation
import GRDB
import Keyring
import Synchronization
import TestSupport
import Testing
import VaultTesting

@testable import Vault

/// An erasure and an ingest of the same person at the same time, through two vaults on one
/// directory as two processes have them.
@Suite struct RaceAttackTests {
  private static let eventsInAdvance = 3
  private static let eventsInTheRace = 12

  private static func order(_ person: Int, _ event: Int) -> IncomingRecord {
    TestSources.orders.record(
      "B-\(person)", "O-\(person)-\(event)",
      [
        "order": "O-\(person)-\(event)", "email": "racer\(person)@example.com", "amount": "1",
      ])
  }

  @Test func whoIsErasedDuringAnIngestIsGone() async throws {
    let rounds = AttackReport.rounds(short: 20, long: 300)
    let test = try TestVault()
    let first = try test.made()
    let second = try test.open()
    var (before, during, refused) = (0, 0, 0)
    for person in 0..<rounds {
      for event in 0..<Self.eventsInAdvance {
        try first.ingest([Self.order(person, event)], from: TestSources.orders)
      }
      let token = try first.theOne(.email, "racer\(person)@example.com")
      async let erased = Self.erase(token, "R-\(person)", first)
      async let brought = Self.bringIn(person, second)
      let report = try await brought
      try await erased
      #expect(report.total == Self.eventsInTheRace)
      #expect(report.added + report.suppressed + report.fenced == report.total)
      before += report.added
      during += report.fenced
      refused += report.suppressed
      try Self.expectGone(person, first, second)
    }
    #expect(try first.value(Int.self, "SELECT count(*) FROM subject") == 0)
    #expect(try first.value(Int.self, "SELECT count(*) FROM record") == 0)
    let entries = try second.logEntries().enumerated()
    #expect(entries.allSatisfy { $0.element.number("seq") == $0.offset })
    #expect(before > 0 && during + refused > 0, "the race was none: \(before) \(refused)")
    AttackReport.record(
      number: 39, name: "erasure against a concurrent ingest",
      tried: "\(rounds) races of two vaults on one directory, \(Self.eventsInTheRace) batches each",
      result: "nothing of the person is left; \(before) records came before the fence and were "
        + "erased, \(during) met the fence, \(refused) were suppressed")
  }

  /// Repeats the preview while the ingest changes the person, as the desk would.
  private static func erase(_ token: TokenText, _ reference: String, _ vault: Vault) async throws {
    await Task.yield()
    for _ in 0...eventsInTheRace {
      do {
        try vault.eraseNow(token, reference)
        return
      } catch let error as VaultError where error.code == .stale {
        continue
      }
    }
    Issue.record("the person changed more often than there were events")
  }

  private static func bringIn(_ person: Int, _ vault: Vault) async throws -> IngestReport {
    var report = IngestReport()
    for event in 0..<eventsInTheRace {
      let record = order(person, eventsInAdvance + event)
      report.add(try vault.ingest([record], from: TestSources.orders))
      await Task.yield()
    }
    return report
  }

  private static func expectGone(_ person: Int, _ first: Vault, _ second: Vault) throws {
    for vault in [first, second] {
      #expect(try vault.count(.email, "racer\(person)@example.com") == 0)
    }
    let again = try second.ingest([order(person, 99)], from: TestSources.orders)
    #expect(again.suppressed == 1)
    let generation = try first.indexQueue.read { try IndexStore(database: $0).generation() } ?? 1
    let code = try MatchCodes(keyring: first.keyring, generation: generation)
      .code(.email, Array("racer\(person)@example.com".utf8))
    let left = try first.indexQueue.read { try IndexStore(database: $0).subjects(code: code) }
    #expect(left.isEmpty, "no row of the match index is left behind by the ingest")
  }
}
