extension CanonicalJSON {
  /// Room for an event of usual size, so that encoding one seldom allocates twice.
  private static let usualByteCount = 512

  /// Encodes the value in its one canonical form.
  ///
  /// - Parameter byteCountMaximum: Largest encoding to allow; for an audit event
  ///   ``eventByteCountMaximum``.
  /// - Returns: UTF-8 bytes without white space.
  /// - Throws: ``TransparencyError`` `.unsupportedNumber` for an integer beyond
  ///   ``integerMaximum``, `.tooDeep` beyond ``depthMaximum``, `.entryTooLarge` beyond the limit.
  public func canonicalBytes(byteCountMaximum: Int = eventByteCountMaximum) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.usualByteCount)
    try encode(into: &bytes, depth: 0)
    guard bytes.count <= byteCountMaximum else {
      throw TransparencyError(
        .entryTooLarge, "\(bytes.count) bytes are above the limit of \(byteCountMaximum)")
    }
    return bytes
  }

  private func encode(into bytes: inout [UInt8], depth: Int) throws {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value):
      guard value.magnitude <= Self.integerMaximum.magnitude else {
        throw TransparencyError(.unsupportedNumber, "an integer is beyond ±(2^53 - 1)")
      }
      bytes.append(contentsOf: String(value).utf8)
    case .string(let text): Self.encode(text, into: &bytes)
    case .array(let values):
      try Self.check(depth: depth)
      bytes.append(UInt8(ascii: "["))
      for (position, value) in values.enumerated() {
        if position > 0 { bytes.append(UInt8(ascii: ",")) }
        try value.encode(into: &bytes, depth: depth + 1)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      try Self.check(depth: depth)
      bytes.append(UInt8(ascii: "{"))
      for (position, member) in object.members.enumerated() {
        if position > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.encode(member.key, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        try member.value.encode(into: &bytes, depth: depth + 1)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Refuses to go one level deeper than allowed.
  static func check(depth: Int) throws {
    guard depth < depthMaximum else {
      throw TransparencyError(.tooDeep, "values are nested deeper than \(depthMaximum)")
    }
  }

  /// Writes a string with the fewest escapes: quote, backslash and control characters only.
  private static func encode(_ text: String, into bytes: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let backslash = UInt8(ascii: "\\")
    bytes.append(quote)
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != quote && $0 != backslash }) {
      bytes.append(contentsOf: text.utf8)
      bytes.append(quote)
      return
    }
    for byte in text.utf8 {
      switch byte {
      case quote, backslash: bytes.append(contentsOf: [backslash, byte])
      case 0x08: bytes.append(contentsOf: "\\b".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0C: bytes.append(contentsOf: "\\f".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0..<0x10: bytes.append(contentsOf: "\\u000\(String(byte, radix: 16))".utf8)
      case 0x10..<0x20: bytes.append(contentsOf: "\\u00\(String(byte, radix: 16))".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(quote)
  }
}
