/// One node of a policy condition.
///
/// The tree keeps the operators as written (`!=`, `>`, `has a.b`, `is … in`), so that a printer or
/// the JSON form can show them again; the evaluator gives them the meaning of their desugared form.
struct Expression: Sendable {
  indirect enum Kind: Sendable {
    case literal(CedarValue)
    case variable(Variable)
    case conditional(Expression, then: Expression, else: Expression)
    /// Two or more operands of one unparenthesised chain of `&&`.
    case and([Expression])
    /// Two or more operands of one unparenthesised chain of `||`.
    case or([Expression])
    case not(Expression)
    case negate(Expression)
    case isEmpty(Expression)
    case binary(BinaryOperator, Expression, Expression)
    case extensionCall(ExtensionFunction, [Expression], constant: CedarValue?)
    case attribute(Expression, CedarString)
    case has(Expression, [CedarString])
    case like(Expression, Pattern)
    case isType(Expression, EntityTypeName, in: Expression?)
    case set([Expression])
    case record([(key: CedarString, value: Expression)])
  }

  let kind: Kind
  /// The byte offset in the policy text.
  let offset: Int
  /// The number of nodes on the longest way down; bounds the recursion of everything that walks the
  /// tree.
  let height: Int

  init(_ kind: Kind, offset: Int, children: [Expression] = []) {
    self.kind = kind
    self.offset = offset
    self.height = 1 + (children.map(\.height).max() ?? 0)
  }

  /// The nodes directly below, in the order of evaluation.
  var children: [Expression] {
    switch kind {
    case .literal, .variable: []
    case .conditional(let condition, let consequence, let alternative):
      [condition, consequence, alternative]
    case .and(let operands), .or(let operands), .set(let operands): operands
    case .extensionCall(_, let arguments, _): arguments
    case .not(let operand), .negate(let operand), .isEmpty(let operand): [operand]
    case .attribute(let operand, _), .has(let operand, _), .like(let operand, _): [operand]
    case .binary(_, let left, let right): [left, right]
    case .isType(let operand, _, let ancestor): ancestor.map { [operand, $0] } ?? [operand]
    case .record(let fields): fields.map(\.value)
    }
  }

  /// What is said of a tree that is higher than ``PolicySet/nestingLimit``.
  static let tooDeepMessage =
    "the condition is nested more than \(PolicySet.nestingLimit) levels deep"
}

extension Expression.Kind {
  /// Makes a call and computes it now when it constructs a value from a literal.
  ///
  /// A text that cannot be read is an error of the evaluation, not of the policy text.
  static func call(_ function: ExtensionFunction, _ arguments: [Expression]) -> Expression.Kind {
    var constant: CedarValue?
    if function.isConstructor, arguments.count == 1, case .literal(let value) = arguments[0].kind {
      constant = try? function.call([value])
    }
    return .extensionCall(function, arguments, constant: constant)
  }
}

/// Names the four variables of a condition.
enum Variable: String, Sendable {
  case principal, action, resource, context
}

/// Names the operators with two operands that evaluate both before they act.
enum BinaryOperator: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case memberOf = "in"
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case contains, containsAll, containsAny, getTag, hasTag

  /// Finds the operator that is called as a method.
  static func method(named name: CedarString) -> BinaryOperator? {
    switch name {
    case "contains": .contains
    case "containsAll": .containsAll
    case "containsAny": .containsAny
    case "getTag": .getTag
    case "hasTag": .hasTag
    default: nil
    }
  }

  /// Finds the relation that a token stands for.
  static func relation(_ kind: Token.Kind) -> BinaryOperator? {
    switch kind {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    default: nil
    }
  }
}
