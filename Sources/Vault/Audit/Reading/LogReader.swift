internal import GRDB
public import Transparency

/// An entry of the log as it was written.
public struct LogEntry: Sendable, Hashable {
  /// Place in the log.
  public let sequence: Int
  /// The entry's bytes, one canonical JSON object.
  public let bytes: [UInt8]

  /// Takes an entry.
  public init(sequence: Int, bytes: [UInt8]) {
    self.sequence = sequence
    self.bytes = bytes
  }

  /// Hash of the entry as a leaf of the log's tree.
  public var leafHash: TreeHash { .leaf(bytes) }
}

/// An operator as readers of the log are told of them.
public struct LogOperator: Sendable {
  /// Pseudonym in the log.
  public let pseudonym: String
  /// Name in `operators.yaml`.
  public let name: String
  /// Roles.
  public let roles: [String]
}

/// Hands out the entries of the log after the reading itself was logged.
///
/// Only ``Vault/openLog(for:about:range:bound:_:details:)`` makes one: to hold it is to be in the
/// log as a reader.
public struct LogReader: Sendable {
  /// Most entries of one batch.
  public static let batchCountMaximum = 2_000

  /// Places in the log that this reading may see, pruned ones left out.
  public let range: Range<Int>
  /// Size of the tree the range lies in; entries that came later are not part of the reading.
  public let treeSize: Int
  /// Number of the first entry that is still there.
  public let firstKept: Int
  /// Place in the log of the event about this reading.
  public let reading: Int
  /// When the event about this reading was written, in milliseconds since 1970-01-01 UTC.
  public let milliseconds: Int64
  let vault: Vault
  let requester: Requester

  /// Hands out every entry of a part of the range, batch by batch.
  ///
  /// - Parameters:
  ///   - part: Places in the log; what lies outside ``range`` is not handed out.
  ///   - isNewestFirst: Whether the newest comes first.
  ///   - body: Takes a batch; false ends the reading.
  /// - Throws: ``VaultError`` `.integrity` for an entry that is missing, `.stale` when entries were
  ///   pruned meanwhile; whatever the body throws.
  public func forEachBatch(
    in part: Range<Int>? = nil, isNewestFirst: Bool = false, _ body: ([LogEntry]) throws -> Bool
  ) throws {
    var left = (part ?? range).clamped(to: range)
    while !left.isEmpty {
      let batch = try read {
        try $0.entries(left, limit: Self.batchCountMaximum, isNewestFirst: isNewestFirst)
      }
      let count = min(left.count, Self.batchCountMaximum)
      let expected =
        isNewestFirst
        ? left.upperBound - count..<left.upperBound : left.lowerBound..<left.lowerBound + count
      try require(isNewestFirst ? batch.reversed() : batch, are: expected)
      guard try body(batch) else { return }
      left =
        isNewestFirst
        ? left.lowerBound..<expected.lowerBound : expected.upperBound..<left.upperBound
    }
  }

  /// Reads single entries of the range, in the order asked for.
  ///
  /// - Throws: ``VaultError`` `.notFound` for a place outside of ``range``, `.integrity`.
  public func entries(at sequences: [Int]) throws -> [LogEntry] {
    try read { store in
      try sequences.map { sequence in
        guard range.contains(sequence) else {
          throw VaultError(.notFound, "log entry \(sequence) is not part of this reading")
        }
        return LogEntry(sequence: sequence, bytes: try store.entry(sequence))
      }
    }
  }

  /// Places of the entries that refer to any of the references, in order; from the index beside the
  /// log, which knows also those that an entry does not list for lack of room.
  public func sequences(referringTo references: [TokenText]) throws -> [Int] {
    try read { try $0.sequences(references: references.map(\.token)) }.filter(range.contains)
  }

  /// The signed checkpoint of the tree this reading lies in.
  ///
  /// - Throws: ``VaultError`` `.notFound` when no checkpoint of that size was signed.
  public func checkpoint() throws -> SignedNote {
    guard let note = try read({ try $0.checkpoint(size: treeSize) }) else {
      throw VaultError(
        .notFound, "no checkpoint of \(treeSize) entries was signed; publish the log first")
    }
    return try SignedNote(encoded: note)
  }

  /// The operators of `operators.yaml` by their pseudonyms.
  public func operators() throws -> [String: LogOperator] {
    try vault.policy.operators.operators.reduce(into: [:]) { found, entry in
      let pseudonym = try vault.actor(entry.key)
      found[pseudonym] = LogOperator(pseudonym: pseudonym, name: entry.key, roles: entry.value)
    }
  }

  /// Name of the log.
  public var origin: String { vault.settings.origin }

  /// Records what was written to a file, before it gets its name.
  ///
  /// - Parameter details: The members of the event.
  /// - Returns: The event's place in the log.
  /// - Throws: ``VaultError`` `.storage`; then nothing may be released.
  public func recordExport(_ details: [(key: String, value: CanonicalJSON)]) throws -> Int {
    try vault.log(
      AuditEvent(
        .logExported, actor: try vault.actor(requester.operatorName),
        details: vault.members(requester) + details + [("reading", .count(reading))]))
  }

  private func read<R>(_ body: (AuditStore) throws -> R) throws -> R {
    try storing(vault.layout.vault) {
      try vault.queue.read { try body(AuditStore(database: $0)) }
    }
  }

  /// Refuses a gap: a population with a hole must not pass for whole.
  private func require(_ batch: some Collection<LogEntry>, are expected: Range<Int>) throws {
    guard batch.count == expected.count, batch.first?.sequence == expected.first else {
      if try read({ try $0.firstKept() }) > firstKept {
        throw VaultError(.stale, "entries were pruned meanwhile; repeat the command")
      }
      throw VaultError(
        .integrity,
        "the log lacks entries between \(expected.lowerBound) and \(expected.upperBound - 1); "
          + "restore the vault from a backup")
    }
  }
}
