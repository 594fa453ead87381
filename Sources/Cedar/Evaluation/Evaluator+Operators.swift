/// The operators; both operands are computed before an operator looks at their types.
extension Evaluator {
  func apply(
    _ operation: BinaryOperator, _ left: Expression, _ right: Expression
  ) throws(CedarError) -> CedarValue {
    let first = try value(left)
    if operation == .memberOf, case .set(let elements) = right.kind {
      return .bool(try isMember(first, ofElements: elements))
    }
    let second = try value(right)
    switch operation {
    case .equal: return .bool(first == second)
    case .notEqual: return .bool(first != second)
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      return .bool(try Operators.isOrdered(operation, first, second))
    case .memberOf: return .bool(try Operators.isMember(first, of: second, entities))
    case .add, .subtract, .multiply: return try Operators.arithmetic(operation, first, second)
    case .contains, .containsAll, .containsAny:
      return .bool(try Operators.isContained(operation, first, second))
    case .getTag, .hasTag: return try Operators.tag(operation, first, second, entities)
    }
  }

  /// Answers `in [a, b]` without building the set.
  private func isMember(
    _ left: CedarValue, ofElements elements: [Expression]
  ) throws(CedarError) -> Bool {
    var found = false
    for expression in elements {
      let element = try value(expression)
      guard case .entity = element else { throw Operators.mismatch(.memberOf, left, element) }
      found = try Operators.isMember(left, of: element, entities) || found
    }
    guard case .entity = left else {
      throw CedarError(.type, "`in` does not apply to \(left.typeName) and set")
    }
    return found
  }

  func isType(
    _ operand: Expression, _ type: EntityTypeName, in ancestor: Expression?
  ) throws(CedarError) -> Bool {
    let value = try value(operand)
    guard try Operators.isType(value, type) else { return false }
    guard let ancestor else { return true }
    return try Operators.isMember(value, of: try self.value(ancestor), entities)
  }
}
