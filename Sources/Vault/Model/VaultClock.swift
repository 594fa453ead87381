import Foundation

/// Tells the time; handed in from outside so that tests and the demo decide it.
public struct VaultClock: Sendable {
  /// Milliseconds in a day.
  public static let millisecondsPerDay: Int64 = 86_400_000

  private let read: @Sendable () -> Int64

  /// Creates a clock that reads milliseconds since 1970-01-01 UTC from a closure.
  public init(milliseconds: @escaping @Sendable () -> Int64) {
    read = milliseconds
  }

  /// The machine's clock.
  public static let system = VaultClock { Int64(Date().timeIntervalSince1970 * 1000) }

  /// Milliseconds since 1970-01-01 UTC.
  public var milliseconds: Int64 { read() }
  /// Days since 1970-01-01 UTC.
  public var day: Int { CivilDate.day(ofMilliseconds: milliseconds) }
}

/// Civil dates of the proleptic Gregorian calendar, without time zones.
public struct CivilDate: Hashable, Sendable {
  /// Year.
  public let year: Int
  /// Month, 1…12.
  public let month: Int
  /// Day of the month, 1…31.
  public let dayOfMonth: Int

  /// Converts days since 1970-01-01.
  ///
  /// The arithmetic counts 400-year cycles of 146,097 days with years that begin in March, so that
  /// the leap day is the last of its year.
  public init(day: Int) {
    let shifted = day + 719_468
    let cycle = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfCycle = shifted - cycle * 146_097
    let yearOfCycle =
      (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since 1970-01-01 of an instant, rounded down.
  public static func day(ofMilliseconds milliseconds: Int64) -> Int {
    let day = VaultClock.millisecondsPerDay
    return Int(milliseconds >= 0 ? milliseconds / day : (milliseconds - day + 1) / day)
  }

  /// `YYYY-MM-DD`.
  public var text: String {
    "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2))"
  }

  /// Year and month as one number, such as 202611; the epoch of monthly domains.
  public var yearMonth: UInt32 { UInt32(max(year, 0) * 100 + month) }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
