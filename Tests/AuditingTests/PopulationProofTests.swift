import Foundation
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

/// What somebody can do to a population, up to somebody in charge of the vault.
@Suite struct PopulationProofTests {
  static let looks = LogQuery.with { $0.types = ["field.disclosed"] }

  @Test func anyFlippedByteOfManifestEntryOrProofShows() throws {
    let ledger = try Ledger()
    try ledger.export(Self.looks)
    for name in ["p.manifest.json", "p.entry.json", "p.tlog-proof"] {
      let good = try ledger.bytes(name)
      for place in stride(from: 0, to: good.count, by: 7) {
        var bad = good
        bad[place] ^= 1
        try ledger.put(bad, name)
        #expect(try !ledger.verify(withLog: false).isValid, "\(name) at \(place)")
      }
      try ledger.put(good, name)
    }
    #expect(try ledger.verify().isValid)
  }

  /// A manifest made anew to fit a changed file is not the one the log knows.
  @Test func aManifestMadeToFitIsNotTheOneInTheLog() throws {
    let ledger = try Ledger()
    let receipt = try ledger.export(Self.looks)
    let bytes = try ledger.lines("p").dropLast().flatMap { $0 }
    let entries = try ledger.entries()
    let file = try NewFile(ledger.path("q"))
    var writer = try PopulationWriter(file, .jsonl, origin: receipt.manifest.origin)
    for line in try ledger.lines("p").dropLast() {
      let event = try #require(EventBytes(Array(line.dropLast())))
      try writer.write(entries[Int(try #require(event.number(.seq)))])
    }
    let old = receipt.manifest
    let manifest = PopulationManifest(
      origin: old.origin, format: .jsonl, query: old.query, range: old.range,
      firstKept: old.firstKept, checkpoint: old.checkpoint, sample: nil, strata: [],
      reading: old.reading, milliseconds: old.milliseconds, content: try writer.finish())
    try ledger.put(bytes, "p")
    try ledger.put(try manifest.encoded, "p.manifest.json")
    let report = try ledger.verify(withLog: false)
    #expect(report.outcomes[.file] == .passed && report.outcomes[.lines] == .passed)
    #expect(report.outcomes[.logEntry] == .failed && !report.isValid)
    #expect(report.findings.contains { $0.contains("do not agree") })
  }

  /// Whoever runs the vault can export too little and log it; the published log tells.
  @Test func whatTheVaultLeavesOutTheLogTells() throws {
    let ledger = try Ledger()
    let whole = try ledger.entries().filter { try LogMatcher(Self.looks).matches($0) }
    var some = whole
    some.remove(at: 3)
    try ledger.exportDishonestly(Self.looks, some)
    #expect(try ledger.verify(withLog: false).isValid)
    let report = try ledger.verify()
    #expect(report.outcomes[.completeness] == .failed)
    #expect(
      report.findings == ["entry \(whole[3].sequence) is missing; it belongs after line 3"])
  }

  @Test func whatTheVaultPutsInTheLogTells() throws {
    let ledger = try Ledger()
    let whole = try ledger.entries().filter { try LogMatcher(Self.looks).matches($0) }
    var bytes = whole[2].bytes
    let place = try #require(bytes.firstIndex(of: UInt8(ascii: "m")))
    bytes[place] = UInt8(ascii: "n")
    var changed = whole
    changed[2] = LogEntry(sequence: whole[2].sequence, bytes: bytes)
    try ledger.exportDishonestly(Self.looks, changed)
    let report = try ledger.verify()
    #expect(
      report.findings == ["line 3: entry \(whole[2].sequence) is not as the log has it"])
  }

  /// Saying that entries were pruned which were not is another way to leave them out.
  @Test func whatIsSaidToBePrunedAndIsNotTheLogTells() throws {
    let ledger = try Ledger()
    let whole = try ledger.entries().filter { try LogMatcher(Self.looks).matches($0) }
    let kept = whole[2].sequence
    try ledger.exportDishonestly(
      Self.looks, whole.filter { $0.sequence >= kept }, firstKept: kept)
    #expect(try ledger.verify(withLog: false).isValid)
    let report = try ledger.verify()
    #expect(!report.isValid && report.findings.count == 2)
    #expect(
      report.findings[0].hasPrefix("entry \(whole[0].sequence) is missing: the export begins"))
  }

  @Test func theRangeHasToBeTheQuerys() throws {
    let ledger = try Ledger()
    var narrow = Self.looks
    narrow.toSequence = 6
    let receipt = try ledger.export(narrow)
    let old = receipt.manifest
    let manifest = PopulationManifest(
      origin: old.origin, format: .jsonl, query: Self.looks, range: old.range,
      firstKept: old.firstKept, checkpoint: old.checkpoint, sample: nil, strata: [],
      reading: old.reading, milliseconds: old.milliseconds, content: old.content)
    try ledger.put(try manifest.encoded, "p.manifest.json")
    let report = try ledger.verify()
    #expect(report.findings == ["the range of the manifest is not the one its query means"])
  }

