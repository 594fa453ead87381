/// Computes the conditions of a program for one request over one entity store.
///
/// It must give what ``Evaluator`` gives; a test compares the two on generated cases.
struct ProgramEvaluator {
  let program: Program
  let request: Request
  let entities: EntityStore
  /// The principal's entity, looked up once.
  let principal: Entity?
  /// The resource's entity, looked up once.
  let resource: Entity?

  init(_ program: Program, _ request: Request, _ entities: EntityStore) {
    self.program = program
    self.request = request
    self.entities = entities
    principal = entities[request.principal]
    resource = entities[request.resource]
  }

  /// Computes the value of a node; operands are evaluated from left to right.
  func value(_ place: Int32) throws(CedarError) -> CedarValue {
    switch program.nodes[Int(place)] {
    case .constant(let number): return program.constants[Int(number)]
    case .variable(let variable): return value(of: variable)
    case .conditional(let condition, let consequence, let alternative):
      return try value(try boolean(condition) ? consequence : alternative)
    case .negate(let operand): return try Operators.negated(try value(operand))
    case .arithmetic(let operation, let left, let right):
      let first = try value(left)
      return try Operators.arithmetic(operation, first, try value(right))
    case .tag(let operation, let left, let right):
      let first = try value(left)
      return try Operators.tag(operation, first, try value(right), entities)
    case .call(let function, let arguments): return try function.call(try values(arguments))
    case .attribute(let receiver, let name):
      return try Operators.attribute(
        program.names[Int(name)], of: try value(receiver), entities)
    case .variableAttribute(let variable, let name):
      return try attribute(program.names[Int(name)], of: variable)
    case .set(let elements): return .set(Set(try values(elements)))
    case .record(let fields): return try record(fields)
    case .truth, .and, .or, .not, .isEmpty, .equal, .notEqual, .ordered, .contained, .memberOf,
      .memberOfAny, .has, .variableHas, .like, .isType, .isTypeIn:
      return .bool(try boolean(place))
    }
  }

  /// Computes a node that must be Boolean, without wrapping the result.
  func boolean(_ place: Int32) throws(CedarError) -> Bool {
    switch program.nodes[Int(place)] {
    case .truth(let isTrue): return isTrue
    case .conditional(let condition, let consequence, let alternative):
      return try boolean(try boolean(condition) ? consequence : alternative)
    case .and(let operands): return try all(operands, are: true)
    case .or(let operands): return !(try all(operands, are: false))
    case .not(let operand): return !(try boolean(operand))
    case .isEmpty(let operand):
      return try Operators.set(try value(operand), for: "isEmpty").isEmpty
    case .equal(let left, let right):
      let first = try value(left)
      return first == (try value(right))
    case .notEqual(let left, let right):
      let first = try value(left)
      return first != (try value(right))
    case .ordered(let operation, let left, let right):
      let first = try value(left)
      return try Operators.isOrdered(operation, first, try value(right))
    case .contained(let operation, let left, let right):
      let first = try value(left)
      return try Operators.isContained(operation, first, try value(right))
    case .memberOf(let left, let right):
      let first = try value(left)
      return try Operators.isMember(first, of: try value(right), entities)
    case .memberOfAny(let operand, let ancestors):
      return try isMember(try value(operand), ofAny: ancestors)
    case .has(let receiver, let path): return try has(path, on: try value(receiver))
    case .variableHas(let variable, let name):
      return has(program.names[Int(name)], on: variable)
    case .like(let operand, let pattern):
      return try Operators.isLike(try value(operand), program.patterns[Int(pattern)])
    case .isType(let operand, let type):
      return try Operators.isType(try value(operand), program.types[Int(type)])
    case .isTypeIn(let operand, let type, let ancestor):
      let value = try value(operand)
      guard try Operators.isType(value, program.types[Int(type)]) else { return false }
      return try Operators.isMember(value, of: try self.value(ancestor), entities)
    case .constant, .variable, .negate, .arithmetic, .tag, .call, .attribute, .variableAttribute,
      .set, .record:
      return try Operators.boolean(try value(place))
    }
  }
}

// MARK: - Policies

