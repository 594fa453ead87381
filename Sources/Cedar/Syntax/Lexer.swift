/// Splits policy or schema text into tokens.
///
/// Works on bytes, never on `Character`, so that CR LF and combining marks are what Cedar says they
/// are.
struct Lexer {
  private let source: [UInt8]
  private var index = 0

  private init(_ source: [UInt8]) { self.source = source }

  /// Splits text into tokens; the last one is `.end`.
  ///
  /// - Throws: ``CedarError`` – `.invalidText` when the bytes are not UTF-8, `.syntax` for a byte
  ///   no token starts with.
  static func tokens(of source: [UInt8]) throws(CedarError) -> [Token] {
    try TextCheck.requireUTF8(source, "the text")
    var lexer = Lexer(source)
    var tokens: [Token] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private mutating func next() throws(CedarError) -> Token {
    skipBlank()
    let start = index
    guard start < source.count else { return Token(kind: .end, start: start, end: start) }
    let kind: Token.Kind
    if Identifier.isStart(source[start]) {
      while index < source.count, Identifier.isPart(source[index]) { index += 1 }
      kind = .identifier
    } else if Identifier.isDigit(source[start]) {
      while index < source.count, Identifier.isDigit(source[index]) { index += 1 }
      kind = .integer
    } else if source[start] == UInt8(ascii: "\"") {
      try skipString()
      kind = .string
    } else {
      kind = try sign()
    }
    return Token(kind: kind, start: start, end: index)
  }

  private mutating func skipBlank() {
    while index < source.count {
      if source[index] == UInt8(ascii: "/"), byte(after: index) == UInt8(ascii: "/") {
        while index < source.count, source[index] != 0x0A, source[index] != 0x0D { index += 1 }
      } else {
        let length = whitespaceLength()
        if length == 0 { return }
        index += length
      }
    }
  }

  /// The byte count of the Unicode white space at the index; 0 when there is none.
  private func whitespaceLength() -> Int {
    let first = source[index]
    if first == 0x20 || (first >= 0x09 && first <= 0x0D) { return 1 }
    guard first >= 0xC2, let second = byte(after: index) else { return 0 }
    if first == 0xC2 { return second == 0x85 || second == 0xA0 ? 2 : 0 }
    guard let third = byte(after: index + 1) else { return 0 }
    switch (first, second, third) {
    case (0xE1, 0x9A, 0x80): return 3
    case (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8), (0xE2, 0x80, 0xA9): return 3
    case (0xE2, 0x80, 0xAF), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80): return 3
    default: return 0
    }
  }

  private mutating func skipString() throws(CedarError) {
    let start = index
    index += 1
    while index < source.count {
      switch source[index] {
      case UInt8(ascii: "\""):
        index += 1
        return
      case UInt8(ascii: "\\"):
        guard let escaped = byte(after: index), escaped != 0x0A else {
          throw failure("a backslash must be followed by a character of the same line", at: index)
        }
        index += 2
      default: index += 1
      }
    }
    throw failure("the string has no closing quote", at: start)
  }

  private mutating func sign() throws(CedarError) -> Token.Kind {
    if let second = byte(after: index), let kind = Lexer.pair(source[index], second) {
      index += 2
      return kind
    }
    guard let kind = Lexer.single(source[index]) else {
      let byte = source[index]
      let shown = byte > 0x20 && byte < 0x7F ? "`\(UnicodeScalar(byte))`" : "this character"
      throw failure("expected a word, a literal or a sign; none starts with \(shown)", at: index)
    }
    index += 1
    return kind
  }

  private static func pair(_ first: UInt8, _ second: UInt8) -> Token.Kind? {
    switch (UnicodeScalar(first), UnicodeScalar(second)) {
    case (":", ":"): .doubleColon
    case ("=", "="): .equal
    case ("!", "="): .notEqual
    case ("<", "="): .lessOrEqual
    case (">", "="): .greaterOrEqual
    case ("|", "|"): .or
    case ("&", "&"): .and
    default: nil
    }
  }

  private static func single(_ byte: UInt8) -> Token.Kind? {
    switch UnicodeScalar(byte) {
    case "@": .at
    case ".": .dot
    case ",": .comma
    case ";": .semicolon
    case "(": .leftParenthesis
    case ")": .rightParenthesis
    case "{": .leftBrace
    case "}": .rightBrace
    case "[": .leftBracket
    case "]": .rightBracket
    case ":": .colon
    case "=": .assign
    case "<": .less
    case ">": .greater
    case "+": .plus
    case "-": .minus
    case "*": .star
    case "/": .slash
    case "%": .percent
    case "!": .not
    case "?": .question
    default: nil
    }
  }

  private func byte(after index: Int) -> UInt8? {
    index + 1 < source.count ? source[index + 1] : nil
  }

  private func failure(_ message: String, at offset: Int) -> CedarError {
    CedarError(.syntax, message, at: SourcePosition(offset: offset, in: source))
  }
}
