/// Names a group of profiles by a rule: the unit analysts count, compare and hand to activation.
///
/// The rule is a YAML or JSON file:
///
///     lethe_segment: 1
///     name: loyal-germany
///     title: Germans who ordered twice within a year
///     where:
///       all:
///         - {attribute: country, is: DE}
///         - {attribute: age_band, in: [30-39, 40-49]}
///         - event: order
///           within_days: 365
///           count: {at_least: 2}
///           sum: {of: amount, at_least: 50.00}
///
/// Every condition is two-valued: `is_not`, `not_in`, `exists: false` and `not` also match profiles
/// of which the attribute is not known, so that a segment and its complement make the whole.
public struct Segment: Hashable, Sendable {
  /// The only format number there is.
  public static let formatNumber = 1

  /// The segment's name, `[a-z][a-z0-9-]{0,63}`.
  public let name: String
  /// What people call it.
  public let title: String
  /// The rule.
  public let condition: SegmentCondition

  /// Reads a rule from the bytes of its file.
  ///
  /// - Parameter bytes: YAML or JSON in UTF-8, at most 64 KiB.
  /// - Returns: The segment; its attributes are not yet checked, see ``SegmentCompiler``.
  /// - Throws: ``SegmentationError`` – one line naming the place in the rule.
  public static func parse(_ bytes: [UInt8]) throws -> Segment {
    guard bytes.count <= SegmentLimits.ruleByteCount else {
      throw SegmentationError(
        .tooLarge, at: nil, "the rule is longer than \(SegmentLimits.ruleByteCount) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SegmentationError(.malformed, at: nil, "the rule is not UTF-8")
    }
    return try parse(yaml: text)
  }

  /// Reads a rule from text.
  ///
  /// - Parameter yaml: YAML or JSON, at most 64 KiB.
  /// - Returns: The segment; its attributes are not yet checked, see ``SegmentCompiler``.
  /// - Throws: ``SegmentationError`` – one line naming the place in the rule.
  public static func parse(yaml: String) throws -> Segment {
    var parser = SegmentParser()
    return try parser.segment(RuleReader.read(yaml))
  }
}
