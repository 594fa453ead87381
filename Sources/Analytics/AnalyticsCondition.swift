/// Describes a set of profiles; the store turns it into SQL with bound values.
///
/// It is the only way in for a rule: names and values travel as bound parameters, so nothing an
/// analyst writes can become SQL. Every condition is two-valued: a profile that lacks an attribute
/// does not match a test of it, and `not` is the exact complement.
public indirect enum AnalyticsCondition: Hashable, Sendable {
  /// Matches a profile that matches every part; an empty list matches everyone.
  case all([AnalyticsCondition])
  /// Matches a profile that matches at least one part; an empty list matches nobody.
  case any([AnalyticsCondition])
  /// Matches exactly the profiles that the part does not match.
  case not(AnalyticsCondition)
  /// Matches by attribute.
  case attribute(AttributeCondition)
  /// Matches by events.
  case event(EventCondition)
}

/// Tests the values of one attribute; any value of the profile may satisfy it.
public struct AttributeCondition: Hashable, Sendable {
  /// Names the tests.
  public enum Test: Hashable, Sendable {
    /// The profile has the attribute at all.
    case exists
    /// A value equals one of these.
    case oneOf([AnalyticsValue])
    /// A number lies in the range; text never does.
    case within(ClosedRange<Int64>)
  }

  /// The attribute's name.
  public let name: String
  /// The test.
  public let test: Test

  /// Makes a condition on an attribute.
  ///
  /// - Parameters:
  ///   - name: The attribute's name; one the store does not hold matches nobody.
  ///   - test: The test.
  public init(name: String, test: Test) {
    self.name = name
    self.test = test
  }
}

/// Tests a number computed from the events of a profile that have one name.
///
/// A profile without such events has the number 0, and matches when the range contains 0.
public struct EventCondition: Hashable, Sendable {
  /// Names the numbers.
  public enum Measure: String, Hashable, Sendable, CaseIterable {
    /// How many events there are.
    case count
    /// The sum of their amounts in cents; events without an amount add nothing.
    case amount
    /// The sum of their quantities; events without a quantity add nothing.
    case quantity
  }

  /// The events' name.
  public let name: String
  /// The source they must come from, or any.
  public let source: String?
  /// The days they must lie in, or any.
  public let days: ClosedRange<Int>?
  /// What is computed.
  public let measure: Measure
  /// Where the number must lie.
  public let range: ClosedRange<Int64>

  /// Makes a condition on events.
  ///
  /// - Parameters:
  ///   - name: The events' name.
  ///   - source: The source they must come from, or `nil` for any.
  ///   - days: The days they must lie in, or `nil` for any.
  ///   - measure: What is computed.
  ///   - range: Where the number must lie.
  public init(
    name: String, source: String? = nil, days: ClosedRange<Int>? = nil, measure: Measure = .count,
    range: ClosedRange<Int64>
  ) {
    self.name = name
    self.source = source
    self.days = days
    self.measure = measure
    self.range = range
  }
}
