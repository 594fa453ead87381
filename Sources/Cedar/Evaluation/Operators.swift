/// What the operators do with values that are computed already; shared by both evaluators.
enum Operators {
  static func set(
    _ value: CedarValue, for operation: String
  ) throws(CedarError) -> Set<CedarValue> {
    guard case .set(let elements) = value else {
      throw CedarError(.type, "`\(operation)` needs a set, found \(value.typeName)")
    }
    return elements
  }

  static func boolean(_ value: CedarValue) throws(CedarError) -> Bool {
    guard case .bool(let isTrue) = value else {
      throw CedarError(.type, "expected a bool, found \(value.typeName)")
    }
    return isTrue
  }

  static func isLike(_ value: CedarValue, _ pattern: Pattern) throws(CedarError) -> Bool {
    guard case .string(let text) = value else { throw CedarError(.type, "`like` needs a string") }
    return pattern.matches(text)
  }

  static func negated(_ value: CedarValue) throws(CedarError) -> CedarValue {
    guard case .long(let number) = value else {
      throw CedarError(.type, "`-` does not apply to \(value.typeName)")
    }
    let (result, overflow) = (0 as Int64).subtractingReportingOverflow(number)
    guard !overflow else { throw CedarError(.overflow, "integer overflow in `-`") }
    return .long(result)
  }

  static func arithmetic(
    _ operation: BinaryOperator, _ left: CedarValue, _ right: CedarValue
  ) throws(CedarError) -> CedarValue {
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
    return .long(result.partialValue)
  }

  /// Compares by `<`, `<=`, `>` or `>=`.
  static func isOrdered(
    _ operation: BinaryOperator, _ left: CedarValue, _ right: CedarValue
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
    switch operation {
    case .less: return first < second
    case .lessOrEqual: return first <= second
    case .greater: return first > second
    default: return first >= second
    }
  }

  /// Answers `contains`, `containsAll` and `containsAny`.
  static func isContained(
    _ operation: BinaryOperator, _ left: CedarValue, _ right: CedarValue
  ) throws(CedarError) -> Bool {
    let receiver = try set(left, for: operation.rawValue)
    switch operation {
    case .contains: return receiver.contains(right)
    case .containsAll: return try set(right, for: operation.rawValue).isSubset(of: receiver)
    default: return !(try set(right, for: operation.rawValue).isDisjoint(with: receiver))
    }
  }

  static func mismatch(
    _ operation: BinaryOperator, _ left: CedarValue, _ right: CedarValue
  ) -> CedarError {
    CedarError(
      .type, "`\(operation.rawValue)` does not apply to \(left.typeName) and \(right.typeName)")
  }
}

// MARK: - Entities

extension Operators {
  /// Answers `in`; every element of a set must be an entity, also when an earlier one matches.
  static func isMember(
    _ left: CedarValue, of right: CedarValue, _ entities: EntityStore
  ) throws(CedarError) -> Bool {
    guard case .entity(let uid) = left else { throw mismatch(.memberOf, left, right) }
    switch right {
    case .entity(let ancestor): return entities.isMember(uid, of: ancestor)
    case .set(let elements):
      var found = false
      for element in elements {
        guard case .entity(let ancestor) = element else { throw mismatch(.memberOf, left, element) }
        found = found || entities.isMember(uid, of: ancestor)
      }
      return found
    default: throw mismatch(.memberOf, left, right)
    }
  }

  static func isType(_ value: CedarValue, _ type: EntityTypeName) throws(CedarError) -> Bool {
    guard case .entity(let uid) = value else {
      throw CedarError(.type, "`is` does not apply to \(value.typeName)")
    }
    return uid.type == type
  }

  static func attribute(
    _ name: CedarString, of receiver: CedarValue, _ entities: EntityStore
  ) throws(CedarError) -> CedarValue {
    switch receiver {
    case .record(let record): return try attribute(name, ofRecord: record)
    case .entity(let uid): return try attribute(name, of: uid, entities[uid])
    default: throw CedarError(.type, "attribute `\(name)` asked of \(receiver.typeName)")
    }
  }

  static func attribute(
    _ name: CedarString, ofRecord record: CedarRecord
  ) throws(CedarError) -> CedarValue {
    guard let value = record[name] else {
      throw CedarError(.missingAttribute, "the record has no attribute `\(name)`")
    }
    return value
  }

  /// Reads an attribute of an entity that was looked up already.
  static func attribute(
    _ name: CedarString, of uid: EntityUID, _ entity: Entity?
  ) throws(CedarError) -> CedarValue {
    guard let entity else {
      throw CedarError(.missingEntity, "an entity of type `\(uid.type)` is not in the store")
    }
    guard let value = entity.attributes[name] else {
      throw CedarError(
        .missingAttribute, "an entity of type `\(uid.type)` has no attribute `\(name)`")
    }
    return value
  }

  /// Answers `has a.b.c` as `has a`, then `.a has b`, and so on.
  static func has(
    _ path: ArraySlice<CedarString>, on receiver: CedarValue, _ entities: EntityStore
  ) throws(CedarError) -> Bool {
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

  /// Answers `getTag` and `hasTag`.
  static func tag(
    _ operation: BinaryOperator, _ receiver: CedarValue, _ key: CedarValue, _ entities: EntityStore
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
