/// Holds an instant as milliseconds since 1970-01-01T00:00:00Z.
public struct CedarDateTime: Hashable, Comparable, Sendable {
  /// The distance from the epoch in milliseconds.
  public let milliseconds: Int64

  /// Milliseconds in a day.
  static let dayMilliseconds: Int64 = 86_400_000

  /// Creates an instant.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Reads `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ss[.SSS](Z|+hhmm|-hhmm)`.
  ///
  /// - Throws: ``CedarError`` – `.extensionFormat` for other text or an impossible date.
  public init(parsing text: CedarString) throws(CedarError) {
    var reader = DigitReader(text.bytes)
    guard let days = CedarDateTime.date(from: &reader) else {
      throw CedarError(.extensionFormat, "the text is not a datetime")
    }
    var total = days * CedarDateTime.dayMilliseconds
    if !reader.isAtEnd {
      guard let time = CedarDateTime.time(from: &reader), reader.isAtEnd else {
        throw CedarError(.extensionFormat, "the text is not a datetime")
      }
      total += time
    }
    self.milliseconds = total
  }

  /// Orders by time.
  public static func < (left: CedarDateTime, right: CedarDateTime) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// Adds a duration; nil when the result leaves 64 bits.
  func offset(by duration: CedarDuration) -> CedarDateTime? {
    let (sum, overflow) = milliseconds.addingReportingOverflow(duration.milliseconds)
    return overflow ? nil : CedarDateTime(milliseconds: sum)
  }

  /// Measures the time since another instant; nil when the result leaves 64 bits.
  func durationSince(_ other: CedarDateTime) -> CedarDuration? {
    let (difference, overflow) = milliseconds.subtractingReportingOverflow(other.milliseconds)
    return overflow ? nil : CedarDuration(milliseconds: difference)
  }

  /// The start of the UTC day, rounding down also before 1970; nil when it leaves 64 bits.
  var startOfDay: CedarDateTime? {
    let (start, overflow) = milliseconds.subtractingReportingOverflow(timeOfDay.milliseconds)
    return overflow ? nil : CedarDateTime(milliseconds: start)
  }

  /// The time since the start of the UTC day, never negative.
  var timeOfDay: CedarDuration {
    let remainder = milliseconds % CedarDateTime.dayMilliseconds
    return CedarDuration(
      milliseconds: remainder < 0 ? remainder + CedarDateTime.dayMilliseconds : remainder)
  }

  /// Reads `YYYY-MM-DD` as days since the epoch.
  private static func date(from reader: inout DigitReader) -> Int64? {
    guard let year = reader.fixedNumber(count: 4), reader.accept(UInt8(ascii: "-")),
      let month = reader.fixedNumber(count: 2), reader.accept(UInt8(ascii: "-")),
      let day = reader.fixedNumber(count: 2)
    else { return nil }
    return CivilDate.days(year: year, month: month, day: day).map { Int64($0) }
  }

  /// Reads `Thh:mm:ss[.SSS]` and the zone as milliseconds to add to the start of the day.
  private static func time(from reader: inout DigitReader) -> Int64? {
    guard reader.accept(UInt8(ascii: "T")),
      let hour = reader.fixedNumber(count: 2), hour < 24, reader.accept(UInt8(ascii: ":")),
      let minute = reader.fixedNumber(count: 2), minute < 60, reader.accept(UInt8(ascii: ":")),
      let second = reader.fixedNumber(count: 2), second < 60
    else { return nil }
    var fraction = 0
    if reader.accept(UInt8(ascii: ".")) {
      guard let value = reader.fixedNumber(count: 3) else { return nil }
      fraction = value
    }
    guard let zone = zoneMinutes(from: &reader) else { return nil }
    return Int64(((hour * 60 + minute - zone) * 60 + second) * 1_000 + fraction)
  }

  private static func zoneMinutes(from reader: inout DigitReader) -> Int? {
    if reader.accept(UInt8(ascii: "Z")) { return 0 }
    let isNegative = reader.accept(UInt8(ascii: "-"))
    guard isNegative || reader.accept(UInt8(ascii: "+")),
      let hours = reader.fixedNumber(count: 2), hours < 24,
      let minutes = reader.fixedNumber(count: 2), minutes < 60
    else { return nil }
    return (isNegative ? -1 : 1) * (hours * 60 + minutes)
  }
}

/// Counts days in the proleptic Gregorian calendar.
enum CivilDate {
  /// Counts the days from 1970-01-01 to a date; nil when the date does not exist.
  static func days(year: Int, month: Int, day: Int) -> Int? {
    guard month >= 1, month <= 12, day >= 1, day <= length(ofMonth: month, year: year) else {
      return nil
    }
    // Years start in March, so that the leap day is the last day of a year.
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
