import Foundation
import GRDB

extension AuditStore {
  /// Number of the first entry that is there; the ones before were pruned by the log's retention.
  func firstKept() throws -> Int {
    let statement = try database.cachedStatement(
      sql: "SELECT coalesce(min(seq), 0) FROM audit_entry")
    return try Int.fetchOne(statement) ?? 0
  }

  /// The entries of a range that are there, in order, at most `limit`.
  ///
  /// - Parameters:
  ///   - range: Places in the log.
  ///   - limit: Most entries.
  ///   - isNewestFirst: Whether the order, and the end from which `limit` counts, is turned around.
  /// - Returns: The entries.
  /// - Throws: Whatever the database throws.
  func entries(
    _ range: Range<Int>, limit: Int, isNewestFirst: Bool
  ) throws -> [LogEntry] {
    let statement = try database.cachedStatement(
      sql: isNewestFirst
        ? "SELECT seq, entry FROM audit_entry WHERE seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ?"
        : "SELECT seq, entry FROM audit_entry WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?")
    let rows = try Row.fetchCursor(
      statement, arguments: [range.lowerBound, range.upperBound, limit])
    var entries: [LogEntry] = []
    entries.reserveCapacity(min(limit, range.count))
    while let row = try rows.next() {
      let bytes: Data = row[1]
      entries.append(LogEntry(sequence: row[0], bytes: [UInt8](bytes)))
    }
    return entries
  }

  /// The signed checkpoint of a size; nil when none was signed at that size.
  func checkpoint(size: Int) throws -> [UInt8]? {
    try Data.fetchOne(
      database, sql: "SELECT note FROM audit_checkpoint WHERE size = ?", arguments: [size]
    ).map { [UInt8]($0) }
  }

  /// Whether any entry refers to a reference.
  func isKnown(reference: [UInt8]) throws -> Bool {
    let statement = try database.cachedStatement(
      sql: "SELECT 1 FROM audit_subject WHERE reference = ? LIMIT 1")
    return try Int.fetchOne(statement, arguments: [Data(reference)]) != nil
  }
}
