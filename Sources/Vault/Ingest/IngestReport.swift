/// What became of the records handed to the vault.
public struct IngestReport: Sendable, Hashable {
  /// Records that are new.
  public var added = 0
  /// Profile records that replaced an older one.
  public var replaced = 0
  /// Profile records collected before the one the vault holds; the later one stays.
  public var outdated = 0
  /// Records the vault had already, to the byte.
  public var unchanged = 0
  /// Events whose id is known with another content; the first one stays.
  public var conflicting = 0
  /// Records of people who asked not to come back; not stored.
  public var suppressed = 0
  /// Records past their retention term on arrival; not stored.
  public var expired = 0
  /// Records of people whose erasure is under way; not stored.
  public var fenced = 0
  /// Records that rest on consent their subject has withdrawn; not stored.
  public var withdrawn = 0
  /// Subjects seen for the first time.
  public var subjects = 0

  /// Creates an empty report.
  public init() {}

  /// Number of records the report accounts for.
  public var total: Int {
    added + replaced + outdated + unchanged + conflicting + suppressed + expired + fenced
      + withdrawn
  }

  /// Adds another report's counts.
  public mutating func add(_ other: IngestReport) {
    added += other.added
    replaced += other.replaced
    outdated += other.outdated
    unchanged += other.unchanged
    conflicting += other.conflicting
    suppressed += other.suppressed
    expired += other.expired
    fenced += other.fenced
    withdrawn += other.withdrawn
    subjects += other.subjects
  }

  /// The counts by name, in the order they are shown.
  public var counts: [(name: String, count: Int)] {
    [
      ("added", added), ("replaced", replaced), ("outdated", outdated),
      ("unchanged", unchanged), ("conflicting", conflicting), ("suppressed", suppressed),
      ("expired", expired),
      ("fenced", fenced), ("withdrawn", withdrawn), ("subjects", subjects),
    ]
  }
}
