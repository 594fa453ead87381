import Foundation
import GRDB
import Sealing

/// Changes a restored `vault.sqlite` before anybody uses it; called inside a transaction.
struct RestoreStore {
  /// Record numbers of a vault and of one restored from it lie this far apart, so that no number
  /// is used twice under one key.
  static let recordNumbersPerRestore: Int64 = 1 << 40

  let database: Database

  /// Number of a subject's records, and of those in any of the buckets.
  func records(of subject: Int64, in buckets: String) throws -> (all: Int, inBuckets: Int) {
    let statement = try database.cachedStatement(
      sql: """
        SELECT count(*), coalesce(sum(bucket IN (SELECT value FROM json_each(?))), 0)
        FROM record WHERE subject = ?
        """)
    let row = try Row.fetchOne(statement, arguments: [buckets, subject])
    return (row?[0] ?? 0, row?[1] ?? 0)
  }

  /// Buckets as an argument of ``records(of:in:)``.
  static func list(_ buckets: some Sequence<Bucket>) -> String {
    "[" + buckets.map { String($0.rawValue) }.joined(separator: ",") + "]"
  }

  /// Whether a subject's withdrawal is noted.
  func hasWithdrawal(_ subject: Int64, purpose: String) throws -> Bool {
    let statement = try database.cachedStatement(
      sql: "SELECT 1 FROM withdrawal WHERE subject = ? AND purpose = ?")
    return try Int.fetchOne(statement, arguments: [subject, purpose]) != nil
  }

  /// Notes that a subject has withdrawn consent; answers whether that was new.
  func insertWithdrawal(_ subject: Int64, purpose: String, day: Int) throws -> Bool {
    try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO withdrawal (subject, purpose, day) VALUES (?, ?, ?)"
    ).execute(arguments: [subject, purpose, day])
    return database.changesCount > 0
  }

  /// Forgets the withdrawals of a subject that goes.
  func deleteWithdrawals(of subject: Int64) throws -> Int {
    try database.cachedStatement(sql: "DELETE FROM withdrawal WHERE subject = ?")
      .execute(arguments: [subject])
    return database.changesCount
  }

  /// Skips the record numbers that the vault may have used since the backup.
  func skipRecordNumbers() throws {
    let next = try RecordStore(database: database).nextRow()
    let first = (next / Self.recordNumbersPerRestore + 1) * Self.recordNumbersPerRestore
    try database.execute(sql: "DELETE FROM sqlite_sequence WHERE name = 'record'")
    try database.execute(
      sql: "INSERT INTO sqlite_sequence (name, seq) VALUES ('record', ?)", arguments: [first])
  }
}
