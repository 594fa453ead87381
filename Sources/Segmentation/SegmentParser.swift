/// Reads a segment out of the nodes of its file; strict about every key.
struct SegmentParser {
  private var conditionCount = 0

  mutating func segment(_ root: RuleNode) throws -> Segment {
    let file = try RuleMap(root, path: "")
    try file.refuseKeys(except: ["lethe_segment", "name", "title", "where"])
    let format = try file.integer("lethe_segment", in: 1...Int64(Int32.max))
    guard format == Segment.formatNumber else {
      throw SegmentationError(
        .unsupportedFormat, at: "lethe_segment",
        "format \(format) is not known, this program knows \(Segment.formatNumber)")
    }
    let name = try file.text("name", maximumByteCount: SegmentLimits.nameByteCount)
    guard name.isName(extra: "-") else {
      throw SegmentationError(
        .invalidValue, at: "name", "use lower-case letters, digits and `-`, a letter first")
    }
    let title = try file.text("title", maximumByteCount: SegmentLimits.titleByteCount)
    let condition = try condition(file.required("where"), path: "where", depth: 1)
    return Segment(name: name, title: title, condition: condition)
  }

  private mutating func condition(
    _ node: RuleNode, path: String, depth: Int
  ) throws -> SegmentCondition {
    conditionCount += 1
    guard conditionCount <= SegmentLimits.conditionCount else {
      throw SegmentationError(
        .tooManyParts, at: path, "a rule has at most \(SegmentLimits.conditionCount) conditions")
    }
    guard depth <= SegmentLimits.conditionDepth else {
      throw SegmentationError(
        .tooDeep, at: path, "conditions nest at most \(SegmentLimits.conditionDepth) deep")
    }
    let map = try RuleMap(node, path: path)
    let kinds = ["all", "any", "attribute", "event", "not"]
    let kind = try map.onlyKey(of: kinds, what: "condition")
    switch kind {
    case "all": return .all(try group("all", of: map, depth: depth))
    case "any": return .any(try group("any", of: map, depth: depth))
    case "not":
      try map.refuseKeys(except: ["not"])
      return .not(
        try condition(map.required("not"), path: map.path(of: "not"), depth: depth + 1))
    case "attribute": return .attribute(try AttributeRule(map))
    default: return .event(try EventRule(map))
    }
  }

  private mutating func group(
    _ key: String, of map: RuleMap, depth: Int
  ) throws -> [SegmentCondition] {
    try map.refuseKeys(except: [key])
    let path = map.path(of: key)
    let items = try map.list(key)
    return try items.enumerated().map { index, item in
      try condition(item, path: "\(path)[\(index)]", depth: depth + 1)
    }
  }
}

extension AttributeRule {
  private static let tests = [
    "is", "is_not", "in", "not_in", "at_least", "at_most", "between", "exists",
  ]

  init(_ map: RuleMap) throws {
    try map.refuseKeys(except: ["attribute"] + Self.tests)
    path = map.path
    name = try map.text("attribute", maximumByteCount: SegmentLimits.valueByteCount)
    if map.has("at_least"), map.has("at_most") {
      guard map.count == 3 else { throw map.oneTestOnly }
      test = .range(atLeast: try map.value("at_least"), atMost: try map.value("at_most"))
      return
    }
    switch try map.onlyKey(of: Self.tests, what: "test") {
    case "is": test = .equal(try map.value("is"))
    case "is_not": test = .notEqual(try map.value("is_not"))
    case "in": test = .among(try map.values("in", count: 1...SegmentLimits.listCount))
    case "not_in": test = .notAmong(try map.values("not_in", count: 1...SegmentLimits.listCount))
    case "at_least": test = .range(atLeast: try map.value("at_least"), atMost: nil)
    case "at_most": test = .range(atLeast: nil, atMost: try map.value("at_most"))
    case "between":
      let bounds = try map.values("between", count: 2...2)
      test = .range(atLeast: bounds[0], atMost: bounds[1])
    default: test = .exists(try map.boolean("exists"))
    }
  }
}

extension EventRule {
  /// Most events of a rule's `count`; far above any person's.
  private static let counts: ClosedRange<Int64> = 0...1_000_000_000

  init(_ map: RuleMap) throws {
    try map.refuseKeys(except: ["event", "source", "within_days", "count", "sum"])
    event = try map.text("event", maximumByteCount: SegmentLimits.valueByteCount)
    source = try map.has("source") ? Self.source(map) : nil
    withinDays =
      try map.has("within_days")
      ? Int(map.integer("within_days", in: 1...Int64(SegmentLimits.windowDays))) : nil
    count = try map.has("count") ? Self.count(map) : nil
    guard map.has("sum") else {
      (summand, sum) = (nil, nil)
      return
    }
    (summand, sum) = try Self.sum(map)
  }

  private static func source(_ map: RuleMap) throws -> String {
    let source = try map.text("source", maximumByteCount: SegmentLimits.valueByteCount)
    guard source.isName(extra: "-") else {
      throw SegmentationError(.invalidValue, at: map.path(of: "source"), "no name of a source")
    }
    return source
  }

  private static func count(_ map: RuleMap) throws -> Bounds {
    let inner = try RuleMap(map.required("count"), path: map.path(of: "count"))
    try inner.refuseKeys(except: ["at_least", "at_most"])
    let bounds = Bounds(
      atLeast: try inner.has("at_least") ? inner.integer("at_least", in: counts) : nil,
      atMost: try inner.has("at_most") ? inner.integer("at_most", in: counts) : nil)
    guard bounds.atLeast != 0 || bounds.atMost != nil else {
      throw SegmentationError(
        .invalidValue, at: inner.path(of: "at_least"), "everybody has at least 0")
    }
    return try inner.checked(bounds)
  }

  private static func sum(_ map: RuleMap) throws -> (Summand, Bounds) {
    let inner = try RuleMap(map.required("sum"), path: map.path(of: "sum"))
    try inner.refuseKeys(except: ["of", "at_least", "at_most"])
    let word = try inner.text("of", maximumByteCount: SegmentLimits.valueByteCount)
    guard let summand = Summand(rawValue: word) else {
      throw SegmentationError(
        .invalidValue, at: inner.path(of: "of"), "only `amount` and `quantity` can be added up")
    }
    func bound(_ key: String) throws -> Int64? {
      guard inner.has(key) else { return nil }
      return try summand == .amount ? inner.cents(key) : inner.integer(key, in: wholeNumbers)
    }
    let bounds = Bounds(atLeast: try bound("at_least"), atMost: try bound("at_most"))
    return (summand, try inner.checked(bounds))
  }

  private static let wholeNumbers: ClosedRange<Int64> = -999_999_999_999_999...999_999_999_999_999
}
