/// Carries one event of a profile: what happened, when, and for how much; no free text, no page.
public struct AnalyticsEvent: Hashable, Sendable {
  /// The source it came from, `[a-z][a-z0-9-]{0,31}`.
  public let source: String
  /// The event's name from the contract or the source's fixed vocabulary; 1…128 bytes.
  public let name: String
  /// Day in days since 1970-01-01, the day of its bucket; never finer than a day.
  public let day: Int
  /// Amount in cents, when the contract exposes one.
  public let amount: Int64?
  /// Number of units, when the contract exposes it.
  public let quantity: Int64?

  /// Makes an event; its parts are checked when it is handed to the store.
  ///
  /// - Parameters:
  ///   - source: The source it came from.
  ///   - name: The event's name.
  ///   - day: Day in days since 1970-01-01.
  ///   - amount: Amount in cents, either sign, at most 10^12.
  ///   - quantity: Number of units, either sign, at most 10^12.
  public init(
    source: String, name: String, day: Int, amount: Int64? = nil, quantity: Int64? = nil
  ) {
    self.source = source
    self.name = name
    self.day = day
    self.amount = amount
    self.quantity = quantity
  }
}

extension AnalyticsEvent {
  /// Whether the store accepts the event.
  ///
  /// Names of events often come from the data itself; a caller that does not want one odd event to
  /// stop a whole projection leaves out, and counts, what is not valid.
  public var isValid: Bool {
    AnalyticsText.isSource(source) && AnalyticsText.isValue(name.canonicalForm)
      && AnalyticsLimits.days.contains(day)
      && [amount, quantity].allSatisfy { ($0?.magnitude ?? 0) <= AnalyticsLimits.amount }
  }
}
