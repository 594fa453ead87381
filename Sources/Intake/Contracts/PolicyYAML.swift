import Yams

/// Reads policy files: strict YAML, one document, no anchors, aliases or tags, bounded size and
/// depth.
///
/// libyaml would build what an alias bomb asks for and recurse as deep as the file says. The scan
/// in ``refuseDangerous(_:file:)`` runs before it, so neither can happen.
enum PolicyYAML {
  /// The top node of a policy file.
  static func parse(_ bytes: [UInt8], file: String) throws -> PolicyNode {
    guard bytes.count <= IntakeLimit.policyByteCount else {
      throw IntakeError(
        .tooLarge,
        "\(file): larger than \(IntakeLimit.policyByteCount) bytes; a policy file is short text")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw IntakeError(.notUTF8, "\(file): not valid UTF-8; save the file as UTF-8")
    }
    try refuseDangerous(bytes, file: file)
    let root: Node?
    do {
      root = try Parser(yaml: text).singleRoot()
    } catch let error as YamlError {
      throw translated(error, file: file)
    }
    guard let root else { throw IntakeError(.missingKey, "\(file): the file is empty; fill it in") }
    return try converted(root, file: file, path: "", depth: 0)
  }

  /// Refuses what must not reach libyaml: aliases, anchors, tags, runaway nesting.
  ///
  /// The scan knows neither quotes nor comments, because telling them apart needs the parser it
  /// protects. So it refuses slightly more than YAML would: a word that starts with `&`, `*` or `!`
  /// after a blank has to be put differently, in comments too.
  private static func refuseDangerous(_ bytes: [UInt8], file: String) throws {
    var line = 1
    var brackets = 0
    var markers = 0
    var isIndent = true
    var previous: UInt8 = 0x0A
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "\n"):
        line += 1
        (markers, isIndent) = (0, true)
      case UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"):
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0x20
        if startsToken(after: previous), next > 0x20 {
          throw IntakeError(
            .yamlAlias,
            "\(file): line \(line): anchors, aliases and tags are not accepted; write the value out"
          )
        }
        isIndent = false
      case UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): brackets = max(0, brackets - 1)
      case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"): markers += isIndent ? 1 : 0
      case UInt8(ascii: " "): break
      default: isIndent = false
      }
      previous = byte
      guard brackets <= IntakeLimit.policyDepth, markers <= IntakeLimit.policyDepth else {
        throw tooDeep("\(file): line \(line)")
      }
    }
  }

  private static func startsToken(after byte: UInt8) -> Bool {
    byte <= 0x20 || "[]{},:-?".utf8.contains(byte)
  }

  private static func tooDeep(_ place: String) -> IntakeError {
    IntakeError(
      .yamlTooDeep, "\(place): nested deeper than \(IntakeLimit.policyDepth); flatten the file")
  }

  private static func converted(
    _ node: Node, file: String, path: String, depth: Int
  ) throws -> PolicyNode {
    let line = node.mark?.line ?? 1
    guard depth <= IntakeLimit.policyDepth else { throw tooDeep("\(file): line \(line)") }
    func made(_ content: PolicyNode.Content) -> PolicyNode {
      PolicyNode(content: content, file: file, path: path, line: line)
    }
    switch node {
    case .scalar(let scalar):
      return made(.scalar(text: scalar.string, isPlain: scalar.style == .plain))
    case .sequence(let sequence):
      return made(
        .list(
          try sequence.enumerated().map { index, item in
            try converted(item, file: file, path: "\(path)[\(index)]", depth: depth + 1)
          }))
    case .mapping(let mapping):
      return made(.map(try entries(of: mapping, file: file, path: path, depth: depth)))
    case .alias:
      throw IntakeError(.yamlAlias, "\(file): line \(line): aliases are not accepted")
    }
  }

  private static func entries(
    of mapping: Node.Mapping, file: String, path: String, depth: Int
  ) throws -> [(key: String, value: PolicyNode)] {
    var seen: Set<String> = []
    return try mapping.map { key, value in
      let line = key.mark?.line ?? 1
      guard case .scalar(let scalar) = key else {
        throw IntakeError(
          .wrongType, "\(file): line \(line): a key has to be plain text; write `key: value`")
      }
      guard seen.insert(scalar.string).inserted else { throw duplicate(line, file: file) }
      let name = String(quoted(scalar.string).dropFirst().dropLast())
      let inner = path.isEmpty ? name : "\(path).\(name)"
      return (scalar.string, try converted(value, file: file, path: inner, depth: depth + 1))
    }
  }

  private static func duplicate(_ line: Int, file: String) -> IntakeError {
    IntakeError(.duplicateKey, "\(file): line \(line): the key occurs twice; keep one")
  }

  /// Puts libyaml's error in one line; its own text may quote whole lines of the file.
  private static func translated(_ error: YamlError, file: String) -> IntakeError {
    switch error {
    case .duplicatedKeysInMapping(_, let context): duplicate(context.mark.line, file: file)
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      IntakeError(.yamlSyntax, "\(file): line \(mark.line): \(problem); mend the YAML")
    default: IntakeError(.yamlSyntax, "\(file): not readable as YAML; mend the YAML")
    }
  }
}
