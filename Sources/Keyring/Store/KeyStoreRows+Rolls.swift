internal import Foundation
internal import GRDB

/// Rolls on record and the copy of the suppression list.
extension KeyStoreRows {
  /// Rolls kept; an older one has long been told to the log.
  static let rollCountMaximum: Int64 = 10_000

  /// Finds the last roll of an act.
  func roll(_ tag: RollTag) throws -> RollRecord? {
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM roll WHERE tag = ? ORDER BY epoch DESC LIMIT 1")
    return try Row.fetchOne(statement, arguments: [Data(tag.bytes)]).map { row in
      let oldRoot: Data = row["old_root"]
      let newRoot: Data = row["new_root"]
      let epoch: Int64 = row["epoch"]
      let oldEpoch: Int64 = row["old_epoch"]
      var destroyed = KeyCounts()
      destroyed.subjects = row["subjects"]
      destroyed.buckets = row["buckets"]
      destroyed.domains = row["domains"]
      destroyed.indexKeys = row["index_keys"]
      return RollRecord(
        oldEpoch: UInt64(oldEpoch), newEpoch: UInt64(epoch), oldRootHash: Array(oldRoot),
        newRootHash: Array(newRoot), destroyed: destroyed, nodeCount: row["node_count"])
    }
  }

  /// Records a roll.
  func insert(_ roll: RollRecord, _ tag: RollTag) throws {
    try change(
      """
      INSERT INTO roll (epoch, tag, old_epoch, old_root, new_root, node_count, subjects, buckets,
        domains, index_keys) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        Int64(roll.newEpoch), Data(tag.bytes), Int64(roll.oldEpoch), Data(roll.oldRootHash),
        Data(roll.newRootHash), roll.nodeCount, roll.destroyed.subjects, roll.destroyed.buckets,
        roll.destroyed.domains, roll.destroyed.indexKeys,
      ])
    try change("DELETE FROM roll WHERE epoch <= ?", [Int64(roll.newEpoch) - Self.rollCountMaximum])
  }

  /// Adds entries of the suppression list; known ones stay as they are.
  func insert(_ entries: [SuppressionEntry]) throws {
    for entry in entries {
      try change(
        "INSERT OR IGNORE INTO suppression (entry, reason, since_day) VALUES (?, ?, ?)",
        [entry.code, entry.reason, entry.sinceDay])
    }
  }

  /// The whole suppression list.
  func suppression() throws -> [SuppressionEntry] {
    let rows = try Row.fetchAll(
      db, sql: "SELECT entry, reason, since_day FROM suppression ORDER BY entry")
    return rows.map { SuppressionEntry(code: $0[0], reason: $0[1], sinceDay: $0[2]) }
  }
}
