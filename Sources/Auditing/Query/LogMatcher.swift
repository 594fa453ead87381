public import Vault

/// Decides a query, entry by entry.
public struct LogMatcher: Sendable {
  private let query: LogQuery
  private let actor: [UInt8]?
  private let reference: [UInt8]?
  private let purpose: [UInt8]?
  private let types: [[UInt8]]
  private let subjects: Set<[UInt8]>

  private static let deny = Array(LogQuery.Decision.deny.rawValue.utf8)
  private static let allow = Array(LogQuery.Decision.allow.rawValue.utf8)
  private static let refusals = LogQuery.refusalTypes.map { Array($0.utf8) }

  /// Prepares a query.
  ///
  /// - Throws: ``AuditingError`` `.invalidQuery`, `.limit`.
  public init(_ query: LogQuery) throws {
    try query.check()
    self.query = query
    actor = query.actor.map { Array($0.utf8) }
    reference = query.caseReference.map { Array($0.utf8) }
    purpose = query.purpose.map { Array($0.utf8) }
    types = query.types.map { Array($0.utf8) }
    subjects = Set(query.subjects.map { Array($0.utf8) })
  }

  /// Whether an entry meets every condition.
  ///
  /// - Throws: ``AuditingError`` `.malformedEntry` for bytes that are no entry.
  public func matches(_ entry: LogEntry) throws -> Bool {
    if let first = query.fromSequence, entry.sequence < first { return false }
    if let end = query.toSequence, entry.sequence >= end { return false }
    guard let event = EventBytes(entry.bytes), let time = event.number(.time),
      let type = event.text(.type)
    else {
      throw AuditingError(
        .malformedEntry, "log entry \(entry.sequence) is no event; verify the log")
    }
    if let earliest = query.fromMilliseconds, time < earliest { return false }
    if let end = query.toMilliseconds, time >= end { return false }
    if !types.isEmpty, !types.contains(where: { type.elementsEqual($0) }) { return false }
    if let actor, event.text(.actor)?.elementsEqual(actor) != true { return false }
    if let decision = query.decision, Self.decision(event, type) != decision { return false }
    if let purpose, !isPurpose(event.text(.purpose), purpose) { return false }
    if let reference, event.text(.case)?.elementsEqual(reference) != true,
      event.text(.reference)?.elementsEqual(reference) != true
    {
      return false
    }
    return subjects.isEmpty || event.contains(.subjects) { subjects.contains(Array($0)) }
  }

  static func decision(
    _ event: EventBytes, _ type: ArraySlice<UInt8>
  ) -> LogQuery.Decision? {
    if refusals.contains(where: { type.elementsEqual($0) }) { return .deny }
    guard let word = event.text(.decision) else { return nil }
    if word.elementsEqual(deny) { return .deny }
    return word.elementsEqual(allow) ? .allow : nil
  }

  /// Whether a purpose is the one asked for or lies below it.
  private func isPurpose(_ found: ArraySlice<UInt8>?, _ wanted: [UInt8]) -> Bool {
    guard let found, found.starts(with: wanted) else { return false }
    let rest = found.dropFirst(wanted.count)
    return rest.isEmpty || rest.first == UInt8(ascii: ".")
  }
}
