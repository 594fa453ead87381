public import Vault

/// Something unusual that the log shows; for a person to look into, and no proof of anything.
public struct Anomaly: Sendable, Equatable {
  /// What is unusual.
  public enum Code: String, Sendable, CaseIterable {
    /// A day with more looks than the operator's own baseline allows.
    case volume
    /// A day with many looks by somebody who has no baseline.
    case newcomerVolume = "newcomer_volume"
    /// Acts outside of the working hours.
    case outOfHours = "out_of_hours"
    /// Many refusals in a short time.
    case denials
    /// A planted person was touched.
    case honeytoken
  }

  /// Most places listed of one finding.
  public static let entriesMaximum = 100

  /// What is unusual.
  public let code: Code
  /// Pseudonym of who acted.
  public let actor: String
  /// When it began, in milliseconds since 1970-01-01 UTC.
  public let fromMilliseconds: Int64
  /// When it ended, in milliseconds since 1970-01-01 UTC.
  public let toMilliseconds: Int64
  /// Number of events.
  public let count: Int
  /// The number that was passed or reached; nil where there is none.
  public let threshold: Int?
  /// Places in the log, at most ``entriesMaximum``.
  public let entries: [Int]

  init(_ code: Code, _ actor: String, _ acts: [Act], count: Int? = nil, threshold: Int? = nil) {
    self.code = code
    self.actor = actor
    fromMilliseconds = acts.map(\.milliseconds).min() ?? 0
    toMilliseconds = acts.map(\.milliseconds).max() ?? 0
    self.count = count ?? acts.count
    self.threshold = threshold
    entries = acts.prefix(Self.entriesMaximum).map(\.sequence)
  }

  /// An event in time.
  struct Act: Equatable {
    let sequence: Int
    let milliseconds: Int64
  }
}

/// What an analysis has found.
public struct AnomalyReport: Sendable {
  /// The findings, in order of their codes, operators and times.
  public let findings: [Anomaly]
  /// Planted persons that were watched.
  public let honeytokens: Int
  /// Planted subjects that are erased and watch nothing.
  public let lostHoneytokens: Int
  /// Entries looked at, with those of the baseline.
  public let entries: Int
  /// Size of the tree.
  public let treeSize: Int
  /// Number of the first entry that is there; those before were pruned.
  public let firstKept: Int
  /// Place in the log of the event about this reading.
  public let reading: Int
  /// The operators by their pseudonyms.
  public let operators: [String: LogOperator]
}
