/// Makes text that others wrote safe to show on a terminal, on one line.
enum TerminalText {
  /// The text with control, formatting and line-breaking characters shown as `\u{…}`.
  ///
  /// They could move the cursor, change colours, end the line, or turn the reading direction
  /// around; what an operator sees must be what is stored. JSON output needs none of this.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    return text.unicodeScalars.map { scalar in
      isHarmful(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
  }

  /// The text with each such character shown as U+FFFD.
  ///
  /// For values of persons: an escape in the text could be what is stored, this cannot be mistaken.
  static func replaced(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmful($0) ? "\u{FFFD}" : $0 }))
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
    // Joiners belong to names in Persian and Hindi, and to emoji.
    case .format: scalar.value != 0x200C && scalar.value != 0x200D
    default: false
    }
  }
}
