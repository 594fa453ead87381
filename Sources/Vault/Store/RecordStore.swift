import Foundation
import GRDB
import Sealing

/// A row of the record table.
struct RecordRow: Sendable {
  let row: Int64
  let subject: Int64
  let bucket: Bucket
  let firstDay: Int
  let collectedDay: Int
  let idCode: [UInt8]
  let contentCode: [UInt8]
  let sealed: [UInt8]
}

/// Reads and writes sealed records; called inside a transaction of `vault.sqlite`.
struct RecordStore {
  let database: Database

  /// The number the next record gets; numbers are never used twice.
  func nextRow() throws -> Int64 {
    let last = try Int64.fetchOne(
      database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'record'")
    return (last ?? 0) + 1
  }

  func insert(_ record: RecordRow) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO record
          (row, subject, bucket, first_day, collected_day, id_code, content_code, sealed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      record.row, record.subject, Int64(record.bucket.rawValue), record.firstDay,
      record.collectedDay, Data(record.idCode), Data(record.contentCode), Data(record.sealed),
    ])
  }

  func find(subject: Int64, idCode: [UInt8]) throws -> RecordRow? {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM record WHERE subject = ? AND id_code = ?")
    return try Row.fetchOne(statement, arguments: [subject, Data(idCode)]).map(Self.decode)
  }

  func ofSubject(_ subject: Int64) throws -> [RecordRow] {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM record WHERE subject = ? ORDER BY row")
    return try Row.fetchAll(statement, arguments: [subject]).map(Self.decode)
  }

  /// Puts other envelopes into a record.
  func setSealed(_ row: Int64, _ sealed: [UInt8]) throws {
    try database.cachedStatement(sql: "UPDATE record SET sealed = ? WHERE row = ?")
      .execute(arguments: [Data(sealed), row])
  }

  func delete(row: Int64) throws {
    try database.cachedStatement(sql: "DELETE FROM record WHERE row = ?").execute(arguments: [row])
  }

  func delete(subject: Int64) throws -> Int {
    try database.cachedStatement(sql: "DELETE FROM record WHERE subject = ?")
      .execute(arguments: [subject])
    return database.changesCount
  }

  /// Deletes at most `limit` records of a bucket.
  func delete(bucket: Bucket, limit: Int) throws -> Int {
    try database.cachedStatement(
      sql: """
        DELETE FROM record WHERE row IN (SELECT row FROM record WHERE bucket = ? LIMIT ?)
        """
    ).execute(arguments: [Int64(bucket.rawValue), limit])
    return database.changesCount
  }

  /// Buckets in use with their record counts, oldest first.
  func buckets() throws -> [(bucket: Bucket, records: Int)] {
    try Row.fetchAll(
      database,
      sql: "SELECT bucket, count(*) AS records FROM record GROUP BY bucket ORDER BY bucket"
    ).map { row in
      let raw: Int64 = row["bucket"]
      return (Bucket(rawValue: UInt32(raw)), row["records"])
    }
  }

  /// Subjects that have a record in one of the buckets, ascending.
  ///
  /// They are parted into those that have all their records there and those that have others too.
  ///
  /// One statement whatever the number of subjects. The total is counted in the index of subjects
  /// alone, so that only the records of the buckets are looked up.
  func subjects(inAny buckets: [Bucket]) throws -> (whole: [Int64], partly: [Int64]) {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT subject,
          count(*) = (SELECT count(*) FROM record AS every WHERE every.subject = record.subject)
        FROM record INDEXED BY record_bucket
        WHERE bucket IN (SELECT value FROM json_each(?)) GROUP BY subject ORDER BY subject
        """,
      arguments: [Self.list(buckets)])
    var whole: [Int64] = []
    var partly: [Int64] = []
    while let row = try rows.next() {
      if row[1] { whole.append(row[0]) } else { partly.append(row[0]) }
    }
    return (whole, partly)
  }

  /// Records of a class first collected up to a day that are in none of the given buckets.
  func countFirstCollected(
    class number: UInt8, through day: Int, outside due: Set<Bucket>
  ) throws -> Int {
    let first = Bucket(retentionClass: number, day: 0)
    let last = Bucket(retentionClass: number, day: Bucket.maximumDay)
    return try Int.fetchOne(
      database,
      sql: """
        SELECT count(*) FROM record
        WHERE bucket BETWEEN ? AND ? AND first_day <= ?
          AND bucket NOT IN (SELECT value FROM json_each(?))
        """,
      arguments: [Int64(first.rawValue), Int64(last.rawValue), day, Self.list(due.sorted())]) ?? 0
  }

  func count() throws -> Int {
    try Int.fetchOne(database, sql: "SELECT count(*) FROM record") ?? 0
  }

  /// Buckets as one argument of a statement.
  private static func list(_ buckets: [Bucket]) -> String {
    "[" + buckets.map { String($0.rawValue) }.joined(separator: ",") + "]"
  }

  private static func decode(_ row: Row) -> RecordRow {
    let idCode: Data = row["id_code"]
    let contentCode: Data = row["content_code"]
    let sealed: Data = row["sealed"]
    let bucket: Int64 = row["bucket"]
    return RecordRow(
      row: row["row"], subject: row["subject"], bucket: Bucket(rawValue: UInt32(bucket)),
      firstDay: row["first_day"], collectedDay: row["collected_day"], idCode: [UInt8](idCode),
      contentCode: [UInt8](contentCode), sealed: [UInt8](sealed))
  }
}