extension ProgramEvaluator {
  /// Tells whether a part of a scope holds.
  func matches(_ scope: Program.Scope, _ uid: EntityUID) -> Bool {
    switch scope {
    case .any: true
    case .equal(let number): uid == program.uids[Int(number)]
    case .memberOf(let number): entities.isMember(uid, of: program.uids[Int(number)])
    case .memberOfAny(let ancestors): isMember(uid, ofAny: ancestors)
    case .isType(let number): uid.type == program.types[Int(number)]
    case .isTypeIn(let type, let number):
      uid.type == program.types[Int(type)]
        && entities.isMember(uid, of: program.uids[Int(number)])
    }
  }

  /// Tells whether every `when` is true and every `unless` false; stops at the first that is not.
  func areSatisfied(_ conditions: Program.List) throws(CedarError) -> Bool {
    let end = Int(conditions.start + conditions.count)
    for place in stride(from: Int(conditions.start), to: end, by: 2) {
      let isTrue = try boolean(program.numbers[place])
      if isTrue != (program.numbers[place + 1] == 1) { return false }
    }
    return true
  }
}

// MARK: - Parts

extension ProgramEvaluator {
  private func value(of variable: Variable) -> CedarValue {
    switch variable {
    case .principal: .entity(request.principal)
    case .action: .entity(request.action)
    case .resource: .entity(request.resource)
    case .context: .record(request.context)
    }
  }

  private func attribute(
    _ name: CedarString, of variable: Variable
  ) throws(CedarError) -> CedarValue {
    switch variable {
    case .principal: try Operators.attribute(name, of: request.principal, principal)
    case .resource: try Operators.attribute(name, of: request.resource, resource)
    case .action: try Operators.attribute(name, of: request.action, entities[request.action])
    case .context: try Operators.attribute(name, ofRecord: request.context)
    }
  }

  private func has(_ name: CedarString, on variable: Variable) -> Bool {
    switch variable {
    case .principal: principal?.attributes[name] != nil
    case .resource: resource?.attributes[name] != nil
    case .action: entities[request.action]?.attributes[name] != nil
    case .context: request.context[name] != nil
    }
  }

  private func has(_ path: Program.List, on receiver: CedarValue) throws(CedarError) -> Bool {
    guard path.count > 1 else {
      let name = program.names[Int(program.numbers[Int(path.start)])]
      return try Operators.has([name], on: receiver, entities)
    }
    let names = places(path).map { program.names[Int(program.numbers[$0])] }
    return try Operators.has(names[...], on: receiver, entities)
  }

  private func isMember(
    _ value: CedarValue, ofAny ancestors: Program.List
  ) throws(CedarError) -> Bool {
    guard case .entity(let uid) = value else {
      throw CedarError(.type, "`in` does not apply to \(value.typeName)")
    }
    return isMember(uid, ofAny: ancestors)
  }

  private func isMember(_ uid: EntityUID, ofAny ancestors: Program.List) -> Bool {
    for place in places(ancestors) {
      if entities.isMember(uid, of: program.uids[Int(program.numbers[place])]) { return true }
    }
    return false
  }

  /// Stops at the first operand that differs, without evaluating the rest.
  private func all(_ operands: Program.List, are expected: Bool) throws(CedarError) -> Bool {
    for place in places(operands) where try boolean(program.numbers[place]) != expected {
      return false
    }
    return true
  }

  private func values(_ list: Program.List) throws(CedarError) -> [CedarValue] {
    var result: [CedarValue] = []
    result.reserveCapacity(Int(list.count))
    for place in places(list) { result.append(try value(program.numbers[place])) }
    return result
  }

  private func record(_ fields: Program.List) throws(CedarError) -> CedarValue {
    var pairs: [(CedarString, CedarValue)] = []
    for place in stride(from: Int(fields.start), to: Int(fields.start + fields.count), by: 2) {
      let name = program.names[Int(program.numbers[place])]
      pairs.append((name, try value(program.numbers[place + 1])))
    }
    return .record(CedarRecord(uniqueElements: pairs))
  }

  private func places(_ list: Program.List) -> Range<Int> {
    Int(list.start)..<Int(list.start + list.count)
  }
}
