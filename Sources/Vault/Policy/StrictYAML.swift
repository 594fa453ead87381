internal import Yams

/// Reads the YAML files of the policy: one document, no anchors, aliases or tags, bounded size and
/// depth.
enum StrictYAML {
  /// Largest file that is read, in bytes.
  static let maximumByteCount = 262_144
  /// Deepest nesting of brackets.
  static let maximumDepth = 8

  /// The top map of a file.
  ///
  /// - Throws: ``VaultError`` `.policyFile`, one line with file, line, what and what to do.
  static func map(in bytes: [UInt8], file: String) throws -> YAMLMap {
    guard bytes.count <= maximumByteCount else {
      throw refused(file, nil, "larger than \(maximumByteCount) bytes; a policy file is short text")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw refused(file, nil, "not valid UTF-8; save the file as UTF-8")
    }
    try refuseDangerous(text, file: file)
    do {
      guard let root = try Parser(yaml: text).singleRoot() else {
        throw refused(file, nil, "the file is empty; fill it in")
      }
      return try YAMLMap(root, file: file)
    } catch let error as YamlError {
      throw translated(error, file: file)
    }
  }

  static func refused(_ file: String, _ line: Int?, _ what: String) -> VaultError {
    VaultError(.policyFile, line.map { "\(file): line \($0): \(what)" } ?? "\(file): \(what)")
  }

  /// Refuses what must not reach libyaml, which recurses as deep as the file says.
  ///
  /// The scan knows neither quotes nor comments, where something could hide from it, and so refuses
  /// a little more than YAML would. It reads scalars, because to Swift a CR LF is one character and
  /// no line feed. Blocks that nest by indentation need a file quadratic in their depth; the size
  /// limit bounds them.
  private static func refuseDangerous(_ text: String, file: String) throws {
    var (line, depth, markers) = (1, 0, 0)
    var isIndent = true
    var previous: Unicode.Scalar = "\n"
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      let next = index + 1 < scalars.count ? scalars[index + 1] : "\n"
      if lineBreaks.contains(scalar) {
        line += scalar == "\n" && previous == "\r" ? 0 : 1
        (markers, isIndent) = (0, true)
      } else if isIndent, scalar == "-" || scalar == "?", isBlank(next) {
        markers += 1
      } else if !isBlank(scalar) {
        isIndent = false
      }
      if tokenStarts.contains(scalar), !isBlank(next), isBlank(previous) || ends.contains(previous)
      {
        throw refused(
          file, line, "words that start with `&`, `*` or `!` are not accepted; write it differently"
        )
      }
      if scalar == "[" || scalar == "{" { depth += 1 }
      if scalar == "]" || scalar == "}" { depth = max(0, depth - 1) }
      guard depth <= maximumDepth, markers <= 1 else {
        throw refused(file, line, "nested deeper than \(maximumDepth); flatten the file")
      }
      previous = scalar
    }
  }

  /// What YAML 1.1 takes for the end of a line.
  private static let lineBreaks: Set<Unicode.Scalar> = [
    "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}",
  ]
  /// What starts an anchor, an alias or a tag.
  private static let tokenStarts: Set<Unicode.Scalar> = ["&", "*", "!"]
  /// What such a start can follow, besides a blank.
  private static let ends: Set<Unicode.Scalar> = [
    "[", "]", "{", "}", ",", ":", "?", "-", "\"", "'", "!", "\u{FEFF}",
  ]

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || lineBreaks.contains(scalar)
  }

  /// Puts libyaml's error in one line.
  ///
  /// Its own text may quote whole lines of the file.
  private static func translated(_ error: YamlError, file: String) -> VaultError {
    switch error {
    case .duplicatedKeysInMapping(_, let context):
      refused(file, context.mark.line, "a key occurs twice; keep one")
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      refused(file, mark.line, "\(problem); mend the YAML")
    default: refused(file, nil, "not readable as YAML; mend the YAML")
    }
  }
}

