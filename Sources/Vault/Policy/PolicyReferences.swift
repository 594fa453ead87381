/// An entity that a policy text names, such as `Role::"dpo"`.
struct PolicyReference: Equatable {
  /// The entity type.
  let type: String
  /// The id, as written between the quotes.
  let id: String
  /// Line in the text, from 1.
  let line: Int
}

/// Finds every entity that a policy text names, also in conditions.
///
/// A mistyped name in a `forbid` would be a rule that forbids nothing, without any error at run
/// time; the vault therefore resolves every name when it loads the set.
enum PolicyReferences {
  /// Finds the references of a text.
  ///
  /// - Parameter text: A text that the Cedar parser has accepted; only then do the simple rules
  ///   used here (comments run to the end of the line, strings end at an unescaped quote) tell
  ///   tokens apart.
  /// - Returns: The references in the order of the text.
  static func all(in text: [UInt8]) -> [PolicyReference] {
    var references: [PolicyReference] = []
    var path = ""
    var line = 1
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "/"), text.dropFirst(index + 1).first == byte {
        index = text[index...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      } else if byte == UInt8(ascii: "\"") {
        let end = endOfString(in: text, from: index)
        if path.hasSuffix("::") {
          let id = String(decoding: text[(index + 1)..<end], as: UTF8.self)
          references.append(PolicyReference(type: String(path.dropLast(2)), id: id, line: line))
        }
        line += text[index..<end].count { $0 == UInt8(ascii: "\n") }
        path = ""
        index = end + 1
      } else if isPathByte(byte) {
        let end = text[index...].firstIndex { !isPathByte($0) } ?? text.count
        let word = String(decoding: text[index..<end], as: UTF8.self)
        // `User :: "u"` is one path; two words next to each other are not.
        path = path.hasSuffix("::") || word.hasPrefix("::") ? path + word : word
        index = end
      } else {
        if byte == UInt8(ascii: "\n") { line += 1 }
        if byte > 0x20, byte < 0x80 { path = "" }
        index += 1
      }
    }
    return references
  }

  private static func isPathByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: ":"): true
    default: false
    }
  }

  /// The index of the quote that ends the string begun at `start`.
  private static func endOfString(in text: [UInt8], from start: Int) -> Int {
    var index = start + 1
    while index < text.count, text[index] != UInt8(ascii: "\"") {
      index += text[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index, text.count)
  }
}
