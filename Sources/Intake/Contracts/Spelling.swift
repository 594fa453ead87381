/// Proposes the known word nearest to an unknown one.
enum Spelling {
  /// Most edits between a word and the one proposed for it.
  static let maximumDistance = 3

  /// The nearest of `candidates`, when one is near enough to be a misspelling.
  ///
  /// - Complexity: O(length²) for each candidate; words longer than 64 bytes get no proposal.
  static func nearest(to word: String, in candidates: [String]) -> String? {
    let typed = Array(word.utf8)
    guard typed.count <= 64 else { return nil }
    let bound = min(maximumDistance, max(1, typed.count / 3))
    var best: (distance: Int, word: String)?
    for candidate in candidates.sorted() {
      let distance = distance(typed, Array(candidate.utf8))
      if distance <= bound, distance < best?.distance ?? Int.max { best = (distance, candidate) }
    }
    return best?.word
  }

  /// "did you mean …" for an unknown word, or the list of what is allowed.
  static func advice(for word: String, in candidates: [String]) -> String {
    if let near = nearest(to: word, in: candidates) { return "did you mean `\(near)`?" }
    return "allowed: \(candidates.joined(separator: ", "))"
  }

  /// Edits between two words: a byte put in, left out or replaced, or two neighbours exchanged.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        let replaced = rows[i][j] + (a[i] == b[j] ? 0 : 1)
        var least = min(replaced, rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, rows[i - 1][j - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}

/// Text from a policy file as it may appear in a message: one line, printable, short.
func quoted(_ text: String) -> String {
  var shown = ""
  for scalar in text.unicodeScalars.prefix(64) {
    shown.unicodeScalars.append(scalar.properties.generalCategory == .control ? "?" : scalar)
  }
  return "`\(shown)`" + (text.unicodeScalars.count > 64 ? "…" : "")
}
