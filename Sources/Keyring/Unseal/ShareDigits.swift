/// The base-32 digits of shares; nothing here looks up a table at a place that depends on a secret.
enum ShareDigits {
  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
  /// Every accepted character with its value.
  private static let accepted: [(character: UInt8, value: UInt8)] =
    zip(alphabet, 0 as UInt8..<32).map { ($0, $1) }
    + [(UInt8(ascii: "o"), 0), (UInt8(ascii: "i"), 1), (UInt8(ascii: "l"), 1)]

  /// The character of a value below 32.
  static func character(_ value: UInt8) -> UInt8 {
    var result: UInt8 = 0
    for (candidate, character) in zip(0 as UInt8..<32, alphabet) {
      result |= character & isEqual(candidate, value)
    }
    return result
  }

  /// The value of a lower-case character, and 0xFF if there is one.
  static func value(_ character: UInt8) -> (value: UInt8, isKnown: UInt8) {
    var (value, isKnown): (UInt8, UInt8) = (0, 0)
    for candidate in accepted {
      let mask = isEqual(candidate.character, character)
      value |= candidate.value & mask
      isKnown |= mask
    }
    return (value, isKnown)
  }

  /// Writes bytes as digits, the last one filled up with zeros.
  static func pack(
    _ bytes: UnsafeRawBufferPointer, _ symbols: UnsafeMutableRawBufferPointer, _ range: Range<Int>
  ) {
    for (position, target) in range.enumerated() {
      var value: UInt8 = 0
      for bit in position * 5..<position * 5 + 5 {
        let byte = unsafe bit / 8 < bytes.count ? bytes[bit / 8] : 0
        value = value &<< 1 | byte &>> UInt8(7 - bit % 8) & 1
      }
      unsafe symbols[target] = value
    }
  }

  /// Reads digits into bytes.
  ///
  /// - Returns: The bits left over; 0 in every share.
  static func unpack(
    _ symbols: UnsafeRawBufferPointer, _ range: Range<Int>, _ bytes: UnsafeMutableRawBufferPointer
  ) -> UInt8 {
    var spare: UInt8 = 0
    for (position, source) in range.enumerated() {
      for offset in 0..<5 {
        let bit = position * 5 + offset
        let value = unsafe symbols[source] &>> UInt8(4 - offset) & 1
        if bit / 8 < bytes.count {
          unsafe bytes[bit / 8] |= value &<< UInt8(7 - bit % 8)
        } else {
          spare |= value
        }
      }
    }
    return spare
  }

  /// 0xFF for equal bytes, 0 for others.
  private static func isEqual(_ left: UInt8, _ right: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: (UInt16(left ^ right) &- 1) &>> 8)
  }
}
