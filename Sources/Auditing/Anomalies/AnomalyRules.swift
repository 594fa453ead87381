internal import Sealing
internal import Transparency
internal import Vault

/// What counts as unusual; everything is counted in whole numbers, so a second run says the same.
public struct AnomalyRules: Sendable {
  /// Days before a day that make its baseline.
  public static let baselineDays = 28
  /// Days of those on which an operator must have looked, to have a baseline of their own.
  public static let baselineDaysMinimum = 5
  /// Deviations above the median from which a day is unusual.
  public static let deviationFactor = 6
  /// Looks a day below which no day is unusual.
  public static let volumeMinimum = 50
  /// Looks a day that are unusual for somebody without a baseline.
  public static let newcomerVolume = 200
  /// Refusals within the window that make a burst.
  public static let denialsMinimum = 5
  /// Length of the window in minutes.
  public static let denialMinutes = 10
  /// Hours of work, from and to, on the clock of the offset.
  public static let hours = 7..<20
  /// Days of work; 1 is Monday.
  public static let weekdays: Set<Int> = [1, 2, 3, 4, 5]
  /// Largest value of any number here.
  public static let valueMaximum = 1_000_000
  /// Types of events that are looks at persons.
  public static let lookTypes = [
    "access.exported", "access.packaged", "field.disclosed", "person.found", "token.issued",
  ]

  /// Earliest time looked at, in milliseconds since 1970-01-01 UTC.
  public let fromMilliseconds: Int64
  /// Time before which entries lie, in milliseconds since 1970-01-01 UTC.
  public let toMilliseconds: Int64
  /// See ``baselineDaysMinimum``.
  public var baselineDaysMinimum = Self.baselineDaysMinimum
  /// See ``deviationFactor``.
  public var deviationFactor = Self.deviationFactor
  /// See ``volumeMinimum``.
  public var volumeMinimum = Self.volumeMinimum
  /// See ``newcomerVolume``.
  public var newcomerVolume = Self.newcomerVolume
  /// See ``denialsMinimum``.
  public var denialsMinimum = Self.denialsMinimum
  /// See ``denialMinutes``.
  public var denialMinutes = Self.denialMinutes
  /// See ``hours``.
  public var hours = Self.hours
  /// See ``weekdays``.
  public var weekdays = Self.weekdays
  /// How far the clock of the working hours is ahead of UTC, in minutes.
  public var offsetMinutes = 0
  /// Pseudonyms whose volume and hours are not looked at: the vault's own jobs.
  public var exceptedActors: Set<String> = []

  /// Takes the usual rules for a period.
  public init(fromMilliseconds: Int64, toMilliseconds: Int64) {
    self.fromMilliseconds = fromMilliseconds
    self.toMilliseconds = toMilliseconds
  }

  /// Checks that the rules can be meant.
  ///
  /// - Throws: ``AuditingError`` `.invalidQuery`.
  public func check() throws {
    let numbers = [
      baselineDaysMinimum, deviationFactor, volumeMinimum, newcomerVolume, denialsMinimum,
      denialMinutes,
    ]
    guard numbers.allSatisfy({ (1...Self.valueMaximum).contains($0) }),
      baselineDaysMinimum <= Self.baselineDays
    else {
      throw AuditingError(
        .invalidQuery,
        "a threshold is 1 to \(Self.valueMaximum), days of a baseline at most \(Self.baselineDays)")
    }
    guard 0 <= fromMilliseconds, fromMilliseconds < toMilliseconds,
      toMilliseconds <= CanonicalJSON.integerMaximum
    else { throw AuditingError(.invalidQuery, "the period ends before it begins") }
    guard hours.lowerBound >= 0, hours.upperBound <= 24, !hours.isEmpty,
      weekdays.isSubset(of: Set(1...7)), abs(offsetMinutes) <= 14 * 60 + 59
    else { throw AuditingError(.invalidQuery, "the hours or days of work are in no calendar") }
  }

  /// Day on the clock of the working hours, in days since 1970-01-01.
  func day(_ milliseconds: Int64) -> Int {
    CivilDate.day(ofMilliseconds: milliseconds + Int64(offsetMinutes) * 60_000)
  }

  /// First moment whose events can belong to a baseline.
  var baselineStart: Int64 {
    let day = day(fromMilliseconds) - Self.baselineDays
    return Int64(day) * VaultClock.millisecondsPerDay - Int64(offsetMinutes) * 60_000
  }

  /// Whether a moment lies outside of the working hours.
  func isOutOfHours(_ milliseconds: Int64) -> Bool {
    let day = day(milliseconds)
    let local = milliseconds + Int64(offsetMinutes) * 60_000
    let hour = Int((local - Int64(day) * VaultClock.millisecondsPerDay) / 3_600_000)
    // 1970-01-01 was a Thursday.
    let weekday = ((day + 3) % 7 + 7) % 7 + 1
    return !weekdays.contains(weekday) || !hours.contains(hour)
  }

  /// SHA-256 of the rules; what the log names them by.
  var digest: [UInt8] {
    get throws {
      let members: [(key: String, value: CanonicalJSON)] = [
        ("from_ms", .integer(fromMilliseconds)), ("to_ms", .integer(toMilliseconds)),
        ("baseline_days_minimum", .integer(Int64(baselineDaysMinimum))),
        ("deviation_factor", .integer(Int64(deviationFactor))),
        ("volume_minimum", .integer(Int64(volumeMinimum))),
        ("newcomer_volume", .integer(Int64(newcomerVolume))),
        ("denials_minimum", .integer(Int64(denialsMinimum))),
        ("denial_minutes", .integer(Int64(denialMinutes))),
        ("hours", .array([hours.lowerBound, hours.upperBound].map { .integer(Int64($0)) })),
        ("weekdays", .array(weekdays.sorted().map { .integer(Int64($0)) })),
        ("offset_minutes", .integer(Int64(offsetMinutes))),
        ("excepted", .array(exceptedActors.sorted().map { .string($0) })),
      ]
      return SHA256.hash(
        try CanonicalJSON.object(try JSONObject(members)).canonicalBytes(byteCountMaximum: .max))
    }
  }
}
