import Foundation
import GRDB
import Vault

/// The baseline: the rows of a vault without its cryptography, keys and log.
///
/// Schema and indices are those of a real vault, read from its files; settings, batches,
/// transactions and look-ups are the vault's too. Where the vault stores an envelope this stores
/// the value, and where it stores a keyed code this stores a cheap hash. What is left over in a
/// comparison is what sealing costs.
final class PlainStore {
  private struct Match {
    let code: [UInt8]
    let subject: Int64
    let kind: Int
  }

  private let queue: DatabaseQueue
  private let indexQueue: DatabaseQueue
  private let source: SourceDescription
  private let today: Int

  /// Makes both databases in the shape of a vault that has just been made.
  init(
    vault path: String, index indexPath: String, shapedLike layout: VaultLayout,
    source: SourceDescription, today: Int
  ) throws {
    self.source = source
    self.today = today
    queue = try Self.open(path, shapedLike: layout.vault)
    indexQueue = try Self.open(indexPath, shapedLike: layout.index)
    let name = source.name
    try queue.write {
      try $0.execute(
        sql: "INSERT INTO source (number, name, description) VALUES (1, ?, '{}')",
        arguments: [name])
    }
  }

  static func open(_ path: String, shapedLike original: String) throws -> DatabaseQueue {
    let statements = try DatabaseQueue(path: original).read { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
          ORDER BY rowid
          """)
    }
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      for pragma in [
        "journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY", "trusted_schema = OFF",
        "cell_size_check = ON", "journal_size_limit = 0", "mmap_size = 0", "cache_size = -65536",
        "secure_delete = ON",
      ] {
        _ = try Row.fetchAll(database, sql: "PRAGMA \(pragma)")
      }
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { database in
      for statement in statements { try database.execute(sql: statement) }
    }
    return queue
  }

  /// Stores a batch as the vault would: one transaction, the match index inside it.
  ///
  /// - Returns: Number of records that are new.
  func ingest(_ batch: [IncomingRecord]) throws -> Int {
    try queue.write { database in
      let codes = batch.map { record in
        (
          external: CheapHash.code(seed: 0, Array(source.name.utf8) + [0] + record.externalID),
          identifiers: record.identifiers.map {
            CheapHash.code(seed: UInt64($0.kind.number), $0.value)
          }
        )
      }
      var leaves = try indexQueue.read { try Self.subjects(codes.map(\.external), $0) }
      let firstLeaf = try Int64.fetchOne(database, sql: "SELECT max(leaf) FROM subject") ?? -1
      var nextLeaf = firstLeaf + 1
      for code in codes where leaves[code.external] == nil {
        leaves[code.external] = nextLeaf
        nextLeaf += 1
      }
      var rows = Rows(database: database, today: today)
      try rows.begin()
      for (record, code) in zip(batch, codes) {
        guard let leaf = leaves[code.external] else { continue }
        try rows.store(record, of: leaf, external: code.external, identifiers: code.identifiers)
      }
      try indexQueue.write { try Self.insert(rows.matches, $0) }
      return rows.added
    }
  }

  private static func subjects(
    _ codes: [[UInt8]], _ database: Database
  ) throws -> [[UInt8]: Int64] {
    let statement = try database.cachedStatement(
      sql: "SELECT subject FROM match WHERE code = ? ORDER BY subject")
    var leaves: [[UInt8]: Int64] = [:]
    for code in codes where leaves[code] == nil {
      leaves[code] = try Int64.fetchOne(statement, arguments: [Data(code)])
    }
    return leaves
  }

  private static func insert(_ matches: [Match], _ database: Database) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO match (code, subject, kind) VALUES (?, ?, ?)")
    for row in matches.sorted(by: { $0.code.lexicographicallyPrecedes($1.code) }) {
      try statement.execute(arguments: [Data(row.code), row.subject, row.kind])
    }
  }
}

extension PlainStore {
  /// The rows of one batch on their way into the database.
  private struct Rows {
    let database: Database
    let today: Int
    var matches: [Match] = []
    var added = 0
    private var known: Set<Int64> = []
    private var nextRow: Int64 = 1

    init(database: Database, today: Int) {
      self.database = database
      self.today = today
    }

    mutating func begin() throws {
      let last = try Int64.fetchOne(
        database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'record'")
      nextRow = (last ?? 0) + 1
    }

    mutating func store(
      _ record: IncomingRecord, of leaf: Int64, external: [UInt8], identifiers: [[UInt8]]
    ) throws {
      try provideSubject(leaf, record, external)
      let idCode = CheapHash.code(seed: 0x49, record.recordID)
      let find = try database.cachedStatement(
        sql: "SELECT * FROM record WHERE subject = ? AND id_code = ?")
      guard try Row.fetchOne(find, arguments: [leaf, Data(idCode)]) == nil else { return }
      var content: [UInt8] = Array((record.eventName ?? "").utf8) + [0]
      for field in record.fields { PlainFields.append(field.number, field.value, to: &content) }
      let insert = try database.cachedStatement(
        sql: """
          INSERT INTO record
            (row, subject, bucket, first_day, collected_day, id_code, content_code, sealed)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """)
      try insert.execute(arguments: [
        nextRow, leaf, 0x0100_0000, record.collectedDay, record.collectedDay, Data(idCode),
        Data(CheapHash.code(seed: 0x43, content)), Data(PlainFields.encode(record)),
      ])
      nextRow += 1
      added += 1
      for (identifier, code) in zip(record.identifiers, identifiers) {
        matches.append(Match(code: code, subject: leaf, kind: Int(identifier.kind.number)))
      }
    }

    private mutating func provideSubject(
      _ leaf: Int64, _ record: IncomingRecord, _ external: [UInt8]
    ) throws {
      guard known.insert(leaf).inserted else { return }
      let find = try database.cachedStatement(sql: "SELECT * FROM subject WHERE leaf = ?")
      guard try Row.fetchOne(find, arguments: [leaf]) == nil else { return }
      var sealed: [UInt8] = []
      PlainFields.append(2, record.externalID, to: &sealed)
      let insert = try database.cachedStatement(
        sql: """
          INSERT INTO subject
            (leaf, id, generation, commitment, source, person, state, created_day, sealed)
          VALUES (?, ?, 1, ?, 1, ?, 0, ?, ?)
          """)
      try insert.execute(arguments: [
        leaf, Data(count: 16), Data(count: 32), leaf, today, Data(sealed),
      ])
      matches.append(Match(code: external, subject: leaf, kind: 0))
    }
  }
}

/// The vault's framing of a record's fields, around plain values.
private enum PlainFields {
  /// Number of the cell of the identifiers a record is matched by.
  static let identifiers: UInt16 = 0x8000

  static func encode(_ record: IncomingRecord) -> [UInt8] {
    var bytes: [UInt8] = []
    for field in record.fields { append(field.number, field.value, to: &bytes) }
    var matched: [UInt8] = []
    for identifier in record.identifiers {
      append(identifier.kind.number, identifier.value, to: &matched)
    }
    append(identifiers, matched, to: &bytes)
    return bytes
  }

  static func append(_ number: UInt16, _ value: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(UInt8(number >> 8))
    bytes.append(UInt8(number & 0xFF))
    for shift in [24, 16, 8, 0] { bytes.append(UInt8(value.count >> shift & 0xFF)) }
    bytes.append(contentsOf: value)
  }
}

/// A hash of 128 bits that protects nothing; it stands where the vault has a keyed code.
enum CheapHash {
  /// Hashes eight bytes at a time into two lanes.
  static func code(seed: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    var first = seed ^ 0x9E37_79B9_7F4A_7C15
    var second = UInt64(bytes.count) ^ 0xD1B5_4A32_D192_ED03
    var offset = 0
    while offset < bytes.count {
      let end = min(offset + 8, bytes.count)
      var word: UInt64 = 0
      while offset < end {
        word = word << 8 | UInt64(bytes[offset])
        offset += 1
      }
      first = mix(first ^ word, 0xBF58_476D_1CE4_E5B9)
      second = mix(second &+ word, 0x94D0_49BB_1331_11EB)
    }
    first = mix(first ^ second, 0xD6E8_FEB8_6659_FD93)
    second = mix(second ^ first, 0xA24B_AED4_963E_E407)
    return [first, second].flatMap { lane in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: lane >> UInt64($0)) }
    }
  }

  private static func mix(_ value: UInt64, _ factor: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: factor)
    return product.high ^ product.low
  }
}
