/// Proposes the known word nearest to a mistyped one.
enum NearestWord {
  /// Most edits between a word and the one proposed for it.
  static let maximumDistance = 3
  /// Longest word that gets a proposal, in bytes.
  static let maximumByteCount = 64

  /// The nearest of `words`, when one is near enough to be meant; the first in order among equals.
  ///
  /// - Complexity: O(length²) for every word.
  static func nearest(to typed: String, in words: some Sequence<String>) -> String? {
    let bytes = Array(typed.utf8)
    guard bytes.count <= maximumByteCount else { return nil }
    let bound = min(maximumDistance, max(1, bytes.count / 3))
    return words.sorted()
      .map { (word: $0, distance: distance(bytes, Array($0.utf8))) }
      .filter { $0.distance <= bound }
      .min { $0.distance < $1.distance }?.word
  }

  /// ``did you mean `x`?`` or the fallback.
  static func advice(
    for typed: String, in words: some Sequence<String>, otherwise: String
  ) -> String {
    nearest(to: typed, in: words).map { "did you mean `\($0)`?" } ?? otherwise
  }

  /// The least number of inserted, removed and replaced bytes (Levenshtein).
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let replaced = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[right.count]
  }
}

extension String {
  /// The text as a message may show it: in backticks, on one line, short.
  var inMessage: String {
    let limit = 64
    let shown = unicodeScalars.prefix(limit).map {
      $0.properties.generalCategory == .control || $0 == "`" ? "?" : String($0)
    }
    return "`\(shown.joined())\(unicodeScalars.count > limit ? "…" : "")`"
  }
}
