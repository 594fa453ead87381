/// The expressions of the JSON form.
extension PolicyDecoder {
  static func expression(_ node: JSONNode) throws(CedarError) -> Expression {
    let (key, inner) = try node.single()
    switch key {
    case "Value": return try value(inner)
    case "Var":
      guard let variable = Variable(rawValue: try inner.string().text) else {
        throw inner.failure("expected `principal`, `action`, `resource` or `context`")
      }
      return Expression(.variable(variable), offset: 0)
    case "Slot", "Unknown": throw inner.failure("`\(key)` may not stand in a condition")
    case "!", "neg", "isEmpty":
      let operand = try expression(try inner.object(required: ["arg"])["arg"])
      let kind: Expression.Kind =
        key == "!" ? .not(operand) : key == "neg" ? .negate(operand) : .isEmpty(operand)
      return try self.node(kind, [operand], inner)
    case "&&", "||": return try chain(key, node)
    case ".":
      let object = try inner.object(required: ["left", "attr"])
      let receiver = try expression(object["left"])
      return try self.node(.attribute(receiver, try object["attr"].string()), [receiver], inner)
    case "has": return try has(inner)
    case "like":
      let object = try inner.object(required: ["left", "pattern"])
      let operand = try expression(object["left"])
      return try self.node(.like(operand, try pattern(object["pattern"])), [operand], inner)
    case "is":
      let object = try inner.object(required: ["left", "entity_type"], optional: ["in"])
      let operand = try expression(object["left"])
      let type = try object["entity_type"].typeName()
      guard let place = object.optional("in") else {
        return try self.node(.isType(operand, type, in: nil), [operand], inner)
      }
      let ancestor = try expression(place)
      return try self.node(.isType(operand, type, in: ancestor), [operand, ancestor], inner)
    case "if-then-else":
      let object = try inner.object(required: ["if", "then", "else"])
      let parts = try expressions([object["if"], object["then"], object["else"]])
      return try self.node(.conditional(parts[0], then: parts[1], else: parts[2]), parts, inner)
    case "Set":
      let elements = try expressions(try inner.elements())
      return try self.node(.set(elements), elements, inner)
    case "Record": return try record(inner)
    default: return try operation(key, inner)
    }
  }

  /// Makes a node, refusing a tree that is too high.
  private static func node(
    _ kind: Expression.Kind, _ children: [Expression], _ place: JSONNode
  ) throws(CedarError) -> Expression {
    let expression = Expression(kind, offset: 0, children: children)
    guard expression.height <= PolicySet.nestingLimit else {
      throw CedarError(
        .limitExceeded, "at `\(place.path.text)`: \(Expression.tooDeepMessage)")
    }
    return expression
  }

  private static func expressions(_ nodes: [JSONNode]) throws(CedarError) -> [Expression] {
    var result: [Expression] = []
    for node in nodes { result.append(try expression(node)) }
    return result
  }

  /// Reads a binary operator or the call of an extension function.
  private static func operation(
    _ name: CedarString, _ node: JSONNode
  ) throws(CedarError) -> Expression {
    if let operation = BinaryOperator(rawValue: name.text) {
      let object = try node.object(required: ["left", "right"])
      let left = try expression(object["left"])
      let right = try expression(object["right"])
      return try self.node(.binary(operation, left, right), [left, right], node)
    }
    guard let function = ExtensionFunction.named(name) else {
      throw node.failure("`\(name)` is neither an operator nor a function")
    }
    let arguments = try expressions(try node.elements())
    guard function.isConstructor || !arguments.isEmpty else {
      throw node.failure("the method `\(name)` needs its receiver as the first argument")
    }
    return try self.node(.call(function, arguments), arguments, node)
  }

  /// Reads a tree of `&&` or `||` that leans to the left as one flat chain.
  private static func chain(
    _ name: CedarString, _ node: JSONNode
  ) throws(CedarError) -> Expression {
    var rightmost: [JSONNode] = []
    var current = node
    while case let (key, inner) = try current.single(), key == name {
      let object = try inner.object(required: ["left", "right"])
      rightmost.append(object["right"])
      current = object["left"]
    }
    let operands = try expressions([current] + rightmost.reversed())
    return try self.node(name == "&&" ? .and(operands) : .or(operands), operands, node)
  }

