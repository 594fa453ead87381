/// Holds the keys of the purposes data may be used for, from `policies/purposes.yaml`.
public struct PurposeCatalogue: Sendable {
  /// Every purpose, as a dotted key such as `essential.service`.
  public let keys: Set<String>

  /// Creates a catalogue of known keys.
  public init(keys: Set<String>) { self.keys = keys }

  /// Reads the keys of the file; titles and mappings are read where they are shown.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, at most ``IntakeLimit/policyByteCount``.
  ///   - file: How messages name the file.
  /// - Throws: ``IntakeError``, one line with file, place, what and what to do.
  public init(yaml bytes: [UInt8], file: String) throws {
    let node = try PolicyYAML.parse(bytes, file: file)
    let top = try node.map(
      allowed: ["lethe_purposes", "purposes"], required: ["lethe_purposes", "purposes"])
    try top["lethe_purposes"]?.requireVersion(1)
    var keys: Set<String> = []
    for item in try top["purposes"]?.items() ?? [] {
      guard let key = try item.entries().first(where: { $0.key == "key" }) else {
        throw item.refused(.missingKey, "`key` is missing", fix: "add `key:`")
      }
      try Self.add(try key.value.text(), at: key.value, to: &keys)
    }
    guard !keys.isEmpty else {
      throw node.refused(.invalidValue, "no purpose is listed", fix: "add one")
    }
    self.keys = keys
  }

  private static func add(
    _ key: String, at node: PolicyNode, to keys: inout Set<String>
  ) throws {
    let segments = key.split(separator: ".", omittingEmptySubsequences: false)
    let isWellFormed = segments.allSatisfy { segment in
      !segment.isEmpty
        && segment.utf8.allSatisfy {
          (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        }
    }
    guard isWellFormed, key.utf8.count <= 128 else {
      throw node.refused(
        .invalidValue, "\(quoted(key)) is not a purpose key",
        fix: "write small letters, digits and `_`, with dots between the words")
    }
    guard keys.insert(key).inserted else {
      throw node.refused(.duplicateName, "purpose \(quoted(key)) occurs twice", fix: "keep one")
    }
  }
}
