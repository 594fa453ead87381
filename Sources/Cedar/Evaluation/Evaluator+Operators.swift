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
    case .less: return .bool(try isOrdered(first, second, orEqual: false, operation))
    case .lessOrEqual: return .bool(try isOrdered(first, second, orEqual: true, operation))
    case .greater: return .bool(!(try isOrdered(first, second, orEqual: true, operation)))
    case .greaterOrEqual: return .bool(!(try isOrdered(first, second, orEqual: false, operation)))
    case .memberOf: return .bool(try isMember(first, of: second))
    case .add, .subtract, .multiply: return .long(try arithmetic(operation, first, second))
    case .contains: return .bool(try set(first, for: "contains").contains(second))
    case .containsAll:
      let receiver = try set(first, for: "containsAll")
      return .bool(try set(second, for: "containsAll").isSubset(of: receiver))
    case .containsAny:
      let receiver = try set(first, for: "containsAny")
      return .bool(!(try set(second, for: "containsAny").isDisjoint(with: receiver)))
    case .getTag, .hasTag: return try tag(operation, first, second)
    }
  }

  func set(_ value: CedarValue, for operation: String) throws(CedarError) -> Set<CedarValue> {
    guard case .set(let elements) = value else {
      throw CedarError(.type, "`\(operation)` needs a set, found \(value.typeName)")
    }
    return elements
  }

  func negated(_ operand: Expression) throws(CedarError) -> CedarValue {
    let value = try value(operand)
    guard case .long(let number) = value else {
      throw CedarError(.type, "`-` does not apply to \(value.typeName)")
    }
    let (result, overflow) = (0 as Int64).subtractingReportingOverflow(number)
    guard !overflow else { throw CedarError(.overflow, "integer overflow in `-`") }
    return .long(result)
  }

  private func arithmetic(
    _ operation: BinaryOperator, _ left: CedarValue, _ right: CedarValue
  ) throws(CedarError) -> Int64 {
    guard case .long(let first) = left, case .long(let second) = right else {
      throw mismatch(operation, left, right)
    }
    let result: (partialValue: Int64, overflow: Bool)
    switch operation {
    case .add: result = first.addingReportingOverflow(second)
    case .subtract: result = first.subtractingReportingOverflow(second)
    default: result = first.multipliedReportingOverflow(by: second)
    }
    guard !result.overflow else {
      throw CedarError(.overflow, "integer overflow in `\(operation.rawValue)`")
    }
    return result.partialValue
  }

  private func isOrdered(
    _ left: CedarValue, _ right: CedarValue, orEqual: Bool, _ operation: BinaryOperator
  ) throws(CedarError) -> Bool {
    let first: Int64
    let second: Int64
    switch (left, right) {
    case (.long(let one), .long(let other)): (first, second) = (one, other)
    case (.datetime(let one), .datetime(let other)):
      (first, second) = (one.milliseconds, other.milliseconds)
    case (.duration(let one), .duration(let other)):
      (first, second) = (one.milliseconds, other.milliseconds)
    default: throw mismatch(operation, left, right)
    }
    return orEqual ? first <= second : first < second
  }

  private func mismatch(
    _ operation: BinaryOperator, _ left: CedarValue, _ right: CedarValue
  ) -> CedarError {
    CedarError(
      .type, "`\(operation.rawValue)` does not apply to \(left.typeName) and \(right.typeName)")
  }
}

// MARK: - Entities

extension Evaluator {
  private func isMember(_ left: CedarValue, of right: CedarValue) throws(CedarError) -> Bool {
    guard case .entity(let uid) = left else { throw mismatch(.memberOf, left, right) }
    switch right {
    case .entity(let ancestor): return entities.isMember(uid, of: ancestor)
    case .set(let elements):
      // Every element must be an entity, also when an earlier one already matches.
      var found = false
      for element in elements {
        guard case .entity(let ancestor) = element else { throw mismatch(.memberOf, left, element) }
        found = found || entities.isMember(uid, of: ancestor)
      }
      return found
    default: throw mismatch(.memberOf, left, right)
    }
  }

  /// Answers `in [a, b]` without building the set.
  private func isMember(
    _ left: CedarValue, ofElements elements: [Expression]
  ) throws(CedarError) -> Bool {
    var found = false
    for expression in elements {
      let element = try value(expression)
      guard case .entity = element else { throw mismatch(.memberOf, left, element) }
      found = try isMember(left, of: element) || found
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
    guard case .entity(let uid) = value else {
      throw CedarError(.type, "`is` does not apply to \(value.typeName)")
    }
    guard uid.type == type else { return false }
    guard let ancestor else { return true }
    return try isMember(value, of: try self.value(ancestor))
  }

  func attribute(_ name: CedarString, of receiver: CedarValue) throws(CedarError) -> CedarValue {
    switch receiver {
    case .record(let record):
      guard let value = record[name] else {
        throw CedarError(.missingAttribute, "the record has no attribute `\(name)`")
      }
      return value
    case .entity(let uid):
      guard let entity = entities[uid] else {
        throw CedarError(.missingEntity, "an entity of type `\(uid.type)` is not in the store")
      }
      guard let value = entity.attributes[name] else {
        throw CedarError(
          .missingAttribute, "an entity of type `\(uid.type)` has no attribute `\(name)`")
      }
      return value
    default:
      throw CedarError(.type, "attribute `\(name)` asked of \(receiver.typeName)")
    }
  }

  /// Answers `has a.b.c` as `has a`, then `.a has b`, and so on.
  func has(_ path: [CedarString], on receiver: CedarValue) throws(CedarError) -> Bool {
    var current = receiver
    for name in path {
      let found: CedarValue?
      switch current {
      case .record(let record): found = record[name]
      case .entity(let uid): found = entities[uid]?.attributes[name]
      default: throw CedarError(.type, "`has` does not apply to \(current.typeName)")
      }
      guard let found else { return false }
      current = found
    }
    return true
  }

  private func tag(
    _ operation: BinaryOperator, _ receiver: CedarValue, _ key: CedarValue
  ) throws(CedarError) -> CedarValue {
    guard case .entity(let uid) = receiver, case .string(let name) = key else {
      throw mismatch(operation, receiver, key)
    }
    let entity = entities[uid]
    let value = entity?.tags[name]
    if operation == .hasTag { return .bool(value != nil) }
    if let value { return value }
    guard entity != nil else {
      throw CedarError(.missingEntity, "an entity of type `\(uid.type)` is not in the store")
    }
    throw CedarError(.missingTag, "an entity of type `\(uid.type)` does not have the tag")
  }
}
