import Foundation
import GRDB
import Keyring
import Sealing

/// Reads and writes the vault's few facts about itself.
struct MetaStore {
  let database: Database

  func vaultID() throws -> VaultID? {
    let value = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'vault_id'")
    return try value.map { try VaultID(rawBytes: [UInt8]($0)) }
  }

  func setVaultID(_ id: VaultID) throws {
    try database.execute(
      sql: "INSERT INTO meta (name, value) VALUES ('vault_id', ?)", arguments: [Data(id.rawBytes)])
  }

  /// Digest of the policy set that was in force when the vault was opened last.
  func policyDigest() throws -> [UInt8]? {
    try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'policy_set'")
      .map { [UInt8]($0) }
  }

  func setPolicyDigest(_ digest: [UInt8]) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('policy_set', ?)",
      arguments: [Data(digest)])
  }

  /// Names of the numbers kept here.
  enum Number: String {
    /// The highest generation of the key store that this vault has used.
    case keyGeneration = "key_generation"
    /// When the last backup was made, in milliseconds since 1970-01-01 UTC.
    case lastBackup = "last_backup"
    /// The index generation before which all index keys are to be destroyed, after a restore.
    case indexKeysDue = "index_keys_due"
    /// When a checkpoint was published last, in milliseconds since 1970-01-01 UTC.
    case lastPublished = "last_published"
    /// Index below which entries of the log are gone by its rule.
    case minimumIndex = "minimum_index"
    /// Place of the event by which they are gone.
    case pruneEvent = "prune_event"
  }

  func number(_ name: Number) throws -> UInt64? {
    let statement = try database.cachedStatement(sql: "SELECT value FROM meta WHERE name = ?")
    return try Data.fetchOne(statement, arguments: [name.rawValue])
      .map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
  }

  func setNumber(_ name: Number, _ value: UInt64) throws {
    try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"
    ).execute(arguments: [name.rawValue, Data(value.bigEndianBytes)])
  }

  /// Keeps the larger of two numbers.
  func raise(_ name: Number, to value: UInt64) throws {
    if try number(name) ?? 0 < value { try setNumber(name, value) }
  }

  func remove(_ name: Number) throws {
    try database.execute(sql: "DELETE FROM meta WHERE name = ?", arguments: [name.rawValue])
  }
}

/// Reads and writes registered sources; called inside a transaction of `vault.sqlite`.
struct SourceStore {
  let database: Database

  func all() throws -> [Int: SourceDescription] {
    let rows = try Row.fetchAll(database, sql: "SELECT number, description FROM source")
    return try rows.reduce(into: [:]) { result, row in
      let text: String = row["description"]
      result[row["number"]] = try JSONDecoder().decode(
        SourceDescription.self, from: Data(text.utf8))
    }
  }

  func number(_ name: String) throws -> Int? {
    try Int.fetchOne(database, sql: "SELECT number FROM source WHERE name = ?", arguments: [name])
  }

  func insert(_ description: SourceDescription) throws -> Int {
    try database.execute(
      sql: "INSERT INTO source (name, description) VALUES (?, ?)",
      arguments: [description.name, try encode(description)])
    return Int(database.lastInsertedRowID)
  }

  func update(_ number: Int, _ description: SourceDescription) throws {
    try database.execute(
      sql: "UPDATE source SET description = ? WHERE number = ?",
      arguments: [try encode(description), number])
  }

  private func encode(_ description: SourceDescription) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(description), as: UTF8.self)
  }
}

/// Reads and writes the keyed list of who must not come back.
struct SuppressionStore {
  let database: Database

  func isEmpty() throws -> Bool {
    try Int.fetchOne(database, sql: "SELECT 1 FROM suppression LIMIT 1") == nil
  }

  func contains(_ entry: Int64) throws -> Bool {
    let statement = try database.cachedStatement(sql: "SELECT 1 FROM suppression WHERE entry = ?")
    return try Int.fetchOne(statement, arguments: [entry]) != nil
  }

  func insert(_ entry: Int64, reason: Int, day: Int) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO suppression (entry, reason, since_day) VALUES (?, ?, ?)")
    try statement.execute(arguments: [entry, reason, day])
  }

  func count() throws -> Int {
    try Int.fetchOne(database, sql: "SELECT count(*) FROM suppression") ?? 0
  }

  func all() throws -> [SuppressionEntry] {
    try Row.fetchAll(
      database, sql: "SELECT entry, reason, since_day FROM suppression ORDER BY entry"
    ).map { SuppressionEntry(code: $0[0], reason: $0[1], sinceDay: $0[2]) }
  }
}

/// A pseudonymisation domain.
public struct TokenDomain: Sendable, Hashable {
  /// The log's references to subjects; a new epoch every month.
  public static let audit = TokenDomain(number: 1, name: "audit", isMonthly: true)
  /// The analysts' pseudonyms; stable.
  public static let analytics = TokenDomain(number: 2, name: "analytics", isMonthly: false)
  /// The operators' handles for persons; stable.
  public static let desk = TokenDomain(number: 3, name: "desk", isMonthly: false)
  static let builtIn = [audit, analytics, desk]

  /// Number in the key tree.
  public let number: UInt16
  /// Name in a token's text.
  public let name: String
  /// Whether tokens change every month.
  public let isMonthly: Bool
}

/// Reads and writes token domains.
struct DomainStore {
  let database: Database

  func insert(_ domain: TokenDomain) throws {
    try database.execute(
      sql: "INSERT INTO domain (number, name, is_monthly) VALUES (?, ?, ?)",
      arguments: [Int(domain.number), domain.name, domain.isMonthly])
  }

  func find(_ name: String) throws -> TokenDomain? {
    try Row.fetchOne(database, sql: "SELECT * FROM domain WHERE name = ?", arguments: [name])
      .map(Self.decode)
  }

  func all() throws -> [TokenDomain] {
    try Row.fetchAll(database, sql: "SELECT * FROM domain ORDER BY number").map(Self.decode)
  }

  func nextNumber() throws -> UInt16 {
    let last = try Int.fetchOne(database, sql: "SELECT max(number) FROM domain") ?? 0
    guard last < Int(UInt16.max) else { throw VaultError(.limit, "no domain number is left") }
    return UInt16(last + 1)
  }

  private static func decode(_ row: Row) -> TokenDomain {
    let number: Int = row["number"]
    return TokenDomain(number: UInt16(number), name: row["name"], isMonthly: row["is_monthly"])
  }
}
