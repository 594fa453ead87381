/// Says what the policies decided, and why.
public struct Response: Sendable {
  /// The outcome.
  public enum Decision: String, Sendable {
    /// At least one permit and no forbid was satisfied.
    case allow
    /// Everything else.
    case deny
  }

  /// The outcome.
  public let decision: Decision

  /// The policies that determined it: the satisfied permits of an allow, the satisfied forbids of a
  /// deny.
  ///
  /// Empty when nothing was permitted.
  public let reasons: [CedarString]

  /// The policies that could not be evaluated and were ignored.
  ///
  /// A forbid among them did not forbid: callers that must fail closed treat ``hasFailedForbid`` as
  /// a deny.
  public let errors: [PolicyFailure]

  /// Tells whether a forbid was ignored because its evaluation failed.
  public var hasFailedForbid: Bool { errors.contains { $0.effect == .forbid } }
}

/// Names a policy whose evaluation failed.
public struct PolicyFailure: Sendable {
  /// The id of the policy.
  public let policyID: CedarString
  /// The effect it would have had.
  public let effect: Policy.Effect
  /// Why it failed.
  public let error: CedarError
}
