public import Analytics

/// Decides whether a count may leave: the only way from the store to an analyst.
///
/// A count m of n profiles is released when both m and n − m reach the threshold k.
///
/// - The complement counts as much as the segment. The total is released, so whoever learns m
///   learns n − m by subtraction; a complement below k would be a small group given away.
/// - Zero is no exception, on either side. "Nobody" and "everybody" say something certain about
///   every single person, and if 0 were released while 1…k−1 is suppressed, a suppressed answer
///   today after a released 0 yesterday would point at the newcomer.
/// - The answer does not say which side was too small, nor by how much.
///
/// What the gate does not give: protection against subtracting two released answers from each
/// other. On 801 households, thresholds of 20 and 50 leave 18.6 % and 10.9 % of them isolatable
/// that way; a threshold is the first layer, not the whole protection.
public struct ReleaseGate: Hashable, Sendable {
  /// Threshold where nothing else is said.
  public static let defaultThreshold = 20
  /// Lowest threshold there can be.
  ///
  /// Below 5, a member of a group who knows one or two others of it can tell the rest apart. The
  /// number is our choice.
  public static let minimumThreshold = 5

  /// The threshold k: the smallest group that is ever told.
  public let threshold: Int

  /// Makes a gate.
  ///
  /// - Parameter threshold: The threshold k, at least ``minimumThreshold``.
  /// - Throws: ``SegmentationError`` – `.thresholdTooLow`.
  public init(threshold: Int = defaultThreshold) throws {
    guard threshold >= Self.minimumThreshold else {
      throw SegmentationError(
        .thresholdTooLow, at: nil,
        "threshold \(threshold) is below \(Self.minimumThreshold), the lowest allowed")
    }
    self.threshold = threshold
  }

  /// Passes a count of a part of the profiles through the gate.
  ///
  /// - Parameters:
  ///   - matching: Profiles in the segment.
  ///   - total: All profiles.
  /// - Returns: The count, or that it is suppressed.
  public func release(matching: Int, of total: Int) -> ReleasedCount {
    matching >= threshold && total - matching >= threshold
      ? .released(matching) : .suppressed(threshold: threshold)
  }

  /// Passes the number of all profiles through the gate; it has no complement.
  ///
  /// - Parameter total: All profiles.
  /// - Returns: The count, or that it is suppressed.
  public func release(total: Int) -> ReleasedCount {
    total >= threshold ? .released(total) : .suppressed(threshold: threshold)
  }

  /// Counts a segment and releases what may be released.
  ///
  /// - Parameters:
  ///   - segment: The segment.
  ///   - store: The store to count in.
  ///   - today: Today, in days since 1970-01-01.
  /// - Returns: The count, or that it is suppressed.
  /// - Throws: ``SegmentationError`` for a rule that does not fit the exposed attributes, and
  ///   `AnalyticsError` when the store fails.
  public func count(
    _ segment: Segment, in store: AnalyticsStore, today: Int
  ) throws -> ReleasedCount {
    try report(segment, in: store, today: today).count
  }

  /// Releases the number of all profiles, when it may be released.
  ///
  /// - Parameter store: The store to count in.
  /// - Returns: The count, or that it is suppressed.
  /// - Throws: `AnalyticsError` when the store fails.
  public func total(in store: AnalyticsStore) throws -> ReleasedCount {
    release(total: try store.count(.all([])).total)
  }

  /// Counts a segment and the total at one moment, ready to be shown.
  ///
  /// - Parameters:
  ///   - segment: The segment.
  ///   - store: The store to count in.
  ///   - today: Today, in days since 1970-01-01.
  /// - Returns: What may be released of both.
  /// - Throws: As `count`.
  public func report(
    _ segment: Segment, in store: AnalyticsStore, today: Int
  ) throws -> SegmentReport {
    let compiler = try SegmentCompiler(attributes: store.exposedAttributes(), today: today)
    let match = try store.count(compiler.compile(segment))
    return SegmentReport(
      segment: segment.name, title: segment.title, explained: segment.explained, day: today,
      threshold: threshold, count: release(matching: match.matching, of: match.total),
      total: release(total: match.total))
  }
}

/// Answers a count with the number, or says that it is withheld; a withheld number is not inside.
public enum ReleasedCount: Hashable, Sendable {
  /// The number, exact.
  case released(Int)
  /// Withheld, because the group or what is left without it has fewer than `threshold` profiles.
  case suppressed(threshold: Int)
}
