/// Holds a decimal number with up to four fraction digits.
///
/// The range is -922337203685477.5808 … 922337203685477.5807. Decimals have methods for comparison;
/// the operators `<` and `<=` do not apply to them.
public struct CedarDecimal: Hashable, Sendable {
  /// The number multiplied by 10 000.
  public let scaled: Int64

  /// The number of fraction digits that can be held.
  public static let fractionDigitLimit = 4

  /// Creates a decimal from the number multiplied by 10 000.
  public init(scaled: Int64) { self.scaled = scaled }

  /// Reads text such as `-12.5`: digits on both sides of the point, one to four after it.
  ///
  /// - Throws: ``CedarError`` – `.extensionFormat` for other text, `.overflow` outside the range.
  public init(parsing text: CedarString) throws(CedarError) {
    var reader = DigitReader(text.bytes)
    let isNegative = reader.accept(UInt8(ascii: "-"))
    guard var total = reader.number(), reader.accept(UInt8(ascii: ".")) else {
      throw CedarError(.extensionFormat, "a decimal needs digits, a point and one to four digits")
    }
    var digitCount = 0
    while let digit = reader.digit() {
      digitCount += 1
      guard digitCount <= CedarDecimal.fractionDigitLimit else { break }
      total = total * 10 + Int128(digit)
    }
    guard reader.isAtEnd, digitCount >= 1, digitCount <= CedarDecimal.fractionDigitLimit else {
      throw CedarError(.extensionFormat, "a decimal needs digits, a point and one to four digits")
    }
    for _ in digitCount..<CedarDecimal.fractionDigitLimit { total *= 10 }
    guard !reader.overflowed, let scaled = Int64(exactly: isNegative ? -total : total) else {
      throw CedarError(.overflow, "the decimal is outside its range")
    }
    self.scaled = scaled
  }
}

/// Reads ASCII digits and single bytes from the front of a byte string.
struct DigitReader {
  let bytes: [UInt8]
  private(set) var index = 0
  /// Set once a number was larger than any of the extension types can hold.
  private(set) var overflowed = false

  /// Larger than any number that fits in 64 bits; keeps `Int128` sums safe.
  private static let ceiling: Int128 = 1_000_000_000_000_000_000_000

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { index == bytes.count }

  mutating func accept(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  mutating func digit() -> Int? {
    guard index < bytes.count, Identifier.isDigit(bytes[index]) else { return nil }
    defer { index += 1 }
    return Int(bytes[index] - 48)
  }

  /// Reads one or more digits; nil when there is none.
  mutating func number() -> Int128? {
    guard var value = digit().map({ Int128($0) }) else { return nil }
    while let next = digit() {
      value = value * 10 + Int128(next)
      if value > DigitReader.ceiling {
        overflowed = true
        value = DigitReader.ceiling
      }
    }
    return value
  }

  /// Reads exactly `count` digits.
  mutating func fixedNumber(count: Int) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let next = digit() else { return nil }
      value = value * 10 + next
    }
    return value
  }
}
