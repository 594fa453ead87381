import Foundation
import Intake
import SampleData
import Sealing
import Testing
import Unification
import Vault
import VaultTesting

/// Unification against a sample whose truth is known: 1,000 people, four sources, typos and hubs.
///
/// Measured with seed 7: precision 1.000, recall 0.740 over pairs of subjects; guests and browsers
/// that never log in cannot be linked by exact identifiers. The bounds lie a little below, so that
/// a change for the worse is seen and one for the better is not held up.
@Suite struct SampleTruthTests {
  private static let precisionFloor = 0.99
  private static let recallFloor = 0.70

  private static func contract(_ name: String) throws -> Contract {
    func read(_ path: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: URL(filePath: TestVault.policies + "/" + path)))
    }
    return try Contract(
      yaml: read("sources/\(name).yaml"), file: "\(name).yaml",
      retention: RetentionClasses(yaml: read("retention.yaml"), file: "retention.yaml"),
      purposes: PurposeCatalogue(yaml: read("purposes.yaml"), file: "purposes.yaml"),
      digest: SHA256.hash)
  }

  private static func lines(_ generator: SampleGenerator, _ file: SampleFile) -> [UInt8] {
    var bytes: [UInt8] = []
    generator.write(file) { bytes += Array($0.utf8) }
    return bytes
  }

  /// Subjects by true person, as indices of `source ‖ subject`.
  private static func truth(_ generator: SampleGenerator) -> [String: Int] {
    var people: [String: Int] = [:]
    let text = String(decoding: lines(generator, .truth), as: UTF8.self)
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
      let parts = line.split(separator: ",", omittingEmptySubsequences: false)
      guard parts.count == 4, let person = Int(parts[3]) else { continue }
      people["\(parts[0])\0\(parts[1])"] = person
    }
    return people
  }

  private static func pairs(_ sizes: some Sequence<Int>) -> Int {
    sizes.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
  }

  @Test func precisionAndRecallHold() throws {
    let test = try TestVault()
    let vault = try test.made()
    let generator = try SampleGenerator(
      seed: 7, people: 1_000, today: CivilDay(daysSince1970: TestVault.day), badRows: false)
    let truth = Self.truth(generator)
    var subjects: [(leaf: Int64, person: Int)] = []
    var known: Set<Int64> = []
    for file in [SampleFile.crm, .orders, .web, .thirdParty] {
      let contract = try Self.contract(file.source)
      let run = try vault.beginIngest(contract.source, .engineer)
      var order: [String] = []
      var seen: Set<String> = []
      let feed = RecordFeed(
        contract: contract, file: file.rawValue, ingestDay: TestVault.day, isStrict: true)
      _ = try feed.run(
        MemoryByteSource(Self.lines(generator, file)), reject: { _ in },
        store: { batch, _ in
          for record in batch {
            let name = "\(file.source)\0\(String(decoding: record.externalID, as: UTF8.self))"
            let isExpired =
              contract.source.retentionClass.shortestTermDays
              .map { record.collectedDay + $0 <= TestVault.day } ?? false
            if !isExpired, seen.insert(name).inserted { order.append(name) }
          }
          _ = try vault.ingest(batch, into: run)
        })
      // New subjects get ascending numbers in the order of their first record.
      var new: [Int64] = []
      try vault.forEachLinkageSubject(.service) {
        if !known.contains($0.subject) { new.append($0.subject) }
      }
      try #require(new.count == order.count)
      for (leaf, name) in zip(new, order) {
        known.insert(leaf)
        subjects.append((leaf, try #require(truth[name])))
      }
    }

    let report = try Unifier(vault).run(.service)
    var found: [Int64: Int64] = [:]
    try vault.forEachLinkageSubject(.service) { found[$0.subject] = $0.person }
    let rows = try subjects.map { (found: try #require(found[$0.leaf]), true: $0.person) }
    let together = Self.pairs(
      Dictionary(grouping: rows, by: { "\($0.found) \($0.true)" }).values.map(\.count))
    let claimed = Self.pairs(Dictionary(grouping: rows, by: \.found).values.map(\.count))
    let actual = Self.pairs(Dictionary(grouping: rows, by: \.true).values.map(\.count))
    let precision = Double(together) / Double(claimed)
    let recall = Double(together) / Double(actual)
    #expect(precision >= Self.precisionFloor, "precision \(precision), \(claimed) pairs claimed")
    #expect(recall >= Self.recallFloor, "recall \(recall), \(actual) true pairs")
    #expect(claimed > 1_000 && actual > 1_000)
    #expect(report.hubValues.contains { $0.kind == .email }, "test@test.com is in the sample")

    let again = try Unifier(vault).run(.service)
    #expect(again.moved == 0 && again.persons == report.persons)
  }
}
