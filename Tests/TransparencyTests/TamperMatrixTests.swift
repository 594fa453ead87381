import Foundation
import TestSupport
import Testing
import Transparency

/// Every way of tampering that the kit names, done to a published log.
///
/// The same rows are done in Python by `audit/test_tamper.py`; `docs/tamper-matrix.md` holds the
/// table, and both suites are held to it.
@Suite struct TamperMatrixTests {
  private static let original = Result { try TamperEvents.log(300).published() }
  private static let begin = "<!-- matrix: begin -->"
  private static let end = "<!-- matrix: end -->"
  /// Set to write the table anew instead.
  private static let updateVariable = "LETHE_UPDATE_GOLDEN"

  @Test func theLogIsWholeBefore() throws {
    #expect(try TamperedLog(Self.original.get()).verify().isValid)
  }

  @Test(arguments: TamperRow.all)
  func tamperingIsFoundAndNamed(row: TamperRow) throws {
    var log = TamperedLog(try Self.original.get())
    try row.tamper(&log)
    let findings = try log.verify().findings
    guard let expected = row.finding else {
      #expect(findings.isEmpty, "\(findings)")
      return
    }
    let isNamed = findings.contains { finding in
      finding.kind == expected.kind && finding.path == expected.path
        && finding.index == expected.index
    }
    #expect(isNamed, "\(findings)")
    AttackReport.record(
      number: 44, name: "tamper matrix, \(row.name)", tried: row.done,
      result: "\(expected.kind.rawValue) in \(expected.path)")
  }

  /// What only memory or witnesses find is valid without them; that is why they are there.
  @Test(arguments: TamperRow.all.filter { [.knownCheckpoint, .witnessRule].contains($0.finder) })
  func withoutMemoryOrWitnessesItIsNotSeen(row: TamperRow) throws {
    var log = TamperedLog(try Self.original.get())
    try row.tamper(&log)
    (log.known, log.witnesses, log.policy) = ([], [], nil)
    #expect(try log.verify().isValid)
  }

  @Test func oversizeEntriesAreNotPublished() throws {
    let oversize = [UInt8](repeating: 0x78, count: EntryBundle.entryByteCountMaximum + 1)
    expect(.entryTooLarge) { _ = try MemoryLog([oversize]).published() }
    let largest = MemoryLog([Array(oversize[1...])])
    #expect(try largest.published().verify(.any).isValid)
  }

  @Test func thePageHoldsTheTable() throws {
    var place = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { place.deleteLastPathComponent() }
    place.append(path: "docs/tamper-matrix.md")
    let text = try String(contentsOf: place, encoding: .utf8)
    let head = text.components(separatedBy: Self.begin)
    let tail = text.components(separatedBy: Self.end)
    try #require(head.count == 2 && tail.count == 2, "the page has its two marks")
    let columns = [
      "| row | what is done | who finds it | finding | file | index |", "|---|---|---|---|---|---|",
    ]
    let table = (columns + TamperRow.all.map(\.line)).joined(separator: "\n")
    let made = "\(head[0])\(Self.begin)\n\(table)\n\(Self.end)\(tail[1])"
    if ProcessInfo.processInfo.environment[Self.updateVariable] == "1" {
      try Data(made.utf8).write(to: place)
    }
    #expect(try String(contentsOf: place, encoding: .utf8) == made, "run scripts/update-golden")
  }

  @Test func namesAreDifferent() {
    #expect(Set(TamperRow.all.map(\.name)).count == TamperRow.all.count)
  }
}
