/// Tells how one check of a certificate came out, in one line for people.
public struct CertificateCheck: Sendable, Equatable {
  /// Names a check for machines.
  public enum Name: String, Sendable, CaseIterable {
    /// The key of certificates is in its form.
    case certificateKey = "certificate_key"
    /// The log's key is in its form.
    case logKey = "log_key"
    /// The certificate is signed by the key of certificates.
    case signature
    /// The statement is canonical JSON of a known format.
    case statement
    /// Both keys are named after the vault's log.
    case origin
    /// The checkpoint in the proof is signed by the log's key.
    case checkpoint
    /// The log holds the entry.
    case inclusion
    /// The entry is an event that stands where the statement says.
    case place
    /// The entry tells of the end of an erasure.
    case eventType = "event_type"
    /// Entry and statement have the same reference.
    case reference
    /// Entry and statement have the same level.
    case assurance
    /// Entry and statement have the same epochs; only when the entry names them.
    case epochs
    /// The given witnesses have cosigned the checkpoint; only when there are any.
    case witness
  }

  /// How a check came out.
  public enum Outcome: String, Sendable {
    /// Right.
    case passed
    /// Wrong.
    case failed
    /// Not done, because it needs what failed before.
    case skipped
  }

  /// Which check.
  public let name: Name
  /// How it came out.
  public let outcome: Outcome
  /// What was found.
  public let line: String
}

/// Holds what the verification of a certificate found.
public struct CertificateReport: Sendable {
  /// The checks in the order in which they were done.
  public let checks: [CertificateCheck]
  /// What the reader should know besides.
  public let notes: [String]
  /// The statement, only when every check has passed.
  public let statement: CertificateStatement?
  /// The key of certificates, only when every check has passed.
  let key: CertificateEvidence.Key?
  /// The log's key, only when every check has passed.
  let logKey: CertificateEvidence.Key?

  /// Whether every check has passed.
  public var isValid: Bool { checks.allSatisfy { $0.outcome == .passed } }
}
