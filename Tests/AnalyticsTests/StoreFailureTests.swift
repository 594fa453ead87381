import Foundation
import GRDB
import Testing

@testable import Analytics

@Suite struct StoreFailureTests {
  let directory: ScratchDirectory
  let store: AnalyticsStore

  init() throws {
    directory = try ScratchDirectory()
    store = try AnalyticsStore.create(directory.file, busyTimeoutSeconds: 0.05)
    try store.replaceAll(day: today, attributes: exposed) {
      try $0.profile(token: token(1), attributes: [country("DE")])
    }
  }

  @Test(arguments: [
    (ResultCode.SQLITE_FULL, AnalyticsError.Code.diskFull), (.SQLITE_READONLY, .readOnly),
    (.SQLITE_READONLY_DIRECTORY, .readOnly), (.SQLITE_CANTOPEN, .readOnly),
    (.SQLITE_BUSY, .busy), (.SQLITE_BUSY_SNAPSHOT, .busy), (.SQLITE_LOCKED, .busy),
    (.SQLITE_NOTADB, .notAnalytics), (.SQLITE_CORRUPT, .corrupt),
    (.SQLITE_IOERR_FSYNC, .inputOutput), (.SQLITE_ERROR, .internalFailure),
  ])
  func translatesSQLite(result: ResultCode, code: AnalyticsError.Code) {
    let failure = DatabaseError(resultCode: result, message: "secret", sql: "SELECT 'secret'")
    let error = AnalyticsError(failure, while: "count")
    #expect(error.code == code)
    #expect(!error.message.contains("secret"))
    #expect(!error.message.contains("\n"))
  }

  @Test func aFullDiskChangesNothing() throws {
    try store.pool.writeWithoutTransaction { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages + 2)")
    }
    let error = #expect(throws: AnalyticsError.self) {
      try store.replaceAll(day: today) { writer in
        for number in 1...5_000 { try writer.profile(token: token(number)) }
      }
    }
    #expect(error?.code == .diskFull)
    #expect(try store.counts() == AnalyticsCounts(profiles: 1, attributes: 1, events: 0))
    #expect(try store.latestRun()?.number == 1)
  }

  @Test func aReadOnlyFileIsNamed() throws {
    try store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = 1") }
    for act: () throws -> Void in [
      { _ = try store.deleteProfiles(tokens: [token(1)]) },
      { try store.declare(attributes: []) },
      { _ = try store.expire(source: "crm", collectedBefore: 5) },
      { try store.replaceAll(day: today) { _ in } },
    ] {
      #expect {
        try act()
      } throws: {
        isSame($0, as: .readOnly)
      }
    }
    #expect(try store.counts().profiles == 1)
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write to a read-only directory"))
  func aReadOnlyDirectoryIsNamed() throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o500], ofItemAtPath: directory.path)
    defer {
      try? FileManager.default.setAttributes(
        [.posixPermissions: 0o700], ofItemAtPath: directory.path)
    }
    let error = #expect(throws: AnalyticsError.self) {
      try AnalyticsStore.create(directory.path + "/second.sqlite")
    }
    #expect(error?.code == .readOnly)
  }

  @Test func aWriterElsewhereIsWaitedForAndThenNamed() throws {
    let other = try DatabaseQueue(path: directory.file)
    try other.inDatabase { database in
      try database.execute(sql: "BEGIN IMMEDIATE")
      #expect {
        _ = try store.deleteProfiles(tokens: [token(1)])
      } throws: {
        isSame($0, as: .busy)
      }
      try database.execute(sql: "ROLLBACK")
    }
    #expect(try store.deleteProfiles(tokens: [token(1)]).counts.profiles == 1)
  }

  @Test func aReaderElsewhereKeepsTheLogFromBeingEmptied() throws {
    let other = try DatabaseQueue(path: directory.file)
    let deletion = try other.inDatabase { database in
      try database.execute(sql: "BEGIN")
      _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM profile")
      let deletion = try store.deleteProfiles(tokens: [token(1)])
      try database.execute(sql: "COMMIT")
      return deletion
    }
    #expect(deletion.counts.profiles == 1)
    #expect(!deletion.isSwept)
    #expect(try directory.contains(token(1)))
    #expect(try store.sweep())
    #expect(try !directory.contains(token(1)))
  }

  @Test func anErrorOfTheCallerPassesUnchangedAndRollsBack() throws {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try store.replaceAll(day: today, attributes: []) { writer in
        try writer.profile(token: token(9))
        throw Stop()
      }
    }
    #expect(try store.counts() == AnalyticsCounts(profiles: 1, attributes: 1, events: 0))
    #expect(try store.exposedAttributes().count == exposed.count)
  }

  @Test func twoProcessesReplaceOneAfterTheOther() async throws {
    let file = directory.file
    let runs = try await withThrowingTaskGroup(of: [Int].self) { group in
      for _ in 1...3 {
        group.addTask {
          let mine = try AnalyticsStore.open(file)
          return try (1...4).map { _ in
            try mine.replaceAll(day: today) { writer in
              for number in 1...20 { try writer.profile(token: token(number)) }
            }.number
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(runs.sorted() == Array(2...13))
    #expect(try store.counts().profiles == 20)
  }
}
