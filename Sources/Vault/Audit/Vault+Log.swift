import Foundation
internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

extension Vault {
  /// Length of an event id in bytes.
  static let eventIDByteCount = 16

  /// Appends an event in the transaction that is under way.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - note: What somebody wrote about it; kept sealed beside the log.
  ///   - database: The transaction.
  /// - Returns: The event's place in the log.
  /// - Throws: ``VaultError`` `.integrity` for an event that is not of its form, `.storage`.
  @discardableResult
  func log(_ event: AuditEvent, _ note: AuditNote? = nil, in database: Database) throws -> Int {
    guard let note else { return try log([event], in: database).lowerBound }
    let noted = event.adding(try note.commitment)
    let sequence = try log([noted], in: database).lowerBound
    try note.keep(at: sequence, self, database)
    return sequence
  }

  /// Appends events, one after the other, in the transaction that is under way.
  ///
  /// - Returns: Their places in the log.
  /// - Throws: ``VaultError`` `.integrity` for an event that is not of its form, `.storage`.
  @discardableResult
  func log(_ events: [AuditEvent], in database: Database) throws -> Range<Int> {
    let store = AuditStore(database: database)
    let first = try store.size()
    let now = clock.milliseconds
    let ids = try random.bytes(count: Self.eventIDByteCount * events.count)
    var entries: [(entry: [UInt8], references: [[UInt8]])] = []
    entries.reserveCapacity(events.count)
    for (offset, event) in events.enumerated() {
      let start = offset * Self.eventIDByteCount
      let entry = try event.entry(
        sequence: first + offset, milliseconds: now,
        id: Array(ids[start..<start + Self.eventIDByteCount]))
      entries.append((entry, event.subjects))
    }
    try store.append(entries, at: first)
    // Every act ends here, so an older key store put back later is older than this.
    try MetaStore(database: database).raise(.keyGeneration, to: try keyring.generation())
    return first..<first + events.count
  }

  /// Appends an event in a transaction of its own, which concurrent acts share; durable when this
  /// returns.
  @discardableResult
  func log(_ event: AuditEvent, _ note: AuditNote? = nil) throws -> Int {
    try committing { try log(event, note, in: $0) }
  }

  /// Appends events of the rooms above, all of them or none; durable when this returns.
  ///
  /// - Parameter events: The events, each of the form of its type.
  /// - Returns: Their places in the log.
  /// - Throws: ``VaultError`` `.integrity` for an event that is not of its form, `.limit` for more
  ///   than ``recordedEventsMaximum``, `.storage`.
  @discardableResult
  public func record(_ events: [AuditEvent]) throws -> Range<Int> {
    guard events.count <= Self.recordedEventsMaximum else {
      throw VaultError(.limit, "more than \(Self.recordedEventsMaximum) events at once")
    }
    return try committing { try log(events, in: $0) }
  }

  /// Most events of one call of ``record(_:)``.
  public static let recordedEventsMaximum = 10_000

  /// Runs an act that logs in a transaction, together with those of other threads that wait.
  ///
  /// - Returns: What the body returns; its changes are durable then.
  func committing<R>(_ body: (Database) throws -> R) throws -> R {
    try storing(layout.vault) { try commits.write(body) }
  }

  /// The note of a request, if it has one.
  func note(_ requester: Requester, about subject: Int64) throws -> AuditNote? {
    guard let note = requester.note else { return nil }
    guard (1...Requester.noteByteCountMaximum).contains(note.count),
      String(validating: note, as: UTF8.self) != nil
    else {
      throw VaultError(
        .invalidInput,
        "a note has 1 to \(Requester.noteByteCountMaximum) bytes of UTF-8; shorten it")
    }
    return try AuditNote(note, about: subject, random: random)
  }

  /// The pseudonym of an operator in the log: keyed, so that the log names nobody to outsiders.
  public func actor(_ operatorName: String) throws -> String {
    try keyring.withLedgerKey { key in
      var code = try HMACKey(key)
      return "op_"
        + Base32.encode(
          Array(code.authenticate(Array("operator\0\(operatorName)".utf8)).prefix(10)))
    }
  }

  /// The members every event about a request carries.
  func members(_ requester: Requester) -> [(key: String, value: CanonicalJSON)] {
    var members: [(key: String, value: CanonicalJSON)] = [
      ("policy_set", .string(policy.digest.hexadecimal)),
      ("purpose", .string(requester.purpose)),
    ]
    if let reference = requester.caseReference { members.append(("case", .string(reference))) }
    return members
  }

  /// Asks the policy about an operation; a denial is logged before it is thrown.
  ///
  /// - Throws: ``VaultError`` `.unknownOperator`, `.unknownPurpose`, `.denied`, or `.unwitnessed`
  ///   for an act that waits for witnesses.
  @discardableResult
  public func authorise(_ operation: Operation, _ requester: Requester) throws -> OperatorIdentity {
    let identity = try identify(requester)
    let decision = policy.decide(operation, by: identity, context: decisionContext(requester))
    guard decision.isAllowed else {
      var details = members(requester)
      details.append(("operation", .string(operation.rawValue)))
      details.append(("policies", .texts(decision.policies)))
      try log(
        AuditEvent(.operationDenied, actor: try actor(identity.name), details: details))
      throw VaultError(
        .denied,
        "the policy does not let `\(identity.name)` \(operation.phrase) for purpose "
          + "`\(requester.purpose)`; the denial is logged")
    }
    if operation.needsWitnesses {
      try requireWitnessed(operation.rawValue, identity, requester)
    }
    return identity
  }

  /// Longest reference of a case in bytes.
  static let caseReferenceByteCountMaximum = 64

  /// Finds the operator and checks purpose and case of a request.
  ///
  /// A case's reference goes into the log and into certificates, so it may hold no free text.
  ///
  /// Who is turned away here is in the log too, by the pseudonym of the name that was given.
  func identify(_ requester: Requester) throws -> OperatorIdentity {
    let identity: OperatorIdentity
    do {
      identity = try policy.identify(requester.operatorName)
      try policy.checkPurpose(requester.purpose)
    } catch let error as VaultError {
      let reason = error.code == .unknownOperator ? "unknown_operator" : "unknown_purpose"
      try log(
        AuditEvent(
          .operatorRejected, actor: try actor(requester.operatorName),
          details: [("reason", .string(reason))]))
      throw error
    }
    if let reference = requester.caseReference { try Self.checkReference(reference) }
    return identity
  }

  /// Checks that a reference is one: letters, digits, blanks, and `-`, `_`, `.`, `/`, `#`.
  static func checkReference(_ reference: String) throws {
    let isFit = reference.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: " -_./#".utf8.contains(byte)
      }
    }
    guard isFit, (1...caseReferenceByteCountMaximum).contains(reference.utf8.count) else {
      throw VaultError(
        .invalidInput,
        "a reference has 1 to \(caseReferenceByteCountMaximum) letters, digits, blanks or "
          + "`-_./#`; it is kept in the log, so put no personal data into it")
    }
  }

  func decisionContext(_ requester: Requester, isRestricted: Bool = false) -> DecisionContext {
    DecisionContext(
      purpose: requester.purpose, now: clock.milliseconds, caseReference: requester.caseReference,
      isRestricted: isRestricted, isErased: false)
  }
}
