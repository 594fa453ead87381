import Foundation
import GRDB

/// One numbered, forward-only change of a database's schema.
struct Migration: Sendable {
  /// Number, from 1; stored in `PRAGMA user_version`.
  let number: Int
  /// The statements; static, without values.
  let sql: String
}

/// How the vault's databases are opened; every rule of `docs/format.md#files` is set here once.
enum VaultDatabase {
  /// How long a writer waits for another process, in seconds.
  static let busyTimeoutSeconds = 30.0

  /// Opens or creates a database and brings it to the newest schema.
  ///
  /// - Throws: ``VaultError`` `.newerFormat` when the file was written by a newer program,
  ///   `.storage` when it cannot be opened or a protective setting does not hold.
  static func open(_ path: String, migrations: [Migration]) throws -> DatabaseQueue {
    try storing(path) {
      // SQLite gives -wal and -shm the mode of the database.
      if !FileManager.default.fileExists(atPath: path) {
        // Where this fails, SQLite's own words say why.
        _ = FileManager.default.createFile(
          atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { database in try migrate(database, path, migrations) }
      return queue
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(busyTimeoutSeconds)
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      for pragma in [
        "journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY", "trusted_schema = OFF",
        "cell_size_check = ON", "journal_size_limit = 0", "mmap_size = 0", "cache_size = -65536",
      ] {
        _ = try Row.fetchAll(database, sql: "PRAGMA \(pragma)")
      }
      _ = try Row.fetchAll(database, sql: "PRAGMA secure_delete = ON")
      let isOn = try Int.fetchOne(database, sql: "PRAGMA secure_delete") == 1
      guard isOn else {
        throw VaultError(
          .storage, "SQLite does not keep `secure_delete` on; use another build of it")
      }
    }
    return configuration
  }

  private static func migrate(
    _ database: Database, _ path: String, _ migrations: [Migration]
  ) throws {
    try database.inTransaction(.immediate) {
      let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard version <= migrations.count else {
        throw VaultError(
          .newerFormat,
          "`\(fileName(path))` has format \(version), this program knows up to \(migrations.count); "
            + "use the newer program")
      }
      for migration in migrations where migration.number > version {
        try database.execute(sql: migration.sql)
        try database.execute(sql: "PRAGMA user_version = \(migration.number)")
      }
      return .commit
    }
  }

  /// Moves everything from the -wal file into the database and empties it.
  ///
  /// - Returns: False when a reader of another process prevented it.
  static func truncateLog(_ queue: DatabaseQueue) throws -> Bool {
    try queue.writeWithoutTransaction { database in
      let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      return (row?[0] as Int?) == 0
    }
  }
}

/// Runs a database operation and puts its failures into words that name the file.
func storing<R>(_ path: String, _ body: () throws -> R) throws -> R {
  do {
    return try body()
  } catch let error as DatabaseError {
    throw storageError(error, path)
  }
}

private func fileName(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}

/// The database's message is left out on purpose where it could quote values.
private func storageError(_ error: DatabaseError, _ path: String) -> VaultError {
  let name = fileName(path)
  switch error.resultCode {
  case .SQLITE_FULL:
    return VaultError(
      .storage, "the disk is full, `\(name)` was not changed; free space and repeat")
  case .SQLITE_READONLY:
    return VaultError(
      .storage, "`\(name)` is read-only; check the permissions of the vault directory")
  case .SQLITE_CANTOPEN:
    return VaultError(
      .storage, "`\(name)` cannot be opened; check that the directory exists and is writable")
  case .SQLITE_BUSY, .SQLITE_LOCKED:
    return VaultError(.storage, "`\(name)` is locked by another process; repeat when it is done")
  case .SQLITE_CORRUPT, .SQLITE_NOTADB:
    return VaultError(.integrity, "`\(name)` is damaged; restore it from a backup")
  case .SQLITE_IOERR:
    return VaultError(
      .storage,
      "`\(name)` cannot be read or written (disk error \(error.extendedResultCode.rawValue))")
  default:
    return VaultError(.storage, "`\(name)`: database error \(error.extendedResultCode.rawValue)")
  }
}
