/// Holds the conditions of a policy set in a flat form.
///
/// Nodes name each other, and what they need, by numbers into tables. A node is a few bytes without
/// references, so walking a condition counts no references and allocates nothing by itself.
final class Program: Sendable {
  /// Places in the table of numbers.
  struct List: Sendable {
    let start: Int32
    let count: Int32
  }

  /// A part of a scope; the numbers are types and entities.
  enum Scope: Sendable {
    case any
    case equal(Int32)
    case memberOf(Int32)
    case memberOfAny(List)
    case isType(Int32)
    case isTypeIn(Int32, Int32)
  }

  /// One step of a condition; plain numbers are nodes.
  enum Node: Sendable {
    case constant(Int32)
    case truth(Bool)
    case variable(Variable)
    case conditional(Int32, then: Int32, else: Int32)
    case and(List)
    case or(List)
    case not(Int32)
    case negate(Int32)
    case isEmpty(Int32)
    case equal(Int32, Int32)
    case notEqual(Int32, Int32)
    case ordered(BinaryOperator, Int32, Int32)
    case arithmetic(BinaryOperator, Int32, Int32)
    case contained(BinaryOperator, Int32, Int32)
    case tag(BinaryOperator, Int32, Int32)
    case memberOf(Int32, Int32)
    /// The operand and a list of entities.
    case memberOfAny(Int32, List)
    case call(ExtensionFunction, List)
    case attribute(Int32, name: Int32)
    case variableAttribute(Variable, name: Int32)
    /// The operand and a list of names.
    case has(Int32, List)
    case variableHas(Variable, name: Int32)
    case like(Int32, pattern: Int32)
    case isType(Int32, type: Int32)
    case isTypeIn(Int32, type: Int32, ancestor: Int32)
    case set(List)
    /// A list of names and nodes by turns.
    case record(List)
  }

  let nodes: [Node]
  let numbers: [Int32]
  let constants: [CedarValue]
  let uids: [EntityUID]
  let names: [CedarString]
  let types: [EntityTypeName]
  let patterns: [Pattern]

  init(_ builder: ProgramBuilder) {
    nodes = builder.nodes
    numbers = builder.numbers
    constants = builder.constants.items
    uids = builder.uids.items
    names = builder.names.items
    types = builder.types.items
    patterns = builder.patterns.items
  }
}

/// Gives equal items one number.
struct NumberedTable<Item: Hashable> {
  private(set) var items: [Item] = []
  private var places: [Item: Int32] = [:]

  mutating func number(of item: Item) -> Int32 {
    if let place = places[item] { return place }
    let place = Int32(items.count)
    items.append(item)
    places[item] = place
    return place
  }
}
