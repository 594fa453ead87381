/// The operators, from the loosest to the tightest; operands are in `PolicyParser+Primary.swift`.
extension PolicyParser {
  /// The most `!` or `-` that may stand before one operand.
  static let unaryOperatorLimit = 4

  /// Parses `if … then … else …` or a chain of `||`.
  mutating func expression() throws(CedarError) -> Expression {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= PolicySet.nestingLimit else { throw tooDeep() }
    let start = cursor.current.start
    guard cursor.accept(word: "if") else { return try disjunction() }
    let guardExpression = try expression()
    try cursor.expect(word: "then")
    let consequence = try expression()
    try cursor.expect(word: "else")
    let alternative = try expression()
    return try node(
      .conditional(guardExpression, then: consequence, else: alternative), at: start,
      [guardExpression, consequence, alternative])
  }

  private mutating func disjunction() throws(CedarError) -> Expression {
    let first = try conjunction()
    guard cursor.current.kind == .or else { return first }
    // `(a || b) || c` is what `a || b || c` means.
    var operands = [first]
    if case .or(let inner) = first.kind { operands = inner }
    while cursor.accept(.or) { operands.append(try conjunction()) }
    return try node(.or(operands), at: first.offset, operands)
  }

  private mutating func conjunction() throws(CedarError) -> Expression {
    let first = try relation()
    guard cursor.current.kind == .and else { return first }
    var operands = [first]
    if case .and(let inner) = first.kind { operands = inner }
    while cursor.accept(.and) { operands.append(try relation()) }
    return try node(.and(operands), at: first.offset, operands)
  }

  /// Parses at most one relation; relations do not chain.
  private mutating func relation() throws(CedarError) -> Expression {
    let left = try sum()
    let start = left.offset
    if let relation = BinaryOperator.relation(cursor.current.kind) {
      cursor.advance()
      let right = try sum()
      return try node(.binary(relation, left, right), at: start, [left, right])
    }
    guard cursor.current.kind == .identifier else { return left }
    if cursor.accept(word: "in") {
      let right = try sum()
      return try node(.binary(.memberOf, left, right), at: start, [left, right])
    }
    if cursor.accept(word: "has") {
      return try node(.has(left, try attributePath()), at: start, [left])
    }
    if cursor.accept(word: "like") {
      return try node(.like(left, try cursor.pattern()), at: start, [left])
    }
    guard cursor.accept(word: "is") else { return left }
    let type = try cursor.path()
    guard cursor.accept(word: "in") else {
      return try node(.isType(left, type, in: nil), at: start, [left])
    }
    let ancestor = try sum()
    return try node(.isType(left, type, in: ancestor), at: start, [left, ancestor])
  }

  private mutating func attributePath() throws(CedarError) -> [CedarString] {
    if cursor.current.kind == .string { return [try cursor.string()] }
    var names = [try cursor.identifier()]
    while cursor.accept(.dot) { names.append(try cursor.identifier()) }
    guard names.count <= PolicySet.nestingLimit else { throw tooDeep() }
    return names
  }

  private mutating func sum() throws(CedarError) -> Expression {
    var left = try product()
    while true {
      let operation: BinaryOperator
      if cursor.accept(.plus) {
        operation = .add
      } else if cursor.accept(.minus) {
        operation = .subtract
      } else {
        return left
      }
      let right = try product()
      left = try node(.binary(operation, left, right), at: left.offset, [left, right])
    }
  }

  private mutating func product() throws(CedarError) -> Expression {
    var left = try unary()
    while cursor.accept(.star) {
      let right = try unary()
      left = try node(.binary(.multiply, left, right), at: left.offset, [left, right])
    }
    return left
  }

  /// Parses up to four `!` or up to four `-` before an operand; the two do not mix.
  private mutating func unary() throws(CedarError) -> Expression {
    let sign = cursor.current.kind
    guard sign == .not || sign == .minus else { return try member() }
    let start = cursor.current.start
    var count = 0
    while cursor.accept(sign) { count += 1 }
    guard count <= PolicyParser.unaryOperatorLimit else {
      throw cursor.failure("at most four `\(sign.rawValue)` may follow each other", at: start)
    }
    var operand: Expression
    if sign == .minus, cursor.current.kind == .integer, !continuesMember(cursor.following.kind) {
      operand = try negativeLiteral(at: start)
      count -= 1
    } else {
      operand = try member()
    }
    for _ in 0..<count {
      operand = try node(sign == .not ? .not(operand) : .negate(operand), at: start, [operand])
    }
    return operand
  }

  /// Parses an integer directly after a minus, where the magnitude may be one larger.
  private mutating func negativeLiteral(at start: Int) throws(CedarError) -> Expression {
    let token = cursor.current
    let magnitude = try cursor.integer()
    guard let value = Int64(exactly: -Int128(magnitude)) else {
      throw cursor.failure("the integer is too large", at: token.start)
    }
    return Expression(.literal(.long(value)), offset: start)
  }

  private func continuesMember(_ kind: Token.Kind) -> Bool { kind == .dot || kind == .leftBracket }

  /// Makes a node, refusing a tree that is too high.
  func node(
    _ kind: Expression.Kind, at offset: Int, _ children: [Expression]
  ) throws(CedarError) -> Expression {
    let expression = Expression(kind, offset: offset, children: children)
    guard expression.height <= PolicySet.nestingLimit else { throw tooDeep() }
    return expression
  }

  private func tooDeep() -> CedarError {
    CedarError(
      .limitExceeded, Expression.tooDeepMessage, at: cursor.position(of: cursor.current.start))
  }
}
