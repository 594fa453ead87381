import Foundation
import Sealing
import TestSupport
import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

@Suite struct SampleTests {
  @Test(arguments: [
    ([10, 10, 10], 6, [2, 2, 2]), ([90, 9, 1], 10, [8, 1, 1]), ([100, 1, 1], 3, [1, 1, 1]),
    ([100, 1, 1], 2, [2, 0, 0]), ([5, 3], 100, [5, 3]), ([], 5, []), ([7], 3, [3]),
    ([1, 1, 1, 1], 2, [1, 1, 0, 0]), ([50, 30, 20], 10, [5, 3, 2]), ([33, 33, 34], 10, [3, 3, 4]),
    ([1000, 500, 1, 1], 5, [2, 1, 1, 1]),
  ])
  func quotasAreInProportionWithOneEachWhereThereIsRoom(
    populations: [Int], size: Int, expected: [Int]
  ) {
    #expect(SampleQuota.shares(populations, size: size) == expected)
  }

  @Test func quotasNeverPassThePopulation() {
    var numbers = SeededNumbers(seed: 3)
    for _ in 0..<2_000 {
      let populations = (0..<Int.random(in: 1...8, using: &numbers)).map { _ in
        Int.random(in: 1...40, using: &numbers)
      }
      let size = Int.random(in: 1...120, using: &numbers)
      let shares = SampleQuota.shares(populations, size: size)
      #expect(shares.reduce(0, +) == min(size, populations.reduce(0, +)))
      #expect(zip(shares, populations).allSatisfy { (0...$1).contains($0) })
      #expect(size < populations.count || shares.allSatisfy { $0 >= 1 })
    }
  }

  @Test func theOrderIsThatOfTheDescribedHash() throws {
    let ledger = try Ledger()
    let plan = try SamplePlan(seed: "audit 2026", size: 4)
    let sample = try LogSearch(ledger.vault, .auditor).sample(plan, LogQuery())
    let entries = try ledger.entries().filter { $0.sequence < sample.treeSize }
    let ranked = entries.sorted {
      SHA256.hash(Array("audit 2026".utf8) + [0] + $0.leafHash.bytes).hexadecimal
        < SHA256.hash(Array("audit 2026".utf8) + [0] + $1.leafHash.bytes).hexadecimal
    }
    #expect(sample.entries.map(\.sequence) == ranked.prefix(4).map(\.sequence).sorted())
    #expect(sample.population == entries.count)
  }

  @Test func aSecondPersonDrawsTheSameAndAnotherSeedAnother() throws {
    let ledger = try Ledger()
    for _ in 0..<40 { try ledger.look(ledger.anna, .dpo) }
    let plan = try SamplePlan(seed: "s", size: 10)
    let first = try LogSearch(ledger.vault, .auditor).sample(plan, LogQuery())
    try ledger.look(ledger.bert, .dpo)
    let second = try LogSearch(ledger.vault, .overseer)
      .sample(plan, LogQuery(), treeSize: first.treeSize)
    #expect(first.entries == second.entries && first.strata == second.strata)
    let other = try LogSearch(ledger.vault, .auditor)
      .sample(try SamplePlan(seed: "t", size: 10), LogQuery(), treeSize: first.treeSize)
    #expect(other.entries != first.entries)
    // A larger sample holds the smaller one.
    let larger = try LogSearch(ledger.vault, .auditor)
      .sample(try SamplePlan(seed: "s", size: 15), LogQuery(), treeSize: first.treeSize)
    #expect(Set(first.entries).isSubset(of: Set(larger.entries)))
  }

