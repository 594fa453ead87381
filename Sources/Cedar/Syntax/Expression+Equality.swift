extension Expression: Hashable {
  /// Compares the trees, wherever they stand in their texts; the order of record fields does not
  /// matter.
  static func == (left: Expression, right: Expression) -> Bool {
    left.height == right.height && left.kind.isEqual(to: right.kind)
  }

  /// Hashes the height only; equal trees are equally high.
  func hash(into hasher: inout Hasher) { hasher.combine(height) }
}

extension Expression.Kind {
  fileprivate func isEqual(to other: Expression.Kind) -> Bool {
    switch (self, other) {
    case (.literal(let one), .literal(let two)): one == two
    case (.variable(let one), .variable(let two)): one == two
    case (
      .conditional(let one, let then, let alternative),
      .conditional(let two, let otherThen, let otherAlternative)
    ):
      one == two && then == otherThen && alternative == otherAlternative
    case (.and(let one), .and(let two)), (.or(let one), .or(let two)),
      (.set(let one), .set(let two)):
      one == two
    case (.not(let one), .not(let two)), (.negate(let one), .negate(let two)),
      (.isEmpty(let one), .isEmpty(let two)):
      one == two
    case (
      .binary(let operation, let left, let right),
      .binary(let otherOperation, let otherLeft, let otherRight)
    ):
      operation == otherOperation && left == otherLeft && right == otherRight
    case (.extensionCall(let one, let arguments, _), .extensionCall(let two, let others, _)):
      one == two && arguments == others
    case (.attribute(let receiver, let name), .attribute(let otherReceiver, let otherName)):
      name == otherName && receiver == otherReceiver
    case (.has(let receiver, let path), .has(let otherReceiver, let otherPath)):
      path == otherPath && receiver == otherReceiver
    case (.like(let operand, let pattern), .like(let otherOperand, let otherPattern)):
      pattern == otherPattern && operand == otherOperand
    case (
      .isType(let operand, let type, let ancestor),
      .isType(let otherOperand, let otherType, let otherAncestor)
    ):
      type == otherType && operand == otherOperand && ancestor == otherAncestor
    case (.record(let fields), .record(let others)):
      Expression.Kind.sorted(fields).elementsEqual(Expression.Kind.sorted(others)) {
        $0.key == $1.key && $0.value == $1.value
      }
    default: false
    }
  }

  private static func sorted(
    _ fields: [(key: CedarString, value: Expression)]
  ) -> [(key: CedarString, value: Expression)] {
    fields.sorted { $0.key < $1.key }
  }
}
