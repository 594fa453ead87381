internal import GRDB
internal import Sealing

/// Lists of live directory entries.
extension KeyStoreRows {
  private static let liveState: Int64 = 1

  func liveBuckets() throws -> [Bucket] {
    try Int64.fetchAll(
      db, sql: "SELECT bucket FROM bucket WHERE state = ? ORDER BY bucket",
      arguments: [Self.liveState]
    ).map { Bucket(rawValue: UInt32($0)) }
  }

  func liveIndexGenerations() throws -> [IndexGeneration] {
    try Row.fetchAll(
      db, sql: "SELECT field, generation FROM index_key WHERE state = ? ORDER BY field, generation",
      arguments: [Self.liveState]
    ).map { row in
      let field: Int64 = row[0]
      let generation: Int64 = row[1]
      return IndexGeneration(field: UInt16(field), generation: UInt32(generation))
    }
  }
}
