/// The check characters of a share: a BCH code over GF(32).
///
/// Symbols are coefficients in GF(2)[z]/(z^5 + z^2 + 1); the generator has the zeros 1, a, a², a³
/// for an element a of order 1023 of GF(1024), a² = a + 3. Four consecutive zeros give a distance
/// of five: up to four wrong characters are always noticed, other errors but once in 2^35.
enum ShareChecksum {
  /// Number of check characters.
  static let symbolCount = 7
  /// The generator's coefficients from x^6 down, behind the leading 1.
  private static let generator: [UInt64] = [3, 10, 0, 3, 18, 6, 31]
  private static let remainderMask: UInt64 = 1 << 30 - 1

  /// The generator times 1, z, z², z³, z⁴, packed five bits a coefficient.
  private static let multiples: [UInt64] = (0..<5).map { power in
    generator.reduce(0) { packed, coefficient in
      var value = coefficient
      for _ in 0..<power { value = value << 1 ^ (value >> 4) * 0b100101 }
      return packed << 5 | value
    }
  }

  /// Fills in the last seven symbols.
  static func complete(_ symbols: UnsafeMutableRawBufferPointer) {
    let start = symbols.count - symbolCount
    for offset in start..<symbols.count { unsafe symbols[offset] = 0 }
    let rest = unsafe remainder(UnsafeRawBufferPointer(symbols))
    for offset in 0..<symbolCount {
      let shift = UInt64(5 * (symbolCount - 1 - offset))
      unsafe symbols[start + offset] = UInt8(rest &>> shift & 31)
    }
  }

  /// Whether the check characters fit.
  static func isSound(_ symbols: UnsafeRawBufferPointer) -> Bool {
    unsafe remainder(symbols) == 0
  }

  /// The symbols' remainder modulo the generator, starting from 1 so that zeros are no share.
  private static func remainder(_ symbols: UnsafeRawBufferPointer) -> UInt64 {
    var rest: UInt64 = 1
    for offset in 0..<symbols.count {
      let symbol = unsafe symbols[offset]
      let top = rest &>> 30
      rest = (rest & remainderMask) &<< 5 ^ UInt64(symbol)
      for (bit, multiple) in zip(0 as UInt64..<5, multiples) {
        rest ^= multiple & (0 &- (top &>> bit & 1))
      }
    }
    return rest
  }
}
