import Foundation
import GRDB
import Transparency

/// Reads and writes the sequenced log; called inside a transaction of `vault.sqlite`.
struct AuditStore {
  let database: Database

  /// Number of entries.
  func size() throws -> Int {
    let statement = try database.cachedStatement(
      sql: "SELECT coalesce(max(seq) + 1, 0) FROM audit_entry")
    return try Int.fetchOne(statement) ?? 0
  }

  /// Appends entries with their hashes and references.
  ///
  /// The right edge of the tree is read once, so that a batch reads no hash back.
  func append(_ entries: [(entry: [UInt8], references: [[UInt8]])], at first: Int) throws {
    let insertEntry = try database.cachedStatement(
      sql: "INSERT INTO audit_entry (seq, entry) VALUES (?, ?)")
    let insertHash = try database.cachedStatement(
      sql: "INSERT INTO audit_node (position, hash) VALUES (?, ?)")
    let refer = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO audit_subject (reference, seq) VALUES (?, ?)")
    var tree = try Frontier(size: first, read: hash)
    var position = StoredHashIndex.count(treeSize: first)
    for (offset, item) in entries.enumerated() {
      let sequence = first + offset
      try insertEntry.execute(arguments: [sequence, Data(item.entry)])
      for hash in tree.append(.leaf(item.entry)) {
        try insertHash.execute(arguments: [position, Data(hash.bytes)])
        position += 1
      }
      for reference in item.references {
        try refer.execute(arguments: [Data(reference), sequence])
      }
    }
  }

  func entry(_ sequence: Int) throws -> [UInt8] {
    let statement = try database.cachedStatement(sql: "SELECT entry FROM audit_entry WHERE seq = ?")
    guard let entry = try Data.fetchOne(statement, arguments: [sequence]) else {
      let minimum = try minimumIndex()
      guard !(0..<minimum).contains(sequence) else {
        throw VaultError(
          .notFound,
          "log entry \(sequence) was pruned by the log's rule; entries begin at \(minimum)")
      }
      throw VaultError(
        .integrity, "log entry \(sequence) is missing; restore the vault from a backup")
    }
    return [UInt8](entry)
  }

  func hash(_ position: Int) throws -> TreeHash {
    let statement = try database.cachedStatement(
      sql: "SELECT hash FROM audit_node WHERE position = ?")
    guard let hash = try Data.fetchOne(statement, arguments: [position]) else {
      throw VaultError(
        .integrity, "log hash \(position) is missing; restore the vault from a backup")
    }
    return try TreeHash(bytes: [UInt8](hash))
  }

  /// Places in the log that refer to any of the references, in order.
  func sequences(references: [[UInt8]]) throws -> [Int] {
    let statement = try database.cachedStatement(
      sql: "SELECT seq FROM audit_subject WHERE reference = ?")
    let found = try references.flatMap { try Int.fetchAll(statement, arguments: [Data($0)]) }
    return Set(found).sorted()
  }

  /// The last signed checkpoint.
  func lastCheckpoint() throws -> (size: Int, root: TreeHash, note: [UInt8])? {
    let row = try Row.fetchOne(
      database, sql: "SELECT size, root, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
    guard let row else { return nil }
    let root: Data = row["root"]
    let note: Data = row["note"]
    return (row["size"], try TreeHash(bytes: [UInt8](root)), [UInt8](note))
  }

  func insertCheckpoint(size: Int, root: TreeHash, note: [UInt8]) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO audit_checkpoint (size, root, note) VALUES (?, ?, ?)",
      arguments: [size, Data(root.bytes), Data(note)])
  }
}
