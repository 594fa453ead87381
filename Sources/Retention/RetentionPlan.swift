public import Vault

/// One line of a retention plan: what would go of a class, or what is kept and why.
public struct RetentionLine: Sendable, Hashable {
  /// Name of the class.
  public let className: String
  /// Days of collection that are due.
  public let days: Int
  /// First day of collection that is due, in days since 1970-01-01; nil when none is.
  public let firstDay: Int?
  /// Last day of collection that is due; nil when none is.
  public let lastDay: Int?
  /// Records that would become unreadable.
  public let records: Int
  /// The rule in words.
  public let rule: String
}

/// What a retention run would destroy, in words and numbers, with the fingerprint that confirms it.
public struct RetentionPlan: Sendable {
  /// The plan of the vault.
  public let expiry: ExpiryPlan
  /// One line a class, in the order of the rules.
  public let lines: [RetentionLine]

  /// Makes the plan for the vault's present day.
  ///
  /// - Throws: `VaultError` `.denied`, `.storage`.
  public init(_ vault: Vault, classes: [RetentionClass], _ requester: Requester) throws {
    let expiry = try vault.planExpiry(classes, requester)
    self.expiry = expiry
    lines = classes.map { rule in
      let due = expiry.buckets.filter { $0.retentionClass.number == rule.number }
      return RetentionLine(
        className: rule.name, days: due.count, firstDay: due.map(\.day).min(),
        lastDay: due.map(\.day).max(),
        records: due.reduce(0) { $0 + $1.records }, rule: rule.explained)
    }
  }

  /// Whether there is nothing to destroy.
  public var isEmpty: Bool { expiry.buckets.isEmpty }

  /// Names the run that applies this plan, in the log and on the certificate.
  public var reference: String {
    "expiry-\(CivilDate(day: expiry.day).text)-\(expiry.digest)"
  }

  /// Applies the plan.
  ///
  /// - Parameters:
  ///   - vault: The vault the plan was made for.
  ///   - digest: The plan's fingerprint, as confirmed by a person.
  ///   - requester: Who asks.
  /// - Returns: The outcome; its reference names the run.
  /// - Throws: `VaultError` `.stale` when the fingerprint is another.
  public func apply(
    to vault: Vault, confirming digest: String, _ requester: Requester
  ) throws -> ErasureOutcome {
    try vault.expire(expiry, confirming: digest, reference: reference, requester)
  }
}

extension RetentionClass {
  /// The rule in words.
  public var explained: String {
    switch (idleDays, capDays) {
    case (let idle?, let cap?):
      "\(idle) days after the last collection, at the latest \(cap) days after the first"
    case (let idle?, nil): "\(idle) days after the last collection"
    case (nil, let cap?): "\(cap) days after the first collection"
    case (nil, nil): "no fixed term; erased per person"
    }
  }
}
