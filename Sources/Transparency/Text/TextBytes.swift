/// Reads and writes the small ASCII pieces the log's text formats share.
///
/// Everything works on bytes: `String` compares by Unicode equivalence, and a signed format must
/// not.
enum TextBytes {
  static let newline = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")

  /// Parses a decimal number without sign or leading zeros, up to ``MerkleTree/sizeMaximum``.
  static func decimal(_ digits: some Collection<UInt8>) -> Int? {
    guard let first = digits.first, digits.count <= 16 else { return nil }
    guard first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
    var value = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value <= MerkleTree.sizeMaximum ? value : nil
  }

  /// Writes a key ID as eight lower-case hexadecimal digits.
  static func hex(_ keyID: UInt32) -> String {
    let digits = String(keyID, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }

  /// Parses eight lower-case hexadecimal digits.
  static func keyID(hex digits: some Collection<UInt8>) -> UInt32? {
    guard digits.count == 8 else { return nil }
    var value: UInt32 = 0
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = value << 4 | UInt32(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"):
        value = value << 4 | UInt32(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return value
  }

  /// Reads up to eight bytes as one big-endian number.
  static func bigEndian(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Writes a key ID as four big-endian bytes.
  static func bigEndianBytes(_ keyID: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: keyID >> $0) }
  }

  /// Finds where the first or the last empty line begins, which is right after the line before it.
  static func blankLine(in bytes: [UInt8], last: Bool) -> Int? {
    guard bytes.count >= 2 else { return nil }
    let candidates = 1..<bytes.count
    func isBlank(_ position: Int) -> Bool {
      bytes[position - 1] == newline && bytes[position] == newline
    }
    return last ? candidates.last(where: isBlank) : candidates.first(where: isBlank)
  }

  /// Cuts text that ends in a newline into its lines, without the newlines.
  static func lines(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
    guard text.last == newline else { return nil }
    return text.dropLast().split(separator: newline, omittingEmptySubsequences: false)
  }
}
