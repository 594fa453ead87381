import GRDB

/// Reads and writes withdrawn consent; called inside a transaction of `vault.sqlite`.
struct WithdrawalStore {
  let database: Database

  func insert(subject: Int64, purpose: String, day: Int) throws {
    try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO withdrawal (subject, purpose, day) VALUES (?, ?, ?)"
    ).execute(arguments: [subject, purpose, day])
  }

  /// The purposes a subject has withdrawn.
  func purposes(subject: Int64) throws -> Set<String> {
    let statement = try database.cachedStatement(
      sql: "SELECT purpose FROM withdrawal WHERE subject = ?")
    return Set(try String.fetchAll(statement, arguments: [subject]))
  }

  func delete(subject: Int64) throws {
    try database.cachedStatement(sql: "DELETE FROM withdrawal WHERE subject = ?")
      .execute(arguments: [subject])
  }

  func count() throws -> Int {
    try Int.fetchOne(database, sql: "SELECT count(*) FROM withdrawal") ?? 0
  }
}
