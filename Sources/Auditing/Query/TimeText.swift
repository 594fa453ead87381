internal import Vault

/// Times as people write them; days and times without a zone are in UTC.
public enum TimeText {
  private static let minute: Int64 = 60_000
  private static let fractionDigitsMaximum = 9

  /// Reads `2026-03-01`, `2026-03-01T08:30`, `2026-03-01T08:30:15.250+03:00` or milliseconds since
  /// 1970-01-01 UTC.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - isEnd: Whether the text ends a period; a day then stands for the moment after it.
  /// - Returns: Milliseconds since 1970-01-01 UTC.
  /// - Throws: ``AuditingError`` `.invalidQuery`.
  public static func milliseconds(_ text: String, isEnd: Bool = false) throws -> Int64 {
    let bytes = Array(text.utf8)
    if (5...16).contains(bytes.count), let number = number(bytes[...]) { return Int64(number) }
    guard let date = day(bytes.prefix(10)) else { throw malformed }
    let start = Int64(date.day) * VaultClock.millisecondsPerDay
    if bytes.count == 10 { return isEnd ? start + VaultClock.millisecondsPerDay : start }
    guard bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ") else { throw malformed }
    var rest = bytes[11...]
    let offset = try takeZone(&rest)
    return start + (try time(rest)) - Int64(offset) * minute
  }

  /// Reads `+03:00`, `-0430` or `Z`: minutes ahead of UTC.
  ///
  /// - Throws: ``AuditingError`` `.invalidQuery`.
  public static func offsetMinutes(_ text: String) throws -> Int {
    var rest = Array(text.utf8)[...]
    let offset = try takeZone(&rest)
    guard rest.isEmpty, !text.isEmpty else { throw malformed }
    return offset
  }

  /// Writes a time as RFC 3339 in UTC with milliseconds.
  public static func text(_ milliseconds: Int64) -> String {
    let day = CivilDate.day(ofMilliseconds: milliseconds)
    let rest = Int(milliseconds - Int64(day) * VaultClock.millisecondsPerDay)
    let parts = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { padded($0, 2) }
    return "\(CivilDate(day: day).text)T\(parts.joined(separator: ":")).\(padded(rest % 1000, 3))Z"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  private static func day(_ bytes: ArraySlice<UInt8>) -> CivilDate? {
    let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], let year = number(parts[0]),
      let month = number(parts[1]), let dayOfMonth = number(parts[2])
    else { return nil }
    return CivilDate(year: year, month: month, dayOfMonth: dayOfMonth)
  }

  /// Takes a zone from the end of a time: minutes ahead of UTC; 0 when there is none.
  private static func takeZone(_ bytes: inout ArraySlice<UInt8>) throws -> Int {
    if bytes.last == UInt8(ascii: "Z") {
      bytes.removeLast()
      return 0
    }
    guard
      let place = bytes.lastIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") })
    else { return 0 }
    let digits = bytes[(place + 1)...].filter { $0 != UInt8(ascii: ":") }
    guard digits.count == 4, let hours = number(digits[..<2]), let minutes = number(digits[2...]),
      hours <= 14, minutes < 60
    else { throw malformed }
    let sign = bytes[place] == UInt8(ascii: "-") ? -1 : 1
    bytes = bytes[..<place]
    return sign * (hours * 60 + minutes)
  }

  private static func time(_ bytes: ArraySlice<UInt8>) throws -> Int64 {
    let whole = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let parts = (whole.first ?? []).split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    let numbers = parts.compactMap { $0.count == 2 ? number($0) : nil }
    guard (1...2).contains(whole.count), (2...3).contains(parts.count),
      numbers.count == parts.count, numbers[0] < 24, numbers[1] < 60, numbers.last ?? 60 < 60,
      whole.count == 1 || parts.count == 3
    else { throw malformed }
    let seconds = parts.count == 3 ? numbers[2] : 0
    return Int64(numbers[0] * 60 + numbers[1]) * minute + Int64(seconds * 1000)
      + (whole.count == 2 ? try milliseconds(fraction: whole[1]) : 0)
  }

  private static func milliseconds(fraction: ArraySlice<UInt8>) throws -> Int64 {
    guard (1...fractionDigitsMaximum).contains(fraction.count), number(fraction) != nil else {
      throw malformed
    }
    let three = Array((fraction + [0x30, 0x30]).prefix(3))
    return Int64(number(three[...]) ?? 0)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static let malformed = AuditingError(
    .invalidQuery,
    "a time is written `2026-03-01`, `2026-03-01T08:30+03:00` or in milliseconds since 1970")
}
