/// Finds the type of a policy in one request environment, and everything that has none.
///
/// Follows the strict rules of the Cedar validator. A term that has no type is reported once; what
/// stands around it is checked on, so that one pass finds more than one error.
struct Typechecker {
  /// A type with the capabilities that hold where the expression is true.
  struct Finding {
    /// The type; nil when the term, or one inside it, has none and was reported.
    var type: SchemaType?
    var capabilities: Set<Capability> = []
  }

  let schema: Schema
  let environment: RequestEnvironment
  /// What was found wrong.
  private(set) var problems: Set<ValidationProblem> = []
  /// What is left of the work one policy may make.
  var budget: Int
  /// Types and reach of the terms, when a later check wants them.
  var trace: TypeTrace?

  init(schema: Schema, environment: RequestEnvironment, budget: Int, trace: TypeTrace? = nil) {
    self.schema = schema
    self.environment = environment
    self.budget = budget
    self.trace = trace
  }

  /// Finds the type of a term where some capabilities are known to hold.
  mutating func check(_ term: Term, _ known: Set<Capability>) -> Finding {
    budget -= 1
    guard budget > 0 else { return Finding() }
    let finding = find(term, known)
    trace?.types[term.number] = finding.type
    return finding
  }

  private mutating func find(_ term: Term, _ known: Set<Capability>) -> Finding {
    switch term.kind {
    case .literal(let value): return Finding(type: type(of: value))
    case .variable(let variable), .slot(let variable):
      return Finding(type: environment.type(of: variable))
    case .conditional(let condition, let consequence, let alternative):
      return conditional(term, condition, consequence, alternative, known)
    case .and(let operands): return conjunction(term, operands, known)
    case .or(let operands): return disjunction(term, operands, known)
    case .not(let operand): return Finding(type: negation(of: operand, known))
    case .negate(let operand):
      expect(.long, operand, known)
      return Finding(type: .long)
    case .isEmpty(let operand):
      _ = expectSet(operand, known, "isEmpty")
      return Finding(type: .bool)
    case .binary(let operation, let left, let right):
      return binary(term, operation, left, right, known)
    case .call(let function, let arguments):
      return Finding(type: call(term, function, arguments, known))
    case .attribute(let receiver, let name):
      return Finding(type: attribute(term, receiver, name, known))
    case .has(let receiver, let path): return has(term, receiver, path, known)
    case .like(let operand):
      expect(.string, operand, known, hint: { Typechecker.likeHint($0) })
      return Finding(type: .bool)
    case .isType(let operand, let type, let ancestor):
      return Finding(type: isType(term, operand, type, ancestor, known))
    case .set(let elements): return Finding(type: set(term, elements, known))
    case .record(let fields): return Finding(type: record(fields, known))
    }
  }

  /// The type of a literal; nil for an entity that the schema does not know, which the check of
  /// names reports.
  private func type(of value: CedarValue) -> SchemaType? {
    switch value {
    case .bool(let flag): .singleton(flag)
    case .long: .long
    case .string: .string
    case .entity(let uid):
      uid.type.isAction
        ? schema.actions[uid].map { .entity($0.uid.type) }
        : schema.entityTypes[uid.type].map { .entity($0.name) }
    case .decimal: .extension(.decimal)
    case .ip: .extension(.ipaddr)
    case .datetime: .extension(.datetime)
    case .duration: .extension(.duration)
    // The builder takes sets and records apart.
    case .set, .record: nil
    }
  }

  // MARK: Reporting

  mutating func report(
    _ code: ValidationError.Code, _ term: Term, _ message: String, hint: String? = nil
  ) {
    guard problems.count < Validator.errorLimit else { return }
    problems.insert(
      ValidationProblem(code: code, offset: term.offset, message: message, hint: hint))
  }

  /// Checks a term that must have one type, and reports any other.
  @discardableResult
  mutating func expect(
    _ wanted: SchemaType, _ term: Term, _ known: Set<Capability>,
    hint: (SchemaType) -> String? = { _ in nil }
  ) -> Finding {
    let finding = check(term, known)
    guard let type = finding.type else { return finding }
    guard wanted == .bool ? type.isBoolean : type == wanted else {
      report(
        .unexpectedType, term, "expected `\(wanted.name)` but found `\(type.name)`",
        hint: hint(type))
      return Finding()
    }
    return finding
  }

  /// Checks a term that must be an entity.
  mutating func expectEntity(
    _ term: Term, _ known: Set<Capability>, hint: (SchemaType) -> String? = { _ in nil }
  ) -> EntityTypeName? {
    guard let type = check(term, known).type else { return nil }
    guard case .entity(let name) = type else {
      report(
        .unexpectedType, term, "expected an entity but found `\(type.name)`", hint: hint(type))
      return nil
    }
    return name
  }

  /// Checks a term that must be a set, and returns the type of its elements.
  mutating func expectSet(
    _ term: Term, _ known: Set<Capability>, _ operation: String
  ) -> SchemaType? {
    guard let type = check(term, known).type else { return nil }
    guard case .set(let element) = type else {
      report(
        .unexpectedType, term, "`\(operation)` needs a set but found `\(type.name)`",
        hint: Typechecker.setHint(type))
      return nil
    }
    return element
  }

  private static func setHint(_ type: SchemaType) -> String? {
    switch type {
    case .entity: "use `in` to ask for membership in an entity"
    case .record: "use `has` to ask for an attribute of a record"
    case .string: "use `like` to look into a string"
    default: nil
    }
  }

  private static func likeHint(_ type: SchemaType) -> String? {
    if case .entity = type { "use `is` to ask for the type of an entity" } else { nil }
  }
}

/// Keeps what a type check found about each term, by the term's number.
struct TypeTrace {
  /// The type, where the term was reached and has one.
  var types: [SchemaType?]
  /// How far evaluation can get: the operands of `&&` and `||` that were checked, the names of a
  /// `has` path, the branches of an `if`.
  var reach: [Reach]

  enum Reach {
    case everything
    case first(Int)
    case thenOnly, elseOnly
  }

  init(count: Int) {
    types = Array(repeating: nil, count: count)
    reach = Array(repeating: .everything, count: count)
  }
}