  @Test func anotherKeyRefusesEverything() throws {
    let ledger = try Ledger()
    try ledger.export(Self.looks)
    let other = try TestVault(seed: 2)
    let key = try NoteVerifierKey(encoded: try other.made().logVerifierKey())
    let report = try PopulationVerifier(logKey: key).verify(PopulationFiles(ledger.path("p")))
    #expect(!report.isValid && report.outcomes[.manifest] == .failed)
  }

  @Test func aWitnessThatIsAskedForHasToHaveSigned() throws {
    let ledger = try Ledger()
    try ledger.export(Self.looks)
    let witness = try NoteVerifierKey(
      encoded: "witness.example/w1+dbde64cc+BN+GARmBG3ZTJJSX8/UQnTezIZRqgCkLwWQCBUNSL47c")
    let report = try PopulationVerifier(logKey: try ledger.key, witnesses: [witness])
      .verify(PopulationFiles(ledger.path("p")))
    #expect(report.outcomes[.logEntry] == .failed)
    #expect(report.findings == ["a witness has not cosigned the proof's checkpoint"])
  }

  @Test func theProofOfAnotherExportIsNone() throws {
    let ledger = try Ledger()
    try ledger.export(Self.looks, "p")
    try ledger.export(.with { $0.types = ["person.found"] }, "q")
    for suffix in [".entry.json", ".tlog-proof"] {
      try ledger.put(try ledger.bytes("q" + suffix), "p" + suffix)
    }
    let report = try ledger.verify()
    #expect(report.outcomes[.logEntry] == .failed && !report.isValid)
  }

  @Test func aLogThatIsAnotherOrEndsEarlierIsNotTakenForThisOne() throws {
    let ledger = try Ledger()
    try ledger.vault.publishLog()
    let old = ledger.path("old")
    try FileManager.default.copyItem(atPath: ledger.vault.layout.audit, toPath: old)
    try ledger.look(ledger.anna, .dpo)
    try ledger.export(Self.looks)
    let early = PublishedEntries { path in
      FileManager.default.contents(atPath: "\(old)/\(path)").map { [UInt8]($0) }
    }
    let verifier = PopulationVerifier(logKey: try ledger.key)
    let report = try verifier.verify(PopulationFiles(ledger.path("p")), log: early)
    #expect(report.outcomes[.log] == .failed && !report.isValid)
    let empty = try verifier.verify(
      PopulationFiles(ledger.path("p")), log: PublishedEntries { _ in nil })
    #expect(empty.outcomes[.log] == .failed && !empty.isValid)
    let audit = ledger.vault.layout.audit
    let name = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: audit)
        .filter { $0.hasPrefix("tile/entries/") && $0.contains(".p/") }.max {
          $0.count < $1.count || ($0.count == $1.count && $0 < $1)
        })
    let url = URL(filePath: "\(audit)/\(name)")
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: url)
    #expect(try ledger.verify().outcomes[.log] == .failed)
  }

  @Test func prunedEntriesAreNotPartOfTheExport() throws {
    let ledger = try Ledger()
    for _ in 0..<260 { try ledger.look(ledger.anna, .dpo) }
    let whole = try ledger.entries().filter { try LogMatcher(Self.looks).matches($0) }
    try ledger.vault.publishLog()
    // Whole bundles are pruned, never parts of one.
    let kept = TileAddress.fullWidth
    try ledger.prune(below: kept)
    let receipt = try ledger.export(Self.looks)
    #expect(receipt.manifest.firstKept == kept && receipt.manifest.range.lowerBound == kept)
    #expect(receipt.manifest.content.count == whole.count { $0.sequence >= kept })
    #expect(try ledger.verify(withLog: false).isValid)
    // This log still has them: an auditor who kept them sees what is not in the export.
    #expect(try !ledger.verify().isValid)
    // In a log without those bundles nothing contradicts the export.
    let directory = ledger.vault.layout.audit
    let pruned = PublishedEntries { path in
      path.hasPrefix("tile/entries/")
        ? nil : FileManager.default.contents(atPath: "\(directory)/\(path)").map { [UInt8]($0) }
    }
    let report = try PopulationVerifier(logKey: try ledger.key)
      .verify(PopulationFiles(ledger.path("p")), log: pruned)
    #expect(report.isValid && report.notes.count == 1, "\(report.findings)")
    #expect(report.notes.first?.contains("were pruned since") == true)
  }
}
