public import Analytics

/// Turns a rule into a condition of the analytics store, checked against what contracts expose.
///
/// It writes no SQL: names and values travel as data, and the store binds them.
public struct SegmentCompiler: Sendable {
  private let types: [String: AnalyticsAttributeType]
  private let today: Int

  /// Prepares a compiler for one day.
  ///
  /// - Parameters:
  ///   - attributes: The exposed attributes, from `AnalyticsStore.exposedAttributes()`.
  ///   - today: Today, in days since 1970-01-01; `within_days` counts back from it.
  /// - Throws: ``SegmentationError`` – `.invalidValue` when the day is out of range.
  public init(attributes: [ExposedAttribute], today: Int) throws {
    guard AnalyticsLimits.days.contains(today) else {
      throw SegmentationError(.invalidValue, at: nil, "day \(today) is out of range")
    }
    self.today = today
    types = Dictionary(
      attributes.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
  }

  /// Compiles a segment.
  ///
  /// - Parameter segment: The segment.
  /// - Returns: The condition to count by.
  /// - Throws: ``SegmentationError`` – `.unknownAttribute` with the name that was probably meant,
  ///   `.wrongType` and `.invalidValue`, each with the place in the rule.
  public func compile(_ segment: Segment) throws -> AnalyticsCondition {
    try compile(segment.condition)
  }

  private func compile(_ condition: SegmentCondition) throws -> AnalyticsCondition {
    switch condition {
    case .all(let parts): .all(try parts.map(compile))
    case .any(let parts): .any(try parts.map(compile))
    case .not(let part): .not(try compile(part))
    case .attribute(let rule): try compile(rule)
    case .event(let rule): compile(rule)
    }
  }

  private func compile(_ rule: AttributeRule) throws -> AnalyticsCondition {
    guard let type = types[rule.name] else {
      let hint = Suggestion.text(for: rule.name, among: types.keys)
      throw SegmentationError(
        .unknownAttribute, at: "\(rule.path).attribute",
        "unknown attribute \(rule.name.quoted)\(hint)")
    }
    let literal = TypedLiteral(attribute: rule.name, type: type, path: rule.path)
    func test(_ test: AttributeCondition.Test) -> AnalyticsCondition {
      .attribute(AttributeCondition(name: rule.name, test: test))
    }
    func among(_ values: [RuleValue], _ key: String) throws -> AnalyticsCondition {
      test(
        .oneOf(
          try values.enumerated().map { index, value in
            try literal.value(value, key: "\(key)[\(index)]")
          }))
    }
    return switch rule.test {
    case .equal(let value): test(.oneOf([try literal.value(value, key: "is")]))
    case .notEqual(let value): .not(test(.oneOf([try literal.value(value, key: "is_not")])))
    case .among(let values): try among(values, "in")
    case .notAmong(let values): .not(try among(values, "not_in"))
    case .range(let low, let high): test(.within(try literal.range(low, high)))
    case .exists(true): test(.exists)
    case .exists(false): .not(test(.exists))
    }
  }

  private func compile(_ rule: EventRule) -> AnalyticsCondition {
    let days = rule.withinDays.map { max(1, today - $0 + 1)...today }
    func number(
      _ measure: EventCondition.Measure, _ range: ClosedRange<Int64>
    ) -> AnalyticsCondition {
      .event(
        EventCondition(
          name: rule.event, source: rule.source, days: days, measure: measure, range: range))
    }
    var parts: [AnalyticsCondition] = []
    if let count = rule.count { parts.append(number(.count, count.range)) }
    if let sum = rule.sum, let summand = rule.summand {
      parts.append(number(summand == .amount ? .amount : .quantity, sum.range))
    }
    switch parts.count {
    case 0: return number(.count, 1...Int64.max)
    case 1: return parts[0]
    default: return .all(parts)
    }
  }
}

extension EventRule.Bounds {
  fileprivate var range: ClosedRange<Int64> {
    (atLeast ?? Int64.min)...(atMost ?? Int64.max)
  }
}

/// Reads the values of one condition as the attribute's type demands.
private struct TypedLiteral {
  let attribute: String
  let type: AnalyticsAttributeType
  let path: String

  func value(_ value: RuleValue, key: String) throws -> AnalyticsValue {
    switch type {
    case .text:
      guard value.text.utf8.count <= SegmentLimits.valueByteCount else {
        throw SegmentationError(
          .invalidValue, at: "\(path).\(key)",
          "longer than \(SegmentLimits.valueByteCount) bytes")
      }
      return .text(value.text)
    case .boolean:
      guard let truth = value.boolean else { throw wrongType(key, "`true` or `false`") }
      return .boolean(truth)
    case .number, .amount:
      return .number(try number(value, key: key))
    }
  }

  func range(_ low: RuleValue?, _ high: RuleValue?) throws -> ClosedRange<Int64> {
    guard type == .number || type == .amount else {
      throw SegmentationError(
        .wrongType, at: path,
        "attribute `\(attribute)` is \(type.rawValue), only a number or amount has an order")
    }
    let lower = try low.map { try number($0, key: "at_least") } ?? Int64.min
    let upper = try high.map { try number($0, key: "at_most") } ?? Int64.max
    guard lower <= upper else {
      throw SegmentationError(.invalidValue, at: path, "the lower bound is above the upper")
    }
    return lower...upper
  }

  private func number(_ value: RuleValue, key: String) throws -> Int64 {
    let number =
      type == .amount ? DecimalText.cents(value.text) : DecimalText.integer(value.text)
    guard !value.isQuoted, let number else {
      throw wrongType(
        key, type == .amount ? "an amount with at most two decimals" : "a whole number")
    }
    return number
  }

  private func wrongType(_ key: String, _ wanted: String) -> SegmentationError {
    SegmentationError(
      .wrongType, at: "\(path).\(key)", "attribute `\(attribute)` needs \(wanted)")
  }
}
