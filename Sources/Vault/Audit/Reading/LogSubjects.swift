internal import GRDB
internal import Keyring
internal import Sealing

/// The log's references to the subjects that a reading is about.
public struct LogSubjects: Sendable {
  /// Every reference, of every month.
  public let references: [TokenText]
  /// Those that the event about the reading lists.
  let current: [[UInt8]]

  /// A reading about nobody.
  public static let none = LogSubjects(references: [], current: [])

  init(references: [[UInt8]], current: [[UInt8]]) {
    self.references = references.map { TokenText(domain: TokenDomain.audit.name, token: $0) }
    self.current = current
  }
}

extension Vault {
  /// Finds the log's references to whom a token leads to.
  ///
  /// A reference of the log itself stands for itself, in the month it was made: the log alone
  /// cannot lead from one month to another. A token of another domain leads to the person, and
  /// from the subjects' own secrets to the references of every month; this works only while the
  /// person is not erased.
  ///
  /// - Parameters:
  ///   - token: A token of any domain.
  ///   - requester: Who asks; the policy must let them read the log.
  /// - Returns: The references.
  /// - Throws: ``VaultError`` `.denied`, `.notFound`, `.fenced`.
  public func logSubjects(_ token: TokenText, _ requester: Requester) throws -> LogSubjects {
    try authorise(.readLog, requester)
    guard token.domain == TokenDomain.audit.name else {
      let material = try gather(try person(token))
      let opener = SubjectOpener(self)
      let subjects = try material.subjects.map(opener.open)
      return LogSubjects(
        references: try monthlyReferences(subjects), current: try references(subjects))
    }
    // Listed only where the log knows it: an event must not carry bytes that somebody made up.
    let isKnown = try storing(layout.vault) {
      try queue.read { try AuditStore(database: $0).isKnown(reference: token.token) }
    }
    guard isKnown else {
      throw VaultError(.notFound, "no entry of the log refers to `\(token.text)`; copy it whole")
    }
    return LogSubjects(references: [token.token], current: [token.token])
  }

  /// The log's references to subjects in every month since the first of them came.
  func monthlyReferences(_ subjects: [OpenSubject]) throws -> [[UInt8]] {
    var references: [[UInt8]] = []
    for epoch in epochs(since: subjects.map(\.row.createdDay).min() ?? clock.day) {
      guard
        let maker = try? TokenMaker(.audit, epoch: epoch, vault: self, createIfMissing: false)
      else { continue }
      references += try subjects.map(maker.token)
    }
    return references
  }

  /// The monthly epochs from a day to now, newest first.
  private func epochs(since day: Int) -> [UInt32] {
    var epochs: [UInt32] = []
    let first = CivilDate(day: day).yearMonth
    let now = CivilDate(day: clock.day)
    var (year, month) = (now.year, now.month)
    while UInt32(year * 100 + month) >= first, epochs.count < Self.lookupMonthsMaximum {
      epochs.append(UInt32(year * 100 + month))
      (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
    }
    return epochs
  }
}
