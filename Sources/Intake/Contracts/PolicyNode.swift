/// One node of a policy file: a scalar, a list or a map, with the place it came from.
///
/// The accessors are the whole type check: each returns what it names or throws one line saying
/// where, what and what to do. Scalars follow the YAML 1.2 core schema, so `NO` is Norway and not
/// `false`.
struct PolicyNode {
  /// What the node holds.
  enum Content {
    case scalar(text: String, isPlain: Bool)
    case list([PolicyNode])
    case map([(key: String, value: PolicyNode)])
  }

  /// What the node holds.
  let content: Content
  /// The file, as messages name it.
  let file: String
  /// Dotted path from the top of the file; empty for the top itself.
  let path: String
  /// Line in the file, from 1.
  let line: Int

  /// An error at this node.
  func refused(_ code: IntakeError.Code, _ what: String, fix: String) -> IntakeError {
    let place = path.isEmpty ? "top level" : path
    return IntakeError(code, "\(file): \(place) (line \(line)): \(what); \(fix)")
  }

  /// The map's values by key.
  ///
  /// A key that is not in `allowed` is refused with a proposal; every key of `required` must be
  /// there.
  func map(allowed: [String], required: [String]) throws -> [String: PolicyNode] {
    var values: [String: PolicyNode] = [:]
    for (key, value) in try entries() {
      guard allowed.contains(key) else {
        throw value.refused(
          .unknownKey, "unknown key \(quoted(key))", fix: Spelling.advice(for: key, in: allowed))
      }
      values[key] = value
    }
    for key in required where values[key] == nil {
      throw refused(.missingKey, "`\(key)` is missing", fix: "add `\(key):`")
    }
    return values
  }

  /// The map's entries in the order of the file.
  func entries() throws -> [(key: String, value: PolicyNode)] {
    guard case .map(let entries) = content else {
      throw refused(.wrongType, "a map is needed here", fix: "write `key: value` lines")
    }
    return entries
  }

  /// The list's items.
  func items() throws -> [PolicyNode] {
    guard case .list(let items) = content else {
      throw refused(.wrongType, "a list is needed here", fix: "write `[a, b]` or `- a` lines")
    }
    return items
  }

  /// The scalar as text, 1…512 bytes without control characters.
  func text() throws -> String {
    guard case .scalar(let text, let isPlain) = content, !isPlain || !Self.isTyped(text) else {
      throw refused(.wrongType, "text is needed here", fix: "put the value in quotes")
    }
    let isClean = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    guard !text.isEmpty, text.utf8.count <= 512, isClean else {
      throw refused(
        .invalidValue, "the text is empty, too long or has control characters",
        fix: "write 1…512 bytes on one line")
    }
    return text
  }

  /// The scalar as a name: a small letter, then small letters, digits and `also`.
  func name(maximumByteCount: Int, also: Character) throws -> String {
    let text = try text()
    let rest = text.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == also.asciiValue
    }
    let first = text.utf8.first.map { (0x61...0x7A).contains($0) } ?? false
    guard first, rest, text.utf8.count <= maximumByteCount else {
      throw refused(
        .invalidValue, "\(quoted(text)) is not a name",
        fix: "a small letter, then small letters, digits and `\(also)`, "
          + "at most \(maximumByteCount) bytes")
    }
    return text
  }

  /// The scalar as a whole number within `range`.
  func integer(in range: ClosedRange<Int>) throws -> Int {
    guard case .scalar(let text, true) = content, Self.isInteger(text), let number = Int(text)
    else {
      throw refused(.wrongType, "a whole number is needed here", fix: "write it without quotes")
    }
    guard range.contains(number) else {
      throw refused(
        .invalidValue, "\(number) is out of range",
        fix: "write \(range.lowerBound)…\(range.upperBound)")
    }
    return number
  }

  /// The scalar as `true` or `false`.
  func flag() throws -> Bool {
    if case .scalar(let text, true) = content {
      if text == "true" { return true }
      if text == "false" { return false }
    }
    throw refused(.wrongType, "`true` or `false` is needed here", fix: "write it without quotes")
  }

  /// Whether the scalar is `null`, `~` or nothing at all.
  var isNull: Bool {
    if case .scalar(let text, true) = content { Self.nulls.contains(text) } else { false }
  }

  /// The scalar as one of the raw values of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ type: Choice.Type
  ) throws -> Choice where Choice.RawValue == String {
    try choice(from: type.allCases.map { ($0.rawValue, $0) })
  }

  /// The scalar as one of some named values.
  func choice<Value>(from pairs: [(String, Value)]) throws -> Value {
    let text = try text()
    guard let pair = pairs.first(where: { $0.0 == text }) else {
      throw refused(
        .invalidValue, "\(quoted(text)) is not known here",
        fix: Spelling.advice(for: text, in: pairs.map(\.0)))
    }
    return pair.1
  }

  private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]
  private static let booleans: Set<String> = ["true", "True", "TRUE", "false", "False", "FALSE"]

  /// Whether a plain scalar means null, a boolean or a number under the core schema.
  private static func isTyped(_ text: String) -> Bool {
    nulls.contains(text) || booleans.contains(text) || Double(text) != nil
  }

  private static func isInteger(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let isCanonical = digits.utf8.count == 1 || digits.utf8.first != 0x30
    return isCanonical && !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}
