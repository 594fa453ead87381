/// Finds the name that somebody probably meant.
enum Suggestion {
  /// Spells `, did you mean ...?` when a known name is near, else nothing.
  static func text(for name: String, among known: some Sequence<String>) -> String {
    guard let nearest = nearest(to: name, among: known) else { return "" }
    return ", did you mean `\(nearest)`?"
  }

  /// Returns the nearest name within a third of the length, at most 3 edits; ties go by alphabet.
  static func nearest(to name: String, among known: some Sequence<String>) -> String? {
    let word = Array(name.prefix(SegmentLimits.nameByteCount).lowercased().utf8)
    let limit = min(3, max(1, word.count / 3))
    let candidates = known.map { ($0, distance(word, Array($0.utf8))) }.filter { $0.1 <= limit }
    return candidates.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }

  /// Counts insertions, deletions, replacements and swaps of neighbours between two words.
  static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var older: [Int] = []
    var previous = Array(0...second.count)
    for (row, byte) in first.enumerated() {
      var current = [row + 1]
      for (column, other) in second.enumerated() {
        var best = min(
          previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1,
          current[column] + 1)
        let isSwap =
          row > 0 && column > 0 && byte == second[column - 1] && first[row - 1] == other
        if isSwap { best = min(best, older[column - 1] + 1) }
        current.append(best)
      }
      (older, previous) = (previous, current)
    }
    return previous[second.count]
  }
}
