/// Turns one policy into terms, and collects the entities and types it names.
struct TermBuilder {
  /// An entity that a policy names, and where.
  struct EntityMention {
    let uid: EntityUID
    let offset: Int
  }

  /// A type that a policy names, and where.
  struct TypeMention {
    let type: EntityTypeName
    let offset: Int
  }

  private(set) var entities: [EntityMention] = []
  private(set) var types: [TypeMention] = []
  /// The number of terms made so far.
  private(set) var count = 0

  private var keys: [TermKey: Int] = [:]

  /// Tells whether the policy has more terms than are checked; the tree is not complete then.
  var isTooLarge: Bool { count > Validator.termLimit }

  /// Builds the tree of a policy: principal, action and resource of the scope, then the conditions.
  mutating func policy(_ policy: Policy) -> Term {
    let offset = policy.position.offset
    var parts: [Term] = []
    parts += scope(policy.principal, .principal, offset)
    parts += scope(policy.action, offset)
    parts += scope(policy.resource, .resource, offset)
    for condition in policy.conditions {
      let body = term(condition.body)
      parts.append(condition.kind == .when ? body : negation(of: body, offset))
    }
    return conjunction(parts, offset)
  }

  // MARK: Scope

  private mutating func scope(
    _ constraint: ScopeConstraint, _ variable: Variable, _ offset: Int
  ) -> [Term] {
    guard !constraint.isOpen else { return [] }
    let left = make(.variable(variable), .variable(variable), offset)
    switch constraint {
    case .any: return []
    case .equal(let reference):
      return [binary(.equal, left, self.reference(reference, variable, offset), offset)]
    case .memberOf(let reference):
      return [binary(.memberOf, left, self.reference(reference, variable, offset), offset)]
    case .isType(let type): return [isType(left, type, in: nil, offset)]
    case .isTypeIn(let type, let reference):
      return [isType(left, type, in: self.reference(reference, variable, offset), offset)]
    }
  }

  private mutating func scope(_ constraint: ActionConstraint, _ offset: Int) -> [Term] {
    let operation: BinaryOperator
    let right: Term
    switch constraint {
    case .any: return []
    case .equal(let uid): (operation, right) = (.equal, entity(uid, offset))
    case .memberOf(let uid): (operation, right) = (.memberOf, entity(uid, offset))
    case .memberOfAny(let uids):
      var elements: [Term] = []
      for uid in uids { elements.append(entity(uid, offset)) }
      (operation, right) = (.memberOf, set(elements, offset))
    }
    return [binary(operation, make(.variable(.action), .variable(.action), offset), right, offset)]
  }

  private mutating func reference(
    _ reference: EntityReference, _ variable: Variable, _ offset: Int
  ) -> Term {
    switch reference {
    case .uid(let uid): entity(uid, offset)
    case .slot: make(.slot(variable), .slot(variable), offset)
    }
  }
}

// MARK: - Expressions

extension TermBuilder {
  mutating func term(_ expression: Expression) -> Term {
    let offset = expression.offset
    guard !isTooLarge else { return make(.literal(true), .literal(true), offset) }
    switch expression.kind {
    case .literal(let value): return literal(value, offset)
    case .variable(let variable): return make(.variable(variable), .variable(variable), offset)
    case .conditional(let condition, let consequence, let alternative):
      let parts = terms([condition, consequence, alternative])
      return make(
        .conditional(parts[0], then: parts[1], else: parts[2]),
        .conditional(parts[0].key, parts[1].key, parts[2].key), offset)
    case .and(let operands):
      return conjunction(joiningLiterals(terms(operands), offset) { $0 && $1 }, offset)
    case .or(let operands):
      let parts = joiningLiterals(terms(operands), offset) { $0 || $1 }
      guard parts.count > 1 else { return parts[0] }
      var key = parts[0].key
      for part in parts.dropFirst() { key = self.key(.or(key, part.key)) }
      return make(.or(parts), key: key, offset)
    case .not(let operand): return negation(of: term(operand), offset)
    case .negate(let operand):
      let part = term(operand)
      return make(.negate(part), .negate(part.key), offset)
    case .isEmpty(let operand):
      let part = term(operand)
      return make(.isEmpty(part), .isEmpty(part.key), offset)
    case .binary(let operation, let left, let right):
      let parts = terms([left, right])
      return binary(operation, parts[0], parts[1], offset)
    case .extensionCall(let function, let arguments, _):
      let parts = terms(arguments)
      return make(.call(function, parts), .call(function, parts.map(\.key)), offset)
    case .attribute(let receiver, let name):
      let part = term(receiver)
      return make(.attribute(part, name), .attribute(part.key, name), offset)
    case .has(let receiver, let path): return has(term(receiver), path, offset)
    case .like(let operand, let pattern):
      let part = term(operand)
      return make(.like(part), .like(part.key, pattern), offset)
    case .isType(let operand, let type, let ancestor):
      let part = term(operand)
      return isType(part, type, in: ancestor.map { term($0) }, offset)
    case .set(let elements): return set(terms(elements), offset)
    case .record(let fields):
      var parts: [(name: CedarString, value: Term)] = []
      for field in fields { parts.append((field.key, term(field.value))) }
      return record(parts, offset)
    }
  }

