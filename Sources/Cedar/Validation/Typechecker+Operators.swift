/// The operators that evaluate all their operands, and the literals of sets and records.
extension Typechecker {
  mutating func binary(
    _ term: Term, _ operation: BinaryOperator, _ left: Term, _ right: Term,
    _ known: Set<Capability>
  ) -> Finding {
    switch operation {
    case .equal: return Finding(type: equality(term, left, right, known))
    case .less, .lessOrEqual:
      order(operation, left, right, known)
      return Finding(type: .bool)
    case .add, .subtract, .multiply:
      for operand in [left, right] {
        expect(.long, operand, known, hint: { Self.arithmeticHint(operation, $0) })
      }
      return Finding(type: .long)
    case .memberOf: return Finding(type: membership(left, right, known))
    case .contains, .containsAll, .containsAny:
      containment(term, operation, left, right, known)
      return Finding(type: .bool)
    case .hasTag: return hasTag(left, right, known)
    case .getTag: return Finding(type: tag(term, left, right, known))
    // The builder has put negations in their place.
    case .notEqual, .greater, .greaterOrEqual: return Finding(type: .bool)
    }
  }

  // MARK: Equality and order

  private mutating func equality(
    _ term: Term, _ left: Term, _ right: Term, _ known: Set<Capability>
  ) -> SchemaType {
    let first = check(left, known).type
    let second = check(right, known).type
    if case .entity(let one) = first, case .entity(let other) = second, one != other {
      return .singleton(false)
    }
    if let one = literal(left), let other = literal(right) { return .singleton(one == other) }
    requireJoin(term, first, second, "==")
    return .bool
  }

  /// Reports two types that cannot have a value in common.
  private mutating func requireJoin(
    _ term: Term, _ left: SchemaType?, _ right: SchemaType?, _ operation: String
  ) {
    guard let left, let right, SchemaType.join(left, right, &budget) == nil else { return }
    report(
      .incompatibleTypes, term,
      "`\(operation)` compares incompatible types: \(Self.pair(left, right))",
      hint: "compare values of the same type; records need the same attributes")
  }

  private mutating func order(
    _ operation: BinaryOperator, _ left: Term, _ right: Term, _ known: Set<Capability>
  ) {
    guard let first = check(left, known).type, let second = check(right, known).type else {
      return
    }
    switch (Self.isOrdered(first), Self.isOrdered(second)) {
    case (true, true) where first == second: return
    case (true, _):
      report(
        .unexpectedType, right, "expected `\(first.name)` but found `\(second.name)`")
    case (false, true):
      report(.unexpectedType, left, "expected `\(second.name)` but found `\(first.name)`")
    case (false, false):
      for (operand, type) in [(left, first), (right, second)] {
        report(
          .unexpectedType, operand,
          "expected `Long`, `datetime` or `duration` but found `\(type.name)`",
          hint: type == .extension(.decimal)
            ? "use `lessThan` or `greaterThan` to compare decimals" : nil)
      }
    }
  }

  private static func isOrdered(_ type: SchemaType) -> Bool {
    switch type {
    case .long, .extension(.datetime), .extension(.duration): true
    default: false
    }
  }

  private static func arithmeticHint(
    _ operation: BinaryOperator, _ type: SchemaType
  ) -> String? {
    switch type {
    case .string where operation == .add: "Cedar has no concatenation of strings"
    case .set: "Cedar has no operators that make sets of sets"
    default: nil
    }
  }

  // MARK: Sets and records

  private mutating func containment(
    _ term: Term, _ operation: BinaryOperator, _ left: Term, _ right: Term,
    _ known: Set<Capability>
  ) {
    let element = expectSet(left, known, operation.rawValue)
    if operation == .contains {
      requireJoin(term, element, check(right, known).type, operation.rawValue)
    } else {
      requireJoin(term, element, expectSet(right, known, operation.rawValue), operation.rawValue)
    }
  }

