/// Compares keys of canonical JSON where they stand, escapes included.
enum CanonicalKeys {
  private static let backslash = UInt8(ascii: "\\")

  /// Tells whether one key comes before another in the order of UTF-16 code units.
  ///
  /// Both are scanned strings without their quotes, so their escapes are whole and needed.
  static func precedes(_ left: Range<Int>, _ right: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    var a = left.lowerBound
    var b = right.lowerBound
    while a < left.upperBound {
      guard b < right.upperBound else { return false }
      let first = next(bytes, &a)
      let second = next(bytes, &b)
      guard first != second else { continue }
      // As in `JSONObject`: surrogates stand before U+E000…U+FFFF.
      let isSwapped =
        max(first, second) >= 0xF0 && (0xEE...0xEF).contains(min(first, second))
      return isSwapped ? first > second : first < second
    }
    return b < right.upperBound
  }

  /// Tells whether a key is an ASCII word without escapes.
  @inline(__always)
  static func equals(_ word: StaticString, _ key: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    guard word.utf8CodeUnitCount == key.count else { return false }
    return word.withUTF8Buffer { letters in
      for offset in 0..<key.count {
        guard unsafe letters[offset] == bytes[key.lowerBound + offset] else { return false }
      }
      return true
    }
  }

  /// Reads the control character of an escape `\u00xx` in lower case; nil for another escape.
  static func controlCharacter(_ bytes: Span<UInt8>, _ start: Int) -> UInt8? {
    guard start + 6 <= bytes.count, bytes[start + 2] == UInt8(ascii: "0"),
      bytes[start + 3] == UInt8(ascii: "0")
    else { return nil }
    let high = bytes[start + 4] &- UInt8(ascii: "0")
    guard high < 2 else { return nil }
    switch bytes[start + 5] {
    case let digit where digit &- UInt8(ascii: "0") < 10:
      return high << 4 | (digit &- UInt8(ascii: "0"))
    case let digit where digit &- UInt8(ascii: "a") < 6:
      return high << 4 | (digit &- UInt8(ascii: "a") + 10)
    default: return nil
    }
  }

  /// The next byte of a text, behind its escapes.
  @inline(__always)
  private static func next(_ bytes: Span<UInt8>, _ position: inout Int) -> UInt8 {
    let byte = bytes[position]
    guard byte == backslash else {
      position += 1
      return byte
    }
    return escaped(bytes, &position)
  }

  private static func escaped(_ bytes: Span<UInt8>, _ position: inout Int) -> UInt8 {
    let letter = bytes[position + 1]
    guard letter != UInt8(ascii: "u") else {
      defer { position += 6 }
      return controlCharacter(bytes, position) ?? 0
    }
    position += 2
    switch letter {
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    default: return letter
    }
  }
}
