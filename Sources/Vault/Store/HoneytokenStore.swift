import GRDB

/// Reads and writes the planted subjects; called inside a transaction of `vault.sqlite`.
struct HoneytokenStore {
  let database: Database

  /// A planted subject.
  struct Planted {
    let subject: Int64
    let sinceMilliseconds: Int64
  }

  func all() throws -> [Planted] {
    try Row.fetchAll(database, sql: "SELECT subject, since_ms FROM honeytoken ORDER BY subject")
      .map { Planted(subject: $0["subject"], sinceMilliseconds: $0["since_ms"]) }
  }

  /// Plants a subject; answers whether it was not planted before.
  func insert(_ subject: Int64, milliseconds: Int64) throws -> Bool {
    try database.execute(
      sql: "INSERT OR IGNORE INTO honeytoken (subject, since_ms) VALUES (?, ?)",
      arguments: [subject, milliseconds])
    return database.changesCount > 0
  }

  /// Digs a subject up; answers whether it was planted.
  func delete(_ subject: Int64) throws -> Bool {
    try database.execute(sql: "DELETE FROM honeytoken WHERE subject = ?", arguments: [subject])
    return database.changesCount > 0
  }
}
