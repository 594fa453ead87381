import Foundation
import GRDB
import Testing

@testable import Analytics

@Suite struct StoreFileTests {
  let directory: ScratchDirectory

  init() throws { directory = try ScratchDirectory() }

  @Test func createsAFileForItsOwnerOnly() throws {
    let store = try AnalyticsStore.create(directory.file)
    try store.close()
    let attributes = try FileManager.default.attributesOfItem(atPath: directory.file)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
  }

  @Test func keepsItsContentAcrossOpenings() throws {
    let store = try AnalyticsStore.create(directory.file)
    try store.replaceAll(day: today, attributes: exposed) {
      try $0.profile(token: token(1), attributes: [country("DE")], events: [order(day: 5)])
    }
    try store.close()
    let again = try AnalyticsStore.open(directory.file)
    #expect(try again.counts() == AnalyticsCounts(profiles: 1, attributes: 1, events: 1))
    #expect(try again.latestRun()?.number == 1)
  }

  @Test(arguments: ["writer", "reader"])
  func readsItsSettingsBack(connection: String) throws {
    let store = try AnalyticsStore.create(directory.file)
    let read: (Database) throws -> [Int] = { database in
      try ["secure_delete", "foreign_keys", "temp_store", "trusted_schema"].map {
        try #require(try Int.fetchOne(database, sql: "PRAGMA \($0)"))
      }
    }
    let values = try connection == "writer" ? store.pool.write(read) : store.pool.read(read)
    #expect(values == [1, 1, 2, 0])
  }

  @Test func writesAheadAndSynchronously() throws {
    let store = try AnalyticsStore.create(directory.file)
    let settings = try store.pool.writeWithoutTransaction { database in
      try ["journal_mode", "synchronous"].map {
        try String.fetchOne(database, sql: "PRAGMA \($0)")
      }
    }
    #expect(settings == ["wal", "2"])
  }

  @Test func everyTableIsStrict() throws {
    let store = try AnalyticsStore.create(directory.file)
    let loose = try store.pool.read { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT name FROM pragma_table_list
          WHERE schema = 'main' AND type = 'table' AND NOT strict
            AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
          """)
    }
    #expect(loose.isEmpty)
  }

  @Test func refusesToCreateOverAFile() throws {
    try Data("precious".utf8).write(to: URL(fileURLWithPath: directory.file))
    let error = #expect(throws: AnalyticsError.self) {
      try AnalyticsStore.create(directory.file)
    }
    #expect(error?.code == .alreadyExists)
    #expect(try directory.contains("precious"))
  }

  @Test(arguments: ["/missing/directory/analytics.sqlite", "/missing/analytics.sqlite"])
  func refusesToCreateWithoutADirectory(suffix: String) throws {
    let error = #expect(throws: AnalyticsError.self) {
      try AnalyticsStore.create(directory.path + suffix)
    }
    #expect(error?.code == .notFound)
  }

  @Test func refusesToOpenNothing() {
    let error = #expect(throws: AnalyticsError.self) { try AnalyticsStore.open(directory.file) }
    #expect(error?.code == .notFound)
  }

  @Test(arguments: ["", "not a database, but long enough to be looked at as one ".repeated(40)])
  func refusesAFileThatIsNoDatabase(content: String) throws {
    try Data(content.utf8).write(to: URL(fileURLWithPath: directory.file))
    let error = #expect(throws: AnalyticsError.self) { try AnalyticsStore.open(directory.file) }
    #expect(error?.code == .notAnalytics)
  }

  @Test func leavesAForeignDatabaseUntouched() throws {
    try DatabaseQueue(path: directory.file).write {
      try $0.execute(sql: "CREATE TABLE other (id INTEGER)")
    }
    let before = try Data(contentsOf: URL(fileURLWithPath: directory.file))
    let error = #expect(throws: AnalyticsError.self) { try AnalyticsStore.open(directory.file) }
    #expect(error?.code == .notAnalytics)
    #expect(try Data(contentsOf: URL(fileURLWithPath: directory.file)) == before)
  }

  @Test func refusesANewerFormat() throws {
    let store = try AnalyticsStore.create(directory.file)
    try store.pool.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('0002-from-the-future')")
    }
    try store.close()
    let error = #expect(throws: AnalyticsError.self) { try AnalyticsStore.open(directory.file) }
    #expect(error?.code == .newerFormat)
    #expect(error?.message.contains("newer format") == true)
  }

  @Test func refusesADamagedFile() throws {
    let store = try AnalyticsStore.create(directory.file)
    try store.replaceAll(day: today) { writer in
      for number in 1...500 { try writer.profile(token: token(number)) }
    }
    try store.close()
    let url = URL(fileURLWithPath: directory.file)
    var data = try Data(contentsOf: url)
    for index in 4_096..<data.count { data[index] = 0xA5 }
    try data.write(to: url)
    #expect {
      try AnalyticsStore.open(directory.file).counts()
    } throws: {
      isSame($0, as: .corrupt)
    }
  }

  @Test func shippedMigrationsNeverChange() {
    // FNV-1a of the text: a change here breaks files that exist. Add a migration instead.
    let hash = AnalyticsMigration.initial.sql.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    #expect(hash == Self.initialHash)
    #expect(AnalyticsMigration.all.map(\.identifier) == ["0001-initial"])
  }

  private static let initialHash: UInt64 = 12_815_232_616_904_551_342
}

extension String {
  func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
