/// Generated expressions: mostly of the wanted type, now and then of another.
struct FuzzExpressions {
  let schema: FuzzSchema
  let entities: FuzzEntities
  /// What can be reached without a guard: the text and its type.
  private(set) var paths: [(text: String, type: FuzzType)] = []
  /// What needs `has` first: the base, the attribute and its type.
  private(set) var guarded: [(base: String, name: String, type: FuzzType)] = []

  /// How tightly a text binds; the numbers of the grammar's levels.
  struct Piece {
    let text: String
    let level: Int

    init(_ text: String, _ level: Int = 7) {
      self.text = text
      self.level = level
    }
  }

  private static let pathLimit = 60
  /// Chance, in percent, of an expression of another type.
  private static let noise = 2

  init(
    schema: FuzzSchema, entities: FuzzEntities, principal: Int, resource: Int,
    action: FuzzSchema.Action
  ) {
    self.schema = schema
    self.entities = entities
    paths = [
      ("principal", .entity(principal)), ("resource", .entity(resource)),
      ("context", .record(action.context)),
    ]
    var next = 0
    while next < paths.count, paths.count < Self.pathLimit {
      let (text, type) = paths[next]
      next += 1
      for field in fields(of: type) {
        if field.isRequired {
          paths.append((text + FuzzText.access(field.name), field.type))
        } else {
          guarded.append((text, field.name, field.type))
        }
      }
    }
  }

  func fields(of type: FuzzType) -> [FuzzField] {
    switch type {
    case .entity(let index): schema.entities[index].attributes
    case .record(let fields): fields
    default: []
    }
  }

  /// An expression at the loosest level.
  mutating func text(_ type: FuzzType, depth: Int, _ numbers: inout FuzzNumbers) -> String {
    piece(type, depth, &numbers).text
  }

  /// An expression for a place that needs a level, in parentheses where it must be or by chance.
  mutating func operand(
    _ type: FuzzType, _ depth: Int, level: Int, _ numbers: inout FuzzNumbers
  ) -> String {
    let piece = piece(type, depth, &numbers)
    return piece.level < level || numbers.chance(8) ? "(\(piece.text))" : piece.text
  }

  mutating func piece(_ wanted: FuzzType, _ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    var type = wanted
    if numbers.chance(Self.noise) {
      type = FuzzSchema.type(&numbers, entityCount: schema.entities.count, depth: 1)
    }
    if depth > 0, numbers.chance(6) {
      return Piece(
        "if \(text(.bool, depth: depth - 1, &numbers)) "
          + "then \(text(type, depth: depth - 1, &numbers)) "
          + "else \(text(type, depth: depth - 1, &numbers))", 0)
    }
    if type != .bool || depth <= 0 || numbers.chance(10), let path = path(type, &numbers) {
      return Piece(path)
    }
    switch type {
    case .bool: return depth > 0 ? boolean(depth - 1, &numbers) : literal(type, &numbers)
    case .long: return depth > 0 ? long(depth - 1, &numbers) : literal(type, &numbers)
    case .set(let element):
      let count = numbers.chance(3) ? 0 : 1 + numbers.below(3)
      let elements = (0..<count).map { _ in text(element, depth: depth - 1, &numbers) }
      let end = numbers.chance(5) && count > 0 ? "," : ""
      return Piece("[\(elements.joined(separator: ", "))\(end)]")
    case .record(let fields): return record(fields, depth - 1, &numbers)
    case .extension(let kind): return instance(kind, depth - 1, &numbers)
    case .string, .entity: return literal(type, &numbers)
    }
  }

  private func path(_ type: FuzzType, _ numbers: inout FuzzNumbers) -> String? {
    if numbers.chance(1) {
      return numbers.pick(paths).text + FuzzText.access(numbers.pick(FuzzPool.attributes))
    }
    if numbers.chance(3), !guarded.isEmpty {
      let open = numbers.pick(guarded)
      return open.base + FuzzText.access(open.name)
    }
    let fitting = paths.filter { $0.type == type }
    return fitting.isEmpty || numbers.chance(30) ? nil : numbers.pick(fitting).text
  }

  mutating func literal(_ type: FuzzType, _ numbers: inout FuzzNumbers) -> Piece {
    switch type {
    case .bool: return Piece(numbers.chance(50) ? "true" : "false")
    case .long:
      let number = numbers.pick(FuzzPool.longs)
      return Piece(String(number), number < 0 ? 6 : 7)
    case .string: return Piece(FuzzText.quoted(numbers.pick(FuzzPool.strings)))
    case .entity(let index):
      if numbers.chance(1) { return Piece("\(schema.prefix)Nope::\"a\"") }
      let id = FuzzText.quoted(entities.id(index, &numbers))
      return Piece("\(schema.typeName(index))::\(id)")
    case .set, .record, .extension: return piece(type, 0, &numbers)
    }
  }

  private mutating func record(
    _ fields: [FuzzField], _ depth: Int, _ numbers: inout FuzzNumbers
  ) -> Piece {
    var members: [String] = []
    for field in fields where field.isRequired || numbers.chance(50) {
      members.append("\(FuzzText.name(field.name)): \(text(field.type, depth: depth, &numbers))")
    }
    return Piece("{\(members.joined(separator: ", "))}")
  }

  private mutating func long(_ depth: Int, _ numbers: inout FuzzNumbers) -> Piece {
    switch numbers.below(9) {
    case 0, 1, 2:
      let sign = numbers.chance(60) ? "+" : "-"
      return Piece(
        "\(operand(.long, depth, level: 4, &numbers)) \(sign) "
          + operand(.long, depth, level: 5, &numbers), 4)
    case 3, 4:
      return Piece(
        "\(operand(.long, depth, level: 5, &numbers)) * "
          + operand(.long, depth, level: 6, &numbers), 5)
    case 5: return Piece("-\(operand(.long, depth, level: 7, &numbers))", 6)
    case 6:
      let method = numbers.pick(["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"])
      let receiver = operand(.extension(.duration), depth, level: 7, &numbers)
      return Piece("\(receiver).\(method)()")
    default: return literal(.long, &numbers)
    }
  }

  private mutating func instance(
    _ kind: FuzzExtension, _ depth: Int, _ numbers: inout FuzzNumbers
  ) -> Piece {
    if depth > 0, numbers.chance(35) {
      if kind == .datetime {
        let receiver = operand(.extension(.datetime), depth, level: 7, &numbers)
        guard numbers.chance(70) else { return Piece("\(receiver).toDate()") }
        return Piece("\(receiver).offset(\(text(.extension(.duration), depth: depth, &numbers)))")
      }
      if kind == .duration {
        let receiver = operand(.extension(.datetime), depth, level: 7, &numbers)
        guard numbers.chance(70) else { return Piece("\(receiver).toTime()") }
        let other = text(.extension(.datetime), depth: depth, &numbers)
        return Piece("\(receiver).durationSince(\(other))")
      }
    }
    if numbers.chance(1) {
      return Piece("\(kind.rawValue)(\(text(.string, depth: depth, &numbers)))")
    }
    if numbers.chance(1) { return Piece("\(kind.rawValue)(\"1\", \"2\")") }
    let value = numbers.chance(2) ? numbers.pick(FuzzExtension.badTexts) : numbers.pick(kind.texts)
    return Piece("\(kind.rawValue)(\(FuzzText.quoted(value)))")
  }
}
