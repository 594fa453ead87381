import Analytics
import GRDB
import Testing
import Transparency
import VaultTesting

@testable import Vault

@Suite struct ProjectionTests {
  private static func rows(_ test: TestVault, _ sql: String) throws -> [String] {
    let queue = try DatabaseQueue(path: test.layout.analytics)
    defer { try? queue.close() }
    return try queue.read { try String.fetchAll($0, sql: sql) }
  }

  @Test func analystsGetCoarseValuesAndNothingElse() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.ingest(
      [
        TestSources.orders.record(
          "B-1", "O-1", ["order": "O-1", "email": People.annaEmail, "amount": "1999"])
      ], from: TestSources.orders)
    try vault.ingest(
      [TestSources.dmp.record("c-1", ["cookie": "c-1", "segments": "travel|garden"])],
      from: TestSources.dmp)
    let report = try vault.project(.service)
    #expect(report.profiles == 4 && report.events == 1)
    let values = try Self.rows(
      test, "SELECT name || '=' || value FROM attribute ORDER BY name, value")
    #expect(
      values == [
        "age_band=30-39", "age_band=40-49", "amount=1999", "country=AT", "country=DE",
        "dmp_segment=garden", "dmp_segment=travel",
      ])
    #expect(try Self.rows(test, "SELECT name || ' ' || amount FROM event") == ["order 1999"])
  }

  @Test func noIdentifierIsInTheAnalystsFiles() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.project(.service)
    let secrets = People.annaNeedles + [People.bertEmail, "Bertolt", "1990-01-02", "K-1", "K-2"]
    let hits = try FileScan.hits(in: test.directory, secrets)
    #expect(hits.filter { $0.contains("analytics") }.isEmpty)
    #expect(hits.isEmpty, "and in no other file either")
  }

  @Test func tokensOfTheAnalystsAreOfTheirDomain() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.project(.service)
    let desk = try vault.theOne(.email, People.annaEmail)
    let tokens = try Self.rows(test, "SELECT token FROM profile")
    #expect(tokens.count == 2 && tokens.allSatisfy { $0.hasPrefix("t1_analytics_") })
    #expect(tokens.contains(try vault.token(for: desk, in: "analytics", .dpo).text))
    #expect(!tokens.contains { $0.hasSuffix(desk.text.suffix(26)) })
  }

  @Test func projectingTwiceGivesTheSame() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.project(.service)
    let sql = "SELECT token || name || value FROM attribute JOIN profile ON id = profile ORDER BY 1"
    let first = try Self.rows(test, sql)
    _ = try vault.project(.service)
    #expect(try Self.rows(test, sql) == first)
    #expect(try vault.openAnalytics().latestRun()?.number == 2)
  }

  @Test func anErasedPersonIsNotProjected() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.project(.service)
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    #expect(try vault.openAnalytics().counts().profiles == 1)
    #expect(try vault.project(.service).profiles == 1)
    let leaf = try vault.leaf(TestSources.crm, "K-2")
    try vault.queue.write { try SubjectStore(database: $0).fence(leaf) }
    #expect(try vault.project(.service).profiles == 0)
  }

  @Test func countingASegmentIsAnEvent() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.logSegmentCount("loyal", isSuppressed: true, threshold: 20, .analyst)
    let entry = try #require(try vault.logEntries().last)
    #expect(entry.text("type") == "segment.counted" && entry.text("segment") == "loyal")
    #expect(entry["suppressed"] == .bool(true) && entry.number("threshold") == 20)
  }
}
