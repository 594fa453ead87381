/// How one witness met a checkpoint.
public enum WitnessOutcome: Hashable, Sendable {
  /// It cosigned, at a time in POSIX seconds by its own clock, continuing from a size.
  case cosigned(timeSeconds: UInt64, continuing: Int)
  /// It knows a larger tree than ours: ours was set back, or another one signs for the same log.
  case ahead(size: Int)
  /// It does not find that our tree continues the one it cosigned at a size: two trees exist.
  case conflicting(size: Int)
  /// It refused, with a status code.
  case refused(status: Int)
  /// What it gave is no answer, or no cosignature of this checkpoint by its key.
  case lied(reason: String)
  /// It could not be asked.
  case unreachable(reason: String)

  /// Whether the witness holds proof, or says it holds proof, that the log was not kept forward
  /// only.
  public var isConflict: Bool {
    switch self {
    case .ahead, .conflicting: true
    default: false
    }
  }

  /// A lower-case word for reports and programs.
  public var word: String {
    switch self {
    case .cosigned: "cosigned"
    case .ahead: "ahead"
    case .conflicting: "conflicting"
    case .refused: "refused"
    case .lied: "lied"
    case .unreachable: "unreachable"
    }
  }
}

extension WitnessOutcome: CustomStringConvertible {
  /// One line for people, without an end.
  public var description: String {
    switch self {
    case .cosigned(let time, _): "cosigned at \(time)"
    case .ahead(let size): "has cosigned a larger tree of \(size) entries"
    case .conflicting(let size): "has cosigned another tree of \(size) entries"
    case .refused(let status): "refused with status \(status)"
    case .lied(let reason): "gave no cosignature that holds: \(reason)"
    case .unreachable(let reason): "could not be asked: \(reason)"
    }
  }
}

/// Says why a witness could not be asked; thrown by a transport.
public struct WitnessTransportError: Error, Hashable, Sendable {
  /// A lower-case phrase for people, without anything that came over the wire.
  public let reason: String

  /// Gives a reason.
  public init(_ reason: String) {
    self.reason = reason
  }
}

/// A checkpoint after all witnesses of a policy were asked.
public struct WitnessedNote: Hashable, Sendable {
  /// What one witness did.
  public struct Result: Hashable, Sendable {
    /// The witness.
    public let witness: WitnessPolicy.Witness
    /// What it did.
    public let outcome: WitnessOutcome
    /// Size it was known to have cosigned before; 0 for none.
    public let knownSize: Int

    /// Whether it has forgotten what it cosigned: its state was set back, and what it attests from
    /// here on is worth less than it seems.
    public var hasGoneBack: Bool {
      if case .cosigned(_, let continuing) = outcome { continuing < knownSize } else { false }
    }
  }

  /// The note with every cosignature that was verified.
  public let note: SignedNote
  /// What every witness did, in the order of the policy.
  public let results: [Result]
  /// The witnesses of the policy whose cosignatures are in ``note``.
  public let cosigners: [NoteSigner]
  /// Whether the cosignatures in ``note`` reach the policy's quorum.
  public let isQuorumReached: Bool

  /// The witnesses that know a larger or another tree; a log must not go on as if nothing was.
  public var conflicts: [Result] { results.filter { $0.outcome.isConflict } }
}
