internal import Foundation
internal import GRDB
internal import Sealing

/// Bucket, domain and index keys: which leaf holds them and what their commitment is.
extension KeyStoreRows {
  private static let live: Int64 = 1
  private static let destroyed: Int64 = 2

  /// Finds a key's entry.
  func directoryEntry(_ name: DirectoryName) throws -> DirectoryEntry? {
    let sql =
      switch name {
      case .bucket: "SELECT leaf, commitment, state FROM bucket WHERE bucket = ?"
      case .domain: "SELECT leaf, commitment, state FROM domain WHERE number = ? AND epoch = ?"
      case .index:
        "SELECT leaf, commitment, state FROM index_key WHERE field = ? AND generation = ?"
      }
    let statement = try db.cachedStatement(sql: sql)
    let arguments = StatementArguments(Self.key(name))
    return try Row.fetchOne(statement, arguments: arguments).map { row in
      DirectoryEntry(
        leaf: row[0], commitment: Self.bytes(row[1]), isDestroyed: row[2] == Self.destroyed)
    }
  }

  /// Records a new key.
  func insertDirectoryEntry(_ name: DirectoryName, leaf: Int64, commitment: [UInt8]) throws {
    let sql =
      switch name {
      case .bucket: "INSERT INTO bucket (bucket, leaf, commitment, state) VALUES (?, ?, ?, ?)"
      case .domain:
        "INSERT INTO domain (number, epoch, leaf, commitment, state) VALUES (?, ?, ?, ?, ?)"
      case .index:
        "INSERT INTO index_key (field, generation, leaf, commitment, state) VALUES (?, ?, ?, ?, ?)"
      }
    let arguments =
      StatementArguments(Self.key(name))
      + StatementArguments([leaf, Data(commitment), Self.live] as [any DatabaseValueConvertible])
    try change(sql, arguments)
  }

  /// Records that a key was destroyed; its name can never get a key again.
  func markDestroyed(_ name: DirectoryName) throws {
    let sql =
      switch name {
      case .bucket: "UPDATE bucket SET state = ? WHERE bucket = ?"
      case .domain: "UPDATE domain SET state = ? WHERE number = ? AND epoch = ?"
      case .index: "UPDATE index_key SET state = ? WHERE field = ? AND generation = ?"
      }
    try change(sql, StatementArguments([Self.destroyed] + Self.key(name)))
  }

  private static func key(_ name: DirectoryName) -> [Int64] {
    switch name {
    case .bucket(let bucket): [Int64(bucket.rawValue)]
    case .domain(let name): [Int64(name.domain), Int64(name.epoch)]
    case .index(let name): [Int64(name.field), Int64(name.generation)]
    }
  }
}
