import Foundation
import GRDB
import Keyring
import Sealing

/// The peer of the key tree: one wrapped key per subject under one key-encryption key (KEK).
///
/// Deleting a wrapped key forgets nothing while the KEK lives, since any older copy of the file
/// still has it. To forget as the tree does, the KEK has to go: every surviving key is wrapped anew
/// under the next one. The KEK lies in an epoch slot of its own, so that destroying it costs the
/// same on both sides; settings of SQLite and page size are those of the key store.
final class FlatKeyStore {
  /// Rows read at once while all are wrapped anew.
  private static let chunk = 4096
  private static let pageByteCount = 16_384

  private let queue: DatabaseQueue
  private let slot: FileEpochSlot
  private let random: SystemRandom
  private let vault: VaultID
  private var epoch: UInt64 = 1

  init(_ path: String, slot slotPath: String, vault: VaultID, random: SystemRandom) throws {
    self.random = random
    self.vault = vault
    slot = try FileEpochSlot.create(at: slotPath, vault: vault, random: random)
    try slot.prepare(try Self.secret(of: epoch, random))
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      for pragma in [
        "page_size = \(Self.pageByteCount)", "journal_mode = WAL", "synchronous = FULL",
        "secure_delete = ON", "temp_store = MEMORY", "trusted_schema = OFF",
        "cell_size_check = ON", "foreign_keys = ON", "mmap_size = 0", "journal_size_limit = 0",
      ] {
        _ = try Row.fetchAll(database, sql: "PRAGMA \(pragma)")
      }
    }
    queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write {
      try $0.execute(
        sql: """
          CREATE TABLE wrapped (
            subject INTEGER PRIMARY KEY,
            b BLOB NOT NULL CHECK (length(b) = 60)
          ) STRICT
          """)
    }
  }

  private static func secret(of epoch: UInt64, _ random: SystemRandom) throws -> EpochSecret {
    EpochSecret(
      epoch: epoch,
      secret: try SecretBytes(randomCount: EpochSecret.byteCount, from: random))
  }

  /// Makes the keys of so many subjects more, in one durable write.
  func create(_ subjects: Range<Int>) throws {
    guard let kek = try slot.read().last else { throw BenchError(message: "no KEK") }
    try queue.write { database in
      let insert = try database.cachedStatement(
        sql: "INSERT INTO wrapped (subject, b) VALUES (?, ?)")
      for subject in subjects {
        let key = try SecretBytes(randomCount: AES256GCM.keyByteCount, from: random)
        try insert.execute(arguments: [subject, try wrap(key, of: subject, under: kek)])
      }
    }
  }

  /// Destroys keys: deletes them, wraps all others under a fresh KEK and destroys the old one.
  ///
  /// - Returns: Number of keys wrapped anew.
  func erase(_ subjects: [Int]) throws -> Int {
    guard let old = try slot.read().last else { throw BenchError(message: "no KEK") }
    let next = try Self.secret(of: epoch + 1, random)
    try slot.prepare(next)
    let survivors = try queue.write { database in
      let delete = try database.cachedStatement(sql: "DELETE FROM wrapped WHERE subject = ?")
      for subject in subjects { try delete.execute(arguments: [subject]) }
      return try rewrap(from: old, to: next, database)
    }
    let isTruncated = try queue.writeWithoutTransaction { database in
      try Int.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }
    guard isTruncated else { throw BenchError(message: "the log of the flat store stays") }
    _ = try slot.retire(epoch, unixSeconds: 0)
    epoch += 1
    return survivors
  }

  private func rewrap(
    from old: EpochSecret, to next: EpochSecret, _ database: Database
  ) throws -> Int {
    let select = try database.cachedStatement(
      sql: "SELECT subject, b FROM wrapped WHERE subject > ? ORDER BY subject LIMIT ?")
    let update = try database.cachedStatement(sql: "UPDATE wrapped SET b = ? WHERE subject = ?")
    var last = -1
    var count = 0
    while true {
      let rows = try Row.fetchAll(select, arguments: [last, Self.chunk])
      for row in rows {
        let subject: Int = row[0]
        let blob: Data = row[1]
        let key = try unwrap(Array(blob), of: subject, under: old)
        try update.execute(arguments: [try wrap(key, of: subject, under: next), subject])
        last = subject
      }
      count += rows.count
      guard rows.count == Self.chunk else { return count }
    }
  }

  private func wrap(
    _ key: borrowing SecretBytes, of subject: Int, under kek: EpochSecret
  ) throws -> Data {
    let nonce = try random.bytes(count: AES256GCM.nonceByteCount)
    let sealed = try AES256GCM.seal(
      key, key: kek.secret, nonce: nonce, associatedData: associatedData(subject))
    return Data(nonce + sealed)
  }

  private func unwrap(
    _ blob: [UInt8], of subject: Int, under kek: EpochSecret
  ) throws -> SecretBytes {
    let nonceEnd = AES256GCM.nonceByteCount
    return try AES256GCM.open(
      Array(blob[nonceEnd...]), key: kek.secret, nonce: Array(blob[..<nonceEnd]),
      associatedData: associatedData(subject))
  }

  private func associatedData(_ subject: Int) -> [UInt8] {
    vault.rawBytes + UInt64(subject).bigEndianBytes
  }
}
