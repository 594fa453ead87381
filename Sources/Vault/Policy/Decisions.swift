/// The circumstances of a decision; set by the vault, never by the caller.
public struct DecisionContext: Hashable, Sendable {
  /// Key of the purpose the operator names.
  public let purpose: String
  /// Legal basis of the use, when the vault knows one.
  public let legalBasis: String?
  /// The vault's clock, in milliseconds since 1970-01-01 UTC.
  public let now: Int64
  /// Reference of the case, if the request belongs to one.
  public let caseReference: String?
  /// Whether the person's data is restricted, as Article 18 GDPR has it.
  public let isRestricted: Bool
  /// Whether the person's erasure has begun.
  public let isErased: Bool

  /// Creates a context.
  public init(
    purpose: String, legalBasis: String? = nil, now: Int64, caseReference: String? = nil,
    isRestricted: Bool = false, isErased: Bool = false
  ) {
    self.purpose = purpose
    self.legalBasis = legalBasis
    self.now = now
    self.caseReference = caseReference
    self.isRestricted = isRestricted
    self.isErased = isErased
  }
}

/// What the policy says about a field.
public struct RungDecision: Hashable, Sendable {
  /// The most revealing rung allowed; nil when nothing of the field may be shown.
  public let rung: Rung?
  /// Ids of the policies that decided: the permits of the rung or, without one, the forbids.
  public let policies: [String]
  /// What those policies say of themselves, in the same order; never empty.
  public let reasons: [String]
  /// Ids of the forbids that kept more revealing rungs shut.
  public let limits: [String]
  /// Ids of the policies that failed to evaluate; a failed forbid refuses its rung.
  public let failures: [String]
}

/// What the policy says about an operation.
public struct OperationDecision: Hashable, Sendable {
  /// Whether the operation may go on.
  public let isAllowed: Bool
  /// Ids of the policies that decided.
  public let policies: [String]
  /// What those policies say of themselves, in the same order; never empty.
  public let reasons: [String]
  /// Ids of the policies that failed to evaluate; a failed forbid refuses the operation.
  public let failures: [String]
}
