/// One word or sign of policy or schema text.
struct Token: Equatable, Sendable {
  /// Names the kind of word or sign; the raw value is how messages show it.
  enum Kind: String, Sendable {
    case identifier = "an identifier"
    case integer = "an integer"
    case string = "a string"
    case at = "@"
    case dot = "."
    case comma = ","
    case semicolon = ";"
    case leftParenthesis = "("
    case rightParenthesis = ")"
    case leftBrace = "{"
    case rightBrace = "}"
    case leftBracket = "["
    case rightBracket = "]"
    case colon = ":"
    case doubleColon = "::"
    case assign = "="
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case or = "||"
    case and = "&&"
    case plus = "+"
    case minus = "-"
    case star = "*"
    case slash = "/"
    case percent = "%"
    case not = "!"
    case question = "?"
    case end = "the end of the text"

    /// The kind as messages show it.
    var shown: String {
      switch self {
      case .identifier, .integer, .string, .end: rawValue
      default: "`\(rawValue)`"
      }
    }
  }

  let kind: Kind
  /// The first byte; for strings the opening quote.
  let start: Int
  /// The byte after the last one.
  let end: Int
}
