import Foundation
import GRDB

/// Keeps the token-only projection that analysts work on, in one SQLite file.
///
/// The file holds pseudonyms of the `analytics` domain and what source contracts expose about
/// them: generalised attributes, event names, days, amounts. It holds no key and no identifier,
/// and nothing in this module can reach one. That is a property of what callers hand in: a value
/// must have passed a contract's generaliser before it gets here. The store enforces what it can
/// see (shape of tokens, declared names and types, length, no `@`), not what a text means.
///
/// The file is never backed up; it is rebuilt from the vault with `replaceAll`. Several processes
/// may use it at once: every act is one SQLite transaction. Deleted rows are overwritten
/// (`secure_delete`, read back at every opening) and the write-ahead log is emptied after a
/// deletion. Blocks that the file system or the device keeps aside are out of reach.
public final class AnalyticsStore: Sendable {
  /// Marks the file as an analytics store: `LTHA` in ASCII.
  static let applicationID: Int32 = 0x4C54_4841
  /// How long an act waits for another process, unless told otherwise.
  public static let defaultBusyTimeoutSeconds = 10.0

  /// Path of the file.
  public let path: String
  let pool: DatabasePool

  private init(path: String, pool: DatabasePool) {
    self.path = path
    self.pool = pool
  }

  /// Creates the file, readable by its owner only, and opens it.
  ///
  /// - Parameters:
  ///   - path: Path of the file to create; its directory must exist.
  ///   - busyTimeoutSeconds: How long an act waits for another process.
  /// - Returns: The open store, empty.
  /// - Throws: ``AnalyticsError`` – `.alreadyExists`, `.notFound` when the directory is missing,
  ///   `.readOnly`, `.diskFull`. No file is left behind.
  public static func create(
    _ path: String, busyTimeoutSeconds: Double = defaultBusyTimeoutSeconds
  ) throws -> AnalyticsStore {
    try createFile(path)
    do {
      return try mapping("create the analytics store") {
        let pool = try openPool(path, busyTimeoutSeconds: busyTimeoutSeconds)
        try pool.writeWithoutTransaction { database in
          try database.execute(sql: "PRAGMA application_id = \(applicationID)")
          try database.checkpoint(.truncate)
        }
        try AnalyticsMigration.migrator.migrate(pool)
        return AnalyticsStore(path: path, pool: pool)
      }
    } catch {
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: path + suffix)
      }
      throw error
    }
  }

  /// Opens an existing file, bringing an older format up to date.
  ///
  /// - Parameters:
  ///   - path: Path of the file.
  ///   - busyTimeoutSeconds: How long an act waits for another process.
  /// - Returns: The open store.
  /// - Throws: ``AnalyticsError`` – `.notFound`, `.notAnalytics` for any other file, which is left
  ///   untouched, `.newerFormat`, `.readOnly`, `.corrupt`, `.busy`.
  public static func open(
    _ path: String, busyTimeoutSeconds: Double = defaultBusyTimeoutSeconds
  ) throws -> AnalyticsStore {
    guard FileManager.default.fileExists(atPath: path) else {
      throw AnalyticsError(.notFound, "no analytics store at `\(path)`")
    }
    return try mapping("open the analytics store") {
      try inspect(path, busyTimeoutSeconds: busyTimeoutSeconds)
      let pool = try openPool(path, busyTimeoutSeconds: busyTimeoutSeconds)
      try AnalyticsMigration.migrator.migrate(pool)
      return AnalyticsStore(path: path, pool: pool)
    }
  }

  /// Empties the write-ahead log into the file, so that no deleted byte stays in it.
  ///
  /// - Returns: Whether the log is empty now; `false` when another reader or writer held it for
  ///   longer than the busy timeout.
  /// - Throws: ``AnalyticsError`` – `.diskFull`, `.readOnly`, `.inputOutput`.
  @discardableResult
  public func sweep() throws -> Bool {
    do {
      return try Self.mapping("empty the write-ahead log") {
        try pool.writeWithoutTransaction { database in
          try database.checkpoint(.truncate)
          return true
        }
      }
    } catch let error as AnalyticsError where error.code == .busy {
      return false
    }
  }

  /// Closes the file; any later use fails.
  ///
  /// - Throws: ``AnalyticsError`` – `.busy` when a read is still going on.
  public func close() throws {
    try Self.mapping("close the analytics store") { try pool.close() }
  }
}

extension AnalyticsStore {
  /// Runs `body` and translates what SQLite throws; errors of callers pass unchanged.
  static func mapping<Result>(_ act: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw AnalyticsError(error, while: act)
    }
  }

  /// Creates the file exclusively, so that two processes cannot both believe they made it.
  private static func createFile(_ path: String) throws {
    do {
      try Data().write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    } catch let error as CocoaError {
      switch error.code {
      case .fileWriteFileExists:
        throw AnalyticsError(.alreadyExists, "`\(path)` already exists")
      case .fileNoSuchFile, .fileReadNoSuchFile:
        throw AnalyticsError(.notFound, "the directory of `\(path)` does not exist")
      case .fileWriteOutOfSpace:
        throw AnalyticsError(.diskFull, "cannot create `\(path)`: the disk is full")
      case .fileWriteNoPermission, .fileWriteVolumeReadOnly:
        throw AnalyticsError(.readOnly, "cannot create `\(path)`: its directory is read-only")
      default:
        throw AnalyticsError(.inputOutput, "cannot create `\(path)`")
      }
    }
  }

  /// Looks at a file without changing it: a pool would turn any database into a WAL database.
  private static func inspect(_ path: String, busyTimeoutSeconds: Double) throws {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(busyTimeoutSeconds)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.read { database in
      guard try Int32.fetchOne(database, sql: "PRAGMA application_id") == applicationID else {
        throw AnalyticsError(.notAnalytics, "`\(path)` is not an analytics store")
      }
      if try AnalyticsMigration.migrator.hasBeenSuperseded(database) {
        throw AnalyticsError(
          .newerFormat, "`\(path)` has a newer format than this program knows; upgrade the program")
      }
    }
    try queue.close()
  }

  private static func openPool(_ path: String, busyTimeoutSeconds: Double) throws -> DatabasePool {
    var configuration = Configuration()
    configuration.label = "analytics"
    configuration.busyMode = .timeout(busyTimeoutSeconds)
    configuration.prepareDatabase { database in
      try set("secure_delete", to: 1, in: database)
      try set("temp_store", to: 2, in: database)
      try set("trusted_schema", to: 0, in: database)
    }
    let pool = try DatabasePool(path: path, configuration: configuration)
    // The pool lowers this to NORMAL when it turns WAL on; a deletion must survive a power cut.
    try pool.writeWithoutTransaction { try set("synchronous", to: 2, in: $0) }
    return pool
  }

  /// Sets a pragma and reads it back: SQLite ignores what it does not know or was built without.
  private static func set(_ pragma: String, to value: Int, in database: Database) throws {
    _ = try Int.fetchOne(database, sql: "PRAGMA \(pragma) = \(value)")
    guard try Int.fetchOne(database, sql: "PRAGMA \(pragma)") == value else {
      throw AnalyticsError(.internalFailure, "this SQLite does not honour `\(pragma)`")
    }
  }
}
