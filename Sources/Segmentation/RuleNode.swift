import Yams

/// Holds a rule as YAML gave it, with every scalar still as text.
///
/// YAML's own guesses are not used: `NO` is a country, `01` a postcode area and `50.00` an amount,
/// depending on the attribute they are compared with.
indirect enum RuleNode {
  case scalar(text: String, isQuoted: Bool)
  case list([RuleNode])
  case map([(key: String, value: RuleNode)])

  /// What the node is, for messages.
  var kind: String {
    switch self {
    case .scalar: "a single value"
    case .list: "a list"
    case .map: "a mapping"
    }
  }
}

/// Reads YAML or JSON into a `RuleNode` within fixed limits.
struct RuleReader {
  private var nodeCount = 0

  static func read(_ text: String) throws -> RuleNode {
    guard text.utf8.count <= SegmentLimits.ruleByteCount else {
      throw SegmentationError(
        .tooLarge, at: nil, "the rule is longer than \(SegmentLimits.ruleByteCount) bytes")
    }
    try refuseAnchors(text)
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw SegmentationError(yaml: error)
    }
    guard let root else { throw SegmentationError(.malformed, at: nil, "the rule is empty") }
    var reader = RuleReader()
    return try reader.convert(root, path: "", depth: 1)
  }

  /// Refuses anchors before the parser sees them.
  ///
  /// A few hundred bytes of nested aliases stand for billions of nodes, and the parser visits them
  /// all when one is used as a key. Without an anchor no alias can refer to anything. The test errs
  /// on the safe side: it also refuses a quoted text in which a word begins with `&`.
  private static func refuseAnchors(_ text: String) throws {
    var line = 1
    var isTokenStart = true
    var isAfterAmpersand = false
    for byte in text.utf8 {
      if isAfterAmpersand, !isBlank(byte) {
        throw SegmentationError(
          .malformed, at: nil,
          "line \(line): anchors and aliases are not allowed, and no word may begin with `&`")
      }
      isAfterAmpersand = isTokenStart && byte == UInt8(ascii: "&")
      isTokenStart = isBlank(byte) || "[{,:".utf8.contains(byte)
      if byte == UInt8(ascii: "\n") { line += 1 }
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    " \t\r\n".utf8.contains(byte)
  }

  private mutating func convert(_ node: Node, path: String, depth: Int) throws -> RuleNode {
    nodeCount += 1
    guard nodeCount <= SegmentLimits.nodeCount else {
      throw SegmentationError(
        .tooManyParts, at: nil, "the rule has more than \(SegmentLimits.nodeCount) YAML nodes")
    }
    guard depth <= SegmentLimits.nodeDepth else {
      throw SegmentationError(
        .tooDeep, at: nil, "the rule is nested deeper than \(SegmentLimits.nodeDepth) levels")
    }
    switch node {
    case .scalar(let scalar):
      let isQuoted = scalar.style != .plain && scalar.style != .any
      try refuse(tag: scalar.tag, orText: isQuoted, at: path)
      return .scalar(text: scalar.string, isQuoted: isQuoted)
    case .sequence(let sequence):
      try refuse(tag: sequence.tag, orText: false, at: path)
      return .list(
        try sequence.enumerated().map { index, item in
          try convert(item, path: "\(path)[\(index)]", depth: depth + 1)
        })
    case .mapping(let mapping):
      try refuse(tag: mapping.tag, orText: false, at: path)
      return .map(try pairs(of: mapping, path: path, depth: depth))
    case .alias:
      throw SegmentationError(.malformed, at: nil, "aliases are not allowed")
    }
  }

  private mutating func pairs(
    of mapping: Node.Mapping, path: String, depth: Int
  ) throws -> [(key: String, value: RuleNode)] {
    var seen: Set<String> = []
    return try mapping.map { key, value in
      guard let name = key.scalar?.string else {
        throw SegmentationError(.wrongType, at: path.nonEmpty, "a key must be a single word")
      }
      guard seen.insert(name).inserted else {
        throw SegmentationError(
          .duplicateKey, at: path.nonEmpty, "key \(name.quoted) occurs twice")
      }
      let inner = path.isEmpty ? name.excerpt : "\(path).\(name.excerpt)"
      return (name, try convert(value, path: inner, depth: depth + 1))
    }
  }

  /// Refuses `!!int`, `!binary` and the like: they would change what a text means.
  private func refuse(tag: Tag, orText isQuoted: Bool, at path: String) throws {
    let name = tag.description
    guard name.isEmpty || (isQuoted && name == Tag.Name.str.rawValue) else {
      throw SegmentationError(.malformed, at: path.nonEmpty, "YAML tags are not allowed")
    }
  }
}

extension SegmentationError {
  /// Translates a YAML error into one line with its place; the parser's own text quotes the rule.
  init(yaml error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
      self.init(.malformed, at: nil, "line \(mark.line): not YAML: \(problem.excerpt)")
    case .composer(_, let problem, let mark, _):
      self.init(.malformed, at: nil, "line \(mark.line): \(problem.excerpt)")
    case .duplicatedKeysInMapping(let keys, let context):
      let key = keys.first?.quoted ?? "a key"
      self.init(.duplicateKey, at: nil, "line \(context.mark.line): key \(key) occurs twice")
    default:
      self.init(.malformed, at: nil, "the rule cannot be read as YAML")
    }
  }
}

extension String {
  /// A part of a rule as an error message may repeat it: short, on one line.
  var excerpt: String {
    let visible = unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: false
      default: scalar != "`"
      }
    }
    let text = String(String.UnicodeScalarView(visible))
    guard text.count > SegmentLimits.quotedCharacterCount else { return text }
    return text.prefix(SegmentLimits.quotedCharacterCount) + "…"
  }

  /// The excerpt in backticks.
  var quoted: String { "`\(excerpt)`" }

  var nonEmpty: String? { isEmpty ? nil : self }
}
