/// The expressions that answer yes or no.
extension FuzzExpressions {
  mutating func boolean(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    switch numbers.below(24) {
    case 0...3: return chain("&&", 3, 2, depth, &numbers)
    case 4...6: return chain("||", 2, 1, depth, &numbers)
    case 7: return Piece("!\(operand(.bool, depth, level: 7, &numbers))", 6)
    case 8, 9: return equality(depth, &numbers)
    case 10, 11: return comparison(depth, &numbers)
    case 12, 13: return membership(depth, &numbers)
    case 14: return kind(depth, &numbers)
    case 15: return presence(depth, &numbers)
    case 16, 17: return guardedAccess(depth, &numbers)
    case 18: return like(depth, &numbers)
    case 19, 20: return setTest(depth, &numbers)
    case 21: return extensionTest(depth, &numbers)
    case 22: return tag(depth, &numbers)
    default: return literal(.bool, &numbers)
    }
  }

  private func anyType(_ numbers: inout FuzzNumbers) -> FuzzType {
    numbers.chance(60)
      ? numbers.pick(paths).type
      : FuzzSchema.type(&numbers, entityCount: schema.entities.count, depth: 1)
  }

  private func anyEntity(_ numbers: inout FuzzNumbers) -> FuzzType {
    let known = paths.map(\.type).filter { if case .entity = $0 { true } else { false } }
    return numbers.pick(known)
  }

  private mutating func chain(
    _ sign: String, _ operandLevel: Int, _ level: Int, _ depth: Int, _ numbers: inout FuzzNumbers
  ) -> Piece {
    let count = 2 + numbers.below(2)
    let operands = (0..<count).map { _ in
      operand(.bool, depth, level: operandLevel, &numbers)
    }
    return Piece(operands.joined(separator: " \(sign) "), level)
  }

  private mutating func equality(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    let type = anyType(&numbers)
    let sign = numbers.chance(65) ? "==" : "!="
    return Piece(
      "\(operand(type, depth, level: 4, &numbers)) \(sign) "
        + operand(type, depth, level: 4, &numbers), 3)
  }

  private mutating func comparison(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    let type: FuzzType = numbers.pick([
      .long, .long, .long, .extension(.datetime), .extension(.duration),
    ])
    let sign = numbers.pick(["<", "<=", ">", ">="])
    return Piece(
      "\(operand(type, depth, level: 4, &numbers)) \(sign) "
        + operand(type, depth, level: 4, &numbers), 3)
  }

  /// An entity, or a set of entities, that something can be in.
  private mutating func ancestor(
    _ type: FuzzType, _ depth: Int, _ numbers: inout FuzzNumbers
  ) -> String {
    var target = type
    if case .entity(let index) = type, !schema.entities[index].parents.isEmpty,
      numbers.chance(70)
    {
      target = .entity(numbers.pick(schema.entities[index].parents))
    }
    return numbers.chance(35)
      ? operand(.set(target), depth, level: 4, &numbers)
      : operand(target, depth, level: 4, &numbers)
  }

  private mutating func membership(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    if numbers.chance(10) {
      let action = "\(schema.actionType)::\(FuzzText.quoted(numbers.pick(schema.actions).id))"
      let other = "\(schema.actionType)::\(FuzzText.quoted(numbers.pick(schema.actions).id))"
      return Piece(
        numbers.pick([
          "action in \(action)", "action == \(action)", "action in [\(action), \(other)]",
          "action is \(schema.actionType)", "\(action) in \(other)",
        ]), 3)
    }
    let type = anyEntity(&numbers)
    return Piece(
      "\(operand(type, depth, level: 4, &numbers)) in \(ancestor(type, depth, &numbers))", 3)
  }

  private mutating func kind(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    let type = anyEntity(&numbers)
    let name = schema.typeName(numbers.below(schema.entities.count))
    let test = "\(operand(type, depth, level: 4, &numbers)) is \(name)"
    guard numbers.chance(40) else { return Piece(test, 3) }
    return Piece("\(test) in \(ancestor(type, depth, &numbers))", 3)
  }