  mutating func set(
    _ term: Term, _ elements: [Term], _ known: Set<Capability>
  ) -> SchemaType? {
    guard let first = elements.first else {
      report(
        .emptySet, term, "a policy must not contain an empty set",
        hint: "use `isEmpty()` to ask whether a set has no elements")
      return nil
    }
    var joined = check(first, known).type
    var isReported = false
    for element in elements.dropFirst() {
      guard let type = check(element, known).type else {
        joined = nil
        continue
      }
      guard let before = joined else { continue }
      joined = SchemaType.join(before, type, &budget)
      if joined == nil, !isReported {
        isReported = true
        report(
          .incompatibleTypes, term,
          "the elements of a set have incompatible types: \(Self.pair(before, type))",
          hint: "all elements must have the same type")
      }
    }
    return joined.map { .set($0) }
  }

  mutating func record(
    _ fields: [(name: CedarString, value: Term)], _ known: Set<Capability>
  ) -> SchemaType? {
    var attributes: [RecordType.Attribute] = []
    for field in fields {
      guard let type = check(field.value, known).type else { continue }
      attributes.append(RecordType.Attribute(name: field.name, isRequired: true, type: type))
    }
    return attributes.count == fields.count ? .record(RecordType(attributes)) : nil
  }

  // MARK: Extensions

  /// Constructors need a literal that can be read, so that validated policies cannot fail in them.
  mutating func call(
    _ term: Term, _ function: ExtensionFunction, _ arguments: [Term], _ known: Set<Capability>
  ) -> SchemaType {
    let wanted = function.parameterTypes
    if arguments.count != wanted.count {
      report(
        .arity, term,
        "`\(function.rawValue)` takes \(wanted.count) argument(s), not \(arguments.count)")
      for argument in arguments { _ = check(argument, known) }
      return function.resultType
    }
    if function.isConstructor { checkArgument(term, function, arguments[0]) }
    for (argument, type) in zip(arguments, wanted) { expect(type, argument, known) }
    return function.resultType
  }

  private mutating func checkArgument(
    _ term: Term, _ function: ExtensionFunction, _ argument: Term
  ) {
    guard case .literal(let value) = argument.kind else {
      report(
        .computedArgument, term, "`\(function.rawValue)` needs a literal, not an expression",
        hint: "let the schema give the attribute the type and write the value there")
      return
    }
    guard case .string = value else { return }
    do throws(CedarError) {
      _ = try function.call([value])
    } catch {
      report(.extensionFormat, term, "the literal cannot be read: \(error.message)")
    }
  }

  // MARK: Literals

  /// The value of a term that is a literal, or the variable `action`, whose value is known here.
  func literal(_ term: Term) -> CedarValue? {
    switch term.kind {
    case .literal(let value): value
    case .variable(.action): .entity(environment.action.uid)
    default: nil
    }
  }
}

extension ExtensionFunction {
  /// The types of the arguments, the receiver of a method first.
  var parameterTypes: [SchemaType] {
    switch self {
    case .ip, .decimal, .datetime, .duration: [.string]
    case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual:
      [.extension(.decimal), .extension(.decimal)]
    case .isIpv4, .isIpv6, .isLoopback, .isMulticast: [.extension(.ipaddr)]
    case .isInRange: [.extension(.ipaddr), .extension(.ipaddr)]
    case .offset: [.extension(.datetime), .extension(.duration)]
    case .durationSince: [.extension(.datetime), .extension(.datetime)]
    case .toDate, .toTime: [.extension(.datetime)]
    case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays: [.extension(.duration)]
    }
  }

  /// The type of the result.
  var resultType: SchemaType {
    switch self {
    case .ip: .extension(.ipaddr)
    case .decimal: .extension(.decimal)
    case .datetime, .offset, .toDate: .extension(.datetime)
    case .duration, .durationSince, .toTime: .extension(.duration)
    case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual, .isIpv4, .isIpv6,
      .isLoopback, .isMulticast, .isInRange:
      .bool
    case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays: .long
    }
  }
}
