/// The operands: member access, literals, variables, calls, sets and records.
extension PolicyParser {
  /// Parses a primary followed by attribute accesses, index accesses and method calls.
  mutating func member() throws(CedarError) -> Expression {
    var receiver = try primary()
    while true {
      if cursor.accept(.dot) {
        receiver = try access(on: receiver)
      } else if cursor.accept(.leftBracket) {
        let name = try cursor.string()
        try cursor.expect(.rightBracket)
        receiver = try node(.attribute(receiver, name), at: receiver.offset, [receiver])
      } else {
        return receiver
      }
    }
  }

  private mutating func access(on receiver: Expression) throws(CedarError) -> Expression {
    let nameStart = cursor.current.start
    let name = try cursor.identifier()
    guard cursor.accept(.leftParenthesis) else {
      return try node(.attribute(receiver, name), at: receiver.offset, [receiver])
    }
    let arguments = try expressions(until: .rightParenthesis)
    if name == "isEmpty" {
      guard arguments.isEmpty else { throw wrongArity(name, at: nameStart) }
      return try node(.isEmpty(receiver), at: receiver.offset, [receiver])
    }
    if let method = BinaryOperator.method(named: name) {
      guard arguments.count == 1 else { throw wrongArity(name, at: nameStart) }
      return try node(
        .binary(method, receiver, arguments[0]), at: receiver.offset, [receiver, arguments[0]])
    }
    guard let method = ExtensionFunction.named(name), !method.isConstructor else {
      throw cursor.failure("`\(name)` is not a method", at: nameStart)
    }
    let all = [receiver] + arguments
    return try node(.call(method, all), at: receiver.offset, all)
  }

  private func wrongArity(_ name: CedarString, at offset: Int) -> CedarError {
    cursor.failure("`\(name)` is called with the wrong number of arguments", at: offset)
  }

  private mutating func primary() throws(CedarError) -> Expression {
    let token = cursor.current
    switch token.kind {
    case .integer:
      let magnitude = try cursor.integer()
      guard let value = Int64(exactly: magnitude) else {
        throw cursor.failure("the integer is too large", at: token.start)
      }
      return Expression(.literal(.long(value)), offset: token.start)
    case .string:
      return Expression(.literal(.string(try cursor.string())), offset: token.start)
    case .leftParenthesis:
      cursor.advance()
      let inner = try expression()
      try cursor.expect(.rightParenthesis)
      return inner
    case .leftBracket:
      cursor.advance()
      let elements = try expressions(until: .rightBracket)
      return try node(.set(elements), at: token.start, elements)
    case .leftBrace: return try record()
    case .identifier: return try name()
    case .question:
      throw cursor.failure("a slot may stand only in the scope", at: token.start)
    default: throw cursor.unexpected("expected an expression")
    }
  }

  /// Parses expressions with commas between them, an optional comma at the end, and the closing
  /// token.
  private mutating func expressions(until end: Token.Kind) throws(CedarError) -> [Expression] {
    var result: [Expression] = []
    while cursor.current.kind != end {
      result.append(try expression())
      guard cursor.accept(.comma) else { break }
    }
    try expect(end)
    return result
  }

  /// Moves over the token that ends a list.
  private mutating func expect(_ end: Token.Kind) throws(CedarError) {
    guard cursor.accept(end) else {
      throw cursor.unexpected("expected `,` or \(end.shown)")
    }
  }

  private mutating func record() throws(CedarError) -> Expression {
    let start = try cursor.expect(.leftBrace).start
    var fields: [(key: CedarString, value: Expression)] = []
    var keys: Set<CedarString> = []
    while cursor.current.kind != .rightBrace {
      let keyStart = cursor.current.start
      let key = cursor.current.kind == .string ? try cursor.string() : try cursor.identifier()
      guard keys.insert(key).inserted else {
        throw cursor.failure("the record has the key `\(key)` twice", at: keyStart)
      }
      try cursor.expect(.colon)
      fields.append((key, try expression()))
      guard cursor.accept(.comma) else { break }
    }
    try expect(.rightBrace)
    return try node(.record(fields), at: start, fields.map(\.value))
  }

  /// Parses what starts with an identifier: a Boolean, a variable, an entity or a constructor call.
  private mutating func name() throws(CedarError) -> Expression {
    let start = cursor.current.start
    if cursor.accept(word: "true") { return Expression(.literal(true), offset: start) }
    if cursor.accept(word: "false") { return Expression(.literal(false), offset: start) }
    var parts = [try cursor.identifier()]
    while cursor.accept(.doubleColon) {
      if cursor.current.kind == .string {
        let type = EntityTypeName(identifiers: parts)
        let uid = EntityUID(type: type, id: try cursor.string())
        return Expression(.literal(.entity(uid)), offset: start)
      }
      parts.append(try cursor.identifier())
    }
    let path = EntityTypeName(identifiers: parts).path
    if cursor.accept(.leftParenthesis) { return try construction(path, at: start) }
    guard let variable = Variable(rawValue: path.text) else {
      throw cursor.failure("`\(path)` is not a variable", at: start)
    }
    return Expression(.variable(variable), offset: start)
  }

  /// Parses the arguments of an extension constructor and computes it now when it is constant.
  private mutating func construction(
    _ name: CedarString, at start: Int
  ) throws(CedarError) -> Expression {
    guard let function = ExtensionFunction.named(name), function.isConstructor else {
      throw cursor.failure("`\(name)` is not a function", at: start)
    }
    let arguments = try expressions(until: .rightParenthesis)
    return try node(.call(function, arguments), at: start, arguments)
  }
}
