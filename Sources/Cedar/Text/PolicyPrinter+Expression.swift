/// Says how tightly an expression binds, from the loosest to the tightest.
enum Binding: Int, Comparable {
  case branch, disjunction, conjunction, relation, sum, product, sign, member

  static func < (left: Binding, right: Binding) -> Bool { left.rawValue < right.rawValue }
}

extension Expression {
  /// How tightly the printed form binds.
  fileprivate var binding: Binding {
    switch kind {
    case .conditional: .branch
    case .or: .disjunction
    case .and: .conjunction
    case .has, .like, .isType: .relation
    case .binary(let operation, _, _): operation.binding
    case .not, .negate: .sign
    case .literal(.long(let number)) where number < 0: .sign
    default: .member
    }
  }
}

extension BinaryOperator {
  fileprivate var binding: Binding {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .memberOf: .relation
    case .add, .subtract: .sum
    case .multiply: .product
    case .contains, .containsAll, .containsAny, .getTag, .hasTag: .member
    }
  }
}

extension PolicyPrinter {
  /// Writes an expression, in parentheses when it binds less tightly than its place needs.
  mutating func write(_ expression: Expression, atLeast binding: Binding) {
    guard expression.binding < binding else { return writeBare(expression) }
    write("(")
    writeBare(expression)
    write(")")
  }

  private mutating func writeBare(_ expression: Expression) {
    switch expression.kind {
    case .literal(let value): write(literal: value)
    case .variable(let variable): write(variable.rawValue)
    case .conditional(let condition, let consequence, let alternative):
      write("if ")
      write(condition, atLeast: .branch)
      write(" then ")
      write(consequence, atLeast: .branch)
      write(" else ")
      write(alternative, atLeast: .branch)
    case .or(let operands): write(operands, separator: " || ", atLeast: .conjunction)
    case .and(let operands): write(operands, separator: " && ", atLeast: .relation)
    case .not, .negate: writeSigned(expression)
    case .isEmpty(let receiver): writeCall("isEmpty", on: receiver, [])
    case .binary(let operation, let left, let right): write(operation, left, right)
    case .extensionCall(let function, let arguments, _):
      if function.isConstructor {
        write(function.rawValue)
        write(list: arguments, open: "(", close: ")")
      } else {
        writeCall(function.rawValue, on: arguments[0], arguments.dropFirst())
      }
    case .attribute(let receiver, let name):
      write(receiver, atLeast: .member)
      write(attribute: name)
    case .has(let receiver, let path):
      write(receiver, atLeast: .sum)
      write(" has ")
      write(path: path)
    case .like(let operand, let pattern):
      write(operand, atLeast: .sum)
      write(" like ")
      write(pattern)
    case .isType(let operand, let type, let ancestor):
      write(operand, atLeast: .sum)
      write(" is ")
      write(type.path)
      if let ancestor {
        write(" in ")
        write(ancestor, atLeast: .sum)
      }
    case .set(let elements): write(list: elements, open: "[", close: "]")
    case .record(let fields): write(fields)
    }
  }

  /// Writes a literal; the parser and the JSON reader make no others.
  private mutating func write(literal value: CedarValue) {
    switch value {
    case .bool(let isTrue): write(isTrue ? "true" : "false")
    case .long(let number): write(String(number))
    case .string(let text): write(quoted: text)
    case .entity(let uid): write(uid)
    case .set, .record, .decimal, .ip, .datetime, .duration:
      preconditionFailure("a literal must be a bool, a long, a string or an entity")
    }
  }

  /// Writes a run of `!` or `-`; the grammar allows four, and does not mix them.
  private mutating func writeSigned(_ expression: Expression) {
    var operand = expression
    var count = 0
    var isNot = false
    while count < PolicyParser.unaryOperatorLimit {
      if case .not(let inner) = operand.kind, count == 0 || isNot {
        isNot = true
        operand = inner
      } else if case .negate(let inner) = operand.kind, !isNot {
        operand = inner
      } else {
        break
      }
      count += 1
    }
    for _ in 0..<count { write(isNot ? "!" : "-") }
    guard case .literal(.long(let number)) = operand.kind, !isNot else {
      return write(operand, atLeast: .member)
    }
    // A minus directly before a number is part of it, and one of the four.
    if number < 0, count < PolicyParser.unaryOperatorLimit {
      write(String(number))
    } else {
      write("(\(number))")
    }
  }

  private mutating func write(
    _ operation: BinaryOperator, _ left: Expression, _ right: Expression
  ) {
    switch operation.binding {
    case .member: return writeCall(operation.rawValue, on: left, [right])
    case .product:
      write(left, atLeast: .product)
      write(" * ")
      write(right, atLeast: .sign)
    case .sum:
      write(left, atLeast: .sum)
      write(" \(operation.rawValue) ")
      write(right, atLeast: .product)
    default:
      write(left, atLeast: .sum)
      write(" \(operation.rawValue) ")
      write(right, atLeast: .sum)
    }
  }

  private mutating func write(
    _ operands: [Expression], separator: String, atLeast binding: Binding
  ) {
    for (index, operand) in operands.enumerated() {
      if index > 0 { write(separator) }
      write(operand, atLeast: binding)
    }
  }

  private mutating func writeCall(
    _ name: String, on receiver: Expression, _ arguments: ArraySlice<Expression>
  ) {
    write(receiver, atLeast: .member)
    write(".\(name)")
    write(list: arguments, open: "(", close: ")")
  }

  private mutating func write(
    list elements: some Collection<Expression>, open: String, close: String
  ) {
    write(open)
    for (index, element) in elements.enumerated() {
      if index > 0 { write(", ") }
      write(element, atLeast: .branch)
    }
    write(close)
  }

  private mutating func write(_ fields: [(key: CedarString, value: Expression)]) {
    write("{")
    for (index, field) in fields.enumerated() {
      if index > 0 { write(", ") }
      write(name: field.key)
      write(": ")
      write(field.value, atLeast: .branch)
    }
    write("}")
  }

  private mutating func write(_ pattern: Pattern) {
    write("\"")
    write(patternRuns: pattern.runs)
    write("\"")
  }

  private mutating func write(attribute name: CedarString) {
    if Identifier.isUsable(name) {
      write(".")
      write(name)
    } else {
      write("[")
      write(quoted: name)
      write("]")
    }
  }

  /// Writes a name bare where the grammar allows it, else in quotes.
  private mutating func write(name: CedarString) {
    if Identifier.isUsable(name) { write(name) } else { write(quoted: name) }
  }

  private mutating func write(path: [CedarString]) {
    guard path.count > 1 else { return write(name: path[0]) }
    for (index, name) in path.enumerated() {
      if index > 0 { write(".") }
      write(name)
    }
  }
}
