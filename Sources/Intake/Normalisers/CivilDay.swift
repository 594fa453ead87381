/// Days of the Gregorian calendar as numbers: day 0 is 1970-01-01.
enum CivilDay {
  /// The number of a day.
  ///
  /// - Parameters:
  ///   - year: 1…9999.
  ///   - month: 1…12.
  ///   - day: 1…31.
  /// - Returns: Nil when the calendar has no such day.
  static func number(year: Int, month: Int, day: Int) -> Int? {
    guard (1...9999).contains(year), (1...12).contains(month),
      (1...length(ofMonth: month, year: year)).contains(day)
    else { return nil }
    // Years are counted from March, so that the leap day is the last of its year.
    let shifted = month > 2 ? year : year - 1
    let daysBeforeYear = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400
    let daysBeforeMonth = (153 * ((month + 9) % 12) + 2) / 5
    return daysBeforeYear + daysBeforeMonth + day - 1 - 719_468
  }

  /// The day of a number, as `YYYY-MM-DD`.
  ///
  /// - Parameter number: A day of the years 1…9999.
  /// - Returns: Nil for a day of another year.
  static func text(of number: Int) -> String? {
    let days = number + 719_468
    guard days >= 306, number <= 2_932_896 else { return nil }
    let estimate = (days * 400 + 591) / 146_097
    let isTooLate = 365 * estimate + estimate / 4 - estimate / 100 + estimate / 400 > days
    let shifted = isTooLate ? estimate - 1 : estimate
    let dayOfYear = days - (365 * shifted + shifted / 4 - shifted / 100 + shifted / 400)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = (monthFromMarch + 2) % 12 + 1
    let year = month > 2 ? shifted : shifted + 1
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  private static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
