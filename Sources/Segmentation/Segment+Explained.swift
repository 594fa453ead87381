extension Segment {
  /// Says in words whom the segment takes in.
  public var explained: String { "profiles where \(condition.words(isInner: false))" }
}

extension SegmentCondition {
  fileprivate func words(isInner: Bool) -> String {
    switch self {
    case .all(let parts): Self.join(parts, " and ", isInner: isInner)
    case .any(let parts): Self.join(parts, " or ", isInner: isInner)
    case .not(let part): "not (\(part.words(isInner: false)))"
    case .attribute(let rule): rule.words
    case .event(let rule): rule.words
    }
  }

  private static func join(
    _ parts: [SegmentCondition], _ separator: String, isInner: Bool
  ) -> String {
    guard parts.count > 1 else { return parts.first?.words(isInner: isInner) ?? "" }
    let text = parts.map { $0.words(isInner: true) }.joined(separator: separator)
    return isInner ? "(\(text))" : text
  }
}

extension AttributeRule {
  fileprivate var words: String {
    switch test {
    case .equal(let value): "\(name) is \(value.text)"
    case .notEqual(let value): "\(name) is not \(value.text) or is not known"
    case .among(let values): "\(name) is one of \(Self.list(values))"
    case .notAmong(let values): "\(name) is none of \(Self.list(values)) or is not known"
    case .range(let low?, let high?): "\(name) is from \(low.text) to \(high.text)"
    case .range(let low?, nil): "\(name) is at least \(low.text)"
    case .range(nil, let high?): "\(name) is at most \(high.text)"
    case .range(nil, nil), .exists(true): "\(name) is known"
    case .exists(false): "\(name) is not known"
    }
  }

  private static func list(_ values: [RuleValue]) -> String {
    values.map(\.text).joined(separator: ", ")
  }
}

extension EventRule {
  fileprivate var words: String {
    let origin = source.map { " from \($0)" } ?? ""
    let window =
      switch withinDays {
      case nil: ""
      case 1: " today"
      case let days?: " in the last \(days) days"
      }
    var parts: [String] = []
    if let count {
      let number = count.words { String($0) }
      parts.append("there are \(number) `\(event)` events\(origin)\(window)")
    }
    if let sum, let summand {
      let number = sum.words { summand == .amount ? DecimalText.text(cents: $0) : String($0) }
      let none = sum.contains(0) ? ", none counting as 0" : ""
      parts.append(
        "the \(summand.rawValue) of `\(event)` events\(origin)\(window) adds up to \(number)\(none)"
      )
    }
    guard parts.isEmpty else { return parts.joined(separator: " and ") }
    return "there is a `\(event)` event\(origin)\(window)"
  }
}

extension EventRule.Bounds {
  fileprivate func contains(_ number: Int64) -> Bool {
    (atLeast ?? Int64.min) <= number && number <= (atMost ?? Int64.max)
  }

  fileprivate func words(_ spell: (Int64) -> String) -> String {
    switch (atLeast, atMost) {
    case (let low?, let high?) where low == high: "exactly \(spell(low))"
    case (let low?, let high?): "\(spell(low)) to \(spell(high))"
    case (let low?, nil): "at least \(spell(low))"
    case (nil, let high?): "at most \(spell(high))"
    case (nil, nil): "any number of"
    }
  }
}
