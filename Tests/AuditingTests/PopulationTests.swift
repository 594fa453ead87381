import Foundation
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

@Suite struct PopulationTests {
  static let looks = LogQuery.with { $0.types = ["field.disclosed"] }

  @Test(arguments: PopulationFormat.allCases)
  func everyFormatVerifies(format: PopulationFormat) throws {
    let ledger = try Ledger()
    let receipt = try ledger.export(Self.looks, as: format)
    #expect(receipt.manifest.content.count == 7)
    for withLog in [false, true] {
      let report = try ledger.verify(withLog: withLog)
      #expect(report.isValid, "\(report.findings)")
      #expect(report.outcomes[.completeness] == (withLog ? .passed : .skipped))
      #expect(report.notes.isEmpty)
    }
    for file in receipt.files.all {
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600, "\(file)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: ledger.test.root.path)
    #expect(!left.contains { $0.hasSuffix(NewFile.partialSuffix) })
  }

  @Test func jsonLinesAreTheEntriesToTheByte() throws {
    let ledger = try Ledger()
    let before = try ledger.entries()
    let receipt = try ledger.export()
    #expect(try ledger.lines("p").map { $0.dropLast() } == before.map { $0.bytes[...] })
    let manifest = receipt.manifest
    #expect(manifest.content.digest == SHA256.hash(try ledger.bytes("p")))
    #expect(manifest.content.byteCount == (try ledger.bytes("p").count))
    #expect(manifest.content.first?.leafHash == before.first?.leafHash.bytes)
    #expect(manifest.content.last?.sequence == before.last?.sequence)
    // Everything up to the checkpoint: the root of the lines is the root of the log.
    #expect(manifest.content.linesRoot == (try manifest.statement.rootHash))
  }

  @Test func theLogKnowsTheExport() throws {
    let ledger = try Ledger()
    let size = try ledger.size()
    let receipt = try ledger.export(Self.looks, as: .csv)
    let events = try ledger.events()
    #expect(events[size...].map(\.type) == ["log.queried", "log.exported"])
    let event = try #require(events.last)
    #expect(event.sequence == receipt.logEntry)
    #expect(
      event.text("manifest") == SHA256.hash(try ledger.bytes("p.manifest.json")).hexadecimal)
    #expect(event.text("file") == SHA256.hash(try ledger.bytes("p")).hexadecimal)
    #expect(event.text("format") == "csv" && event.members["count"] == .integer(7))
    #expect(event.members["reading"] == .integer(Int64(size)))
    #expect(event.members["tree_size"] == .integer(Int64(size)))
    #expect(event.members["sampled"] == .bool(false))
    #expect(try ledger.bytes("p.entry.json") == ledger.entries().last?.bytes)
  }

  @Test(arguments: PopulationFormat.allCases)
  func nothingIsAPopulationToo(format: PopulationFormat) throws {
    let ledger = try Ledger()
    let receipt = try ledger.export(.with { $0.types = ["no.such.type"] }, as: format)
    #expect(receipt.manifest.content.count == 0 && receipt.manifest.content.first == nil)
    #expect(try ledger.verify().isValid)
    let entry = try #require(try ledger.entries().first)
    let line = try format.line(entry, origin: receipt.manifest.origin) + format.lineEnd
    try ledger.put(try ledger.bytes("p") + line, "p")
    let report = try ledger.verify()
    #expect(!report.isValid && report.outcomes[.completeness] == .failed)
  }

  /// One line removed, repeated, swapped or changed, in every format.
  @Test(arguments: PopulationFormat.allCases)
  func oneLineOutOfOrderIsNamed(format: PopulationFormat) throws {
    let ledger = try Ledger()
    try ledger.export(Self.looks, as: format)
    let lines = try ledger.lines("p")
    let first = format == .csv ? 1 : 0
    let sequences = try LogSearch(ledger.vault, .auditor).page(Self.looks, try .all)
      .entries.map(\.sequence)
    func expectWrong(
      _ changed: [[UInt8]], _ words: String, _ check: PopulationReport.Check?
    ) throws {
      try ledger.put(changed.flatMap { $0 }, "p")
      for withLog in [false, true] {
        let report = try ledger.verify(withLog: withLog)
        #expect(!report.isValid && report.outcomes[.file] == .failed, "\(words)")
        guard withLog || check == .lines else { continue }
        if let check {
          #expect(report.outcomes[check] == .failed, "\(words): \(report.findings)")
        }
        #expect(report.findings.contains { $0.contains(words) }, "\(words): \(report.findings)")
      }
    }
    for index in first..<lines.count {
      var removed = lines
      removed.remove(at: index)
      try expectWrong(
        removed, "entry \(sequences[index - first]) is missing", .completeness)
      var repeated = lines
      repeated.insert(lines[index], at: index)
      try expectWrong(repeated, "line \(index + 2): entry \(sequences[index - first])", .lines)
      var flipped = lines
      let place = flipped[index].count / 2
      flipped[index][place] ^= 1
      // What is flipped may belong to the entry or to what the format makes of it.
      try expectWrong(flipped, "line \(index + 1)", nil)
    }
    for index in first..<lines.count - 1 {
      var swapped = lines
      swapped.swapAt(index, index + 1)
      try expectWrong(swapped, "line \(index + 2): entry", .lines)
    }
    try ledger.put(lines.flatMap { $0 }, "p")
    #expect(try ledger.verify().isValid)
  }

  @Test func aForeignLineIsNamed() throws {
    let ledger = try Ledger()
    try ledger.export(Self.looks)
    let lines = try ledger.lines("p")
    let other = try #require(try ledger.entries().first).bytes + [0x0A]
    try ledger.put((([other] + lines).flatMap { $0 }), "p")
    let report = try ledger.verify()
    #expect(report.findings.contains { $0 == "line 1: entry 0 is not one the query means" })
    #expect(report.findings.contains { $0 == "line 1: entry 0 does not belong here" })
  }

  @Test(arguments: ["x", "x\n", "\n", "{}\n", "\u{0}\n"])
  func whatIsNoLineIsNamed(text: String) throws {
    let ledger = try Ledger()
    try ledger.export(Self.looks)
    try ledger.put(try ledger.bytes("p") + Array(text.utf8), "p")
    let report = try ledger.verify()
    #expect(!report.isValid)
    #expect(report.findings.contains { $0.contains("line 8 carries no entry") })
  }
}
