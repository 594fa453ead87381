import GRDB

extension AnalyticsStore {
  /// Counts the profiles that match a condition, and all profiles, at one moment.
  ///
  /// The numbers are exact and must not reach an analyst as they are: the release gate of
  /// `Segmentation` decides what does.
  ///
  /// - Parameter condition: The condition; its names and values are bound, never spliced.
  /// - Returns: Both numbers from one snapshot.
  /// - Throws: ``AnalyticsError`` – `.invalid` for a condition beyond the limits, `.busy`,
  ///   `.corrupt`, `.inputOutput`.
  public func count(_ condition: AnalyticsCondition) throws -> AnalyticsMatch {
    let query = try ConditionSQL(condition)
    return try Self.mapping("count a segment") {
      try pool.read { database in
        let matching = try Int.fetchOne(
          database, sql: "SELECT count(*) FROM profile AS p WHERE \(query.text)",
          arguments: StatementArguments(query.values))
        let total = try Int.fetchOne(database, sql: "SELECT count(*) FROM profile")
        return AnalyticsMatch(matching: matching ?? 0, total: total ?? 0)
      }
    }
  }
}

/// Spells a condition as an SQL expression over `profile AS p`, with its values apart.
///
/// The text is made of the literals of this file alone. Every test is `p.id IN (…)`, never null,
/// so `NOT` is the exact complement.
struct ConditionSQL {
  private(set) var text = ""
  private(set) var values: [DatabaseValue] = []
  private var conditionCount = 0

  init(_ condition: AnalyticsCondition) throws {
    try append(condition, depth: 1)
    guard values.count <= AnalyticsLimits.valueCount else {
      throw AnalyticsError(
        .invalid, "a condition has more than \(AnalyticsLimits.valueCount) values")
    }
  }

  private mutating func append(_ condition: AnalyticsCondition, depth: Int) throws {
    conditionCount += 1
    guard conditionCount <= AnalyticsLimits.conditionCount else {
      throw AnalyticsError(
        .invalid, "a condition has more than \(AnalyticsLimits.conditionCount) parts")
    }
    guard depth <= AnalyticsLimits.conditionDepth else {
      throw AnalyticsError(
        .invalid, "a condition is nested deeper than \(AnalyticsLimits.conditionDepth)")
    }
    switch condition {
    case .all(let parts): try append(parts, joinedBy: " AND ", empty: "1", depth: depth)
    case .any(let parts): try append(parts, joinedBy: " OR ", empty: "0", depth: depth)
    case .not(let part):
      text += "NOT ("
      try append(part, depth: depth + 1)
      text += ")"
    case .attribute(let attribute): try append(attribute)
    case .event(let event): try append(event)
    }
  }

  private mutating func append(
    _ parts: [AnalyticsCondition], joinedBy separator: String, empty: String, depth: Int
  ) throws {
    guard !parts.isEmpty else {
      text += empty
      return
    }
    text += "("
    for (index, part) in parts.enumerated() {
      if index > 0 { text += separator }
      try append(part, depth: depth + 1)
    }
    text += ")"
  }

  private mutating func append(_ condition: AttributeCondition) throws {
    text += "p.id IN (SELECT profile FROM attribute WHERE name = ?"
    try bind(.text(condition.name))
    switch condition.test {
    case .exists:
      break
    case .oneOf(let candidates):
      let marks = Array(repeating: "?", count: candidates.count).joined(separator: ", ")
      text += " AND value IN (\(marks))"
      for candidate in candidates { try bind(candidate) }
    case .within(let range):
      // SQLite orders every text after every number: the upper bound keeps text out.
      text += " AND value BETWEEN ? AND ?"
      try bind(range)
    }
    text += ")"
  }

  private mutating func append(_ condition: EventCondition) throws {
    // A profile without such events has no group. When 0 would satisfy, it must be let in, so the
    // groups that do not satisfy are kept out instead.
    let matchesNone = condition.range.contains(0)
    text += matchesNone ? "p.id NOT IN (" : "p.id IN ("
    text += "SELECT profile FROM event WHERE name = ?"
    try bind(.text(condition.name))
    if let source = condition.source {
      text += " AND source = ?"
      try bind(.text(source))
    }
    if let days = condition.days {
      text += " AND day BETWEEN ? AND ?"
      try bind(Int64(days.lowerBound)...Int64(days.upperBound))
    }
    text += " GROUP BY profile HAVING "
    switch condition.measure {
    case .count: text += "count(*)"
    case .amount: text += "coalesce(sum(amount), 0)"
    case .quantity: text += "coalesce(sum(quantity), 0)"
    }
    text += matchesNone ? " NOT BETWEEN ? AND ?)" : " BETWEEN ? AND ?)"
    try bind(condition.range)
  }

  private mutating func bind(_ range: ClosedRange<Int64>) throws {
    try bind(.number(range.lowerBound))
    try bind(.number(range.upperBound))
  }

  private mutating func bind(_ value: AnalyticsValue) throws {
    // Text is bound up to its first NUL: `DE` and `DE`, NUL, `x` would be the same value.
    if case .text(let text) = value, text.utf8.contains(0) {
      throw AnalyticsError(.invalid, "a condition has a text with a NUL character")
    }
    values.append(value.canonical.databaseValue)
  }
}
