import Foundation
import GRDB
import Sealing

/// One entry of the match index.
struct MatchRow: Sendable, Hashable {
  /// Kind number of an external id, beside the numbers of ``IdentifierKind``.
  static let externalIDKind: UInt16 = 0

  let code: [UInt8]
  let subject: Int64
  let kind: UInt16
}

/// One issued token.
struct TokenRow: Sendable {
  let token: [UInt8]
  let domain: UInt16
  let epoch: UInt32
  let subject: Int64
}

/// Reads and writes the match index and the token table; called inside a transaction of
/// `index.sqlite`.
struct IndexStore {
  let database: Database

  func generation() throws -> UInt32? {
    try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'generation'")
      .map { UInt32($0) }
  }

  func setGeneration(_ generation: UInt32) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('generation', ?)",
      arguments: [Int64(generation)])
  }

  /// Inserts entries in the order of their codes: random keys in random order cost three times as
  /// much.
  func insert(_ rows: [MatchRow]) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO match (code, subject, kind) VALUES (?, ?, ?)")
    for row in rows.sorted(by: { $0.code.lexicographicallyPrecedes($1.code) }) {
      try statement.execute(arguments: [Data(row.code), row.subject, Int(row.kind)])
    }
  }

  func subjects(code: [UInt8]) throws -> [Int64] {
    let statement = try database.cachedStatement(
      sql: "SELECT subject FROM match WHERE code = ? ORDER BY subject")
    return try Int64.fetchAll(statement, arguments: [Data(code)])
  }

  func rows(subject: Int64) throws -> [MatchRow] {
    let statement = try database.cachedStatement(
      sql: "SELECT code, subject, kind FROM match WHERE subject = ?")
    return try Row.fetchAll(statement, arguments: [subject]).map(Self.decode)
  }

  /// Every identifier entry in order of subjects, without external ids.
  func forEachIdentifier(_ body: (MatchRow) throws -> Void) throws {
    let cursor = try Row.fetchCursor(
      database, sql: "SELECT code, subject, kind FROM match WHERE kind > 0 ORDER BY subject, code")
    while let row = try cursor.next() { try body(Self.decode(row)) }
  }

  func delete(_ row: MatchRow) throws {
    try database.cachedStatement(sql: "DELETE FROM match WHERE code = ? AND subject = ?")
      .execute(arguments: [Data(row.code), row.subject])
  }

  /// Forgets a subject's identifiers and tokens.
  ///
  /// - Returns: How many there were.
  @discardableResult
  func delete(subject: Int64) throws -> (matches: Int, tokens: Int) {
    try database.cachedStatement(sql: "DELETE FROM match WHERE subject = ?")
      .execute(arguments: [subject])
    let matches = database.changesCount
    try database.cachedStatement(sql: "DELETE FROM token WHERE subject = ?")
      .execute(arguments: [subject])
    return (matches, database.changesCount)
  }

  func deleteAll() throws {
    try database.execute(sql: "DELETE FROM match")
    try database.execute(sql: "DELETE FROM token")
  }

  func insert(_ token: TokenRow) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO token (token, domain, epoch, subject) VALUES (?, ?, ?, ?)")
    try statement.execute(arguments: [
      Data(token.token), Int(token.domain), Int64(token.epoch), token.subject,
    ])
  }

  func subject(token: [UInt8], domain: UInt16) throws -> Int64? {
    try Int64.fetchOne(
      database, sql: "SELECT subject FROM token WHERE token = ? AND domain = ?",
      arguments: [Data(token), Int(domain)])
  }

  func tokens(subject: Int64, domain: UInt16) throws -> [[UInt8]] {
    let statement = try database.cachedStatement(
      sql: "SELECT token FROM token WHERE subject = ? AND domain = ?")
    return try Data.fetchAll(statement, arguments: [subject, Int(domain)]).map { [UInt8]($0) }
  }

  func counts() throws -> (matches: Int, tokens: Int) {
    (
      try Int.fetchOne(database, sql: "SELECT count(*) FROM match") ?? 0,
      try Int.fetchOne(database, sql: "SELECT count(*) FROM token") ?? 0
    )
  }

  private static func decode(_ row: Row) -> MatchRow {
    let code: Data = row["code"]
    let kind: Int = row["kind"]
    return MatchRow(code: [UInt8](code), subject: row["subject"], kind: UInt16(kind))
  }
}
