/// The expressions of the JSON form: objects with the operator as their only key.
extension JSONText {
  /// The most nodes that the chain for one `has a.b.c` may take; beyond it the path is kept whole.
  ///
  /// The chain repeats its receiver, so paths inside paths would grow without bound.
  private static let chainNodeCountLimit = 10_000

  mutating func expression(_ expression: Expression) {
    switch expression.kind {
    case .literal(let value): literal(value)
    case .variable(let variable): raw(#"{"Var":"\#(variable.rawValue)"}"#)
    case .conditional(let condition, let consequence, let alternative):
      raw(#"{"if-then-else":{"if":"#)
      self.expression(condition)
      raw(#","then":"#)
      self.expression(consequence)
      raw(#","else":"#)
      self.expression(alternative)
      raw("}}")
    case .and(let operands): chain("&&", operands)
    case .or(let operands): chain("||", operands)
    case .not(let operand): unary("!", operand)
    case .negate(let operand): unary("neg", operand)
    case .isEmpty(let operand): unary("isEmpty", operand)
    case .binary(let operation, let left, let right):
      open(operation.rawValue, left)
      raw(#","right":"#)
      self.expression(right)
      raw("}}")
    case .extensionCall(let function, let arguments, _):
      raw(#"{"\#(function.rawValue)":"#)
      array(arguments) { $0.expression($1) }
      raw("}")
    case .attribute(let receiver, let name):
      open(".", receiver)
      close(attribute: name)
    case .has(let receiver, let path): has(receiver, path)
    case .like(let operand, let pattern):
      open("like", operand)
      raw(#","pattern":"#)
      self.pattern(pattern)
      raw("}}")
    case .isType(let operand, let type, let ancestor):
      open("is", operand)
      raw(#","entity_type":"#)
      string(type.path)
      if let ancestor {
        raw(#","in":"#)
        self.expression(ancestor)
      }
      raw("}}")
    case .set(let elements):
      raw(#"{"Set":"#)
      array(elements) { $0.expression($1) }
      raw("}")
    case .record(let fields):
      raw(#"{"Record":"#)
      object(fields, key: \.key) { $0.expression($1.value) }
      raw("}")
    }
  }

  /// Writes a literal; the parser and the JSON reader make no others.
  private mutating func literal(_ value: CedarValue) {
    raw(#"{"Value":"#)
    switch value {
    case .bool(let isTrue): raw(isTrue ? "true" : "false")
    case .long(let number): raw(String(number))
    case .string(let text): string(text)
    case .entity(let uid):
      raw(#"{"__entity":"#)
      self.uid(uid)
      raw("}")
    case .set, .record, .decimal, .ip, .datetime, .duration:
      preconditionFailure("a literal must be a bool, a long, a string or an entity")
    }
    raw("}")
  }

  private mutating func unary(_ name: String, _ operand: Expression) {
    raw("{\"\(name)\":{\"arg\":")
    expression(operand)
    raw("}}")
  }

  private mutating func open(_ name: String, _ left: Expression) {
    raw("{\"\(name)\":{\"left\":")
    expression(left)
  }

  private mutating func close(attribute name: CedarString) {
    raw(#","attr":"#)
    string(name)
    raw("}}")
  }

  /// Writes a flat chain as the tree that leans to the left, without recursion over its length.
  private mutating func chain(_ name: String, _ operands: [Expression]) {
    for _ in operands.dropFirst() { raw("{\"\(name)\":{\"left\":") }
    expression(operands[0])
    for operand in operands.dropFirst() {
      raw(#","right":"#)
      expression(operand)
      raw("}}")
    }
  }

  /// Writes `e has a.b.c` as `e has a && e.a has b && e.a.b has c`.
  private mutating func has(_ receiver: Expression, _ path: [CedarString]) {
    let nodeCount = path.count * (path.count + receiver.chainNodeCount)
    guard path.count == 1 || nodeCount <= JSONText.chainNodeCountLimit else {
      open("has", receiver)
      raw(#","attr":"#)
      array(path) { $0.string($1) }
      return raw("}}")
    }
    for _ in path.dropFirst() { raw(#"{"&&":{"left":"#) }
    for index in path.indices {
      if index > 0 { raw(#","right":"#) }
      raw(#"{"has":{"left":"#)
      for _ in 0..<index { raw(#"{".":{"left":"#) }
      expression(receiver)
      for name in path[..<index] { close(attribute: name) }
      close(attribute: path[index])
      if index > 0 { raw("}}") }
    }
  }

  /// Writes a pattern; Cedar has one `Literal` for each Unicode scalar.
  private mutating func pattern(_ pattern: Pattern) {
    var parts: [CedarString?] = []
    for (index, run) in pattern.runs.enumerated() {
      if index > 0 { parts.append(nil) }
      parts += String(decoding: run, as: UTF8.self).unicodeScalars.map { CedarString(String($0)) }
    }
    array(parts) { json, part in
      guard let part else { return json.raw(#""Wildcard""#) }
      json.raw(#"{"Literal":"#)
      json.string(part)
      json.raw("}")
    }
  }
}

extension Expression {
  /// The number of nodes once every `has a.b` is written out; stops counting when it is large.
  fileprivate var chainNodeCount: Int {
    let ceiling = 1_000_000
    var count = 0
    var pending = [(expression: self, factor: 1)]
    while let (expression, factor) = pending.popLast() {
      count += factor
      guard count < ceiling, factor < ceiling else { return ceiling }
      var childFactor = factor
      if case .has(_, let path) = expression.kind { childFactor *= path.count }
      for child in expression.children { pending.append((child, childFactor)) }
    }
    return count
  }
}
