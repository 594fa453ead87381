/// The operators that may leave operands unevaluated: what stands behind a constant is not checked,
/// and what was asked before is known after.
extension Typechecker {
  mutating func conditional(
    _ term: Term, _ condition: Term, _ consequence: Term, _ alternative: Term,
    _ known: Set<Capability>
  ) -> Finding {
    let test = expect(.bool, condition, known)
    switch test.type {
    case .singleton(true):
      trace?.reach[term.number] = .thenOnly
      var finding = check(consequence, known.union(test.capabilities))
      finding.capabilities.formUnion(test.capabilities)
      return finding
    case .singleton(false):
      trace?.reach[term.number] = .elseOnly
      return check(alternative, known)
    default: break
    }
    var first = check(consequence, known.union(test.capabilities))
    first.capabilities.formUnion(test.capabilities)
    let second = check(alternative, known)
    guard let one = first.type, let other = second.type else { return Finding() }
    guard let type = SchemaType.join(one, other, &budget) else {
      report(
        .incompatibleTypes, term,
        "the branches of `if` have incompatible types: \(Self.pair(one, other))",
        hint: "both branches must have the same type")
      return Finding()
    }
    return Finding(type: type, capabilities: first.capabilities.intersection(second.capabilities))
  }

  /// Stops behind the first operand that is always false.
  mutating func conjunction(
    _ term: Term, _ operands: [Term], _ known: Set<Capability>
  ) -> Finding {
    var known = known
    var gained: Set<Capability> = []
    var type: SchemaType? = .singleton(true)
    for (index, operand) in operands.enumerated() {
      let finding = expect(.bool, operand, known)
      type = Self.and(type, finding.type)
      if type == .singleton(false) {
        trace?.reach[term.number] = .first(index + 1)
        return Finding(type: type)
      }
      known.formUnion(finding.capabilities)
      gained.formUnion(finding.capabilities)
    }
    return Finding(type: type, capabilities: gained)
  }

  /// Stops behind the first operand that is always true.
  mutating func disjunction(
    _ term: Term, _ operands: [Term], _ known: Set<Capability>
  ) -> Finding {
    var result = Finding(type: .singleton(false))
    for (index, operand) in operands.enumerated() {
      let finding = expect(.bool, operand, known)
      switch (result.type, finding.type) {
      case (nil, _), (_, nil): result = Finding(type: .bool)
      case (_, .singleton(true)), (.singleton(false), _): result = finding
      case (_, .singleton(false)): break
      default:
        result.capabilities.formIntersection(finding.capabilities)
        result.type = .bool
      }
      if result.type == .singleton(true) {
        trace?.reach[term.number] = .first(index + 1)
        return result
      }
    }
    return result
  }

  mutating func negation(of operand: Term, _ known: Set<Capability>) -> SchemaType {
    guard case .singleton(let flag) = expect(.bool, operand, known).type else { return .bool }
    return .singleton(!flag)
  }

  /// The type of `left && right`; an operand without type leaves a Boolean of unknown value.
  static func and(_ left: SchemaType?, _ right: SchemaType?) -> SchemaType {
    guard let left, let right else { return .bool }
    if left == .singleton(false) || right == .singleton(false) { return .singleton(false) }
    if left == .singleton(true) { return right }
    return left
  }

  static func pair(_ left: SchemaType, _ right: SchemaType) -> String {
    "`\(left.name)` and `\(right.name)`"
  }
}
