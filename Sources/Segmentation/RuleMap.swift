import Foundation

/// Gives typed access to one mapping of a rule and names the place of every refusal.
struct RuleMap {
  let path: String
  private let entries: [String: RuleNode]
  private let keys: [String]

  init(_ node: RuleNode, path: String) throws {
    guard case .map(let pairs) = node else {
      throw SegmentationError(
        .wrongType, at: path.nonEmpty, "expected a mapping, found \(node.kind)")
    }
    self.path = path
    keys = pairs.map(\.key)
    entries = Dictionary(pairs.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  var count: Int { keys.count }

  /// Says that a condition has more than one test.
  var oneTestOnly: SegmentationError {
    SegmentationError(
      .invalidValue, at: path,
      "one test per condition; only `at_least` and `at_most` go together, use `all` for more")
  }

  func has(_ key: String) -> Bool { entries[key] != nil }

  func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func refuseKeys(except known: [String]) throws {
    for key in keys where !known.contains(key) {
      let hint = Suggestion.text(for: key, among: known)
      throw SegmentationError(.unknownKey, at: path.nonEmpty, "unknown key \(key.quoted)\(hint)")
    }
  }

  /// Returns the one key out of `choices` that the mapping has.
  func onlyKey(of choices: [String], what: String) throws -> String {
    let present = choices.filter(has)
    guard let key = present.first else {
      let list = choices.map { "`\($0)`" }.joined(separator: ", ")
      // A misspelt kind is the likeliest reason why none is there.
      if let key = keys.first(where: { Suggestion.nearest(to: $0, among: choices) != nil }) {
        let hint = Suggestion.text(for: key, among: choices)
        throw SegmentationError(.unknownKey, at: path, "unknown key \(key.quoted)\(hint)")
      }
      throw SegmentationError(.missingKey, at: path, "a \(what) needs one of \(list)")
    }
    guard present.count == 1 else {
      if what == "test" { throw oneTestOnly }
      let list = present.map { "`\($0)`" }.joined(separator: " and ")
      throw SegmentationError(.invalidValue, at: path, "\(list) cannot stand together")
    }
    return key
  }

  func required(_ key: String) throws -> RuleNode {
    guard let node = entries[key] else {
      throw SegmentationError(.missingKey, at: path.nonEmpty, "key `\(key)` is missing")
    }
    return node
  }

  func list(_ key: String) throws -> [RuleNode] {
    let node = try required(key)
    guard case .list(let items) = node else {
      throw SegmentationError(.wrongType, at: path(of: key), "expected a list, found \(node.kind)")
    }
    guard !items.isEmpty else {
      throw SegmentationError(.invalidValue, at: path(of: key), "the list is empty")
    }
    return items
  }

  func value(_ key: String) throws -> RuleValue {
    try Self.value(required(key), at: path(of: key))
  }

  func values(_ key: String, count: ClosedRange<Int>) throws -> [RuleValue] {
    let items = try list(key)
    guard count.contains(items.count) else {
      let wanted =
        count.count == 1 ? "exactly \(count.lowerBound)" : "at most \(count.upperBound)"
      throw SegmentationError(
        count.count == 1 ? .invalidValue : .tooManyParts, at: path(of: key),
        "expected \(wanted) values, found \(items.count)")
    }
    return try items.enumerated().map { index, item in
      try Self.value(item, at: "\(path(of: key))[\(index)]")
    }
  }

  func text(_ key: String, maximumByteCount: Int) throws -> String {
    let text = try value(key).text
    guard text.utf8.count <= maximumByteCount else {
      throw SegmentationError(
        .invalidValue, at: path(of: key), "longer than \(maximumByteCount) bytes")
    }
    return text
  }

  func integer(_ key: String, in range: ClosedRange<Int64>) throws -> Int64 {
    let value = try value(key)
    guard !value.isQuoted, let number = DecimalText.integer(value.text) else {
      throw SegmentationError(.wrongType, at: path(of: key), "expected a whole number")
    }
    guard range.contains(number) else {
      throw SegmentationError(
        .invalidValue, at: path(of: key),
        "expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func cents(_ key: String) throws -> Int64 {
    let value = try value(key)
    guard !value.isQuoted, let number = DecimalText.cents(value.text) else {
      throw SegmentationError(
        .wrongType, at: path(of: key), "expected an amount with at most two decimals")
    }
    return number
  }

  func boolean(_ key: String) throws -> Bool {
    guard let truth = try value(key).boolean else {
      throw SegmentationError(.wrongType, at: path(of: key), "expected `true` or `false`")
    }
    return truth
  }

  /// Refuses bounds that are absent or that nothing satisfies.
  func checked(_ bounds: EventRule.Bounds) throws -> EventRule.Bounds {
    if bounds.atLeast == nil, bounds.atMost == nil {
      throw SegmentationError(.missingKey, at: path, "needs `at_least`, `at_most` or both")
    }
    if let low = bounds.atLeast, let high = bounds.atMost, low > high {
      throw SegmentationError(.invalidValue, at: path, "`at_least` is above `at_most`")
    }
    return bounds
  }

  private static func value(_ node: RuleNode, at path: String) throws -> RuleValue {
    guard case .scalar(let text, let isQuoted) = node else {
      throw SegmentationError(.wrongType, at: path, "expected a single value, found \(node.kind)")
    }
    let isBlank = text.allSatisfy(\.isWhitespace)
    guard !isBlank, isQuoted || !["~", "null", "Null", "NULL"].contains(text) else {
      throw SegmentationError(.invalidValue, at: path, "the value is empty")
    }
    guard text.rangeOfCharacter(from: .controlCharacters) == nil else {
      throw SegmentationError(.invalidValue, at: path, "the value has control characters")
    }
    return RuleValue(text: text, isQuoted: isQuoted)
  }
}

extension RuleValue {
  /// The truth value, when the text is an unquoted `true` or `false`.
  var boolean: Bool? {
    guard !isQuoted else { return nil }
    return switch text {
    case "true": true
    case "false": false
    default: nil
    }
  }
}

extension String {
  /// Whether the text is `[a-z][a-z0-9]*` with one further character allowed after the first.
  func isName(extra: Character) -> Bool {
    guard let first, first.isASCII, first.isLowercase else { return false }
    return allSatisfy { character in
      character == extra
        || (character.isASCII && (character.isLowercase || character.isNumber))
    }
  }
}
