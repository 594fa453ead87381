/// Finds the name that was probably meant.
enum Suggestion {
  /// The most names that are looked at; more would make an error slow.
  private static let candidateLimit = 1_000
  /// The longest name that is compared, in bytes.
  private static let lengthLimit = 64

  /// A hint with the nearest of the names; nil when none is near.
  static func hint(_ name: CedarString, among names: [CedarString]) -> String? {
    guard name.bytes.count <= lengthLimit else { return nil }
    // A name of one letter is near to every other; two letters may differ in one.
    let limit = name.bytes.count < 2 ? 0 : max(1, name.bytes.count / 3)
    var best: (name: CedarString, distance: Int)?
    for candidate in names.prefix(candidateLimit)
    where candidate != name && candidate.bytes.count <= lengthLimit
      && abs(candidate.bytes.count - name.bytes.count) <= limit
    {
      let distance = distance(name.bytes, candidate.bytes)
      if distance <= limit, distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
    return best.map { "did you mean `\($0.name)`?" }
  }

  /// Counts the insertions, deletions and replacements that make one text of the other.
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var previous = Array(0...right.count)
    for (row, byte) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        let replaced = previous[column] + (byte == other ? 0 : 1)
        current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[right.count]
  }
}

extension EntityUID {
  /// The uid as policy text has it, for messages.
  var mention: String {
    var text = "\(type)::\""
    for scalar in id.text.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\" + String(scalar)
      case "\u{0}"..."\u{1f}", "\u{7f}": text += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
