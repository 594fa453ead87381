internal import Foundation
internal import GRDB
internal import Sealing

/// Reads and writes the rows of the key store within one access to its connection.
struct KeyStoreRows {
  let db: Database
  /// Collects what is written, for the copies of the key store.
  let changes: ChangeSet?

  /// Executes a statement that changes a row.
  func change(_ sql: String, _ arguments: StatementArguments, byteCount: Int = 128) throws {
    try db.cachedStatement(sql: sql).execute(arguments: arguments)
    changes?.append(sql, arguments, byteCount: byteCount)
  }

  /// Changes whenever another connection commits; tells a stale cache.
  func dataVersion() throws -> Int64 {
    let statement = try db.cachedStatement(sql: "PRAGMA data_version")
    return try Int64.fetchOne(statement) ?? 0
  }

  /// Reads the description of the key store.
  func meta() throws -> KeyStoreMeta {
    let statement = try db.cachedStatement(
      sql: """
        SELECT vault, epoch, generation, unseal_kind, scrypt_salt, scrypt_cost,
          scrypt_block_size, scrypt_parallelism, demo, wrapped
        FROM meta WHERE id = 1
        """)
    guard let row = try Row.fetchOne(statement) else {
      throw KeyringError(.corrupt, "the key store has no description; its creation was interrupted")
    }
    let wrapped: Data? = row[9]
    let unseal = UnsealRecord(
      kind: row[3], scryptSalt: Self.bytes(row[4]),
      scrypt: Scrypt.Parameters(cost: row[5], blockSize: row[6], parallelism: row[7]),
      wrapped: wrapped.map(Self.bytes))
    return KeyStoreMeta(
      vault: try VaultID(rawBytes: Self.bytes(row[0])), epoch: Self.unsigned(row[1]),
      generation: Self.unsigned(row[2]), unseal: unseal, isDemo: row[8])
  }

  /// Writes the description of a new key store.
  func insert(_ meta: KeyStoreMeta) throws {
    try db.execute(
      sql: """
        INSERT INTO meta (id, vault, epoch, generation, unseal_kind, scrypt_salt, scrypt_cost,
          scrypt_block_size, scrypt_parallelism, demo, wrapped)
        VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        Data(meta.vault.rawBytes), Int64(meta.epoch), Int64(meta.generation), meta.unseal.kind,
        Data(meta.unseal.scryptSalt), meta.unseal.scrypt.cost, meta.unseal.scrypt.blockSize,
        meta.unseal.scrypt.parallelism, meta.isDemo, meta.unseal.wrapped.map { Data($0) },
      ])
    for subtree in Subtree.allCases {
      try db.execute(
        sql: "INSERT INTO counter (subtree, next, destroyed) VALUES (?, 0, 0)",
        arguments: [Int64(subtree.rawValue)])
    }
  }

  /// Records another way to unseal.
  func setUnseal(_ unseal: UnsealRecord) throws {
    try change(
      """
      UPDATE meta SET unseal_kind = ?, scrypt_salt = ?, scrypt_cost = ?, scrypt_block_size = ?,
        scrypt_parallelism = ?, wrapped = ? WHERE id = 1
      """,
      [
        unseal.kind, Data(unseal.scryptSalt), unseal.scrypt.cost, unseal.scrypt.blockSize,
        unseal.scrypt.parallelism, unseal.wrapped.map { Data($0) },
      ])
  }

  /// Records the epoch and the generation of a commit.
  func setGeneration(_ generation: UInt64, epoch: UInt64) throws {
    try change(
      "UPDATE meta SET generation = ?, epoch = ? WHERE id = 1",
      [Int64(generation), Int64(epoch)])
  }

  /// Reads a sealed node.
  func node(_ address: NodeAddress) throws -> [UInt8]? {
    let statement = try db.cachedStatement(sql: "SELECT b FROM node WHERE id = ?")
    return try Data.fetchOne(statement, arguments: [address.id]).map(Array.init)
  }

  /// Writes a sealed node, in place when it exists.
  func setNode(_ address: NodeAddress, _ blob: [UInt8]) throws {
    try change(
      """
      INSERT INTO node (id, b) VALUES (?, ?)
      ON CONFLICT (id) DO UPDATE SET b = excluded.b
      """, [address.id, Data(blob)], byteCount: blob.count)
  }

  /// Reads the leaf counters, one per subtree in order.
  func counters() throws -> [LeafCounter] {
    let statement = try db.cachedStatement(
      sql: "SELECT next, destroyed FROM counter ORDER BY subtree")
    let found = try Row.fetchAll(statement).map { LeafCounter(next: $0[0], destroyed: $0[1]) }
    guard found.count == Subtree.allCases.count,
      found.allSatisfy({ $0.next <= NodeAddress.maximumLeafCount })
    else { throw KeyringError(.corrupt, "the key store's leaf counters are damaged") }
    return found
  }

  /// Writes one leaf counter.
  func setCounter(_ subtree: Subtree, _ counter: LeafCounter) throws {
    try change(
      "UPDATE counter SET next = ?, destroyed = ? WHERE subtree = ?",
      [counter.next, counter.destroyed, Int64(subtree.rawValue)])
  }

  static func bytes(_ data: Data) -> [UInt8] { Array(data) }

  private static func unsigned(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) }
}
