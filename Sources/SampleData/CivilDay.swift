/// Names a day of the proleptic Gregorian calendar, without a time zone.
///
/// The conversions follow Howard Hinnant's paper "chrono-Compatible Low-Level Date Algorithms":
/// eras of 400 years whose years begin in March.
public struct CivilDay: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01; negative before it.
  public let daysSince1970: Int

  /// Takes a count of days since 1970-01-01.
  public init(daysSince1970: Int) {
    self.daysSince1970 = daysSince1970
  }

  /// Takes a year, month and day, or nothing when the calendar has no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
    guard day <= Self.length(ofMonth: month, year: year) else { return nil }
    let marchYear = month <= 2 ? year - 1 : year
    let era = marchYear / 400
    let yearOfEra = marchYear - era * 400
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    daysSince1970 = era * Self.daysPerEra + dayOfEra - Self.daysFromEraTo1970
  }

  /// The day as `YYYY-MM-DD`.
  public var text: String {
    let (year, month, day) = parts
    return padded(year, width: 4) + "-" + padded(month, width: 2) + "-" + padded(day, width: 2)
  }

  /// Compares two days by their order in time.
  public static func < (left: CivilDay, right: CivilDay) -> Bool {
    left.daysSince1970 < right.daysSince1970
  }

  /// Moves a day back by a number of days.
  func back(days: Int) -> CivilDay {
    CivilDay(daysSince1970: daysSince1970 - days)
  }

  /// The year, month and day.
  var parts: (year: Int, month: Int, day: Int) {
    let shifted = daysSince1970 + Self.daysFromEraTo1970
    let era = (shifted >= 0 ? shifted : shifted - (Self.daysPerEra - 1)) / Self.daysPerEra
    let dayOfEra = shifted - era * Self.daysPerEra
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static let daysPerEra = 146_097
  private static let daysFromEraTo1970 = 719_468

  private static func length(ofMonth month: Int, year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    switch month {
    case 2: return isLeap ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
  }
}

/// Names a moment to the second, in UTC.
struct SampleMoment: Sendable {
  let day: CivilDay
  let second: Int

  /// The moment as `YYYY-MM-DDTHH:MM:SSZ`.
  var text: String { day.text + "T" + clock + "Z" }

  /// The moment with milliseconds, the form the Segment libraries send.
  func text(milliseconds: Int) -> String {
    day.text + "T" + clock + "." + padded(milliseconds, width: 3) + "Z"
  }

  private var clock: String {
    padded(second / 3600, width: 2) + ":" + padded(second / 60 % 60, width: 2) + ":"
      + padded(second % 60, width: 2)
  }
}

/// Writes a number that is not negative with leading zeros.
func padded(_ number: Int, width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
