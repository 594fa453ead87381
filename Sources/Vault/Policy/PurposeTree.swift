/// The purposes of `purposes.yaml`: the keys, their order as a tree, and what people call them.
struct PurposeTree: Sendable {
  /// Most purposes of a vault.
  static let maximumCount = 1_000
  /// The file's name in messages.
  static let file = "purposes.yaml"

  /// Every key.
  let keys: Set<String>
  /// Titles by key and language code.
  let titles: [String: [String: String]]

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
    var titles: [String: [String: String]] = [:]
    for entry in entries {
      let members = try entry.map()
      let key = try members.value("key").key()
      titles[key] = try members.values["title"]?.texts()
      guard keys.insert(key).inserted else {
        throw entry.refused("purpose `\(key)` occurs twice; keep one")
      }
      if let parent = DottedKey.parent(of: key) { parents.append((parent, entry)) }
    }
    for (parent, entry) in parents where !keys.contains(parent) {
      throw entry.refused("the parent `\(parent)` is missing; add it as a purpose of its own")
    }
    self.keys = keys
    self.titles = titles
  }
}
