internal import Sealing
public import Transparency

/// Verifies a certificate of erasure offline: signature, form, place in the log, and whether log
/// and certificate tell the same.
///
/// It shows that the vault's keys made these statements and that the log holds the event. It does
/// not show that a statement is true, nor that the keys are the vault's: that depends on where they
/// came from.
public struct CertificateVerifier: Sendable {
  /// Types of the entry by the state of the certificate; a pending one may point at either.
  static let eventTypes: [CertificateStatement.State: [String]] = [
    .final: ["erasure.final"], .pending: ["erasure.pending", "erasure.final"],
  ]
  /// What the name of the key of certificates has behind the log's.
  static let keyNameSuffix = "/certificates"

  private let evidence: CertificateEvidence
  private let witnesses: [NoteVerifierKey]

  /// Takes what is to be verified.
  ///
  /// - Parameters:
  ///   - evidence: The certificate and the files beside it.
  ///   - witnesses: Keys of witnesses that must have cosigned the log.
  public init(_ evidence: CertificateEvidence, witnesses: [NoteVerifierKey] = []) {
    self.evidence = evidence
    self.witnesses = witnesses
  }

  /// Does every check that can be done.
  public func report() -> CertificateReport {
    var checks = Checks()
    let key = checks.attempt(.certificateKey) { try self.key(evidence.key) }
    let logKey = checks.attempt(.logKey) { try self.key(evidence.logKey) }
    let text = checks.run(.signature, key, signature)
    let statement = checks.run(.statement, text, self.statement)
    let names = statement.flatMap { both($0, both(key, logKey)) }
    checks.run(.origin, names) { try origin($0, $1.0, $1.1) }
    let checkpoint = checks.run(.checkpoint, logKey, self.checkpoint)
    let event = checks.run(.inclusion, checkpoint, inclusion)
    let pair = both(statement, event)
    checks.run(.place, pair, place)
    checks.run(.eventType, pair, eventType)
    checks.run(.reference, pair, reference)
    checks.run(.assurance, pair, assurance)
    if event?.members["old_epoch"] != nil || event?.members["new_epoch"] != nil {
      checks.run(.epochs, pair, epochs)
    }
    if !witnesses.isEmpty { checks.run(.witness, checkpoint, cosignatures) }
    let isValid = checks.list.allSatisfy { $0.outcome == .passed }
    return CertificateReport(
      checks: checks.list, notes: notes(isValid ? statement : nil),
      statement: isValid ? statement : nil, key: isValid ? key : nil,
      logKey: isValid ? logKey : nil)
  }

  private func notes(_ statement: CertificateStatement?) -> [String] {
    var notes: [String] = []
    for (key, name) in [(evidence.key, "of certificates"), (evidence.logKey, "of the log")] {
      guard let key = try? key.get(), !key.isGiven else { continue }
      notes.append(
        "the key \(name) was found beside the certificate; compare with one you have from elsewhere"
      )
    }
    guard let statement else { return notes }
    if statement.state == .pending {
      let time = PackageContent.time(statement.finalMilliseconds)
      notes.append("not final yet: the old epoch secret is kept, at the latest until \(time)")
    }
    if statement.assurance == "L3", witnesses.isEmpty {
      notes.append("L3 claims a witness; give its key to check the cosignature")
    }
    return notes
  }
}

/// One log entry that the log has been shown to hold.
private struct ProvedEvent {
  let index: Int
  let members: JSONObject
}

/// A check's finding that something is wrong.
private struct Mismatch: Error {
  let line: String
}

extension CertificateVerifier {
  private typealias Key = CertificateEvidence.Key

  private func key(_ key: Result<Key, RightsError>) throws -> (Key, String) {
    let key = try key.get()
    guard key.verifierKey.algorithm == .ed25519 else {
      throw Mismatch(line: "`\(key.verifierKey.name)` is the key of a witness")
    }
    let place = key.isGiven ? "given" : "found beside the certificate"
    return (key, "`\(key.verifierKey.name)`, \(place)")
  }

  private func signature(_ key: Key) throws -> ([UInt8], String) {
    let note = try SignedNote(encoded: evidence.certificate)
    let verified = try note.verified(by: [key.verifierKey])
    let others = note.signatures.count - 1
    let rest = others > 0 ? "; \(others) further signatures by unknown keys" : ""
    return (verified.text, "signed by `\(key.verifierKey.name)`\(rest)")
  }

  private func statement(_ text: [UInt8]) throws -> (CertificateStatement, String) {
    let statement = try CertificateStatement(text: text)
    return (statement, "canonical JSON of certificate format \(statement.format)")
  }

  private func origin(_ statement: CertificateStatement, _ key: Key, _ logKey: Key) throws
    -> (Void, String)
  {
    let origin = statement.origin
    try require(logKey.verifierKey.name, origin, "the log's key is named")
    try require(
      key.verifierKey.name, origin + Self.keyNameSuffix, "the key of certificates is named")
    return ((), "both keys are those of `\(origin)`")
  }

  private func checkpoint(_ key: Key) throws -> ((LogProof, VerifiedCheckpoint), String) {
    let proof = try LogProof(encoded: try evidence.proof.get())
    guard proof.extra == nil else {
      throw Mismatch(line: "the proof carries extra bytes that nothing authenticates")
    }
    let verified = try VerifiedCheckpoint(
      verifying: proof.checkpoint, logKey: key.verifierKey, witnesses: witnesses)
    let size = verified.checkpoint.treeSize
    return ((proof, verified), "signed by `\(key.verifierKey.name)`, \(size) entries")
  }