  @Test func everyKindOfStrataIsSpreadAsItSays() throws {
    let ledger = try Ledger()
    let events = try ledger.events()
    let keys: [SamplePlan.Strata: (LoggedEvent) -> String] = [
      .none: { _ in "" }, .type: { $0.type }, .actor: { $0.actor },
      .day: { String(TimeText.text($0.milliseconds).prefix(10)) },
      .decision: { $0.decision?.rawValue ?? "" },
    ]
    for strata in SamplePlan.Strata.allCases {
      let plan = try SamplePlan(seed: "x", size: 8, strata: strata)
      let sample = try LogSearch(ledger.vault, .auditor)
        .sample(plan, LogQuery(), treeSize: events.count)
      let key = try #require(keys[strata])
      let populations = Dictionary(grouping: events, by: key).mapValues(\.count)
      let drawn = Dictionary(
        grouping: sample.entries.compactMap { try? LoggedEvent($0) }, by: key
      ).mapValues(\.count)
      #expect(sample.strata.map(\.key) == populations.keys.sorted(), "\(strata)")
      for stratum in sample.strata {
        #expect(stratum.population == populations[stratum.key], "\(strata) \(stratum.key)")
        #expect(stratum.drawn == drawn[stratum.key] ?? 0, "\(strata) \(stratum.key)")
        #expect(stratum.drawn >= 1 || populations.count > 8)
      }
      #expect(sample.entries.count == 8)
    }
  }

  @Test func theEventHasTheSeedByDigestOnly() throws {
    let ledger = try Ledger()
    _ = try LogSearch(ledger.vault, .auditor)
      .sample(try SamplePlan(seed: "anna@example.com", size: 3, strata: .actor), LogQuery())
    let entry = try #require(try ledger.entries().last)
    let event = try LoggedEvent(entry)
    #expect(event.type == "log.sampled" && event.text("stratify") == "actor")
    #expect(event.text("seed") == SHA256.hash(Array("anna@example.com".utf8)).hexadecimal)
    #expect(!String(decoding: entry.bytes, as: UTF8.self).contains("anna"))
  }

  @Test func aSampleInAFileIsDrawnAgainByWhoeverVerifies() throws {
    let ledger = try Ledger()
    let plan = try SamplePlan(seed: "2026", size: 6, strata: .type)
    let receipt = try ledger.export(sample: plan)
    #expect(receipt.manifest.sample == plan && receipt.manifest.content.count == 6)
    #expect(try ledger.verify().isValid)
    let types = try ledger.events().suffix(2).map(\.type)
    #expect(types == ["log.sampled", "log.exported"])
    let lines = try ledger.lines("p")
    let drawn = try lines.map { try #require(EventBytes(Array($0.dropLast()))?.number(.seq)) }
    let other = try #require(try ledger.entries().first { !drawn.contains(Int64($0.sequence)) })
    try ledger.put((lines.dropFirst() + [other.bytes + [0x0A]]).flatMap { $0 }, "p")
    let report = try ledger.verify()
    #expect(report.outcomes[.completeness] == .failed)
    #expect(report.findings.contains { $0.contains("entry \(drawn[0]) is missing") })
    #expect(report.findings.contains { $0.contains("entry \(other.sequence) does not belong") })
  }

  @Test func aSampleOfNothingIsEmpty() throws {
    let ledger = try Ledger()
    let plan = try SamplePlan(seed: "s", size: 5, strata: .day)
    let sample = try LogSearch(ledger.vault, .auditor)
      .sample(plan, .with { $0.types = ["no.such"] })
    #expect(sample.entries.isEmpty && sample.strata.isEmpty && sample.population == 0)
    try ledger.export(.with { $0.types = ["no.such"] }, sample: plan)
    #expect(try ledger.verify().isValid)
  }

  @Test func unfitPlansAreRefused() {
    expect(.invalidQuery) { _ = try SamplePlan(seed: "", size: 1) }
    expect(.invalidQuery) { _ = try SamplePlan(seed: String(repeating: "s", count: 201), size: 1) }
    for size in [-1, 0, SamplePlan.sizeMaximum + 1] {
      expect(AuditingError.Code.limit) { _ = try SamplePlan(seed: "s", size: size) }
    }
  }
}
