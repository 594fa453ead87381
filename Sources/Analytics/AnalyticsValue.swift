import Foundation

/// Holds one attribute value: text, or a whole number.
///
/// Amounts are whole cents, booleans 0 and 1, so that no value is ever a binary fraction.
public enum AnalyticsValue: Hashable, Sendable {
  /// Text of 1…128 bytes, kept in Unicode normal form C so that equal text compares equal.
  case text(String)
  /// A number, an amount in cents, or a boolean as 0 or 1.
  case number(Int64)

  /// Makes the value of a boolean attribute.
  ///
  /// - Parameter value: The truth value.
  /// - Returns: `.number(1)` or `.number(0)`.
  public static func boolean(_ value: Bool) -> AnalyticsValue { .number(value ? 1 : 0) }
}

extension AnalyticsValue {
  /// Returns the form in which the store keeps and looks up the value.
  var canonical: AnalyticsValue {
    switch self {
    case .text(let text): .text(text.canonicalForm)
    case .number: self
    }
  }

  /// Tells whether the store accepts the value under an attribute of a type.
  ///
  /// - Parameter type: The attribute's type.
  /// - Returns: Whether it does; a caller may leave out, and count, what is not valid.
  public func isValid(for type: AnalyticsAttributeType) -> Bool {
    switch (canonical, type) {
    case (.text(let text), .text): AnalyticsText.isValue(text)
    case (.number(let number), .boolean): number == 0 || number == 1
    case (.number(let number), .amount): number.magnitude <= AnalyticsLimits.amount
    case (.number, .number): true
    case (.text, _), (.number, .text): false
    }
  }
}

extension String {
  /// The string in Unicode normal form C; most text is ASCII and returned as it is.
  var canonicalForm: String {
    utf8.allSatisfy { $0 < 0x80 } ? self : precomposedStringWithCanonicalMapping
  }
}
