internal import Sealing
internal import Transparency
public import Vault

/// Where a page of an answer ended, and in which tree the answer lies.
///
/// The text is `SEQ@SIZE`: pages that follow see the log as the first page did, however it grows.
public struct LogCursor: Sendable, Equatable {
  /// The last entry of the page.
  public let sequence: Int
  /// Size of the tree of the first page; nil for the tree as it is now.
  public let treeSize: Int?

  /// Names a place.
  public init(sequence: Int, treeSize: Int?) {
    self.sequence = sequence
    self.treeSize = treeSize
  }

  /// Reads `SEQ@SIZE` or `SEQ`.
  ///
  /// - Throws: ``AuditingError`` `.invalidQuery`.
  public init(_ text: String) throws {
    let numbers = text.split(separator: "@", omittingEmptySubsequences: false).map(Self.number)
    guard (1...2).contains(numbers.count), let sequence = numbers[0],
      numbers.allSatisfy({ $0 != nil })
    else {
      throw AuditingError(
        .invalidQuery, "the place to go on after is written `17@200`, as the page before said")
    }
    self.init(sequence: sequence, treeSize: numbers.count == 2 ? numbers[1] : nil)
  }

  /// The text.
  public var text: String { treeSize.map { "\(sequence)@\($0)" } ?? "\(sequence)" }

  private static func number(_ digits: Substring) -> Int? {
    guard (1...16).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(digits).flatMap { $0 <= MerkleTree.sizeMaximum ? $0 : nil }
  }
}

/// One page of the answer to a query.
public struct LogPage: Sendable {
  /// The entries in the order asked for.
  public let entries: [LogEntry]
  /// Where to go on; nil when there is nothing more.
  public let next: LogCursor?
  /// Size of the tree the answer lies in.
  public let treeSize: Int
  /// Number of the first entry that is there; those before were pruned.
  public let firstKept: Int
  /// Place in the log of the event about this reading.
  public let reading: Int
  /// The operators by their pseudonyms.
  public let operators: [String: LogOperator]
}

/// Which part of the answer to a query is wanted.
public struct LogPaging: Sendable {
  /// Most entries of one page.
  public static let limitMaximum = 10_000

  /// Where the page before ended.
  public let after: LogCursor?
  /// Most entries.
  public let limit: Int
  /// Whether the newest comes first.
  public let isNewestFirst: Bool

  /// Describes a page.
  ///
  /// - Throws: ``AuditingError`` `.limit` for a page of no or too many entries.
  public init(after: LogCursor? = nil, limit: Int = 100, isNewestFirst: Bool = false) throws {
    guard (1...Self.limitMaximum).contains(limit) else {
      throw AuditingError(.limit, "a page has 1 to \(Self.limitMaximum) entries")
    }
    self.after = after
    self.limit = limit
    self.isNewestFirst = isNewestFirst
  }

  /// The part of a range that is left after the page before.
  func rest(of range: Range<Int>) -> Range<Int> {
    guard let after else { return range }
    return isNewestFirst
      ? range.clamped(to: 0..<max(0, after.sequence))
      : range.clamped(to: after.sequence + 1..<max(after.sequence + 1, range.upperBound))
  }
}

/// Answers queries.
public struct LogSearch {
  /// Tells how many entries were looked at, of how many.
  public typealias Progress = (_ done: Int, _ total: Int) -> Void

  let vault: Vault
  let requester: Requester

  /// Prepares to read a vault's log for somebody.
  public init(_ vault: Vault, _ requester: Requester) {
    self.vault = vault
    self.requester = requester
  }

  /// Finds one page of the entries a query means.
  ///
  /// - Parameters:
  ///   - query: The query.
  ///   - paging: Which page.
  ///   - subjects: Whose references the query holds, for the event about the reading.
  ///   - progress: Told how far the scan has come.
  /// - Returns: The page.
  /// - Throws: ``AuditingError``; `VaultError` `.denied`, `.integrity`, `.storage`.
  public func page(
    _ query: LogQuery, _ paging: LogPaging, about subjects: LogSubjects = .none,
    progress: Progress = { _, _ in }
  ) throws -> LogPage {
    let reader = try open(
      .query, query, about: subjects, bound: paging.after?.treeSize, range: { paging.rest(of: $0) })
    var found: [LogEntry] = []
    // One more than asked for tells whether there is a next page.
    try forEachMatch(
      query, reader, isNewestFirst: paging.isNewestFirst, progress: progress
    ) { entry in
      found.append(entry)
      return found.count <= paging.limit
    }
    let hasMore = found.count > paging.limit
    let entries = Array(found.prefix(paging.limit))
    return LogPage(
      entries: entries,
      next: hasMore
        ? entries.last.map { LogCursor(sequence: $0.sequence, treeSize: reader.treeSize) } : nil,
      treeSize: reader.treeSize, firstKept: reader.firstKept, reading: reader.reading,
      operators: try reader.operators())
  }

  /// Opens the log for a query; the event about it is written first.
  func open(
    _ reading: LogReading, _ query: LogQuery, about subjects: LogSubjects, bound: Int?,
    range: (Range<Int>) -> Range<Int> = { $0 },
    details: [(key: String, value: CanonicalJSON)] = []
  ) throws -> LogReader {
    try query.check()
    let places = range(query.range(treeSize: bound ?? MerkleTree.sizeMaximum))
    return try vault.openLog(
      for: reading, about: subjects, range: places, bound: bound, requester,
      details: details + [
        ("conditions", .array(query.conditions.map { .string($0) })),
        ("query", .string(try query.digest.hexadecimal)),
      ])
  }

  /// Hands out the entries a query means, in order, until the body answers false.
  func forEachMatch(
    _ query: LogQuery, _ reader: LogReader, isNewestFirst: Bool = false, progress: Progress,
    _ body: (LogEntry) throws -> Bool
  ) throws {
    let matcher = try LogMatcher(query)
    guard query.subjects.isEmpty else {
      let found = try reader.sequences(referringTo: query.subjects.map { try TokenText($0) })
      let order = isNewestFirst ? found.reversed() : found
      for start in stride(from: 0, to: order.count, by: LogReader.batchCountMaximum) {
        let part = order[start..<min(start + LogReader.batchCountMaximum, order.count)]
        for entry in try reader.entries(at: Array(part)) where try matcher.matches(entry) {
          guard try body(entry) else { return }
        }
        progress(start + part.count, order.count)
      }
      return
    }
    var done = 0
    try reader.forEachBatch(isNewestFirst: isNewestFirst) { batch in
      for entry in batch where try matcher.matches(entry) {
        guard try body(entry) else { return false }
      }
      done += batch.count
      progress(done, reader.range.count)
      return true
    }
  }
}
