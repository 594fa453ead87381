internal import Foundation
internal import GRDB

/// Owns the connection to `keys.sqlite` and its settings.
final class KeyStore: Sendable {
  /// Marks the file as a key store: "LTHK".
  static let applicationID: Int64 = 0x4C54_484B
  static let pageByteCount: Int64 = 16_384
  /// How long a statement waits for another process's lock.
  static let busyTimeoutSeconds = 10.0
  /// How often, and how long each time, an erasure tries to empty the write-ahead log.
  static let checkpointAttempts = 5
  static let checkpointWaitMilliseconds = 200

  let path: String
  private let queue: DatabaseQueue

  private init(path: String) throws {
    self.path = path
    var configuration = Configuration()
    configuration.label = "lethe.keyring"
    configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
    configuration.prepareDatabase { db in try Self.prepare(db) }
    queue = try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Creates an empty key store in its newest form.
  static func create(at path: String) throws -> KeyStore {
    _ = try PosixFile.create(path, purpose: "key store")
    return try mapped(path) {
      let store = try KeyStore(path: path)
      try store.queue.writeWithoutTransaction { db in
        // The page size holds only if it is set before the first page is written.
        try db.execute(sql: "PRAGMA page_size = \(pageByteCount)")
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try enableLog(db)
        try migrate(db)
        try requireSettings(db)
      }
      try PosixFile.syncDirectory(of: path)
      return store
    }
  }

  /// Opens an existing key store.
  static func open(at path: String) throws -> KeyStore {
    // Only asked for, never opened here: closing a second descriptor of the file would drop the
    // locks that SQLite holds on it in this process.
    guard FileManager.default.fileExists(atPath: path) else {
      throw KeyringError(.storage, "there is no key store at `\(path)`")
    }
    return try mapped(path) {
      let store = try KeyStore(path: path)
      try store.queue.writeWithoutTransaction { db in
        try requireForm(db, path)
        try enableLog(db)
        try migrate(db)
        try requireSettings(db)
      }
      return store
    }
  }

  /// Runs statements outside a transaction, each on its own.
  func run<T>(
    _ changes: ChangeSet? = nil, _ body: (KeyStoreRows) throws -> T
  ) throws -> T {
    try Self.mapped(path) {
      try queue.writeWithoutTransaction { db in
        try body(KeyStoreRows(db: db, changes: changes))
      }
    }
  }

  /// Runs a transaction that sees one state of the file.
  func read<T>(_ body: (KeyStoreRows) throws -> T) throws -> T {
    try transaction(.deferred, nil, body)
  }

  /// Runs a transaction under the file's write lock and makes it durable.
  ///
  /// - Parameters:
  ///   - changes: Collects what was written; nil when nobody repeats it.
  ///   - body: Reads and writes.
  /// - Returns: What the body returns.
  /// - Throws: ``KeyringError`` `.storage` or `.corrupt`; whatever the body throws.
  func write<T>(_ changes: ChangeSet?, _ body: (KeyStoreRows) throws -> T) throws -> T {
    try transaction(.immediate, changes, body)
  }

  private func transaction<T>(
    _ kind: Database.TransactionKind, _ changes: ChangeSet?,
    _ body: (KeyStoreRows) throws -> T
  ) throws -> T {
    try run(changes) { rows in
      var result: T?
      try rows.db.inTransaction(kind) {
        result = try body(rows)
        return .commit
      }
      guard let result else { throw KeyringError(.storage, "transaction gave no result") }
      return result
    }
  }

  /// Moves the write-ahead log into the file and empties it.
  ///
  /// - Returns: False when a reader still holds an old state, so that old pages remain readable.
  func truncateLog() throws -> Bool {
    try run { rows in
      try rows.db.execute(sql: "PRAGMA busy_timeout = \(Self.checkpointWaitMilliseconds)")
      defer {
        let normal = Int(Self.busyTimeoutSeconds * 1000)
        _ = try? rows.db.execute(sql: "PRAGMA busy_timeout = \(normal)")
      }
      for _ in 0..<Self.checkpointAttempts {
        let row = try Row.fetchOne(rows.db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        if row?[0] == 0 { return true }
      }
      return false
    }
  }
}

extension KeyStore {
  private static func prepare(_ db: Database) throws {
    try db.execute(
      sql: """
        PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        PRAGMA foreign_keys = ON;
        PRAGMA mmap_size = 0;
        PRAGMA journal_size_limit = 0;
        """)
  }

  private static func enableLog(_ db: Database) throws {
    try db.execute(sql: "PRAGMA journal_mode = WAL")
  }

  /// Reads back what forgetting depends on; a build of SQLite may ignore a setting silently.
  private static func requireSettings(_ db: Database) throws {
    let expected: [(name: String, value: String)] = [
      ("secure_delete", "1"), ("journal_mode", "wal"), ("synchronous", "2"),
      ("temp_store", "2"), ("page_size", "\(pageByteCount)"), ("journal_size_limit", "0"),
    ]
    for (name, value) in expected {
      let found = try DatabaseValue.fetchOne(db, sql: "PRAGMA \(name)")
      let text = found.flatMap {
        String.fromDatabaseValue($0) ?? Int64.fromDatabaseValue($0)?.description
      }
      try requireSetting(name, is: value, found: text)
    }
  }

  static func requireSetting(_ name: String, is value: String, found: String?) throws {
    guard found == value else {
      throw KeyringError(
        .storage,
        "SQLite reports `\(name)` as `\(found ?? "nothing")`; `\(value)` is required to forget")
    }
  }

  private static func requireForm(_ db: Database, _ path: String) throws {
    guard try Int64.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
      throw KeyringError(.corrupt, "`\(path)` is not a key store")
    }
    let version = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard version <= Migration.newest else {
      throw KeyringError(
        .newerFormat,
        "key store `\(path)` has form \(version), this program knows \(Migration.newest); "
          + "install the newer program")
    }
    guard version > 0 else { throw KeyringError(.corrupt, "key store `\(path)` is empty") }
  }

  private static func migrate(_ db: Database) throws {
    // A store in its newest form is opened without waiting for a writer here.
    let present = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    for migration in Migration.all where migration.number > present {
      try db.inTransaction(.immediate) {
        let version = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version < migration.number else { return .rollback }
        try db.execute(sql: migration.sql)
        try db.execute(sql: "PRAGMA user_version = \(migration.number)")
        return .commit
      }
    }
  }

  /// Turns SQLite's errors into this module's.
  private static func mapped<T>(_ path: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as DatabaseError {
      let code: KeyringError.Code =
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT: .corrupt
        default: .storage
        }
      let text = error.message ?? "no message"
      throw KeyringError(
        code, "key store `\(path)`: SQLite error \(error.resultCode.rawValue), \(text)")
    }
  }
}
