internal import GRDB
internal import Keyring
internal import Sealing
public import Transparency

/// What the log is read for; each is an event type of its own.
public enum LogReading: Sendable {
  /// Entries are looked for, page by page or for a file.
  case query
  /// A sample is drawn.
  case sample
  /// The history of a person or case is read.
  case examination
  /// The log is searched for what is unusual.
  case analysis

  var eventType: AuditEventType {
    switch self {
    case .query: .logQueried
    case .sample: .logSampled
    case .examination: .logExamined
    case .analysis: .logAnalysed
    }
  }
}

extension Vault {
  /// Opens the log for reading: asks the policy, writes the event about the reading, and only then
  /// gives a reader.
  ///
  /// The event says what is looked for by digest and names, and how far; it is durable before the
  /// first entry is handed out, and it is not part of what is read.
  ///
  /// - Parameters:
  ///   - reading: What the log is read for.
  ///   - subjects: Whose references belong to the event: the reading is about them.
  ///   - range: Places to read; nil for all.
  ///   - bound: Size of the tree to read in, from an earlier page; nil for the tree as it is now.
  ///   - requester: Who reads.
  ///   - details: The members of the event that say what is looked for.
  /// - Returns: The reader.
  /// - Throws: ``VaultError`` `.denied`, `.invalidInput` for a bound beyond the log, `.storage`.
  public func openLog(
    for reading: LogReading, about subjects: LogSubjects = .none, range: Range<Int>? = nil,
    bound: Int? = nil, _ requester: Requester, details: [(key: String, value: CanonicalJSON)]
  ) throws -> LogReader {
    let identity = try authorise(.readLog, requester)
    let actor = try actor(identity.name)
    return try storing(layout.vault) {
      try queue.write { database in
        let store = AuditStore(database: database)
        let size = try store.size()
        guard (0...size).contains(bound ?? size) else {
          throw VaultError(
            .invalidInput, "the log has \(size) entries and not \(bound ?? size); begin anew")
        }
        let firstKept = try store.firstKept()
        let tree = bound ?? size
        let last = max(tree, firstKept)
        let readable = (range ?? 0..<tree).clamped(to: firstKept..<last)
        let sequence = try log(
          AuditEvent(
            reading.eventType, actor: actor, subjects: subjects.current,
            details: members(requester) + details + [
              ("from", .count(readable.lowerBound)), ("to", .count(readable.upperBound)),
              ("tree_size", .count(tree)),
            ]), in: database)
        return LogReader(
          range: readable, treeSize: tree, firstKept: firstKept, reading: sequence,
          milliseconds: clock.milliseconds, vault: self, requester: requester)
      }
    }
  }
}
