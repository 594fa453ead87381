/// One node of a policy as the validator sees it: scope and conditions in one tree, with the sugar
/// that has a plain meaning taken away.
///
/// `!=`, `>` and `>=` are negations here. `has a.b` and `is … in` stay nodes of their own, because
/// spelling them out would repeat their operand and could make a policy exponentially larger.
final class Term: Sendable {
  enum Kind: Sendable {
    case literal(CedarValue)
    case variable(Variable)
    /// The slot of a template, which is only ever compared with its variable.
    case slot(Variable)
    case conditional(Term, then: Term, else: Term)
    case and([Term])
    case or([Term])
    case not(Term)
    case negate(Term)
    case isEmpty(Term)
    case binary(BinaryOperator, Term, Term)
    case call(ExtensionFunction, [Term])
    case attribute(Term, CedarString)
    /// The names of a path, each with the key of what stands before it.
    case has(Term, [Step])
    case like(Term)
    case isType(Term, EntityTypeName, in: Term?)
    case set([Term])
    case record([(name: CedarString, value: Term)])
  }

  /// One name of `has a.b.c`.
  struct Step: Sendable {
    let name: CedarString
    /// Identifies the expression that is asked for the name.
    let receiver: Int
  }

  let kind: Kind
  /// Equal for terms that mean the same expression; capabilities are compared by it.
  let key: Int
  /// The place of the term in the order of building; each term of a policy has its own.
  let number: Int
  /// The byte offset in the policy text.
  let offset: Int

  init(_ kind: Kind, key: Int, number: Int, offset: Int) {
    self.kind = kind
    self.key = key
    self.number = number
    self.offset = offset
  }
}

/// Describes a term by its operator and the keys of its operands, so that equal expressions get
/// equal keys without a walk over both.
enum TermKey: Hashable {
  case literal(CedarValue)
  case variable(Variable)
  case slot(Variable)
  case conditional(Int, Int, Int)
  case and(Int, Int)
  case or(Int, Int)
  case not(Int)
  case negate(Int)
  case isEmpty(Int)
  case binary(BinaryOperator, Int, Int)
  case call(ExtensionFunction, [Int])
  case attribute(Int, CedarString)
  case has(Int, CedarString)
  case like(Int, Pattern)
  case isType(Int, EntityTypeName)
  case set([Int])
  case record([CedarString: Int])
}