  private mutating func presence(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    if !guarded.isEmpty, numbers.chance(60) {
      let open = numbers.pick(guarded)
      var path = FuzzText.name(open.name)
      if FuzzText.isIdentifier(open.name), let inner = fields(of: open.type).first,
        FuzzText.isIdentifier(inner.name), numbers.chance(60)
      {
        path += ".\(inner.name)"
      }
      return Piece("\(open.base) has \(path)", 3)
    }
    let base = numbers.pick(paths).text
    return Piece("\(base) has \(FuzzText.name(numbers.pick(FuzzPool.attributes)))", 3)
  }

  /// `base has name && … base.name …`, as the validator wants it.
  private mutating func guardedAccess(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    guard !guarded.isEmpty else { return presence(depth, &numbers) }
    let open = numbers.pick(guarded)
    let access = open.base + FuzzText.access(open.name)
    let test = "\(open.base) has \(FuzzText.name(open.name))"
    let use =
      open.type == .bool && numbers.chance(60)
      ? access : "\(access) == \(operand(open.type, depth, level: 4, &numbers))"
    switch numbers.below(8) {
    case 0: return Piece("if \(test) then \(use) else \(text(.bool, depth: depth, &numbers))", 0)
    case 1:
      return Piece("\(test) && \(operand(.bool, depth, level: 3, &numbers)) && \(use)", 2)
    case 2: return Piece("!(\(test)) || \(use)", 1)
    default: return Piece("\(test) && \(use)", 2)
    }
  }

  private mutating func like(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    let runs = numbers.pick(FuzzPool.patterns).map { run in
      String(FuzzText.quoted(run, isPattern: true).dropFirst().dropLast())
    }
    let pattern = "\"\(runs.joined(separator: "*"))\""
    return Piece("\(operand(.string, depth, level: 4, &numbers)) like \(pattern)", 3)
  }

  private mutating func setTest(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    let sets = paths.map(\.type).filter { if case .set = $0 { true } else { false } }
    var element = anyType(&numbers)
    if !sets.isEmpty, numbers.chance(60), case .set(let inner) = numbers.pick(sets) {
      element = inner
    }
    let receiver = operand(.set(element), depth, level: 7, &numbers)
    switch numbers.below(4) {
    case 0: return Piece("\(receiver).isEmpty()")
    case 1: return Piece("\(receiver).containsAll(\(text(.set(element), depth: depth, &numbers)))")
    case 2: return Piece("\(receiver).containsAny(\(text(.set(element), depth: depth, &numbers)))")
    default: return Piece("\(receiver).contains(\(text(element, depth: depth, &numbers)))")
    }
  }

  private mutating func extensionTest(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    if numbers.chance(50) {
      let method = numbers.pick([
        "lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual",
      ])
      let receiver = operand(.extension(.decimal), depth, level: 7, &numbers)
      let other = text(.extension(.decimal), depth: depth, &numbers)
      return Piece("\(receiver).\(method)(\(other))")
    }
    let receiver = operand(.extension(.ip), depth, level: 7, &numbers)
    guard numbers.chance(60) else {
      return Piece("\(receiver).isInRange(\(text(.extension(.ip), depth: depth, &numbers)))")
    }
    let method = numbers.pick(["isIpv4", "isIpv6", "isLoopback", "isMulticast"])
    return Piece("\(receiver).\(method)(\(numbers.chance(2) ? "1" : ""))")
  }

  private mutating func tag(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    let type = anyEntity(&numbers)
    let receiver = operand(type, 0, level: 7, &numbers)
    let key =
      numbers.chance(80)
      ? FuzzText.quoted(numbers.pick(FuzzPool.tags)) : text(.string, depth: 0, &numbers)
    let test = "\(receiver).hasTag(\(key))"
    guard case .entity(let index) = type, let tags = schema.entities[index].tags,
      numbers.chance(70)
    else { return Piece(test) }
    let use = "\(receiver).getTag(\(key)) == \(operand(tags, depth, level: 4, &numbers))"
    return numbers.chance(85) ? Piece("\(test) && \(use)", 2) : Piece(use, 3)
  }
}
