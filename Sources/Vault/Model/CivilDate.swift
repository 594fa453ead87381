/// A day of the proleptic Gregorian calendar, without time or zone.
public struct CivilDate: Hashable, Sendable {
  /// Days from 0000-03-01, where the arithmetic starts, to 1970-01-01.
  private static let daysBeforeEpoch = 719_468
  /// Days in 400 years, after which the calendar repeats.
  private static let daysPerCycle = 146_097

  /// Year.
  public let year: Int
  /// Month, 1…12.
  public let month: Int
  /// Day of the month, 1…31.
  public let dayOfMonth: Int

  /// Converts days since 1970-01-01.
  ///
  /// Years are counted from March, so that the leap day is the last of its year.
  public init(day: Int) {
    let shifted = day + Self.daysBeforeEpoch
    let start = shifted >= 0 ? shifted : shifted - (Self.daysPerCycle - 1)
    let cycle = start / Self.daysPerCycle
    let dayOfCycle = shifted - cycle * Self.daysPerCycle
    let yearOfCycle =
      (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
  }

  /// Takes year, month and day; nil for a day that is in no calendar or a year outside 1…9999.
  public init?(year: Int, month: Int, dayOfMonth: Int) {
    guard (1...9999).contains(year), (1...12).contains(month),
      (1...Self.length(ofMonth: month, year: year)).contains(dayOfMonth)
    else { return nil }
    self.year = year
    self.month = month
    self.dayOfMonth = dayOfMonth
  }

  /// Reads `YYYY-MM-DD`; nil for any other text and for a day that is in no calendar.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    let hyphen = UInt8(ascii: "-")
    guard bytes.count == 10, bytes[4] == hyphen, bytes[7] == hyphen,
      let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
      let dayOfMonth = Self.number(bytes[8..<10])
    else { return nil }
    self.init(year: year, month: month, dayOfMonth: dayOfMonth)
  }

  /// Reads the date at the start of `YYYY-MM-DD` or `YYYY-MM-DDThh:mm…`.
  init?(startOf text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count <= 35, let date = CivilDate(String(decoding: bytes.prefix(10), as: UTF8.self))
    else { return nil }
    let time = bytes.dropFirst(10)
    let isTime = time.dropFirst().allSatisfy {
      (0x30...0x39).contains($0) || ":.+-Z".utf8.contains($0)
    }
    guard time.isEmpty || (time.first == UInt8(ascii: "T") && time.count >= 6 && isTime) else {
      return nil
    }
    self = date
  }

  /// Days since 1970-01-01 of an instant, rounded down.
  public static func day(ofMilliseconds milliseconds: Int64) -> Int {
    let day = VaultClock.millisecondsPerDay
    return Int(milliseconds >= 0 ? milliseconds / day : (milliseconds - day + 1) / day)
  }

  /// Days since 1970-01-01.
  public var day: Int {
    let shifted = month > 2 ? year : year - 1
    let daysBeforeYear = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400
    let daysBeforeMonth = (153 * ((month + 9) % 12) + 2) / 5
    return daysBeforeYear + daysBeforeMonth + dayOfMonth - 1 - Self.daysBeforeEpoch
  }

  /// `YYYY-MM-DD`.
  public var text: String { "\(monthText)-\(Self.padded(dayOfMonth, 2))" }
  /// `YYYY`.
  var yearText: String { Self.padded(year, 4) }
  /// `YYYY-MM`.
  var monthText: String { "\(yearText)-\(Self.padded(month, 2))" }

  /// Year and month as one number, such as 202611; the epoch of monthly domains.
  public var yearMonth: UInt32 { UInt32(max(year, 0) * 100 + month) }

  /// Birthdays from a date to this one; nil when it lies later.
  func wholeYears(since earlier: CivilDate) -> Int? {
    let isBeforeBirthday = (month, dayOfMonth) < (earlier.month, earlier.dayOfMonth)
    let years = year - earlier.year - (isBeforeBirthday ? 1 : 0)
    return years < 0 ? nil : years
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
