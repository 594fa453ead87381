import SampleData
import Testing

@Suite struct BadRowTests {
  private static let sources = SampleFile.allCases.filter { $0 != .truth }

  @Test(arguments: sources)
  func badRowsAreAddedAndNothingElseChanges(file: SampleFile) throws {
    let sound = try generator(people: 100)
    let mixed = try generator(people: 100, badRows: true)
    let added = mixed.lines(file).difference(from: sound.lines(file))
    #expect(added.removals.isEmpty)
    #expect(added.insertions.count == 5)
    #expect(mixed.summary().sources[file]?.badRows == 5)
    #expect(sound.summary().sources[file]?.badRows == 0)
    #expect(mixed.summary().sources[file]?.rows == sound.summary().sources[file]?.rows)
  }

  @Test func theTruthHasNoBadRows() throws {
    let mixed = try generator(people: 100, badRows: true)
    #expect(try generator(people: 100).text(.truth) == mixed.text(.truth))
  }

  @Test(arguments: [(SampleFile.crm, 16, "customer_number"), (.thirdParty, 8, "cookie_id")])
  func badCSVRowsAreBadForAKnownReason(file: SampleFile, columns: Int, subject: String) throws {
    let added = try badLines(of: file)
    let rows = try added.map { try #require(try CSVChecker.rows($0).first) }
    #expect(added.allSatisfy { $0.split(separator: "\r\n").count == 1 })
    #expect(rows.count { $0.count < columns } == 1)
    #expect(rows.count { $0.count > columns } == 1)
    #expect(rows.count { $0.count == columns && $0[0].isEmpty } == 1)
    #expect(rows.count { $0.count == columns && !$0[0].isEmpty } == 2)
  }

  @Test(arguments: [SampleFile.orders, .web])
  func badJSONLinesAreBadForAKnownReason(file: SampleFile) throws {
    let added = try badLines(of: file)
    let unreadable = added.filter { (try? JSONChecker.value(String($0.dropLast()))) == nil }
    // One is cut off, one has a key twice.
    #expect(unreadable.count == 2)
    #expect(added.allSatisfy { $0.hasSuffix("\n") && !$0.dropLast().contains("\n") })
  }

  @Test(arguments: sources)
  func aFileOfOnePersonHasThemToo(file: SampleFile) throws {
    let sound = try generator(people: 1).lines(file)
    #expect(try generator(people: 1, badRows: true).lines(file).count == sound.count + 5)
  }

  private func badLines(of file: SampleFile) throws -> [String] {
    let sound = Set(try generator(people: 100).lines(file))
    return try generator(people: 100, badRows: true).lines(file).filter { !sound.contains($0) }
  }
}