  /// Takes sets and records apart: policy text has no such literals, but a policy in JSON may.
  private mutating func literal(_ value: CedarValue, _ offset: Int) -> Term {
    switch value {
    case .entity(let uid): return entity(uid, offset)
    case .set(let elements):
      var parts: [Term] = []
      for element in elements { parts.append(literal(element, offset)) }
      return set(parts, offset)
    case .record(let record):
      var parts: [(name: CedarString, value: Term)] = []
      for element in record.elements { parts.append((element.key, literal(element.value, offset))) }
      return self.record(parts, offset)
    default: return make(.literal(value), .literal(value), offset)
    }
  }

  private mutating func terms(_ expressions: [Expression]) -> [Term] {
    var result: [Term] = []
    for expression in expressions {
      guard !isTooLarge || result.count < 3 else { break }
      result.append(term(expression))
    }
    return result
  }

  private mutating func entity(_ uid: EntityUID, _ offset: Int) -> Term {
    entities.append(EntityMention(uid: uid, offset: offset))
    types.append(TypeMention(type: uid.type, offset: offset))
    return make(.literal(.entity(uid)), .literal(.entity(uid)), offset)
  }

  private mutating func conjunction(_ parts: [Term], _ offset: Int) -> Term {
    guard let first = parts.first else { return make(.literal(true), .literal(true), offset) }
    guard parts.count > 1 else { return first }
    var key = first.key
    for part in parts.dropFirst() { key = self.key(.and(key, part.key)) }
    return make(.and(parts), key: key, offset)
  }

  /// Joins the Boolean literals at the front of a chain into one, as Cedar does when it reads them:
  /// `(true && false) == false` compares two literals.
  private mutating func joiningLiterals(
    _ parts: [Term], _ offset: Int, _ join: (Bool, Bool) -> Bool
  ) -> [Term] {
    let values = parts.prefix { $0.booleanLiteral != nil }.compactMap(\.booleanLiteral)
    guard values.count > 1 else { return parts }
    let value = CedarValue.bool(values.dropFirst().reduce(values[0], join))
    return [make(.literal(value), .literal(value), offset)] + parts.dropFirst(values.count)
  }

  private mutating func negation(of part: Term, _ offset: Int) -> Term {
    make(.not(part), .not(part.key), offset)
  }

  /// Makes the operators that Cedar defines by others out of those.
  private mutating func binary(
    _ operation: BinaryOperator, _ left: Term, _ right: Term, _ offset: Int
  ) -> Term {
    let plain: BinaryOperator
    switch operation {
    case .notEqual: plain = .equal
    case .greater: plain = .lessOrEqual
    case .greaterOrEqual: plain = .less
    default:
      return make(
        .binary(operation, left, right), .binary(operation, left.key, right.key), offset)
    }
    return negation(of: binary(plain, left, right, offset), offset)
  }

  private mutating func has(_ receiver: Term, _ path: [CedarString], _ offset: Int) -> Term {
    var steps: [Term.Step] = []
    var receiverKey = receiver.key
    var key: Int?
    for name in path {
      steps.append(Term.Step(name: name, receiver: receiverKey))
      let step = self.key(.has(receiverKey, name))
      key = key.map { self.key(.and($0, step)) } ?? step
      receiverKey = self.key(.attribute(receiverKey, name))
    }
    return make(.has(receiver, steps), key: key ?? receiver.key, offset)
  }

  private mutating func isType(
    _ operand: Term, _ type: EntityTypeName, in ancestor: Term?, _ offset: Int
  ) -> Term {
    types.append(TypeMention(type: type, offset: offset))
    var key = self.key(.isType(operand.key, type))
    if let ancestor {
      key = self.key(.and(key, self.key(.binary(.memberOf, operand.key, ancestor.key))))
    }
    return make(.isType(operand, type, in: ancestor), key: key, offset)
  }

  private mutating func set(_ elements: [Term], _ offset: Int) -> Term {
    make(.set(elements), .set(elements.map(\.key)), offset)
  }

  private mutating func record(
    _ fields: [(name: CedarString, value: Term)], _ offset: Int
  ) -> Term {
    var keys: [CedarString: Int] = [:]
    for field in fields { keys[field.name] = field.value.key }
    return make(.record(fields), .record(keys), offset)
  }

  private mutating func make(_ kind: Term.Kind, _ key: TermKey, _ offset: Int) -> Term {
    make(kind, key: self.key(key), offset)
  }

  private mutating func make(_ kind: Term.Kind, key: Int, _ offset: Int) -> Term {
    count += 1
    return Term(kind, key: key, number: count - 1, offset: offset)
  }

  private mutating func key(_ key: TermKey) -> Int {
    if let known = keys[key] { return known }
    let new = keys.count
    keys[key] = new
    return new
  }
}

extension Term {
  /// The value of a Boolean literal; nil for other terms.
  fileprivate var booleanLiteral: Bool? {
    guard case .literal(.bool(let value)) = kind else { return nil }
    return value
  }
}

extension ScopeConstraint {
  /// Tells whether everything may stand there.
  fileprivate var isOpen: Bool {
    if case .any = self { true } else { false }
  }
}
