internal import Sealing

/// Builds text with secrets in it, in locked memory.
struct SecretText: ~Copyable {
  private var bytes: SecretBytes
  private var count = 0

  /// Starts a text of at most `capacity` bytes.
  init(capacity: Int) throws {
    bytes = try SecretBytes(zeroCount: capacity)
  }

  /// Appends what is not secret.
  mutating func append(_ text: String) throws {
    let text = Array(text.utf8)
    try reserve(text.count)
    let start = count
    unsafe bytes.withUnsafeMutableBytes { buffer in
      for (offset, byte) in text.enumerated() { unsafe buffer[start + offset] = byte }
    }
    count += text.count
  }

  /// Appends a secret as lower-case hexadecimal, without a table.
  mutating func append(hexadecimal secret: borrowing SecretBytes) throws {
    try reserve(2 * secret.count)
    let start = count
    unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe secret.withUnsafeBytes { secret in
        for offset in 0..<secret.count {
          unsafe buffer[start + 2 * offset] = Self.digit(secret[offset] &>> 4)
          unsafe buffer[start + 2 * offset + 1] = Self.digit(secret[offset] & 15)
        }
      }
    }
    count += 2 * secret.count
  }

  /// The text so far.
  borrowing func content() throws -> SecretBytes {
    try bytes.slice(0..<count)
  }

  private func reserve(_ more: Int) throws {
    guard count + more <= bytes.count else {
      throw KeyringError(.limit, "a custodian's message is longer than \(bytes.count) bytes")
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value &+ 0x30 &+ (39 & SecretLines.isBelow(9, value))
  }
}

/// Reads lines of words separated by one blank each, some of them secret.
struct SecretLines: ~Copyable {
  private let bytes: SecretBytes
  private var position = 0

  /// Takes the text.
  init(_ bytes: consuming SecretBytes) {
    self.bytes = bytes
  }

  /// Whether everything was read.
  var isAtEnd: Bool { position == bytes.count }

  /// The words of the next line; nil when there is no whole line left.
  mutating func next() -> [Range<Int>]? {
    let start = position
    let words: [Range<Int>]? = unsafe bytes.withUnsafeBytes { buffer in
      var words: [Range<Int>] = []
      var wordStart = start
      for offset in start..<buffer.count {
        let byte = unsafe buffer[offset]
        guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") else { continue }
        words.append(wordStart..<offset)
        wordStart = offset + 1
        if byte == UInt8(ascii: "\n") { return words }
      }
      return nil
    }
    guard let words, let last = words.last else { return nil }
    position = last.upperBound + 1
    return words
  }

  /// A word, or several, that are not secret.
  borrowing func text(_ range: Range<Int>) -> String {
    unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0[range], as: UTF8.self) }
  }

  /// A secret of 32 bytes in lower-case hexadecimal; nil for anything else.
  borrowing func secret(_ range: Range<Int>) throws -> HeldKey? {
    guard range.count == 2 * HeldKey.byteCount else { return nil }
    var result = try SecretBytes(zeroCount: HeldKey.byteCount)
    var isKnown: UInt8 = 0xFF
    unsafe result.withUnsafeMutableBytes { result in
      unsafe bytes.withUnsafeBytes { buffer in
        for offset in 0..<HeldKey.byteCount {
          let place = range.lowerBound + 2 * offset
          let (high, isHigh) = unsafe Self.value(buffer[place])
          let (low, isLow) = unsafe Self.value(buffer[place + 1])
          unsafe result[offset] = high &<< 4 | low
          isKnown &= isHigh & isLow
        }
      }
    }
    return isKnown == 0xFF ? HeldKey(result) : nil
  }

  /// The value of a digit, and 0xFF if it is one; the time depends on nothing.
  private static func value(_ digit: UInt8) -> (value: UInt8, isKnown: UInt8) {
    let (number, letter) = (digit &- 0x30, digit &- 0x61)
    let (isNumber, isLetter) = (isBelow(number, 10), isBelow(letter, 6))
    return (number & isNumber | (letter &+ 10) & isLetter, isNumber | isLetter)
  }

  /// 0xFF if `left` is less than `right`, else 0.
  static func isBelow(_ left: UInt8, _ right: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: (UInt16(left) &- UInt16(right)) &>> 8)
  }
}
