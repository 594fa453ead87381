/// A value as the vault stores it and as identifiers are matched on.
struct NormalisedValue: Equatable {
  /// What is sealed and shown to those who may see it.
  let stored: [UInt8]
  /// What two sources have to agree on, byte for byte.
  let match: [UInt8]

  init(_ value: [UInt8]) { self.init(stored: value, match: value) }

  init(stored: [UInt8], match: [UInt8]) {
    self.stored = stored
    self.match = match
  }
}

/// Why a value does not fit its type.
struct ValueFault: Error, Equatable {
  let code: RowCode

  init(_ code: RowCode) { self.code = code }
}

/// Byte tests and conversions the normalisers share.
enum Bytes {
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 <= 25 }
  static func isLetterOrDigit(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
  static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 <= 5 }
  static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  /// ASCII small letters for ASCII capitals.
  static func lowercased(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    bytes.map { $0 &- 0x41 <= 25 ? $0 | 0x20 : $0 }
  }

  /// ASCII capitals for ASCII small letters.
  static func uppercased(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    bytes.map { $0 &- 0x61 <= 25 ? $0 & 0xDF : $0 }
  }

  /// Small letters for capitals of every script, which may change the length.
  static func fullyLowercased(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    if bytes.allSatisfy({ $0 < 0x80 }) { return lowercased(bytes) }
    return Array(String(decoding: bytes, as: UTF8.self).lowercased().utf8)
  }

  /// The value without blanks and no-break spaces (U+00A0) at its ends.
  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var slice = bytes
    // Most values have nothing to trim.
    if let first = bytes.first, let last = bytes.last, first > 0x20, last > 0x20, first < 0x80,
      last < 0x80
    {
      return bytes
    }
    while let first = slice.first {
      let isNoBreak = slice.prefix(2).elementsEqual(noBreakSpace)
      guard isBlank(first) || isNoBreak else { break }
      slice.removeFirst(isNoBreak ? 2 : 1)
    }
    while let last = slice.last {
      let isNoBreak = slice.suffix(2).elementsEqual(noBreakSpace)
      guard isBlank(last) || isNoBreak else { break }
      slice.removeLast(isNoBreak ? 2 : 1)
    }
    return slice
  }

  private static let noBreakSpace: [UInt8] = [0xC2, 0xA0]

  /// The value of some digits; nil when there is something else or too much of it.
  static func number(_ digits: some Sequence<UInt8>) -> Int? {
    var value = 0
    for byte in digits {
      guard isDigit(byte) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(byte - 0x30))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }
}
