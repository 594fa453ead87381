import Foundation
internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

extension Vault {
  /// Length of an event id in bytes.
  static let eventIDByteCount = 16

  /// Appends an event in the transaction that is under way.
  @discardableResult
  func log(_ event: AuditEvent, in database: Database) throws -> Int {
    let store = AuditStore(database: database)
    let sequence = try store.size()
    let entry = try event.entry(
      sequence: sequence, milliseconds: clock.milliseconds,
      id: try random.bytes(count: Self.eventIDByteCount))
    try store.append(entry, at: sequence, references: event.subjects)
    // Every act ends here, so an older key store put back later is older than this.
    try MetaStore(database: database).raise(.keyGeneration, to: try keyring.generation())
    return sequence
  }

  /// Appends an event in a transaction of its own; durable when this returns.
  @discardableResult
  func log(_ event: AuditEvent) throws -> Int {
    try storing(layout.vault) { try queue.write { try log(event, in: $0) } }
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
  /// - Throws: ``VaultError`` `.unknownOperator`, `.unknownPurpose` or `.denied`.
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
    return identity
  }

  /// Longest reference of a case in bytes.
  static let caseReferenceByteCountMaximum = 64

  /// Finds the operator and checks purpose and case of a request.
  ///
  /// A case's reference goes into the log and into certificates, so it may hold no free text.
  func identify(_ requester: Requester) throws -> OperatorIdentity {
    let identity = try policy.identify(requester.operatorName)
    try policy.checkPurpose(requester.purpose)
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
