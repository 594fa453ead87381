import Foundation
import GRDB
import Sealing
import Synchronization
import Transparency

/// Takes and reads whole copies of `vault.sqlite`.
enum BackupStore {
  /// How often a long copy tells how far it is, in milliseconds.
  static let reportMilliseconds = 200

  /// What a copy of `vault.sqlite` holds.
  struct Content {
    let counts: BackupCounts
    let logSize: Int
    let logRoot: TreeHash
  }

  /// Writes the present state into a new file without what was deleted: rows, not pages.
  ///
  /// A connection of its own, so that ingestion goes on meanwhile; only a transaction that has to
  /// empty the write-ahead log waits.
  ///
  /// - Parameters:
  ///   - source: `vault.sqlite`.
  ///   - target: The new file.
  ///   - progress: Called with the bytes written and an estimate of all.
  /// - Throws: `DatabaseError`, or ``VaultError`` `.storage` when the file cannot be made durable.
  static func copy(
    _ source: String, into target: String, _ progress: (Int, Int) -> Void
  ) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(VaultDatabase.busyTimeoutSeconds)
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA temp_store = MEMORY")
      try database.execute(sql: "PRAGMA mmap_size = 0")
    }
    let queue = try DatabaseQueue(path: source, configuration: configuration)
    let byteCount = try queue.read { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      return pages * (try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
    }
    let outcome = VacuumOutcome()
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      do {
        try queue.writeWithoutTransaction { database in
          try database.execute(sql: "VACUUM INTO ?", arguments: [target])
        }
      } catch {
        outcome.failure.withLock { $0 = error }
      }
      done.signal()
    }
    while done.wait(timeout: .now() + .milliseconds(reportMilliseconds)) == .timedOut {
      let size = try? FileManager.default.attributesOfItem(atPath: target)[.size] as? Int
      progress(size ?? 0, byteCount)
    }
    try queue.close()
    if let failure = outcome.failure.withLock({ $0 }) { throw failure }
    try DurableFiles.sync(target)
  }

  /// Counts what a copy holds; nothing is written to it.
  static func content(of path: String) throws -> Content {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? queue.close() }
    return try queue.read(content)
  }

  /// Counts what a vault holds.
  static func content(_ database: Database) throws -> Content {
    let subjects = try SubjectStore(database: database).counts()
    var counts = BackupCounts()
    counts.subjects = subjects.subjects
    counts.fenced = subjects.fenced
    counts.persons = subjects.persons
    counts.records = try RecordStore(database: database).count()
    counts.suppressed = try SuppressionStore(database: database).count()
    counts.withdrawals =
      try Int.fetchOne(database, sql: "SELECT count(*) FROM withdrawal") ?? 0
    counts.openErasures = try ErasureStore(database: database).unfinished().count
    let store = AuditStore(database: database)
    let size = try store.size()
    return Content(
      counts: counts, logSize: size, logRoot: try MerkleTree.root(size: size, read: store.hash))
  }
}

/// Carries the failure of a copy from one thread to another.
private final class VacuumOutcome: Sendable {
  let failure = Mutex<(any Error)?>(nil)
}
