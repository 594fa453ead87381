import Foundation

/// Shows a segment's count and the total, as text for people or as JSON.
public struct SegmentReport: Hashable, Sendable {
  /// The segment's name.
  public let segment: String
  /// The segment's title.
  public let title: String
  /// Whom the segment takes in, in words.
  public let explained: String
  /// Day of the count, in days since 1970-01-01.
  public let day: Int
  /// The threshold that was applied.
  public let threshold: Int
  /// The segment's count, or that it is suppressed.
  public let count: ReleasedCount
  /// The number of all profiles, or that it is suppressed.
  public let total: ReleasedCount

  /// The report in three lines without a final line break.
  public var text: String {
    let answer =
      switch (count, total) {
      case (.released(let count), .released(let total)): "\(count) of \(total) profiles"
      case (.released(let count), .suppressed): "\(count) profiles"
      case (.suppressed(let threshold), .released(let total)):
        "suppressed: fewer than \(threshold) of the \(total) profiles are inside, or outside"
      case (.suppressed(let threshold), .suppressed):
        "suppressed: there are fewer than \(threshold) profiles"
      }
    return "\(segment): \(title)\n  \(explained)\n  \(answer)"
  }

  /// Renders the report as one JSON document with sorted keys.
  ///
  /// - Returns: JSON text; a suppressed count has a status and a threshold, and no number.
  /// - Throws: An encoding error, which no report can cause.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension SegmentReport: Encodable {}

extension ReleasedCount: Encodable {
  private enum Key: String, CodingKey {
    case status, count, threshold
  }

  /// Writes `{"status":"released","count":n}` or `{"status":"suppressed","threshold":k}`.
  ///
  /// - Parameter encoder: Where to write.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .released(let count):
      try container.encode("released", forKey: .status)
      try container.encode(count, forKey: .count)
    case .suppressed(let threshold):
      try container.encode("suppressed", forKey: .status)
      try container.encode(threshold, forKey: .threshold)
    }
  }
}
