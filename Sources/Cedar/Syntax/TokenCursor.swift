/// Walks the tokens of a text for a parser.
struct TokenCursor {
  private let source: [UInt8]
  private let tokens: [Token]
  private var index = 0

  init(_ source: [UInt8]) throws(CedarError) {
    self.source = source
    self.tokens = try Lexer.tokens(of: source)
  }

  /// The token at the cursor.
  var current: Token { tokens[index] }

  /// The token after the one at the cursor.
  var following: Token { tokens[min(index + 1, tokens.count - 1)] }

  /// Returns the current token and moves on; stays at the end.
  @discardableResult
  mutating func advance() -> Token {
    let token = tokens[index]
    if token.kind != .end { index += 1 }
    return token
  }

  /// Moves over a token of this kind if it is the current one.
  mutating func accept(_ kind: Token.Kind) -> Bool {
    guard current.kind == kind else { return false }
    advance()
    return true
  }

  /// Moves over an identifier with this text if it is the current token.
  mutating func accept(word: CedarString) -> Bool {
    guard isWord(word) else { return false }
    advance()
    return true
  }

  /// Tells whether the current token is an identifier with this text.
  func isWord(_ word: CedarString) -> Bool {
    current.kind == .identifier && source[current.start..<current.end].elementsEqual(word.bytes)
  }

  /// Moves over a token of this kind or fails.
  @discardableResult
  mutating func expect(_ kind: Token.Kind) throws(CedarError) -> Token {
    guard current.kind == kind else { throw unexpected("expected \(kind.shown)") }
    return advance()
  }

  /// Moves over an identifier with this text or fails.
  mutating func expect(word: CedarString) throws(CedarError) {
    guard accept(word: word) else { throw unexpected("expected `\(word)`") }
  }

  /// Moves over any identifier, reserved or not.
  mutating func anyIdentifier() throws(CedarError) -> CedarString {
    let token = try expect(.identifier)
    return CedarString(trusting: Array(source[token.start..<token.end]))
  }

  /// Moves over an identifier that is not reserved.
  mutating func identifier() throws(CedarError) -> CedarString {
    let token = current
    let text = try anyIdentifier()
    guard !Identifier.isReserved(text) else {
      throw failure("`\(text)` is reserved and cannot be an identifier", at: token.start)
    }
    return text
  }

  /// Moves over a string literal and resolves its escapes.
  mutating func string() throws(CedarError) -> CedarString {
    let token = try expect(.string)
    do throws(CedarError) {
      return CedarString(trusting: try StringLiteral.unescape(inside(token)))
    } catch {
      throw failure(error.message, at: token.start)
    }
  }

  /// Moves over a `like` pattern and resolves its escapes.
  mutating func pattern() throws(CedarError) -> Pattern {
    let token = try expect(.string)
    do throws(CedarError) {
      return Pattern(try StringLiteral.pattern(inside(token)))
    } catch {
      throw failure(error.message, at: token.start)
    }
  }

  /// Moves over an integer that must fit in 64 unsigned bits.
  mutating func integer() throws(CedarError) -> UInt64 {
    let token = try expect(.integer)
    var value: UInt64 = 0
    for byte in source[token.start..<token.end] {
      let (product, productOverflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(byte - 48))
      guard !productOverflow, !sumOverflow else {
        throw failure("the integer is too large", at: token.start)
      }
      value = sum
    }
    return value
  }

  /// Moves over the path of a type: identifiers joined by `::`, none of them reserved.
  mutating func path() throws(CedarError) -> EntityTypeName {
    var parts = [try identifier()]
    while accept(.doubleColon) { parts.append(try identifier()) }
    return EntityTypeName(identifiers: parts)
  }

  /// Makes an error about the current token.
  func unexpected(_ message: String) -> CedarError {
    failure("\(message), found \(found)", at: current.start)
  }

  /// The current token as messages show it: words and signs as written, strings only by their kind.
  private var found: String {
    switch current.kind {
    case .identifier, .integer:
      let text = source[current.start..<current.end].prefix(TokenCursor.shownByteCount)
      return "`\(String(decoding: text, as: UTF8.self))`"
    case .string, .end: return current.kind.rawValue
    default: return "`\(current.kind.rawValue)`"
    }
  }

  private static let shownByteCount = 40

  /// Makes a syntax error at a byte offset.
  func failure(_ message: String, at offset: Int) -> CedarError {
    CedarError(.syntax, message, at: position(of: offset))
  }

  /// Finds line and column of a byte offset.
  func position(of offset: Int) -> SourcePosition { SourcePosition(offset: offset, in: source) }

  private func inside(_ token: Token) -> ArraySlice<UInt8> {
    source[(token.start + 1)..<(token.end - 1)]
  }
}