  private static func has(_ node: JSONNode) throws(CedarError) -> Expression {
    let object = try node.object(required: ["left", "attr"])
    let receiver = try expression(object["left"])
    if let name = object["attr"].value.string {
      return try self.node(.has(receiver, [name]), [receiver], node)
    }
    var path: [CedarString] = []
    for name in try object["attr"].elements() { path.append(try name.string()) }
    guard !path.isEmpty, path.count <= PolicySet.nestingLimit else {
      throw object["attr"].failure("expected 1 to \(PolicySet.nestingLimit) names")
    }
    guard path.count == 1 || path.allSatisfy(Identifier.isUsable) else {
      throw object["attr"].failure("every name of a path must be an identifier")
    }
    return try self.node(.has(receiver, path), [receiver], node)
  }

  private static func pattern(_ node: JSONNode) throws(CedarError) -> Pattern {
    var parts: [StringLiteral.Part] = []
    for element in try node.elements() {
      if element.value.string == "Wildcard" {
        parts.append(.wildcard)
      } else if element.value.string == nil {
        let literal = try element.object(required: ["Literal"])["Literal"].string()
        parts.append(.bytes(literal.bytes))
      } else {
        throw element.failure("expected `Wildcard` or an object with `Literal`")
      }
    }
    return Pattern(parts)
  }

  private static func record(_ node: JSONNode) throws(CedarError) -> Expression {
    var fields: [(key: CedarString, value: Expression)] = []
    for (key, value) in try node.members() { fields.append((key, try expression(value))) }
    return try self.node(.record(fields), fields.map(\.value), node)
  }
}

// MARK: - Values

extension PolicyDecoder {
  /// Reads a literal; sets, records and calls become the expressions that make them.
  private static func value(_ node: JSONNode) throws(CedarError) -> Expression {
    switch node.value {
    case .null, .fraction: throw node.failure("null and fractions are not Cedar values")
    case .bool(let isTrue): return Expression(.literal(.bool(isTrue)), offset: 0)
    case .integer(let number): return Expression(.literal(.long(number)), offset: 0)
    case .string(let text): return Expression(.literal(.string(text)), offset: 0)
    case .array:
      var elements: [Expression] = []
      for element in try node.elements() { elements.append(try value(element)) }
      return try self.node(.set(elements), elements, node)
    case .object(let members): return try object(node, members)
    }
  }

  private static func object(
    _ node: JSONNode, _ members: [(key: CedarString, value: JSONValue)]
  ) throws(CedarError) -> Expression {
    if members.count == 1, members[0].key == "__entity" {
      return Expression(.literal(.entity(try node.uid())), offset: 0)
    }
    if members.count == 1, members[0].key == "__extn" {
      return try call(try node.object(required: ["__extn"])["__extn"])
    }
    var fields: [(key: CedarString, value: Expression)] = []
    for (key, member) in try node.members() {
      guard !ValueDecoder.escapes.contains(key) else {
        throw member.failure("`\(key)` may only stand alone in its object")
      }
      fields.append((key, try value(member)))
    }
    return try self.node(.record(fields), fields.map(\.value), node)
  }

  /// Reads `{"fn", "arg"}` or `{"fn", "args"}`.
  private static func call(_ node: JSONNode) throws(CedarError) -> Expression {
    let object = try node.object(required: ["fn"], optional: ["arg", "args"])
    guard let function = ExtensionFunction.named(try object["fn"].string()) else {
      throw object["fn"].failure("there is no such function")
    }
    var arguments: [Expression] = []
    switch (object.optional("arg"), object.optional("args")) {
    case (let argument?, nil): arguments = [try value(argument)]
    case (nil, let list?):
      for argument in try list.elements() { arguments.append(try value(argument)) }
    default: throw node.failure("expected either `arg` or `args`")
    }
    guard function.isConstructor || !arguments.isEmpty else {
      throw node.failure("the method `\(function.rawValue)` needs its receiver")
    }
    return try self.node(.call(function, arguments), arguments, node)
  }
}
