/// Counts what was run and what differed.
struct Tally {
  /// Names what can differ.
  enum Difference: String, CaseIterable {
    case unreadable = "unreadable tests"
    case decision = "decision mismatches"
    case reason = "reason mismatches"
    case error = "error mismatches"
    case validation = "validation mismatches"
    case request = "request validation mismatches"
  }

  /// The most differences that are shown one by one.
  static let shownLimit = 50

  var tests = 0
  var requests = 0
  private(set) var counts: [Difference: Int] = [:]
  private(set) var shown: [String] = []

  /// Tells whether something ran and nothing differed.
  var isConformant: Bool { tests > 0 && counts.isEmpty }

  mutating func note(_ difference: Difference, _ file: String, _ message: String) {
    counts[difference, default: 0] += 1
    if shown.count < Tally.shownLimit { shown.append("\(file): \(message)") }
  }

  /// The table that ends a run.
  func report(seconds: Double) -> String {
    var rows = [("tests", "\(tests)"), ("requests", "\(requests)")]
    for difference in Difference.allCases {
      rows.append((difference.rawValue, "\(counts[difference] ?? 0)"))
    }
    let tenths = Int((seconds * 10).rounded())
    rows.append(("seconds", "\(tenths / 10).\(tenths % 10)"))
    let total = counts.values.reduce(0, +)
    var lines = shown
    if total > shown.count { lines.append("… and \(total - shown.count) more") }
    for (name, value) in rows {
      lines.append(name + String(repeating: " ", count: 40 - name.count - value.count) + value)
    }
    if tests == 0 { lines.append("no test was found") }
    return lines.joined(separator: "\n") + "\n"
  }
}
