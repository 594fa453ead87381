import Foundation
import GRDB
import Sealing

/// Reads and writes what witnesses have cosigned; called inside a transaction of `vault.sqlite`.
struct WitnessStore {
  let database: Database

  /// What a witness has cosigned last.
  struct Seen {
    let size: Int
    let milliseconds: Int64
  }

  /// What each witness has cosigned last, by its verifier key.
  func seen() throws -> [String: Seen] {
    let rows = try Row.fetchAll(database, sql: "SELECT vkey, size, time_ms FROM witness")
    return rows.reduce(into: [:]) { $0[$1[0]] = Seen(size: $1[1], milliseconds: $1[2]) }
  }

  func set(_ key: String, _ seen: Seen) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO witness (vkey, size, time_ms) VALUES (?, ?, ?)",
      arguments: [key, seen.size, seen.milliseconds])
  }

  /// The largest checkpoint that a quorum has cosigned.
  func witnessed() throws -> (size: Int, note: [UInt8], milliseconds: Int64)? {
    let row = try Row.fetchOne(
      database, sql: "SELECT size, note, time_ms FROM audit_witnessed WHERE place = 1")
    guard let row else { return nil }
    let note: Data = row[1]
    return (row[0], [UInt8](note), row[2])
  }

  func setWitnessed(_ size: Int, note: [UInt8], milliseconds: Int64) throws {
    try database.execute(
      sql: """
        INSERT INTO audit_witnessed (place, size, note, time_ms) VALUES (1, ?, ?, ?)
        ON CONFLICT (place) DO UPDATE
        SET size = excluded.size, note = excluded.note, time_ms = excluded.time_ms
        WHERE excluded.size >= size
        """,
      arguments: [size, Data(note), milliseconds])
  }

  /// The size a witness has named that does not fit this log; nil for none.
  func conflict(_ key: String) throws -> Int? {
    let value = try Data.fetchOne(
      database, sql: "SELECT value FROM meta WHERE name = ?", arguments: [Self.name(key)])
    return value.map { $0.reduce(0) { $0 << 8 | Int($1) } }
  }

  func setConflict(_ key: String, size: Int) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
      arguments: [Self.name(key), Data(UInt64(size).bigEndianBytes)])
  }

  func removeConflict(_ key: String) throws {
    try database.execute(sql: "DELETE FROM meta WHERE name = ?", arguments: [Self.name(key)])
  }

  private static func name(_ key: String) -> String { "witness_conflict \(key)" }
}
