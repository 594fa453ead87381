/// Generated policies for a schema and its entities.
struct FuzzPolicies {
  let schema: FuzzSchema
  let entities: FuzzEntities

  /// One policy, and the slots it leaves open.
  struct Written {
    let text: String
    let slots: [String]
  }

  /// The most levels of an expression.
  private static let depthLimit = 4

  func policy(_ numbers: inout FuzzNumbers) -> Written {
    let usable = schema.actions.filter { !$0.isGroupOnly }
    let action = numbers.pick(usable)
    let principal = numbers.pick(action.principals)
    let resource = numbers.pick(action.resources)
    var slots: [String] = []
    var text = annotations(&numbers)
    text += numbers.chance(65) ? "permit" : "forbid"
    text += "(principal"
    text += scope(principal, slot: "?principal", &slots, &numbers)
    text += ", action\(scope(action, &numbers)), resource"
    text += scope(resource, slot: "?resource", &slots, &numbers)
    text += numbers.chance(5) ? ",)" : ")"
    var expressions = FuzzExpressions(
      schema: schema, entities: entities, principal: principal, resource: resource,
      action: action)
    for _ in 0..<numbers.pick([0, 1, 1, 1, 1, 2]) {
      let depth = 1 + numbers.below(Self.depthLimit)
      let body = expressions.text(.bool, depth: depth, &numbers)
      text += "\n  \(numbers.chance(70) ? "when" : "unless") { \(body) }"
    }
    return Written(text: text + ";", slots: slots)
  }

  private func annotations(_ numbers: inout FuzzNumbers) -> String {
    numbers.some(["id", "flag", "if", "advice"], percent: 8).map { key in
      guard numbers.chance(70) else { return "@\(key)\n" }
      return "@\(key)(\(FuzzText.quoted(numbers.pick(FuzzPool.strings))))\n"
    }.joined()
  }

  private func scope(
    _ type: Int, slot: String, _ slots: inout [String], _ numbers: inout FuzzNumbers
  ) -> String {
    func reference(_ target: Int) -> String {
      if numbers.chance(12) {
        slots.append(slot)
        return slot
      }
      return uid(target, &numbers)
    }
    let ancestors = [type] + schema.entities[type].parents
    switch numbers.below(20) {
    case 0...6: return ""
    case 7...9: return " == \(reference(type))"
    case 10...13: return " in \(reference(numbers.pick(ancestors)))"
    case 14...16: return " is \(schema.typeName(type))"
    case 17, 18:
      return " is \(schema.typeName(type)) in \(reference(numbers.pick(ancestors)))"
    default: return " is \(schema.typeName(numbers.below(schema.entities.count)))"
    }
  }

  private func scope(_ action: FuzzSchema.Action, _ numbers: inout FuzzNumbers) -> String {
    func uid(_ action: FuzzSchema.Action) -> String {
      "\(schema.actionType)::\(FuzzText.quoted(action.id))"
    }
    let groups = [action] + action.groups.map { schema.actions[$0] }
    switch numbers.below(20) {
    case 0...4: return ""
    case 5...11: return " == \(uid(action))"
    case 12...14: return " in \(uid(numbers.pick(groups)))"
    case 15...17:
      let others = numbers.some(schema.actions, percent: 30)
      return " in [\((others + [action]).map(uid).joined(separator: ", "))]"
    case 18: return numbers.chance(20) ? " in []" : " in [\(uid(action)),]"
    default:
      return numbers.chance(20)
        ? " == \(schema.actionType)::\"nope\"" : " in \(uid(numbers.pick(schema.actions)))"
    }
  }

  func uid(_ type: Int, _ numbers: inout FuzzNumbers) -> String {
    "\(schema.typeName(type))::\(FuzzText.quoted(entities.id(type, &numbers)))"
  }
}
