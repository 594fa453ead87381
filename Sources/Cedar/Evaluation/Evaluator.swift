/// Computes conditions for one request over one entity store.
struct Evaluator {
  let request: Request
  let entities: EntityStore

  /// Tells whether scope and conditions of a policy hold; scopes cannot fail.
  func isSatisfied(_ policy: Policy) throws(CedarError) -> Bool {
    let scope = ScopeMatcher(request: request, entities: entities)
    guard scope.matches(policy.principal, request.principal), scope.matches(policy.action),
      scope.matches(policy.resource, request.resource)
    else { return false }
    for condition in policy.conditions {
      let isTrue = try boolean(condition.body)
      if isTrue != (condition.kind == .when) { return false }
    }
    return true
  }

  /// Computes the value of an expression; operands are evaluated from left to right.
  func value(_ expression: Expression) throws(CedarError) -> CedarValue {
    switch expression.kind {
    case .literal(let value): return value
    case .variable(let variable): return value(of: variable)
    case .conditional(let condition, let consequence, let alternative):
      return try value(try boolean(condition) ? consequence : alternative)
    case .and(let operands): return .bool(try all(operands, are: true))
    case .or(let operands): return .bool(!(try all(operands, are: false)))
    case .not(let operand): return .bool(!(try boolean(operand)))
    case .negate(let operand): return try Operators.negated(try value(operand))
    case .isEmpty(let operand):
      return .bool(try Operators.set(value(operand), for: "isEmpty").isEmpty)
    case .binary(let operation, let left, let right): return try apply(operation, left, right)
    case .extensionCall(let function, let arguments, let constant):
      if let constant { return constant }
      return try function.call(try values(arguments))
    case .attribute(let receiver, let name):
      return try Operators.attribute(name, of: try value(receiver), entities)
    case .has(let receiver, let path):
      return .bool(try Operators.has(path[...], on: try value(receiver), entities))
    case .like(let operand, let pattern):
      return .bool(try Operators.isLike(try value(operand), pattern))
    case .isType(let operand, let type, let ancestor):
      return .bool(try isType(operand, type, in: ancestor))
    case .set(let elements): return .set(Set(try values(elements)))
    case .record(let fields): return try record(fields)
    }
  }

  /// Computes an expression that must be Boolean.
  func boolean(_ expression: Expression) throws(CedarError) -> Bool {
    try Operators.boolean(try value(expression))
  }

  private func value(of variable: Variable) -> CedarValue {
    switch variable {
    case .principal: .entity(request.principal)
    case .action: .entity(request.action)
    case .resource: .entity(request.resource)
    case .context: .record(request.context)
    }
  }

  /// Stops at the first operand that differs, without evaluating the rest.
  private func all(_ operands: [Expression], are expected: Bool) throws(CedarError) -> Bool {
    for operand in operands where try boolean(operand) != expected { return false }
    return true
  }

  private func values(_ expressions: [Expression]) throws(CedarError) -> [CedarValue] {
    var result: [CedarValue] = []
    result.reserveCapacity(expressions.count)
    for expression in expressions { result.append(try value(expression)) }
    return result
  }

  private func record(
    _ fields: [(key: CedarString, value: Expression)]
  ) throws(CedarError) -> CedarValue {
    var pairs: [(CedarString, CedarValue)] = []
    for field in fields { pairs.append((field.key, try value(field.value))) }
    return .record(CedarRecord(uniqueElements: pairs))
  }
}
