internal import Foundation
internal import GRDB

/// How far the vault has signed its log.
extension KeyStoreRows {
  func logMark() throws -> LogMark? {
    let statement = try db.cachedStatement(sql: "SELECT size, root FROM log_mark WHERE id = 1")
    return try Row.fetchOne(statement).map { LogMark(size: $0[0], root: Self.bytes($0[1])) }
  }

  func setLogMark(_ mark: LogMark) throws {
    try change(
      """
      INSERT INTO log_mark (id, size, root) VALUES (1, ?, ?)
      ON CONFLICT (id) DO UPDATE SET size = excluded.size, root = excluded.root
      """, [mark.size, Data(mark.root)])
  }
}
