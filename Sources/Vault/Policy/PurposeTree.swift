/// The purposes of `purposes.yaml`, as far as decisions need them: the keys and their order as a tree.
///
/// Titles and mappings of the file are read where they are shown.
struct PurposeTree: Sendable {
  /// Most purposes of a vault.
  static let maximumCount = 1_000
  /// The file's name in messages.
  static let file = "purposes.yaml"

  /// Every key.
  let keys: Set<String>

  /// Reads the keys; a repeated one, or one whose parent is missing, is refused.
  init(_ bytes: [UInt8]) throws {
    let top = try StrictYAML.map(in: bytes, file: Self.file)
    try top.checkFormat("lethe_purposes", is: 1)
    try top.allowOnly(["lethe_purposes", "purposes"])
    let entries = try top.value("purposes").list()
    guard (1...Self.maximumCount).contains(entries.count) else {
      throw StrictYAML.refused(
        Self.file, nil, "a list of 1…\(Self.maximumCount) purposes is needed")
    }
    var keys: Set<String> = []
    var parents: [(key: String, entry: YAMLValue)] = []
    for entry in entries {
      let key = try entry.map().value("key").key()
      guard keys.insert(key).inserted else {
        throw entry.refused("purpose `\(key)` occurs twice; keep one")
      }
      if let parent = DottedKey.parent(of: key) { parents.append((parent, entry)) }
    }
    for (parent, entry) in parents where !keys.contains(parent) {
      throw entry.refused("the parent `\(parent)` is missing; add it as a purpose of its own")
    }
    self.keys = keys
  }
}
