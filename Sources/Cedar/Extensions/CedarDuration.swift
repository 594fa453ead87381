/// Holds a signed length of time in milliseconds.
public struct CedarDuration: Hashable, Comparable, Sendable {
  /// The length in milliseconds.
  public let milliseconds: Int64

  /// Creates a duration.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Reads text such as `-1d2h30m`: units d, h, m, s, ms in this order, each at most once.
  ///
  /// - Throws: ``CedarError`` – `.extensionFormat` for other text, `.overflow` outside 64 bits.
  public init(parsing text: CedarString) throws(CedarError) {
    var reader = DigitReader(text.bytes)
    let isNegative = reader.accept(UInt8(ascii: "-"))
    var total: Int128 = 0
    var nextUnit = 0
    repeat {
      guard let count = reader.number(),
        let unit = CedarDuration.unit(from: &reader, startingAt: nextUnit)
      else {
        throw CedarError(
          .extensionFormat, "a duration needs numbers with the units d h m s ms in order")
      }
      total += count * CedarDuration.unitMilliseconds[unit]
      nextUnit = unit + 1
    } while !reader.isAtEnd
    guard !reader.overflowed, let value = Int64(exactly: isNegative ? -total : total) else {
      throw CedarError(.overflow, "the duration is outside its range")
    }
    self.milliseconds = value
  }

  /// Orders by length.
  public static func < (left: CedarDuration, right: CedarDuration) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// Milliseconds in a day, hour, minute, second and millisecond.
  private static let unitMilliseconds: [Int128] = [86_400_000, 3_600_000, 60_000, 1_000, 1]

  private static func unit(from reader: inout DigitReader, startingAt first: Int) -> Int? {
    let unit: Int
    if reader.accept(UInt8(ascii: "d")) {
      unit = 0
    } else if reader.accept(UInt8(ascii: "h")) {
      unit = 1
    } else if reader.accept(UInt8(ascii: "m")) {
      unit = reader.accept(UInt8(ascii: "s")) ? 4 : 2
    } else if reader.accept(UInt8(ascii: "s")) {
      unit = 3
    } else {
      return nil
    }
    return unit >= first ? unit : nil
  }
}
