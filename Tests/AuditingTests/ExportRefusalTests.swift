import Foundation
import Testing
import VaultTesting

@testable import Auditing
@testable import Vault

@Suite struct ExportRefusalTests {
  @Test(arguments: ["p", "p.manifest.json", "p.entry.json", "p.tlog-proof"])
  func noFileIsReplaced(name: String) throws {
    let ledger = try Ledger()
    try ledger.put([1, 2, 3], name)
    let size = try ledger.size()
    expect(.alreadyExists) { try ledger.export() }
    #expect(try ledger.bytes(name) == [1, 2, 3])
    #expect(try ledger.size() == size)
  }

  @Test func aLinkThatLeadsNowhereIsNotFollowed() throws {
    let ledger = try Ledger()
    try FileManager.default.createSymbolicLink(
      atPath: ledger.path("p"), withDestinationPath: ledger.path("elsewhere"))
    expect(.alreadyExists) { try ledger.export() }
    #expect(!FileManager.default.fileExists(atPath: ledger.path("elsewhere")))
  }

  @Test func aLinkUnderTheNameOfWorkIsNotFollowed() throws {
    let ledger = try Ledger()
    try ledger.put([1], "other")
    try FileManager.default.createSymbolicLink(
      atPath: ledger.path("p" + NewFile.partialSuffix), withDestinationPath: ledger.path("other"))
    try ledger.export()
    #expect(try ledger.bytes("other") == [1])
    #expect(try ledger.verify().isValid)
  }

  @Test func aPlaceThatIsNotThereIsSaid() throws {
    let ledger = try Ledger()
    expect(.unwritable) {
      _ = try PopulationExport(ledger.vault, .auditor)
        .write(LogQuery(), as: .jsonl, to: ledger.path("nowhere/p"))
    }
  }

  @Test func whoMayNotReadTheLogExportsNothing() throws {
    let ledger = try Ledger()
    for requester in [Requester.support, .analyst, .engineer] {
      expect(.denied) { try ledger.export(LogQuery(), "p", requester) }
      #expect(try ledger.events().last?.type == "operation.denied")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: ledger.test.root.path)
    #expect(!names.contains { $0.hasPrefix("p") })
  }

  /// When the event about the export cannot be written, the file does not get its name.
  @Test func withoutTheEventThereIsNoFile() throws {
    let ledger = try Ledger()
    try ledger.vault.publishLog()
    // Randomness serves the two events of an export; the second gets none.
    var failed = 0
    for draws in 0..<6 {
      ledger.test.random.fail(after: draws)
      defer { ledger.test.random.fail(after: nil) }
      do {
        try ledger.export(LogQuery(), "x\(draws)")
      } catch {
        failed += 1
        ledger.test.random.fail(after: nil)
        let exported = try ledger.events().contains { $0.type == "log.exported" }
        let isThere = FileManager.default.fileExists(atPath: ledger.path("x\(draws)"))
        #expect(!exported && !isThere)
      }
      if try ledger.events().contains(where: { $0.type == "log.exported" }) { break }
    }
    #expect(failed >= 2)
  }

  @Test func aMissingFileIsSaid() throws {
    let ledger = try Ledger()
    let receipt = try ledger.export()
    for file in receipt.files.all {
      try FileManager.default.moveItem(atPath: file, toPath: file + ".away")
      expect(.unreadable) { _ = try ledger.verify() }
      try FileManager.default.moveItem(atPath: file + ".away", toPath: file)
    }
    #expect(try ledger.verify().isValid)
  }

  @Test(arguments: [
    "", "\n", "{}\n", "[]\n", "null\n", #"{"lethe_population":2}"# + "\n",
    #"{"lethe_population":1}"# + "\n", "\u{FEFF}{}\n",
  ])
  func otherManifestsAreRefused(text: String) throws {
    let ledger = try Ledger()
    try ledger.export()
    try ledger.put(Array(text.utf8), "p.manifest.json")
    let report = try ledger.verify()
    #expect(report.manifest == nil && report.outcomes[.manifest] == .failed && !report.isValid)
  }
}
