/// Checks how often a policy dereferences entities, so that a caller knows which ones to load.
///
/// The variables stand at level 0. Asking an entity for an attribute, a tag or its ancestors needs
/// one level more than the entity itself; asking a record needs none. An entity that the policy
/// text names cannot be loaded by following the request, so it may not be asked at all, except for
/// the action of the request.
///
/// - SeeAlso: Cedar RFC 76.
struct LevelCheck {
  private struct Place: Hashable {
    let number: Int
    let path: [CedarString]
  }

  let schema: Schema
  let maximum: Int
  /// The action of the requests that are looked at.
  let action: EntityUID
  let trace: TypeTrace
  private(set) var problems: Set<ValidationProblem> = []

  /// What was looked at before; without it, work could double with each level of nesting.
  private var checked: Set<Int> = []
  private var levels: [Place: Int] = [:]

  init(schema: Schema, maximum: Int, action: EntityUID, trace: TypeTrace) {
    self.schema = schema
    self.maximum = maximum
    self.action = action
    self.trace = trace
  }

  /// Checks a term and everything in it that can be evaluated.
  mutating func check(_ term: Term) {
    guard checked.insert(term.number).inserted else { return }
    switch term.kind {
    case .literal, .variable, .slot: break
    case .conditional(let condition, let consequence, let alternative):
      check(condition)
      for branch in reached(term, consequence, alternative) { check(branch) }
    case .and(let operands), .or(let operands):
      for operand in operands.prefix(reached(term, operands.count)) { check(operand) }
    case .not(let operand), .negate(let operand), .isEmpty(let operand), .like(let operand):
      check(operand)
    case .binary(.memberOf, let left, let right), .binary(.hasTag, let left, let right),
      .binary(.getTag, let left, let right):
      require(level(of: left, []), term)
      check(right)
    case .binary(_, let left, let right):
      check(left)
      check(right)
    case .call(_, let arguments): for argument in arguments { check(argument) }
    case .attribute(let receiver, _):
      if isEntity(receiver) { require(level(of: receiver, []), term) } else { check(receiver) }
    case .has(let receiver, let path): checkHas(term, receiver, path)
    case .isType(let operand, _, let ancestor): checkIsType(term, operand, ancestor)
    case .set(let elements): for element in elements { check(element) }
    case .record(let fields): for field in fields { check(field.value) }
    }
  }

  // MARK: Levels

  /// The level of an entity that is dereferenced.
  ///
  /// The path names the attributes that are taken of the term when it is a record, the next one
  /// last: only that field of a record literal matters for the level.
  private mutating func level(of term: Term, _ path: [CedarString]) -> Int {
    let place = Place(number: term.number, path: path)
    if let known = levels[place] { return known }
    let level = findLevel(of: term, path)
    levels[place] = level
    return level
  }

  private mutating func findLevel(of term: Term, _ path: [CedarString]) -> Int {
    switch term.kind {
    case .literal(.entity(let uid)) where uid != action:
      report(
        .literalDereferenced, term, "`\(uid.mention)` is dereferenced",
        hint: "compare it or give it through the request; entities of the text are not loaded")
      return 0
    case .conditional(let condition, let consequence, let alternative):
      check(condition)
      var highest = 0
      for branch in reached(term, consequence, alternative) {
        highest = max(highest, level(of: branch, path))
      }
      return highest
    case .attribute(let receiver, let name):
      if isEntity(receiver) { return level(of: receiver, path) + 1 }
      return level(of: receiver, path + [name])
    case .binary(.getTag, let receiver, let name):
      let below = level(of: receiver, path)
      check(name)
      return below + 1
    case .record(let fields):
      var below = 0
      for field in fields {
        if field.name == path.last {
          below = level(of: field.value, path.dropLast())
        } else {
          check(field.value)
        }
      }
      return below
    default: return 0
    }
  }

  private mutating func require(_ level: Int, _ term: Term) {
    guard level >= maximum else { return }
    report(
      .levelExceeded, term, "this needs level \(level + 1), more than the maximum of \(maximum)",
      hint: "follow fewer attributes and ancestors, or allow a higher level")
  }

  /// Checks every entity on the way along `has a.b.c`.
  private mutating func checkHas(_ term: Term, _ receiver: Term, _ path: [Term.Step]) {
    guard var type = trace.types[receiver.number] else { return }
    if !type.isEntity { check(receiver) }
    var names: [CedarString] = []
    for step in path.prefix(reached(term, path.count)) {
      if type.isEntity { require(level(of: receiver, along: names), term) }
      names.append(step.name)
      guard let next = attributeType(step.name, of: type) else { return }
      type = next
    }
  }

  /// The level of what a path of attributes leads to.
  private mutating func level(of receiver: Term, along names: [CedarString]) -> Int {
    var types: [SchemaType] = []
    guard var type = trace.types[receiver.number] else { return 0 }
    for name in names {
      types.append(type)
      guard let next = attributeType(name, of: type) else { return 0 }
      type = next
    }
    var entityCount = 0
    var path: [CedarString] = []
    for (name, owner) in zip(names, types).reversed() {
      if owner.isEntity { entityCount += 1 } else { path.append(name) }
    }
    return level(of: receiver, path) + entityCount
  }

  private mutating func checkIsType(_ term: Term, _ operand: Term, _ ancestor: Term?) {
    check(operand)
    guard let ancestor, reached(term, 2) == 2 else { return }
    require(level(of: operand, []), term)
    check(ancestor)
  }

  // MARK: What the type check found

  private func isEntity(_ term: Term) -> Bool { trace.types[term.number]?.isEntity == true }

  private func attributeType(_ name: CedarString, of type: SchemaType) -> SchemaType? {
    schema.attributes(of: type)?[name]?.type
  }

  private func reached(_ term: Term, _ count: Int) -> Int {
    if case .first(let reached) = trace.reach[term.number] { reached } else { count }
  }

  private func reached(_ term: Term, _ consequence: Term, _ alternative: Term) -> [Term] {
    switch trace.reach[term.number] {
    case .thenOnly: [consequence]
    case .elseOnly: [alternative]
    default: [consequence, alternative]
    }
  }

  private mutating func report(
    _ code: ValidationError.Code, _ term: Term, _ message: String, hint: String
  ) {
    guard problems.count < Validator.errorLimit else { return }
    problems.insert(
      ValidationProblem(code: code, offset: term.offset, message: message, hint: hint))
  }
}
