internal import GRDB
internal import Sealing

/// The states of an erasure, in order; each arrow is an event of the log.
public enum ErasureState: String, Sendable, CaseIterable {
  /// What is to be erased is written down; from here it can only be finished.
  case requested
  /// Nothing of the subjects is read or written any more.
  case fenced
  /// The keys to be destroyed are counted and known to the key tree.
  case punctured
  /// Every custodian holds the secret of the next epoch.
  case prepared
  /// The tree without the keys is durable under the next epoch.
  case committed
  /// Enough copies of the key store hold it too.
  case replicated
  /// Every custodian has destroyed the old epoch's secret.
  case retired
  /// The entry of the log that a certificate proves.
  case final
  /// The dead ciphertext is deleted.
  case swept
}

/// What is being erased.
public enum ErasureKind: String, Sendable, CaseIterable {
  /// Marks a person's subjects.
  case person
  /// Marks expired buckets, and subjects that have nothing left.
  case expiry
  /// Marks older keys of subjects that stay: what was sealed under them has been changed or
  /// withdrawn.
  case rekey
}

/// An erasure and how far it has come.
public struct ErasureProgress: Sendable {
  /// Number inside the vault.
  let number: Int64
  /// Reference of the case or run.
  public let reference: String
  /// What is being erased.
  public let kind: ErasureKind
  /// How far it has come.
  public let state: ErasureState
  /// Pseudonym of who asked.
  public let actor: String
  /// When it began, in milliseconds since 1970-01-01 UTC.
  public let startedMilliseconds: Int64
  /// Facts gathered on the way, as canonical JSON.
  let facts: String
}

/// Reads and writes erasures; called inside a transaction of `vault.sqlite`.
struct ErasureStore {
  let database: Database

  func insert(
    _ reference: String, _ kind: ErasureKind, actor: String, milliseconds: Int64, facts: String
  ) throws -> Int64 {
    try database.execute(
      sql: """
        INSERT INTO erasure (reference, kind, state, actor, started_ms, facts)
        VALUES (?, ?, 'requested', ?, ?, ?)
        """,
      arguments: [reference, kind.rawValue, actor, milliseconds, facts])
    return database.lastInsertedRowID
  }

  func add(subjects: [Int64], to number: Int64) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO erasure_subject (erasure, subject) VALUES (?, ?)")
    for subject in subjects { try statement.execute(arguments: [number, subject]) }
  }

  func add(keys leaves: [Int64], to number: Int64) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO erasure_key (erasure, leaf) VALUES (?, ?)")
    for leaf in leaves { try statement.execute(arguments: [number, leaf]) }
  }

  func add(buckets: [Bucket], to number: Int64) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO erasure_bucket (erasure, bucket) VALUES (?, ?)")
    for bucket in buckets { try statement.execute(arguments: [number, Int64(bucket.rawValue)]) }
  }

  func subjects(_ number: Int64) throws -> [Int64] {
    try Int64.fetchAll(
      database, sql: "SELECT subject FROM erasure_subject WHERE erasure = ? ORDER BY subject",
      arguments: [number])
  }

  /// Leaves of the subject keys that die.
  func keys(_ number: Int64) throws -> [Int64] {
    try Int64.fetchAll(
      database, sql: "SELECT leaf FROM erasure_key WHERE erasure = ? ORDER BY leaf",
      arguments: [number])
  }

  func buckets(_ number: Int64) throws -> [Bucket] {
    try Int64.fetchAll(
      database, sql: "SELECT bucket FROM erasure_bucket WHERE erasure = ? ORDER BY bucket",
      arguments: [number]
    ).map { Bucket(rawValue: UInt32($0)) }
  }

  func setState(_ number: Int64, _ state: ErasureState, facts: String) throws {
    try database.execute(
      sql: "UPDATE erasure SET state = ?, facts = ? WHERE number = ?",
      arguments: [state.rawValue, facts, number])
  }

  func find(_ reference: String) throws -> ErasureProgress? {
    try Row.fetchOne(
      database, sql: "SELECT * FROM erasure WHERE reference = ?", arguments: [reference]
    ).map(Self.decode)
  }

  /// How far an erasure has come, and the facts so far.
  func progress(_ number: Int64) throws -> ErasureProgress? {
    try Row.fetchOne(
      database, sql: "SELECT * FROM erasure WHERE number = ?", arguments: [number]
    ).map(Self.decode)
  }

  /// Erasures whose keys may still live or whose rows are still there, oldest first.
  func unfinished() throws -> [ErasureProgress] {
    try Row.fetchAll(database, sql: "SELECT * FROM erasure WHERE state <> 'swept' ORDER BY number")
      .map(Self.decode)
  }

  private static func decode(_ row: Row) throws -> ErasureProgress {
    guard let kind = ErasureKind(rawValue: row["kind"]),
      let state = ErasureState(rawValue: row["state"])
    else { throw VaultError(.integrity, "an erasure has an unknown state; use the newer program") }
    return ErasureProgress(
      number: row["number"], reference: row["reference"], kind: kind, state: state,
      actor: row["actor"], startedMilliseconds: row["started_ms"], facts: row["facts"])
  }
}
