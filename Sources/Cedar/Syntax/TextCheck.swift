/// Checks that bytes are text.
enum TextCheck {
  /// Refuses bytes that are not UTF-8, with the place of the first that does not belong.
  ///
  /// - Parameters:
  ///   - bytes: The bytes.
  ///   - name: What messages call them.
  /// - Throws: ``CedarError`` – `.invalidText`.
  static func requireUTF8(_ bytes: [UInt8], _ name: String) throws(CedarError) {
    guard String(validating: bytes, as: UTF8.self) == nil else { return }
    throw CedarError(
      .invalidText, "\(name) is not valid UTF-8",
      at: SourcePosition(offset: firstInvalidOffset(bytes), in: bytes))
  }

  /// Finds the start of the first sequence that is no Unicode scalar; the end when there is none.
  static func firstInvalidOffset(_ bytes: [UInt8]) -> Int {
    var index = 0
    while index < bytes.count {
      let length = sequenceLength(bytes[index])
      guard length > 0, index + length <= bytes.count else { return index }
      if length > 1, String(validating: bytes[index..<(index + length)], as: UTF8.self) == nil {
        return index
      }
      index += length
    }
    return index
  }

  private static func sequenceLength(_ first: UInt8) -> Int {
    switch first {
    case 0..<0x80: 1
    case 0xC2..<0xE0: 2
    case 0xE0..<0xF0: 3
    case 0xF0..<0xF5: 4
    default: 0
    }
  }
}
