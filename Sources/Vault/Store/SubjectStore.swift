import Foundation
import GRDB
import Sealing

/// A row of the subject table.
struct SubjectRow: Sendable {
  /// Number of the subject: the leaf of its first key.
  let leaf: Int64
  /// Leaf of its present key; another than ``leaf`` after a destructive change.
  let keyLeaf: Int64
  let id: SubjectID
  let generation: UInt16
  let commitment: [UInt8]
  let source: Int
  let person: Int64
  let isFenced: Bool
  let createdDay: Int
  let sealed: [UInt8]
}

/// Reads and writes subjects; called inside a transaction of `vault.sqlite`.
struct SubjectStore {
  let database: Database

  func insert(_ row: SubjectRow) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO subject (leaf, id, generation, commitment, source, person, state, created_day, sealed)
        VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)
        """)
    try statement.execute(arguments: [
      row.leaf, Data(row.id.rawBytes), Int(row.generation), Data(row.commitment), row.source,
      row.person, row.createdDay, Data(row.sealed),
    ])
  }

  func find(_ leaf: Int64) throws -> SubjectRow? {
    let statement = try database.cachedStatement(sql: "SELECT * FROM subject WHERE leaf = ?")
    return try Row.fetchOne(statement, arguments: [leaf]).map(Self.decode)
  }

  /// Leaves of the present keys of subjects; those that are not there yet keep their own.
  func keyLeaves(_ leaves: some Sequence<Int64>) throws -> [Int64] {
    let statement = try database.cachedStatement(
      sql: "SELECT coalesce(key_leaf, leaf) FROM subject WHERE leaf = ?")
    return try leaves.map { try Int64.fetchOne(statement, arguments: [$0]) ?? $0 }
  }

  /// Records a subject's next key and what was sealed anew under it.
  func setKey(_ row: SubjectRow) throws {
    try database.cachedStatement(
      sql: """
        UPDATE subject SET key_leaf = ?, generation = ?, commitment = ?, sealed = ? WHERE leaf = ?
        """
    ).execute(arguments: [
      row.keyLeaf, Int(row.generation), Data(row.commitment), Data(row.sealed), row.leaf,
    ])
  }

  /// Every subject of a person in order of creation.
  func ofPerson(_ person: Int64) throws -> [SubjectRow] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM subject WHERE person = ? ORDER BY leaf", arguments: [person]
    ).map(Self.decode)
  }

  /// The next live persons after `person`, at most `limit`.
  func persons(after person: Int64, limit: Int) throws -> [Int64] {
    try Int64.fetchAll(
      database,
      sql:
        "SELECT DISTINCT person FROM subject WHERE person > ? AND state = 0 ORDER BY person LIMIT ?",
      arguments: [person, limit])
  }

  /// The next live subjects after `leaf`, at most `limit`.
  func live(after leaf: Int64, limit: Int) throws -> [SubjectRow] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM subject WHERE leaf > ? AND state = 0 ORDER BY leaf LIMIT ?",
      arguments: [leaf, limit]
    ).map(Self.decode)
  }

  /// Moves a subject to a person; answers whether that changed anything.
  func assign(_ leaf: Int64, to person: Int64) throws -> Bool {
    let statement = try database.cachedStatement(
      sql: "UPDATE subject SET person = ? WHERE leaf = ? AND person <> ? AND state = 0")
    try statement.execute(arguments: [person, leaf, person])
    return database.changesCount > 0
  }

  func fence(_ leaf: Int64) throws {
    try database.cachedStatement(sql: "UPDATE subject SET state = 1 WHERE leaf = ?")
      .execute(arguments: [leaf])
  }

  func delete(_ leaf: Int64) throws {
    try database.cachedStatement(sql: "DELETE FROM subject WHERE leaf = ?")
      .execute(arguments: [leaf])
  }

  func counts() throws -> (subjects: Int, persons: Int, fenced: Int) {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT count(*) AS subjects, count(DISTINCT person) AS persons,
          coalesce(sum(state), 0) AS fenced FROM subject
        """)
    return (row?["subjects"] ?? 0, row?["persons"] ?? 0, row?["fenced"] ?? 0)
  }

  private static func decode(_ row: Row) throws -> SubjectRow {
    let id: Data = row["id"]
    let commitment: Data = row["commitment"]
    let sealed: Data = row["sealed"]
    let generation: Int = row["generation"]
    let state: Int = row["state"]
    let leaf: Int64 = row["leaf"]
    let keyLeaf: Int64? = row["key_leaf"]
    return SubjectRow(
      leaf: leaf, keyLeaf: keyLeaf ?? leaf, id: try SubjectID(rawBytes: [UInt8](id)),
      generation: UInt16(generation),
      commitment: [UInt8](commitment), source: row["source"], person: row["person"],
      isFenced: state != 0, createdDay: row["created_day"], sealed: [UInt8](sealed))
  }
}