/// A map of a policy file with plain text keys, each of them once.
struct YAMLMap {
  /// Values by key.
  let values: [String: YAMLValue]
  /// Keys in the order of the file.
  let keys: [String]
  /// The file, as messages name it.
  let file: String
  /// Line in the file, from 1.
  let line: Int

  init(_ node: Node, file: String) throws {
    line = node.mark?.line ?? 1
    guard let mapping = node.mapping else {
      throw StrictYAML.refused(file, line, "a map is needed here; write `key: value`")
    }
    var values: [String: YAMLValue] = [:]
    var keys: [String] = []
    for (key, value) in mapping {
      let line = key.mark?.line ?? line
      guard let name = key.scalar?.string else {
        throw StrictYAML.refused(file, line, "a key has to be text; write `key: value`")
      }
      guard values.updateValue(YAMLValue(node: value, file: file, line: line), forKey: name) == nil
      else { throw StrictYAML.refused(file, line, "a key occurs twice; keep one") }
      keys.append(name)
    }
    (self.values, self.keys, self.file) = (values, keys, file)
  }

  /// Refuses every key that is not in `allowed`.
  func allowOnly(_ allowed: [String]) throws {
    for key in keys where !allowed.contains(key) {
      let list = "allowed: \(allowed.joined(separator: ", "))"
      throw StrictYAML.refused(
        file, values[key]?.line,
        "unknown key \(key.inMessage); "
          + NearestWord.advice(for: key, in: allowed, otherwise: list))
    }
  }

  /// The value of a key that has to be there.
  func value(_ key: String) throws -> YAMLValue {
    guard let value = values[key] else {
      throw StrictYAML.refused(file, line, "`\(key)` is missing; add `\(key):`")
    }
    return value
  }

  /// Refuses a file of another kind or a newer format.
  func checkFormat(_ key: String, is number: Int) throws {
    let value = try value(key)
    guard value.node.scalar?.string == String(number) else {
      throw StrictYAML.refused(
        file, value.line, "unknown format; this program reads `\(key): \(number)`")
    }
  }
}

/// A value of a policy file and its place.
struct YAMLValue {
  let node: Node
  let file: String
  let line: Int

  /// An error at this value.
  func refused(_ what: String) -> VaultError { StrictYAML.refused(file, line, what) }

  /// The value as a list.
  func list() throws -> [YAMLValue] {
    guard let items = node.sequence else {
      throw refused("a list is needed here; write `[a, b]` or `- a` lines")
    }
    return items.map { YAMLValue(node: $0, file: file, line: $0.mark?.line ?? line) }
  }

  /// The value as a map.
  func map() throws -> YAMLMap { try YAMLMap(node, file: file) }

  /// The value as a map of texts.
  func texts() throws -> [String: String] {
    try map().values.mapValues { value in
      guard let text = value.node.scalar?.string else {
        throw value.refused("a text is needed here")
      }
      return text
    }
  }

  /// The value as a key: small letters, digits, `_` and `-`, with `.` between the parts.
  func key(maximumByteCount: Int = 128) throws -> String {
    guard let text = node.scalar?.string, text.utf8.count <= maximumByteCount,
      DottedKey.isWellFormed(text)
    else {
      throw refused("a key is needed here; write small letters, digits, `_` and `-`, dots between")
    }
    return text
  }
}

/// Keys of the taxonomies: `marketing.advertising.first_party` lies below `marketing.advertising`.
enum DottedKey {
  /// Most parts of a key.
  static let maximumParts = 16

  /// Whether every part starts with a small letter and goes on with letters, digits, `_` and `-`.
  static func isWellFormed(_ key: String) -> Bool {
    let parts = key.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count <= maximumParts
      && parts.allSatisfy { part in
        (part.first.map { (0x61...0x7A).contains($0) } ?? false)
          && part.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
              || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
          }
      }
  }

  /// The key one level up; nil for a root.
  static func parent(of key: String) -> String? {
    key.lastIndex(of: ".").map { String(key[..<$0]) }
  }

  /// The key and every key above it, the longest first.
  static func chain(from key: String) -> [String] {
    Array(sequence(first: key) { parent(of: $0) })
  }
}
