/// Replaces parts of a condition that always have the same value by that value.
///
/// A part that looks at the request or the entities stays, and so does one that fails: it must fail
/// again, and only when it is reached.
enum ConstantFolder {
  static func folded(_ expression: Expression) -> Expression {
    let kind = withFoldedChildren(expression.kind)
    let result = Expression(kind, offset: expression.offset)
    guard isPure(kind), let value = try? evaluator.value(result) else { return result }
    return Expression(.literal(value), offset: expression.offset)
  }

  /// Computes what needs neither request nor entities.
  private static let evaluator: Evaluator = {
    let nobody = EntityUID(type: "Nobody", id: "")
    return Evaluator(
      request: Request(principal: nobody, action: nobody, resource: nobody),
      entities: EntityStore())
  }()

  /// Tells whether all operands are constants and the operator looks at nothing else.
  private static func isPure(_ kind: Expression.Kind) -> Bool {
    switch kind {
    case .literal, .variable, .conditional: false
    case .binary(.memberOf, _, _), .binary(.getTag, _, _), .binary(.hasTag, _, _): false
    case .attribute(let receiver, _): receiver.isRecordLiteral
    // A longer path could lead through an entity.
    case .has(let receiver, let path): receiver.isRecordLiteral && path.count == 1
    case .isType(let operand, _, let ancestor): ancestor == nil && operand.isLiteral
    case .and(let operands), .or(let operands), .set(let operands): operands.allSatisfy(\.isLiteral)
    case .extensionCall(_, let arguments, _): arguments.allSatisfy(\.isLiteral)
    case .not(let operand), .negate(let operand), .isEmpty(let operand), .like(let operand, _):
      operand.isLiteral
    case .binary(_, let left, let right): left.isLiteral && right.isLiteral
    case .record(let fields): fields.allSatisfy { $0.value.isLiteral }
    }
  }

  private static func withFoldedChildren(_ kind: Expression.Kind) -> Expression.Kind {
    switch kind {
    case .literal, .variable: kind
    case .conditional(let condition, let consequence, let alternative):
      .conditional(folded(condition), then: folded(consequence), else: folded(alternative))
    case .and(let operands): .and(operands.map(folded))
    case .or(let operands): .or(operands.map(folded))
    case .not(let operand): .not(folded(operand))
    case .negate(let operand): .negate(folded(operand))
    case .isEmpty(let operand): .isEmpty(folded(operand))
    case .binary(let operation, let left, let right):
      .binary(operation, folded(left), folded(right))
    case .extensionCall(let function, let arguments, let constant):
      .extensionCall(function, arguments.map(folded), constant: constant)
    case .attribute(let receiver, let name): .attribute(folded(receiver), name)
    case .has(let receiver, let path): .has(folded(receiver), path)
    case .like(let operand, let pattern): .like(folded(operand), pattern)
    case .isType(let operand, let type, let ancestor):
      .isType(folded(operand), type, in: ancestor.map(folded))
    case .set(let elements): .set(elements.map(folded))
    case .record(let fields): .record(fields.map { ($0.key, folded($0.value)) })
    }
  }
}

extension Expression {
  fileprivate var isLiteral: Bool {
    if case .literal = kind { true } else { false }
  }

  fileprivate var isRecordLiteral: Bool {
    if case .literal(.record) = kind { true } else { false }
  }
}
