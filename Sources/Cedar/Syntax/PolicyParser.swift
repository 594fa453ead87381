/// Parses policy text into policies.
struct PolicyParser {
  var cursor: TokenCursor

  /// The number of brackets, branches and operators open around the current token.
  var nesting = 0

  /// Where the lines of the text start.
  private let lines: SourceLines

  private init(_ source: [UInt8]) throws(CedarError) {
    cursor = try TokenCursor(source)
    lines = SourceLines(source)
  }

  /// Parses every policy of a text; the text may be empty.
  static func policies(in source: [UInt8]) throws(CedarError) -> [Policy] {
    guard source.count <= PolicySet.byteCountLimit else { throw tooLong() }
    var parser = try PolicyParser(source)
    var policies: [Policy] = []
    while parser.cursor.current.kind != .end {
      policies.append(try parser.policy(id: CedarString("policy\(policies.count)")))
    }
    return policies
  }

  /// Parses a text that is one policy or template.
  static func policy(in source: [UInt8], id: CedarString) throws(CedarError) -> Policy {
    guard source.count <= PolicySet.byteCountLimit else { throw tooLong() }
    var parser = try PolicyParser(source)
    let policy = try parser.policy(id: id)
    guard parser.cursor.current.kind == .end else {
      throw parser.cursor.unexpected("expected the end of the text after one policy")
    }
    return policy
  }

  private static func tooLong() -> CedarError {
    CedarError(.limitExceeded, "the policy text is longer than \(PolicySet.byteCountLimit) bytes")
  }

  private mutating func policy(id: CedarString) throws(CedarError) -> Policy {
    let start = cursor.current.start
    let annotations = try annotations()
    let effect = try effect()
    try cursor.expect(.leftParenthesis)
    try cursor.expect(word: "principal")
    let principal = try scopeConstraint(slot: "principal")
    try cursor.expect(.comma)
    try cursor.expect(word: "action")
    let action = try actionConstraint()
    try cursor.expect(.comma)
    try cursor.expect(word: "resource")
    let resource = try scopeConstraint(slot: "resource")
    _ = cursor.accept(.comma)
    try cursor.expect(.rightParenthesis)
    let conditions = try conditions()
    try cursor.expect(.semicolon)
    return Policy(
      id: id, effect: effect, annotations: annotations,
      position: lines.position(of: start) ?? cursor.position(of: start), principal: principal,
      action: action, resource: resource, conditions: conditions, lines: lines)
  }

  private mutating func annotations() throws(CedarError) -> [PolicyAnnotation] {
    var annotations: [PolicyAnnotation] = []
    var keys: Set<CedarString> = []
    while cursor.current.kind == .at {
      let start = cursor.advance().start
      let key = try cursor.anyIdentifier()
      guard keys.insert(key).inserted else {
        throw cursor.failure("the annotation `\(key)` is given twice", at: start)
      }
      var value: CedarString?
      if cursor.accept(.leftParenthesis) {
        value = try cursor.string()
        try cursor.expect(.rightParenthesis)
      }
      annotations.append(PolicyAnnotation(key: key, value: value))
    }
    return annotations
  }

  private mutating func effect() throws(CedarError) -> Policy.Effect {
    if cursor.accept(word: "permit") { return .permit }
    if cursor.accept(word: "forbid") { return .forbid }
    throw cursor.unexpected("expected `permit` or `forbid`")
  }

  private mutating func conditions() throws(CedarError) -> [PolicyCondition] {
    var conditions: [PolicyCondition] = []
    while cursor.current.kind == .identifier {
      let kind: PolicyCondition.Kind
      if cursor.accept(word: "when") {
        kind = .when
      } else if cursor.accept(word: "unless") {
        kind = .unless
      } else {
        throw cursor.unexpected("expected `when`, `unless` or `;`")
      }
      try cursor.expect(.leftBrace)
      conditions.append(PolicyCondition(kind: kind, body: try expression()))
      try cursor.expect(.rightBrace)
    }
    return conditions
  }
}

// MARK: - Scope

extension PolicyParser {
  private mutating func scopeConstraint(slot: CedarString) throws(CedarError) -> ScopeConstraint {
    if cursor.accept(.equal) { return .equal(try entityReference(slot: slot)) }
    if cursor.accept(word: "in") { return .memberOf(try entityReference(slot: slot)) }
    guard cursor.accept(word: "is") else { return .any }
    let type = try cursor.path()
    guard cursor.accept(word: "in") else { return .isType(type) }
    return .isTypeIn(type, try entityReference(slot: slot))
  }

  private mutating func entityReference(slot: CedarString) throws(CedarError) -> EntityReference {
    guard cursor.current.kind == .question else { return .uid(try entityUID()) }
    let question = cursor.advance()
    let isAdjacent = cursor.current.start == question.end
    guard isAdjacent, cursor.accept(word: slot) else {
      throw cursor.failure("only the slot `?\(slot)` may stand here", at: question.start)
    }
    return .slot
  }

  private mutating func actionConstraint() throws(CedarError) -> ActionConstraint {
    if cursor.accept(.equal) { return .equal(try actionUID()) }
    guard cursor.accept(word: "in") else { return .any }
    guard cursor.accept(.leftBracket) else { return .memberOf(try actionUID()) }
    var uids: [EntityUID] = []
    while cursor.current.kind != .rightBracket {
      uids.append(try actionUID())
      guard cursor.accept(.comma) else { break }
    }
    try cursor.expect(.rightBracket)
    return uids.count == 1 ? .memberOf(uids[0]) : .memberOfAny(uids)
  }

  private mutating func actionUID() throws(CedarError) -> EntityUID {
    let start = cursor.current.start
    let uid = try entityUID()
    guard uid.type.isAction else {
      throw cursor.failure("the action must be an entity of type `Action`", at: start)
    }
    return uid
  }

  /// Parses `Path::"id"`.
  private mutating func entityUID() throws(CedarError) -> EntityUID {
    var parts = [try cursor.identifier()]
    try cursor.expect(.doubleColon)
    while cursor.current.kind != .string {
      parts.append(try cursor.identifier())
      try cursor.expect(.doubleColon)
    }
    return EntityUID(type: EntityTypeName(identifiers: parts), id: try cursor.string())
  }
}
