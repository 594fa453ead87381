import Foundation
import GRDB

/// Old entries go by the log's rule; the hashes stay, so every proof keeps working.
extension AuditStore {
  /// Entries deleted in one transaction.
  static let pruneBatch = 10_000
  /// First bytes of references, by which the table of references is gone through in parts.
  static let referenceParts = 256

  /// Index below which entries are gone by the log's rule; 0 when none are.
  func minimumIndex() throws -> Int {
    Int(try MetaStore(database: database).number(.minimumIndex) ?? 0)
  }

  /// Place of the event by which they are gone.
  func pruneEvent() throws -> Int? {
    try MetaStore(database: database).number(.pruneEvent).map { Int($0) }
  }

  /// Notes that entries below an index are gone, by an event of the same transaction.
  func setMinimumIndex(_ index: Int, event: Int) throws {
    let meta = MetaStore(database: database)
    try meta.setNumber(.minimumIndex, UInt64(index))
    try meta.setNumber(.pruneEvent, UInt64(event))
  }

  /// The first entry that is not older than a time; the log's size when all are.
  ///
  /// Looked for one after the other, since a clock may have been set back.
  func firstEntry(notBefore milliseconds: Int64) throws -> Int {
    let found = try Int.fetchOne(
      database,
      sql: """
        SELECT seq FROM audit_entry
        WHERE json_extract(CAST(entry AS TEXT), '$.time') >= ? ORDER BY seq LIMIT 1
        """,
      arguments: [milliseconds])
    return try found ?? size()
  }

  /// The oldest entry from an index on that is still there.
  func oldestEntry(from index: Int) throws -> [UInt8]? {
    let statement = try database.cachedStatement(
      sql: "SELECT entry FROM audit_entry WHERE seq >= ? ORDER BY seq LIMIT 1")
    return try Data.fetchOne(statement, arguments: [index]).map { [UInt8]($0) }
  }

  /// Whether rows below the minimum index are left, because deleting them was interrupted.
  func hasPrunedRows() throws -> Bool {
    let first = try Int.fetchOne(database, sql: "SELECT min(seq) FROM audit_entry")
    return try (first ?? .max) < minimumIndex()
  }

  /// Deletes one part of the references to entries below the minimum index.
  func deletePrunedReferences(part: Int) throws {
    let upper = part + 1 < Self.referenceParts ? Data([UInt8(part + 1)]) : nil
    try database.execute(
      sql: """
        DELETE FROM audit_subject
        WHERE reference >= ? AND (? IS NULL OR reference < ?) AND seq < ?
        """,
      arguments: [Data([UInt8(part)]), upper, upper, try minimumIndex()])
  }

  /// Deletes the payloads and a batch of the entries below the minimum index.
  ///
  /// - Returns: Number of entries deleted.
  func deletePrunedEntries() throws -> Int {
    let minimum = try minimumIndex()
    try database.execute(sql: "DELETE FROM audit_payload WHERE seq < ?", arguments: [minimum])
    try database.execute(
      sql: """
        DELETE FROM audit_entry WHERE seq IN
          (SELECT seq FROM audit_entry WHERE seq < ? ORDER BY seq LIMIT ?)
        """,
      arguments: [minimum, Self.pruneBatch])
    return database.changesCount
  }
}
