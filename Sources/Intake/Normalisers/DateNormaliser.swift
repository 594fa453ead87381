internal import Vault

/// Dates and points in time.
enum DateNormaliser {
  /// A date as `YYYY-MM-DD`, from that form or `YYYYMMDD`.
  ///
  /// No other form is read: `03/04/2020` is two different days in two countries.
  static func date(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    let hyphen = UInt8(ascii: "-")
    var text = Array(value)
    if text.count == 8 {
      text.insert(hyphen, at: 6)
      text.insert(hyphen, at: 4)
    }
    guard text.count == 10, hasDate(text) else { throw ValueFault(.malformedDate) }
    guard dayNumber(text) != nil else { throw ValueFault(.impossibleDate) }
    return text
  }

  /// A point in time by RFC 3339, in UTC as `YYYY-MM-DDThh:mm:ss[.fraction]Z`.
  ///
  /// A time without offset is refused: its day is not known.
  static func datetime(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    let bytes = Array(value)
    guard bytes.count >= 20, hasDate(bytes),
      bytes[10] | 0x20 == UInt8(ascii: "t") || bytes[10] == 0x20, bytes[13] == UInt8(ascii: ":"),
      bytes[16] == UInt8(ascii: ":"), let hour = Bytes.number(bytes[11..<13]),
      let minute = Bytes.number(bytes[14..<16]), let second = Bytes.number(bytes[17..<19])
    else { throw ValueFault(.malformedDatetime) }
    guard let day = dayNumber(bytes), hour < 24, minute < 60, second <= 60 else {
      throw ValueFault(.impossibleDate)
    }
    var rest = bytes[19...]
    let fraction = try fraction(&rest)
    let minutes = day * 1440 + hour * 60 + minute - (try offsetMinutes(rest))
    // A leap second is the last of its UTC day.
    guard second < 60 || (minutes % 1440 + 1440) % 1440 == 1439 else {
      throw ValueFault(.impossibleDate)
    }
    return try utc(minutes: minutes, second: second, fraction: fraction)
  }

  /// The day of text that begins with `YYYY-MM-DD`; nil when the calendar has no such day.
  static func dayNumber(_ text: [UInt8]) -> Int? {
    guard text.count >= 10, let year = Bytes.number(text[0..<4]),
      let month = Bytes.number(text[5..<7]), let day = Bytes.number(text[8..<10])
    else { return nil }
    return CivilDate(year: year, month: month, dayOfMonth: day)?.day
  }

  /// Whether text of at least ten bytes begins with digits and hyphens as a date does.
  private static func hasDate(_ text: [UInt8]) -> Bool {
    for index in 0..<10 {
      let isHyphen = text[index] == UInt8(ascii: "-")
      guard index == 4 || index == 7 ? isHyphen : Bytes.isDigit(text[index]) else { return false }
    }
    return true
  }

  private static func fraction(_ rest: inout ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    guard rest.first == UInt8(ascii: ".") else { return [] }
    let digits = rest.dropFirst().prefix(while: Bytes.isDigit)
    guard (1...9).contains(digits.count) else { throw ValueFault(.malformedDatetime) }
    rest = rest[digits.endIndex...]
    return [UInt8(ascii: ".")] + digits
  }

  private static func offsetMinutes(_ rest: ArraySlice<UInt8>) throws(ValueFault) -> Int {
    let bytes = Array(rest)
    if bytes.count == 1, bytes[0] | 0x20 == UInt8(ascii: "z") { return 0 }
    guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
      bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
      let hours = Bytes.number(bytes[1..<3]), let minutes = Bytes.number(bytes[4..<6]),
      hours < 24, minutes < 60
    else { throw ValueFault(.malformedDatetime) }
    let total = hours * 60 + minutes
    return bytes[0] == UInt8(ascii: "-") ? -total : total
  }

  private static func utc(
    minutes: Int, second: Int, fraction: [UInt8]
  ) throws(ValueFault) -> [UInt8] {
    let minuteOfDay = (minutes % 1440 + 1440) % 1440
    let day = CivilDate(day: (minutes - minuteOfDay) / 1440)
    guard (1...9999).contains(day.year) else { throw ValueFault(.impossibleDate) }
    var text = Array("\(day.text)T".utf8)
    for (index, number) in [minuteOfDay / 60, minuteOfDay % 60, second].enumerated() {
      if index > 0 { text.append(UInt8(ascii: ":")) }
      text += [0x30 + UInt8(number / 10), 0x30 + UInt8(number % 10)]
    }
    return text + fraction + [UInt8(ascii: "Z")]
  }
}
