internal import Sealing
internal import Transparency
public import Vault

/// One event that concerns a person or a case.
public struct LookUp: Sendable {
  /// Place in the log.
  public let sequence: Int
  /// When, in milliseconds since 1970-01-01 UTC.
  public let milliseconds: Int64
  /// Type of the event.
  public let type: String
  /// Pseudonym of who acted.
  public let actor: String
  /// Purpose, where the event has one.
  public let purpose: String?
  /// Case, where the event has one.
  public let caseReference: String?
  /// Whether it was allowed; nil where nothing was decided.
  public let decision: LogQuery.Decision?
  /// Names of the fields that were asked for, with the rung each was shown at.
  public let fields: [(field: String, rung: String)]
  /// Names of the policies that decided.
  public let policies: [String]

  init(_ event: LoggedEvent) {
    sequence = event.sequence
    milliseconds = event.milliseconds
    type = event.type
    actor = event.actor
    purpose = event.text("purpose")
    caseReference = event.text("case") ?? event.text("reference")
    decision = event.decision
    fields = event.fields
    policies = event.texts("policies")
  }

  /// Fields of which something was shown.
  public var shownFields: [String] {
    fields.filter { $0.rung != Self.deniedRung }.map(\.field)
  }

  private static let deniedRung = "denied"
}

/// What the log says about a person or a case: who looked, when, why, at what.
public struct LogHistory: Sendable {
  /// The events, oldest first.
  public let lookUps: [LookUp]
  /// Size of the tree they lie in.
  public let treeSize: Int
  /// Number of the first entry that is there; those before were pruned.
  public let firstKept: Int
  /// Place in the log of the event about this reading.
  public let reading: Int
  /// The operators by their pseudonyms.
  public let operators: [String: LogOperator]

  /// Most events of a history.
  public static let eventsMaximum = 100_000

  init(_ entries: [LogEntry], _ reader: LogReader) throws {
    lookUps = try entries.map { LookUp(try LoggedEvent($0)) }
    treeSize = reader.treeSize
    firstKept = reader.firstKept
    reading = reader.reading
    operators = try reader.operators()
  }
}

extension LogSearch {
  /// Reads the history of a person: every event that refers to one of its subjects.
  ///
  /// The index beside the log is asked, so also an event with too many subjects to list is found.
  ///
  /// - Parameter token: A token of any domain; a reference of the log shows its own month only.
  /// - Returns: The events, oldest first.
  /// - Throws: ``AuditingError`` `.limit`; `VaultError` `.denied`, `.notFound`, `.fenced`.
  public func history(of token: TokenText) throws -> LogHistory {
    let subjects = try vault.logSubjects(token, requester)
    let reader = try vault.openLog(
      for: .examination, about: subjects, requester, details: [("view", .string("subject"))])
    let sequences = try reader.sequences(referringTo: subjects.references)
    try Self.requireRoom(sequences.count)
    return try LogHistory(try reader.entries(at: sequences), reader)
  }

  /// Reads the history of a case, or of an act with a reference.
  ///
  /// - Parameters:
  ///   - caseReference: The reference.
  ///   - progress: Told how far the scan has come.
  /// - Returns: The events, oldest first.
  /// - Throws: ``AuditingError`` `.invalidQuery`, `.limit`; `VaultError` `.denied`.
  public func history(
    ofCase caseReference: String, progress: Progress = { _, _ in }
  ) throws -> LogHistory {
    var query = LogQuery()
    query.caseReference = caseReference
    try query.check()
    let reader = try vault.openLog(
      for: .examination, requester,
      details: [
        ("view", .string("case")), ("query", .string(try query.digest.hexadecimal)),
      ])
    var entries: [LogEntry] = []
    try forEachMatch(query, reader, progress: progress) { entry in
      entries.append(entry)
      try Self.requireRoom(entries.count)
      return true
    }
    return try LogHistory(entries, reader)
  }

  private static func requireRoom(_ count: Int) throws {
    guard count <= LogHistory.eventsMaximum else {
      throw AuditingError(
        .limit,
        "more than \(LogHistory.eventsMaximum) events; use `lethe audit export` with conditions")
    }
  }
}
