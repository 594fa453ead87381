/// Matches strings against a `like` pattern.
///
/// Matching is by Unicode scalar without normalisation. Comparing bytes gives the same answer,
/// because a literal run starts and ends at scalar borders and UTF-8 never finds one scalar inside
/// another.
struct Pattern: Hashable, Sendable {
  /// The literal runs; a wildcard stands between each two of them, so there is always at least one
  /// run.
  let runs: [[UInt8]]

  /// Creates a pattern from the parts of its literal.
  init(_ parts: [StringLiteral.Part]) {
    var runs: [[UInt8]] = [[]]
    for part in parts {
      switch part {
      case .bytes(let bytes): runs[runs.count - 1] += bytes
      case .wildcard: runs.append([])
      }
    }
    self.runs = runs
  }

  /// Tells whether the whole text matches.
  ///
  /// - Complexity: O(n·m) in the lengths of text and pattern.
  func matches(_ text: CedarString) -> Bool {
    let bytes = text.bytes
    guard runs.count > 1 else { return bytes == runs[0] }
    let prefix = runs[0]
    let suffix = runs[runs.count - 1]
    guard bytes.count >= prefix.count + suffix.count, bytes.starts(with: prefix) else {
      return false
    }
    let limit = bytes.count - suffix.count
    guard bytes[limit...].elementsEqual(suffix) else { return false }
    // The first place where a run fits leaves the most room for the runs after it.
    var position = prefix.count
    for run in runs[1..<(runs.count - 1)] {
      guard let found = Pattern.find(run, in: bytes, from: position, to: limit) else {
        return false
      }
      position = found + run.count
    }
    return true
  }

  private static func find(
    _ run: [UInt8], in bytes: [UInt8], from start: Int, to limit: Int
  ) -> Int? {
    var position = start
    while position + run.count <= limit {
      if bytes[position..<(position + run.count)].elementsEqual(run) { return position }
      position += 1
    }
    return nil
  }
}
