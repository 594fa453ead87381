/// Holds one condition of a rule, as written.
public indirect enum SegmentCondition: Hashable, Sendable {
  /// Matches when every part matches.
  case all([SegmentCondition])
  /// Matches when at least one part matches.
  case any([SegmentCondition])
  /// Matches when the part does not.
  case not(SegmentCondition)
  /// Tests an attribute.
  case attribute(AttributeRule)
  /// Tests events.
  case event(EventRule)
}

/// Tests one attribute of a profile.
public struct AttributeRule: Hashable, Sendable {
  /// Names the tests.
  public enum Test: Hashable, Sendable {
    /// `is`: a value equals this one.
    case equal(RuleValue)
    /// `is_not`: no value equals this one.
    case notEqual(RuleValue)
    /// `in`: a value is among these.
    case among([RuleValue])
    /// `not_in`: no value is among these.
    case notAmong([RuleValue])
    /// `at_least`, `at_most`, `between`: a number lies between the two, both included.
    case range(atLeast: RuleValue?, atMost: RuleValue?)
    /// `exists`: the attribute is known, or is not.
    case exists(Bool)
  }

  /// The attribute's name.
  public let name: String
  /// The test.
  public let test: Test
  /// Where the condition stands in the rule.
  let path: String
}

/// Tests the events of a profile that have one name.
public struct EventRule: Hashable, Sendable {
  /// Bounds of a number of events or of a sum, both included.
  public struct Bounds: Hashable, Sendable {
    /// The lowest number that matches, if any.
    public let atLeast: Int64?
    /// The highest number that matches, if any.
    public let atMost: Int64?
  }

  /// Names what can be added up.
  public enum Summand: String, Hashable, Sendable, CaseIterable {
    /// Amounts: currency units in the rule, cents here.
    case amount
    /// Numbers of units.
    case quantity
  }

  /// The events' name.
  public let event: String
  /// The source they must come from, or any.
  public let source: String?
  /// How many days back, today included, or any time.
  public let withinDays: Int?
  /// How many there must be; at least one when the rule has neither `count` nor `sum`.
  public let count: Bounds?
  /// What is added up.
  public let summand: Summand?
  /// Where the sum must lie.
  public let sum: Bounds?
}

/// Holds a value as the rule writes it; its type comes from what it is compared with.
public struct RuleValue: Hashable, Sendable {
  /// The text.
  public let text: String
  /// Whether it stood in quotes: then it is text and never a number or truth value.
  public let isQuoted: Bool
}
