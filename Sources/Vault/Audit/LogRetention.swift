internal import Transparency

/// The published rule by which old entries of the log go: a text file beside the checkpoint.
///
/// The log itself, not this file, is the evidence: the event `log.pruned` has the same numbers.
///
/// - SeeAlso: `docs/format.md#log-retention`.
struct LogRetention: Equatable {
  static let fileName = "retention"
  static let header = "lethe-log-retention 1"
  /// Longest file in bytes.
  static let byteCountMaximum = 1024

  /// Days for which entries are kept at least; nil keeps them for good from now on.
  let keepDays: Int?
  /// Index below which entries are gone.
  let minimumIndex: Int
  /// Place of the event that says so; nil while nothing is gone.
  let event: Int?

  /// The file.
  var bytes: [UInt8] {
    var lines = [Self.header, "keep_days \(keepDays.map(String.init) ?? "forever")"]
    lines.append("minimum_index \(minimumIndex)")
    if let event { lines.append("entry \(event)") }
    return Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  /// Whether there is anything to publish.
  var isWorthTelling: Bool { keepDays != nil || minimumIndex > 0 }
}

extension LogRetention {
  /// The minimum index that a file states; nil when it is none.
  static func minimumIndex(in bytes: [UInt8]) -> Int? {
    guard bytes.count <= byteCountMaximum, let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    let lines = text.split(separator: "\n")
    guard lines.first.map(String.init) == header else { return nil }
    let label = "minimum_index "
    return lines.first { $0.hasPrefix(label) }.flatMap { Int($0.dropFirst(label.count)) }
  }
}
