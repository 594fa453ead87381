/// Generated entities and requests for a schema, with a few that do not conform.
struct FuzzEntities {
  let schema: FuzzSchema
  /// Ids that exist, by entity type.
  private(set) var ids: [[String]] = []
  private(set) var json = ""

  /// Chance, in percent, of a value that does not conform.
  private static let noise = 1

  init(_ schema: FuzzSchema, _ numbers: inout FuzzNumbers) {
    self.schema = schema
    for entity in schema.entities {
      ids.append(
        entity.enumeration ?? Array(FuzzPool.ids.prefix(1 + numbers.below(FuzzPool.ids.count))))
    }
    var items: [String] = []
    for (index, entity) in schema.entities.enumerated() {
      for id in ids[index] where entity.enumeration == nil || numbers.chance(50) {
        items.append(self.entity(entity, index, id, &numbers))
      }
    }
    for action in schema.actions {
      let parents = action.groups.map { FuzzText.uid(schema.actionType, schema.actions[$0].id) }
      items.append(
        "{\"uid\":\(FuzzText.uid(schema.actionType, action.id)),\"attrs\":{},"
          + "\"parents\":[\(parents.joined(separator: ","))]}")
    }
    json = "[\(items.joined(separator: ",\n"))]"
  }

  private func entity(
    _ entity: FuzzSchema.Entity, _ type: Int, _ id: String, _ numbers: inout FuzzNumbers
  ) -> String {
    var parents: [String] = []
    for parent in entity.parents {
      // Only entities later in the order, so that there is no cycle.
      let candidates = ids[parent].enumerated().filter { place, other in
        parent > type || (parent == type && other > id)
      }
      for (_, other) in candidates where numbers.chance(45) {
        parents.append(FuzzText.uid(schema.typeName(parent), other))
      }
    }
    if numbers.chance(Self.noise) {
      parents.append(FuzzText.uid(schema.typeName(numbers.below(ids.count)), "ghost"))
    }
    var text = "{\"uid\":\(FuzzText.uid(schema.typeName(type), id)),"
    text += "\"attrs\":\(record(entity.attributes, &numbers)),"
    text += "\"parents\":[\(parents.joined(separator: ","))]"
    if let tags = entity.tags {
      let members = numbers.some(FuzzPool.tags, percent: 50).map { name in
        "\(FuzzText.json(name)):\(value(tags, &numbers))"
      }
      text += ",\"tags\":{\(members.joined(separator: ","))}"
    }
    return text + "}"
  }

  func record(_ fields: [FuzzField], _ numbers: inout FuzzNumbers) -> String {
    var members: [String] = []
    for field in fields {
      let isPresent = field.isRequired ? !numbers.chance(Self.noise) : numbers.chance(60)
      guard isPresent else { continue }
      members.append("\(FuzzText.json(field.name)):\(value(field.type, &numbers))")
    }
    if numbers.chance(Self.noise) { members.append("\"extra\":1") }
    return "{\(members.joined(separator: ","))}"
  }

  func value(_ wanted: FuzzType, _ numbers: inout FuzzNumbers) -> String {
    var type = wanted
    if numbers.chance(Self.noise) {
      type = FuzzSchema.type(&numbers, entityCount: ids.count, depth: 1)
    }
    switch type {
    case .bool: return numbers.chance(50) ? "true" : "false"
    case .long: return String(numbers.pick(FuzzPool.longs))
    case .string: return FuzzText.json(numbers.pick(FuzzPool.strings))
    case .entity(let index):
      return "{\"__entity\":\(FuzzText.uid(schema.typeName(index), id(index, &numbers)))}"
    case .set(let element):
      let count = numbers.below(4)
      let elements = (0..<count).map { _ in value(element, &numbers) }
      return "[\(elements.joined(separator: ","))]"
    case .record(let fields): return record(fields, &numbers)
    case .extension(let kind):
      let text = FuzzText.json(numbers.pick(kind.texts))
      return "{\"__extn\":{\"fn\":\"\(kind.rawValue)\",\"arg\":\(text)}}"
    }
  }

  /// An id of a type, now and then one that is not there.
  func id(_ type: Int, _ numbers: inout FuzzNumbers) -> String {
    let isEnumerated = schema.entities[type].enumeration != nil
    return numbers.chance(isEnumerated ? 2 : 10) ? "ghost" : numbers.pick(ids[type])
  }

  /// A request in the form that both engines read.
  func request(_ numbers: inout FuzzNumbers) -> FuzzRequest {
    let usable = schema.actions.filter { !$0.isGroupOnly }
    let action = numbers.chance(96) ? numbers.pick(usable) : numbers.pick(schema.actions)
    let all = Array(schema.entities.indices)
    let isOrderly = !action.isGroupOnly && numbers.chance(96)
    let principal = numbers.pick(isOrderly ? action.principals : all)
    let resource = numbers.pick(isOrderly ? action.resources : all)
    return FuzzRequest(
      principal: (schema.typeName(principal), id(principal, &numbers)),
      action: (schema.actionType, action.id),
      resource: (schema.typeName(resource), id(resource, &numbers)),
      context: record(action.context, &numbers))
  }
}

/// One question of a case.
public struct FuzzRequest: Sendable {
  /// Type and id of who acts.
  public let principal: (type: String, id: String)
  /// Type and id of what is done.
  public let action: (type: String, id: String)
  /// Type and id of what it is done to.
  public let resource: (type: String, id: String)
  /// The context as JSON.
  public let context: String

  var json: String {
    "{\"principal\":\(FuzzText.uid(principal.type, principal.id)),"
      + "\"action\":\(FuzzText.uid(action.type, action.id)),"
      + "\"resource\":\(FuzzText.uid(resource.type, resource.id)),\"context\":\(context)}"
  }
}
