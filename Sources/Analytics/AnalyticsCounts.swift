/// Reports how many rows the store holds or an act touched.
///
/// These are exact numbers for operators and tests. What analysts see goes through the release
/// gate of `Segmentation`.
public struct AnalyticsCounts: Hashable, Sendable {
  /// Profiles.
  public let profiles: Int
  /// Attribute values.
  public let attributes: Int
  /// Events.
  public let events: Int

  /// Makes a set of counts.
  ///
  /// - Parameters:
  ///   - profiles: Number of profiles.
  ///   - attributes: Number of attribute values.
  ///   - events: Number of events.
  public init(profiles: Int, attributes: Int, events: Int) {
    self.profiles = profiles
    self.attributes = attributes
    self.events = events
  }
}

/// Records one projection of the vault into the store.
public struct AnalyticsRun: Hashable, Sendable {
  /// Number of the projection, from 1, never used twice.
  public let number: Int
  /// Day it was made, in days since 1970-01-01.
  public let day: Int
  /// What it wrote.
  public let counts: AnalyticsCounts
}

/// Reports a deletion and whether its bytes have left the files already.
public struct AnalyticsDeletion: Hashable, Sendable {
  /// What was deleted.
  public let counts: AnalyticsCounts
  /// Whether the write-ahead log was emptied into the file afterwards.
  ///
  /// `false` when a reader still held it: the rows are gone for every query, their bytes stay in
  /// the files until `sweep()` succeeds.
  public let isSwept: Bool
}

/// Answers how many profiles match a condition, and of how many, at one moment.
///
/// Exact, hence not for release: see the release gate of `Segmentation`.
public struct AnalyticsMatch: Hashable, Sendable {
  /// Profiles that match.
  public let matching: Int
  /// All profiles.
  public let total: Int
}
