/// Passes over canonical JSON without building a value.
///
/// Accepts exactly what ``CanonicalJSON/init(canonicalBytes:byteCountMaximum:)`` accepts; a test
/// compares the two on changed inputs. It says only yes or no: the reason of a refusal comes from
/// the parser, which is slow and seldom asked.
enum CanonicalScan {
  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")
  private static let zero = UInt8(ascii: "0")

  /// Tells whether bytes are one canonical value within the size of an event.
  static func isCanonical(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count <= CanonicalJSON.eventByteCountMaximum else { return false }
    var position = 0
    return value(bytes, &position, depth: 0) && position == bytes.count
  }

  /// Passes over one value.
  static func value(_ bytes: Span<UInt8>, _ position: inout Int, depth: Int) -> Bool {
    guard position < bytes.count else { return false }
    switch bytes[position] {
    case quote: return string(bytes, &position)
    case UInt8(ascii: "{"): return object(bytes, &position, depth: depth) { _, _ in }
    case UInt8(ascii: "["): return array(bytes, &position, depth: depth)
    case UInt8(ascii: "t"): return word("true", bytes, &position)
    case UInt8(ascii: "f"): return word("false", bytes, &position)
    case UInt8(ascii: "n"): return word("null", bytes, &position)
    default: return integer(bytes, &position) != nil
    }
  }

  /// Passes over an object whose keys stand in canonical order, each once.
  ///
  /// - Parameters:
  ///   - bytes: The text.
  ///   - position: Where the object begins, and then where it ends.
  ///   - depth: How many values it stands in.
  ///   - visit: Takes the places of a key, without its quotes, and of its value.
  /// - Returns: False when the bytes are something else.
  @inline(__always)
  static func object(
    _ bytes: Span<UInt8>, _ position: inout Int, depth: Int,
    visit: (_ key: Range<Int>, _ value: Range<Int>) -> Void
  ) -> Bool {
    guard depth < CanonicalJSON.depthMaximum, take(UInt8(ascii: "{"), bytes, &position) else {
      return false
    }
    if take(UInt8(ascii: "}"), bytes, &position) { return true }
    var last: Range<Int>?
    repeat {
      let start = position + 1
      guard string(bytes, &position) else { return false }
      let key = start..<position - 1
      if let last, !CanonicalKeys.precedes(last, key, in: bytes) { return false }
      last = key
      guard take(UInt8(ascii: ":"), bytes, &position) else { return false }
      let valueStart = position
      guard value(bytes, &position, depth: depth + 1) else { return false }
      visit(key, valueStart..<position)
    } while take(UInt8(ascii: ","), bytes, &position)
    return take(UInt8(ascii: "}"), bytes, &position)
  }

  private static func array(_ bytes: Span<UInt8>, _ position: inout Int, depth: Int) -> Bool {
    guard depth < CanonicalJSON.depthMaximum else { return false }
    position += 1
    if take(UInt8(ascii: "]"), bytes, &position) { return true }
    repeat {
      guard value(bytes, &position, depth: depth + 1) else { return false }
    } while take(UInt8(ascii: ","), bytes, &position)
    return take(UInt8(ascii: "]"), bytes, &position)
  }

  /// Reads an integer in its only spelling, within ±(2^53 − 1).
  static func integer(_ bytes: Span<UInt8>, _ position: inout Int) -> Int64? {
    let isNegative = take(UInt8(ascii: "-"), bytes, &position)
    let start = position
    var magnitude: Int64 = 0
    while position < bytes.count, bytes[position] &- zero < 10 {
      magnitude = magnitude * 10 + Int64(bytes[position] &- zero)
      position += 1
      guard magnitude <= CanonicalJSON.integerMaximum else { return nil }
    }
    guard position > start, bytes[start] != zero || position == start + 1 && !isNegative else {
      return nil
    }
    return isNegative ? -magnitude : magnitude
  }

  private static func word(
    _ word: StaticString, _ bytes: Span<UInt8>, _ position: inout Int
  ) -> Bool {
    for byte in word.description.utf8 {
      guard take(byte, bytes, &position) else { return false }
    }
    return true
  }

  @inline(__always)
  private static func take(_ byte: UInt8, _ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// Passes over a string with its quotes.
  private static func string(_ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
    guard take(quote, bytes, &position) else { return false }
    let count = bytes.count
    var at = position
    while at < count {
      let byte = bytes[at]
      if byte == quote {
        position = at + 1
        return true
      }
      if byte >= 0x20, byte < 0x80, byte != backslash {
        at += 1
        continue
      }
      let length = byte == backslash ? escape(bytes, at) : UTF8Scan.sequence(bytes, at)
      guard length > 0 else { return false }
      at += length
    }
    return false
  }

  /// The length of an escape that a canonical text needs; 0 for every other.
  private static func escape(_ bytes: Span<UInt8>, _ start: Int) -> Int {
    guard start + 1 < bytes.count else { return 0 }
    switch bytes[start + 1] {
    case quote, backslash, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"):
      guard let unit = CanonicalKeys.controlCharacter(bytes, start) else { return 0 }
      // These have a short escape.
      return [0x08, 0x09, 0x0A, 0x0C, 0x0D].contains(unit) ? 0 : 6
    default: return 0
    }
  }
}

/// Checks sequences of UTF-8 (RFC 3629).
enum UTF8Scan {
  /// The length of a sequence of two to four bytes; 0 when the bytes are none.
  static func sequence(_ bytes: Span<UInt8>, _ start: Int) -> Int {
    let lead = bytes[start]
    let (length, second): (Int, ClosedRange<UInt8>) =
      switch lead {
      case 0xC2...0xDF: (2, 0x80...0xBF)
      case 0xE0: (3, 0xA0...0xBF)
      case 0xED: (3, 0x80...0x9F)
      case 0xE1...0xEF: (3, 0x80...0xBF)
      case 0xF0: (4, 0x90...0xBF)
      case 0xF1...0xF3: (4, 0x80...0xBF)
      case 0xF4: (4, 0x80...0x8F)
      default: (0, 0...0)
      }
    guard length > 0, start + length <= bytes.count, second.contains(bytes[start + 1]) else {
      return 0
    }
    for at in start + 2..<max(start + length, start + 2) where bytes[at] & 0xC0 != 0x80 { return 0 }
    return length
  }
}
