/// Reports why a segment rule or a release gate was refused.
///
/// Two errors are equal when their codes are equal. The message names keys and attributes, never
/// the values of a rule: an analyst may have typed an identifier there.
public struct SegmentationError: Error, Sendable {
  /// Names the kinds of refusal.
  public enum Code: String, Sendable, CaseIterable {
    /// The text is not UTF-8, not YAML, or uses anchors, tags or several documents.
    case malformed
    /// The text is longer than a rule may be.
    case tooLarge
    /// Conditions or YAML collections are nested too deeply.
    case tooDeep
    /// There are too many conditions, values or YAML nodes.
    case tooManyParts
    /// A key occurs twice in one mapping.
    case duplicateKey
    /// A key that the place does not know.
    case unknownKey
    /// A key that the place needs is absent.
    case missingKey
    /// A value has the wrong shape or type.
    case wrongType
    /// A value has the right type and cannot be accepted.
    case invalidValue
    /// The rule tests an attribute that no contract exposes.
    case unknownAttribute
    /// The format number is not one this program knows.
    case unsupportedFormat
    /// A release gate was asked for with too low a threshold.
    case thresholdTooLow
  }

  /// The kind of refusal.
  public let code: Code
  /// Where in the rule, such as `where.all[1].attribute`; `nil` for the file as a whole.
  public let path: String?
  /// What is wrong and, when there is a path, where; on one line.
  public let message: String

  init(_ code: Code, at path: String?, _ message: String) {
    self.code = code
    self.path = path
    self.message = path.map { "\($0): \(message)" } ?? message
  }
}

extension SegmentationError: Equatable {
  /// Compares the codes only.
  ///
  /// - Parameters:
  ///   - left: One error.
  ///   - right: The other.
  /// - Returns: Whether both have the same code.
  public static func == (left: SegmentationError, right: SegmentationError) -> Bool {
    left.code == right.code
  }
}

extension SegmentationError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}
