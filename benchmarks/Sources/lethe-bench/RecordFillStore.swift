import Foundation
import GRDB
import Sealing
import Vault

/// Fills a vault's file with rows of realistic size, and deletes rows as a plain store would.
///
/// The rows are copies of a sealed record under numbers of their own. Nobody opens them; they are
/// there to be many.
struct RecordFillStore {
  private static let batch = 100_000
  /// Rows deleted in one transaction, as in the vault's sweep.
  private static let deleteBatch = 5_000

  private let queue: DatabaseQueue

  init(_ layout: VaultLayout) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      for pragma in [
        "journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY", "secure_delete = ON",
        "journal_size_limit = 0", "mmap_size = 0", "cache_size = -65536",
      ] {
        _ = try Row.fetchAll(database, sql: "PRAGMA \(pragma)")
      }
    }
    queue = try DatabaseQueue(path: layout.vault, configuration: configuration)
  }

  /// Adds copies of one of the bucket's records until it has so many.
  func fill(_ bucket: Bucket, to count: Int) throws {
    var present = try records(in: bucket)
    while present < count {
      let added = min(Self.batch, count - present)
      try queue.write {
        try $0.execute(
          sql: """
            INSERT INTO record
              (subject, bucket, first_day, collected_day, id_code, content_code, sealed)
            WITH RECURSIVE copy (number) AS (
              SELECT :first UNION ALL SELECT number + 1 FROM copy WHERE number + 1 < :end)
            SELECT subject, bucket, first_day, collected_day,
              CAST(printf('%016d', number) AS BLOB), content_code, sealed
            FROM copy, (SELECT * FROM record WHERE bucket = :bucket LIMIT 1)
            """,
          arguments: ["first": present, "end": present + added, "bucket": bucket.rawValue])
      }
      present += added
    }
  }

  /// Waits until the disk has taken what was filled in, so that nobody else pays for it.
  func settle() throws {
    try truncateLog()
    sync()
  }

  /// Number of records in a bucket.
  func records(in bucket: Bucket) throws -> Int {
    try queue.read {
      try Int.fetchOne(
        $0, sql: "SELECT count(*) FROM record WHERE bucket = ?", arguments: [bucket.rawValue]) ?? 0
    }
  }

  /// Leaves of the subjects that have so many records in a bucket.
  func subjects(in bucket: Bucket, records: Int) throws -> [Int64] {
    try queue.read {
      try Int64.fetchAll(
        $0,
        sql: """
          SELECT subject FROM record WHERE bucket = ? GROUP BY subject HAVING count(*) = ?
          """,
        arguments: [bucket.rawValue, records])
    }
  }

  /// Deletes a bucket's rows for good.
  func delete(_ bucket: Bucket) throws {
    var deleted = Self.deleteBatch
    while deleted == Self.deleteBatch {
      deleted = try queue.write {
        try $0.execute(
          sql: """
            DELETE FROM record WHERE row IN (SELECT row FROM record WHERE bucket = ? LIMIT ?)
            """,
          arguments: [bucket.rawValue, Self.deleteBatch])
        return $0.changesCount
      }
    }
    try truncateLog()
  }

  /// Deletes a subject's rows for good.
  func delete(subject: Int64) throws {
    try queue.write {
      try $0.execute(sql: "DELETE FROM record WHERE subject = ?", arguments: [subject])
    }
    try truncateLog()
  }

  private func truncateLog() throws {
    _ = try queue.writeWithoutTransaction {
      try Row.fetchAll($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }
}
