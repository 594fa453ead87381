/// Holds the limits of a segment rule.
public enum SegmentLimits {
  /// Longest rule file in bytes.
  public static let ruleByteCount = 65_536
  /// Most YAML nodes in a rule.
  public static let nodeCount = 4_096
  /// Deepest nesting of YAML collections.
  public static let nodeDepth = 40
  /// Most conditions in a rule, groups included; the store takes three times as many.
  public static let conditionCount = 150
  /// Deepest nesting of conditions.
  public static let conditionDepth = 12
  /// Most values of one `in` or `not_in`.
  public static let listCount = 500
  /// Longest name of a segment in bytes.
  public static let nameByteCount = 64
  /// Longest title in bytes.
  public static let titleByteCount = 200
  /// Longest value or event name in bytes.
  public static let valueByteCount = 128
  /// Longest look-back in days: a hundred years.
  public static let windowDays = 36_525
  /// Longest part of a rule that an error message repeats, in characters.
  static let quotedCharacterCount = 40
}
