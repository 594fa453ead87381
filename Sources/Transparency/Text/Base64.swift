/// Encodes and decodes standard, padded base64 (RFC 4648 section 4), strictly.
///
/// Every byte sequence has exactly one accepted text: no white space, no missing or surplus
/// padding, no set bits behind the last byte. Without this rule one signature would have several
/// spellings.
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")

  /// Encodes bytes as base64 text.
  ///
  /// - Parameter bytes: Any bytes.
  /// - Returns: Four characters for every three bytes begun.
  public static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    encode(bytes) { text.append($0) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Decodes base64 text.
  ///
  /// - Parameter text: The ASCII bytes of the text.
  /// - Returns: The decoded bytes.
  /// - Throws: ``TransparencyError`` `.malformedBase64` for anything but the one canonical
  ///   spelling.
  public static func decode(_ text: some Collection<UInt8>) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    try decode(text) { bytes.append($0) }
    return bytes
  }

  /// Decodes base64 text.
  ///
  /// - Parameter text: The text.
  /// - Returns: The decoded bytes.
  /// - Throws: ``TransparencyError`` `.malformedBase64` for anything but the one canonical
  ///   spelling.
  public static func decode(_ text: String) throws -> [UInt8] {
    try decode(text.utf8)
  }

  /// Encodes into a sink, so that a secret need not pass through an array.
  static func encode(_ bytes: some Collection<UInt8>, into sink: (UInt8) -> Void) {
    var rest = bytes[...]
    while let first = rest.popFirst() {
      let second = rest.popFirst()
      let third = second == nil ? nil : rest.popFirst()
      let group = UInt32(first) << 16 | UInt32(second ?? 0) << 8 | UInt32(third ?? 0)
      sink(alphabet[Int(group >> 18)])
      sink(alphabet[Int(group >> 12 & 63)])
      sink(second == nil ? padding : alphabet[Int(group >> 6 & 63)])
      sink(third == nil ? padding : alphabet[Int(group & 63)])
    }
  }

  /// Decodes into a sink, so that a secret need not pass through an array.
  static func decode(_ text: some Collection<UInt8>, into sink: (UInt8) -> Void) throws {
    guard text.count % 4 == 0 else { throw malformed }
    var group: UInt32 = 0
    var filled = 0
    var padded = 0
    for byte in text {
      if byte == padding {
        guard filled >= 2 else { throw malformed }
        padded += 1
        group <<= 6
      } else {
        guard padded == 0, let value = value(of: byte) else { throw malformed }
        group = group << 6 | value
      }
      filled += 1
      if filled == 4 {
        try emit(group, padded: padded, into: sink)
        group = 0
        filled = 0
      }
    }
  }

  private static func emit(_ group: UInt32, padded: Int, into sink: (UInt8) -> Void) throws {
    let unused: UInt32 = padded == 0 ? 0 : padded == 1 ? 0xFF : 0xFFFF
    guard group & unused == 0 else { throw malformed }
    sink(UInt8(group >> 16))
    if padded < 2 { sink(UInt8(group >> 8 & 0xFF)) }
    if padded < 1 { sink(UInt8(group & 0xFF)) }
  }

  private static func value(of byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }

  private static let malformed = TransparencyError(
    .malformedBase64, "text is not strict padded base64")
}
