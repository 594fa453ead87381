/// A generated schema.
struct FuzzSchema: Sendable {
  /// An entity type.
  struct Entity: Sendable {
    let name: String
    let parents: [Int]
    let attributes: [FuzzField]
    let tags: FuzzType?
    /// The ids of an enumerated type.
    let enumeration: [String]?
  }

  /// An action.
  struct Action: Sendable {
    let id: String
    /// Actions before it that it belongs to.
    let groups: [Int]
    let principals: [Int]
    let resources: [Int]
    let context: [FuzzField]

    var isGroupOnly: Bool { principals.isEmpty }
  }

  /// The namespace with `::`, or nothing.
  let prefix: String
  private(set) var entities: [Entity] = []
  private(set) var actions: [Action] = []
  private(set) var commonTypes: [FuzzType] = []

  static let typeNames = ["User", "Group", "Doc", "Folder", "Kind"]
  static let actionIDs = ["all", "read", "view", "edit doc", "delete"]

  init(_ numbers: inout FuzzNumbers) {
    prefix = numbers.chance(25) ? numbers.pick(["NS::", "A::B::"]) : ""
    let count = 2 + numbers.below(3)
    for _ in 0..<numbers.below(3) {
      commonTypes.append(FuzzSchema.type(&numbers, entityCount: count, depth: 2))
    }
    for index in 0..<count { entities.append(entity(index, of: count, &numbers)) }
    let actionCount = 2 + numbers.below(3)
    for index in 0..<actionCount { actions.append(action(index, of: actionCount, &numbers)) }
  }

  /// The full name of an entity type.
  func typeName(_ index: Int) -> String { prefix + entities[index].name }

  /// The full name of the type of actions.
  var actionType: String { prefix + "Action" }

  private func entity(_ index: Int, of count: Int, _ numbers: inout FuzzNumbers) -> Entity {
    let name = FuzzSchema.typeNames[index]
    if index == count - 1, numbers.chance(25) {
      return Entity(
        name: name, parents: [], attributes: [], tags: nil, enumeration: ["a", "b", "x y"])
    }
    return Entity(
      name: name, parents: numbers.some(Array(0..<count), percent: 40),
      attributes: fields(&numbers, entityCount: count, most: 5),
      tags: numbers.chance(35) ? FuzzSchema.type(&numbers, entityCount: count, depth: 1) : nil,
      enumeration: nil)
  }

  private func action(_ index: Int, of count: Int, _ numbers: inout FuzzNumbers) -> Action {
    let groups = numbers.some(Array(0..<index), percent: 40)
    let all = Array(entities.indices)
    if index < count - 1, numbers.chance(20) {
      return Action(
        id: FuzzSchema.actionIDs[index], groups: groups, principals: [], resources: [], context: [])
    }
    var principals = numbers.some(all, percent: 50)
    if principals.isEmpty { principals = [0] }
    var resources = numbers.some(all, percent: 50)
    if resources.isEmpty { resources = [all.count - 1] }
    return Action(
      id: FuzzSchema.actionIDs[index], groups: groups, principals: principals,
      resources: resources, context: fields(&numbers, entityCount: all.count, most: 4))
  }

  private func fields(
    _ numbers: inout FuzzNumbers, entityCount: Int, most: Int
  ) -> [FuzzField] {
    numbers.some(FuzzPool.attributes, percent: 40).prefix(most).map { name in
      let type =
        !commonTypes.isEmpty && numbers.chance(20)
        ? numbers.pick(commonTypes)
        : FuzzSchema.type(&numbers, entityCount: entityCount, depth: 2)
      return FuzzField(name: name, type: type, isRequired: numbers.chance(65))
    }
  }

  static func type(_ numbers: inout FuzzNumbers, entityCount: Int, depth: Int) -> FuzzType {
    switch numbers.below(depth > 0 ? 12 : 8) {
    case 0, 1: return .bool
    case 2, 3: return .long
    case 4: return .string
    case 5, 6: return .entity(numbers.below(entityCount))
    case 7: return .extension(numbers.pick(FuzzExtension.allCases))
    case 8, 9: return .set(type(&numbers, entityCount: entityCount, depth: depth - 1))
    default:
      return .record(
        numbers.some(["a", "b", "x y"], percent: 60).map { name in
          FuzzField(
            name: name, type: type(&numbers, entityCount: entityCount, depth: depth - 1),
            isRequired: numbers.chance(70))
        })
    }
  }
}

// MARK: - Text

extension FuzzSchema {
  /// The schema in the human form.
  var text: String {
    var lines: [String] = []
    for (index, type) in commonTypes.enumerated() {
      lines.append("type C\(index) = \(written(type));")
    }
    for entity in entities { lines.append(written(entity)) }
    for action in actions { lines.append(written(action)) }
    let body = lines.joined(separator: "\n")
    guard !prefix.isEmpty else { return body + "\n" }
    return "namespace \(prefix.dropLast(2)) {\n\(body)\n}\n"
  }

  private func written(_ entity: Entity) -> String {
    if let ids = entity.enumeration {
      let list = ids.map { FuzzText.quoted($0) }.joined(separator: ", ")
      return "entity \(entity.name) enum [\(list)];"
    }
    var text = "entity \(entity.name)"
    if !entity.parents.isEmpty {
      text += " in [\(entity.parents.map { entities[$0].name }.joined(separator: ", "))]"
    }
    text += " = \(written(entity.attributes))"
    if let tags = entity.tags { text += " tags \(named(tags))" }
    return text + ";"
  }

  private func written(_ action: Action) -> String {
    var text = "action \(FuzzText.quoted(action.id))"
    if !action.groups.isEmpty {
      let names = action.groups.map { FuzzText.quoted(actions[$0].id) }
      text += " in [\(names.joined(separator: ", "))]"
    }
    guard !action.isGroupOnly else { return text + ";" }
    let principals = action.principals.map { entities[$0].name }.joined(separator: ", ")
    let resources = action.resources.map { entities[$0].name }.joined(separator: ", ")
    return text + " appliesTo { principal: [\(principals)], resource: [\(resources)], "
      + "context: \(written(action.context)) };"
  }

  private func written(_ fields: [FuzzField]) -> String {
    let parts = fields.map { field in
      "\(FuzzText.name(field.name))\(field.isRequired ? "" : "?"): \(named(field.type))"
    }
    return "{\(parts.joined(separator: ", "))}"
  }

  /// The type by its common name where it has one.
  private func named(_ type: FuzzType) -> String {
    guard let index = commonTypes.firstIndex(of: type) else { return written(type) }
    return "C\(index)"
  }

  private func written(_ type: FuzzType) -> String {
    switch type {
    case .bool: "Bool"
    case .long: "Long"
    case .string: "String"
    case .entity(let index): FuzzSchema.typeNames[index]
    case .set(let element): "Set<\(written(element))>"
    case .record(let fields): written(fields)
    case .extension(let kind): kind.typeName
    }
  }
}
