/// Turns condition trees into the nodes and tables of a ``Program``.
struct ProgramBuilder {
  private(set) var nodes: [Program.Node] = []
  private(set) var numbers: [Int32] = []
  private(set) var constants = NumberedTable<CedarValue>()
  private(set) var uids = NumberedTable<EntityUID>()
  private(set) var names = NumberedTable<CedarString>()
  private(set) var types = NumberedTable<EntityTypeName>()
  private(set) var patterns = NumberedTable<Pattern>()

  /// Adds conditions; the list has the root of each, and after it 1 for `when` or 0 for `unless`.
  mutating func conditions(_ conditions: [PolicyCondition]) -> Program.List {
    var items: [Int32] = []
    for condition in conditions {
      items += [place(ConstantFolder.folded(condition.body)), condition.kind == .when ? 1 : 0]
    }
    return list(items)
  }

  mutating func scope(_ constraint: ScopeConstraint) -> Program.Scope {
    switch constraint {
    case .any: .any
    case .equal(.uid(let uid)): .equal(uids.number(of: uid))
    case .memberOf(.uid(let uid)): .memberOf(uids.number(of: uid))
    case .isType(let type): .isType(types.number(of: type))
    case .isTypeIn(let type, .uid(let uid)):
      .isTypeIn(types.number(of: type), uids.number(of: uid))
    case .equal(.slot), .memberOf(.slot), .isTypeIn(_, .slot):
      preconditionFailure("a template must be linked before it is compiled")
    }
  }

  mutating func scope(_ constraint: ActionConstraint) -> Program.Scope {
    switch constraint {
    case .any: .any
    case .equal(let uid): .equal(uids.number(of: uid))
    case .memberOf(let uid): .memberOf(uids.number(of: uid))
    case .memberOfAny(let ancestors): .memberOfAny(list(ancestors.map { uids.number(of: $0) }))
    }
  }

  private mutating func append(_ node: Program.Node) -> Int32 {
    nodes.append(node)
    return Int32(nodes.count - 1)
  }

  private mutating func place(_ expression: Expression) -> Int32 { append(node(expression)) }

  private mutating func list(_ items: [Int32]) -> Program.List {
    let start = Int32(numbers.count)
    numbers += items
    return Program.List(start: start, count: Int32(items.count))
  }

  private mutating func list(_ expressions: [Expression]) -> Program.List {
    var places: [Int32] = []
    for expression in expressions { places.append(place(expression)) }
    return list(places)
  }

  private mutating func node(_ expression: Expression) -> Program.Node {
    switch expression.kind {
    case .literal(.bool(let isTrue)): return .truth(isTrue)
    case .literal(let value): return .constant(constants.number(of: value))
    case .variable(let variable): return .variable(variable)
    case .conditional(let condition, let consequence, let alternative):
      let guardPlace = place(condition)
      let thenPlace = place(consequence)
      return .conditional(guardPlace, then: thenPlace, else: place(alternative))
    case .and(let operands): return .and(list(operands))
    case .or(let operands): return .or(list(operands))
    case .not(let operand): return .not(place(operand))
    case .negate(let operand): return .negate(place(operand))
    case .isEmpty(let operand): return .isEmpty(place(operand))
    case .binary(let operation, let left, let right): return binary(operation, left, right)
    case .extensionCall(let function, let arguments, let constant):
      if let constant { return .constant(constants.number(of: constant)) }
      return .call(function, list(arguments))
    case .attribute(let receiver, let name): return attribute(receiver, name)
    case .has(let receiver, let path): return has(receiver, path)
    case .like(let operand, let pattern):
      return .like(place(operand), pattern: patterns.number(of: pattern))
    case .isType(let operand, let type, let ancestor):
      let operandPlace = place(operand)
      let number = types.number(of: type)
      guard let ancestor else { return .isType(operandPlace, type: number) }
      return .isTypeIn(operandPlace, type: number, ancestor: place(ancestor))
    case .set(let elements): return .set(list(elements))
    case .record(let fields):
      var items: [Int32] = []
      for field in fields { items += [names.number(of: field.key), place(field.value)] }
      return .record(list(items))
    }
  }

  private mutating func binary(
    _ operation: BinaryOperator, _ left: Expression, _ right: Expression
  ) -> Program.Node {
    let first = place(left)
    if operation == .memberOf, let ancestors = right.entityLiterals {
      return .memberOfAny(first, list(ancestors.map { uids.number(of: $0) }))
    }
    let second = place(right)
    switch operation {
    case .equal: return .equal(first, second)
    case .notEqual: return .notEqual(first, second)
    case .less, .lessOrEqual, .greater, .greaterOrEqual: return .ordered(operation, first, second)
    case .add, .subtract, .multiply: return .arithmetic(operation, first, second)
    case .contains, .containsAll, .containsAny: return .contained(operation, first, second)
    case .getTag, .hasTag: return .tag(operation, first, second)
    case .memberOf: return .memberOf(first, second)
    }
  }

  private mutating func attribute(
    _ receiver: Expression, _ name: CedarString
  ) -> Program.Node {
    let number = names.number(of: name)
    if case .variable(let variable) = receiver.kind {
      return .variableAttribute(variable, name: number)
    }
    return .attribute(place(receiver), name: number)
  }

  private mutating func has(_ receiver: Expression, _ path: [CedarString]) -> Program.Node {
    if path.count == 1, case .variable(let variable) = receiver.kind {
      return .variableHas(variable, name: names.number(of: path[0]))
    }
    return .has(place(receiver), list(path.map { names.number(of: $0) }))
  }
}

extension Expression {
  /// The entities of a literal, or of a set that was folded into one.
  fileprivate var entityLiterals: [EntityUID]? {
    switch kind {
    case .literal(.entity(let uid)): return [uid]
    case .literal(.set(let elements)):
      var uids: [EntityUID] = []
      for element in elements {
        guard case .entity(let uid) = element else { return nil }
        uids.append(uid)
      }
      return uids
    default: return nil
    }
  }
}