  private func inclusion(
    _ signed: (proof: LogProof, checkpoint: VerifiedCheckpoint)
  ) throws -> (ProvedEvent, String) {
    let entry = try evidence.entry.get()
    let (proof, checkpoint) = (signed.proof, signed.checkpoint.checkpoint)
    let inclusion = InclusionProof(
      leafIndex: proof.leafIndex, treeSize: checkpoint.treeSize, hashes: proof.hashes)
    try inclusion.verify(leafHash: .leaf(entry), rootHash: checkpoint.rootHash)
    guard case .object(let members) = try CanonicalJSON(canonicalBytes: entry) else {
      throw Mismatch(line: "the log entry is not an object")
    }
    return (
      ProvedEvent(index: proof.leafIndex, members: members),
      "the log holds the entry at place \(proof.leafIndex)"
    )
  }

  private func place(_ statement: CertificateStatement, _ event: ProvedEvent) throws
    -> (Void, String)
  {
    try require("\(event.index)", "\(statement.logEntry)", "the log entry stands at place")
    try require(event.text("seq"), "\(statement.logEntry)", "the log entry gives its place as")
    return ((), "statement and log entry agree on place \(statement.logEntry)")
  }

  private func eventType(_ statement: CertificateStatement, _ event: ProvedEvent) throws
    -> (Void, String)
  {
    let type = event.text("type")
    let allowed = Self.eventTypes[statement.state] ?? []
    guard allowed.contains(type) else {
      throw Mismatch(
        line: "the log entry is `\(type)` and not `\(allowed.joined(separator: "` or `"))`")
    }
    return ((), "the log entry is `\(type)`")
  }

  private func reference(_ statement: CertificateStatement, _ event: ProvedEvent) throws
    -> (Void, String)
  {
    try require(event.text("reference"), statement.reference, "the log entry is of")
    return ((), "statement and log entry are of `\(statement.reference)`")
  }

  private func assurance(_ statement: CertificateStatement, _ event: ProvedEvent) throws
    -> (Void, String)
  {
    try require(event.text("assurance"), statement.assurance, "the log entry says")
    return ((), "statement and log entry say \(statement.assurance)")
  }

  private func epochs(_ statement: CertificateStatement, _ event: ProvedEvent) throws
    -> (Void, String)
  {
    let keys = statement.object("keys")
    for name in ["old_epoch", "new_epoch"] where event.members[name] != nil {
      try require(event.text(name), ProvedEvent.text(keys?[name]), "`\(name)` of the log entry is")
    }
    return ((), "statement and log entry name the same epochs")
  }

  private func cosignatures(
    _ signed: (proof: LogProof, checkpoint: VerifiedCheckpoint)
  ) throws -> (Void, String) {
    for witness in witnesses
    where !signed.checkpoint.cosigners.contains(where: { $0.key == witness }) {
      throw Mismatch(line: "the witness `\(witness.name)` has not cosigned the checkpoint")
    }
    return ((), "cosigned by \(witnesses.map { "`\($0.name)`" }.joined(separator: ", "))")
  }

  /// Compares by bytes: texts that only look alike are not the same.
  private func require(_ found: String, _ expected: String, _ what: String) throws {
    guard found.utf8.elementsEqual(expected.utf8) else {
      throw Mismatch(line: "\(what) `\(found)` and the statement asks for `\(expected)`")
    }
  }
}

extension ProvedEvent {
  func text(_ name: String) -> String { Self.text(members[name]) }

  static func text(_ value: CanonicalJSON?) -> String {
    switch value {
    case .string(let text): text
    case .integer(let number): "\(number)"
    default: ""
    }
  }
}

/// Two values, when both are there.
private func both<First, Second>(_ first: First?, _ second: Second?) -> (First, Second)? {
  guard let first, let second else { return nil }
  return (first, second)
}

/// Runs checks one after the other; one that needs what failed before is skipped.
private struct Checks {
  private(set) var list: [CertificateCheck] = []

  mutating func attempt<Value>(
    _ name: CertificateCheck.Name, _ work: () throws -> (Value, String)
  ) -> Value? {
    do {
      let (value, line) = try work()
      note(name, .passed, line)
      return value
    } catch let error as TransparencyError {
      note(name, .failed, error.message)
    } catch let error as RightsError {
      note(name, .failed, error.message)
    } catch let error as Mismatch {
      note(name, .failed, error.line)
    } catch {
      note(name, .failed, "unforeseen failure of type `\(type(of: error))`")
    }
    return nil
  }

  @discardableResult
  mutating func run<Need, Value>(
    _ name: CertificateCheck.Name, _ need: Need?, _ work: (Need) throws -> (Value, String)
  ) -> Value? {
    guard let need else {
      note(name, .skipped, "not checked, because of what failed above")
      return nil
    }
    return attempt(name) { try work(need) }
  }

  private mutating func note(
    _ name: CertificateCheck.Name, _ outcome: CertificateCheck.Outcome, _ line: String
  ) {
    list.append(CertificateCheck(name: name, outcome: outcome, line: line))
  }
}
