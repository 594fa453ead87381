extension CanonicalJSON {
  /// Reads a value from bytes that must be its canonical form.
  ///
  /// - Parameters:
  ///   - canonicalBytes: UTF-8 JSON.
  ///   - byteCountMaximum: Largest input to look at; for an audit event ``eventByteCountMaximum``.
  /// - Throws: ``TransparencyError`` `.entryTooLarge`, `.malformedJSON`, `.unsupportedNumber`,
  ///   `.duplicateKey`, `.tooDeep`, and `.notCanonical` for valid JSON in another spelling: white
  ///   space, another key order, a needless escape, `-0`.
  public init(
    canonicalBytes: [UInt8], byteCountMaximum: Int = eventByteCountMaximum
  ) throws {
    guard canonicalBytes.count <= byteCountMaximum else {
      throw TransparencyError(
        .entryTooLarge, "\(canonicalBytes.count) bytes are above the limit of \(byteCountMaximum)")
    }
    var parser = JSONParser(bytes: canonicalBytes)
    let value = try parser.parseDocument()
    guard try value.canonicalBytes(byteCountMaximum: .max) == canonicalBytes else {
      throw TransparencyError(.notCanonical, "the JSON is not in its canonical form")
    }
    self = value
  }
}

/// Parses JSON of the restricted profile in any spelling.
private struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func parseDocument() throws -> CanonicalJSON {
    let value = try parseValue(depth: 0)
    skipWhitespace()
    guard position == bytes.count else { throw malformed }
    return value
  }

  private var malformed: TransparencyError {
    TransparencyError(.malformedJSON, "not valid JSON at byte \(position)")
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipWhitespace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  /// Takes a byte if it comes next, white space aside.
  private mutating func take(_ byte: UInt8) -> Bool {
    skipWhitespace()
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func parseValue(depth: Int) throws -> CanonicalJSON {
    skipWhitespace()
    switch next {
    case UInt8(ascii: "{"): return .object(try parseObject(depth: depth))
    case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", as: .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", as: .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", as: .null)
    default: return .integer(try parseInteger())
    }
  }

  private mutating func parseWord(
    _ word: StaticString, as value: CanonicalJSON
  ) throws -> CanonicalJSON {
    for byte in word.description.utf8 {
      guard next == byte else { throw malformed }
      position += 1
    }
    return value
  }

  private mutating func parseObject(depth: Int) throws -> JSONObject {
    try CanonicalJSON.check(depth: depth)
    position += 1
    var members: [(key: String, value: CanonicalJSON)] = []
    if take(UInt8(ascii: "}")) { return try JSONObject(members) }
    repeat {
      skipWhitespace()
      guard next == UInt8(ascii: "\"") else { throw malformed }
      let key = try parseString()
      guard take(UInt8(ascii: ":")) else { throw malformed }
      members.append((key, try parseValue(depth: depth + 1)))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw malformed }
    return try JSONObject(members)
  }

  private mutating func parseArray(depth: Int) throws -> [CanonicalJSON] {
    try CanonicalJSON.check(depth: depth)
    position += 1
    var values: [CanonicalJSON] = []
    if take(UInt8(ascii: "]")) { return values }
    repeat {
      values.append(try parseValue(depth: depth + 1))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw malformed }
    return values
  }

  private mutating func parseInteger() throws -> Int64 {
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let start = position
    var magnitude: Int64 = 0
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      // Stays beyond the limit once it is there, and cannot overflow.
      if magnitude <= CanonicalJSON.integerMaximum {
        magnitude = magnitude * 10 + Int64(byte - UInt8(ascii: "0"))
      }
      position += 1
    }
    guard position > start, position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
      throw malformed
    }
    if next == UInt8(ascii: ".") || next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      throw TransparencyError(.unsupportedNumber, "a number is not an integer")
    }
    guard magnitude <= CanonicalJSON.integerMaximum else {
      throw TransparencyError(.unsupportedNumber, "an integer is beyond ±(2^53 - 1)")
    }
    return isNegative ? -magnitude : magnitude
  }

  private mutating func parseString() throws -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    guard next == UInt8(ascii: "\\") else { return try closeString(bytes[start..<position]) }
    var content = Array(bytes[start..<position])
    while let byte = next, byte != UInt8(ascii: "\""), byte >= 0x20 {
      position += 1
      if byte == UInt8(ascii: "\\") {
        content.append(contentsOf: try parseEscape())
      } else {
        content.append(byte)
      }
    }
    return try closeString(content[...])
  }

  private mutating func closeString(_ content: ArraySlice<UInt8>) throws -> String {
    guard next == UInt8(ascii: "\""), let text = String(validating: content, as: UTF8.self) else {
      throw malformed
    }
    position += 1
    return text
  }

  private mutating func parseEscape() throws -> [UInt8] {
    guard let byte = next else { throw malformed }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): break
    default: throw malformed
    }
    var units = [try parseCodeUnit()]
    if UTF16.isLeadSurrogate(units[0]) {
      guard next == UInt8(ascii: "\\") else { throw malformed }
      position += 1
      guard next == UInt8(ascii: "u") else { throw malformed }
      position += 1
      units.append(try parseCodeUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else { throw malformed }
    return Array(text.utf8)
  }

  private mutating func parseCodeUnit() throws -> UInt16 {
    guard position + 4 <= bytes.count else { throw malformed }
    var unit: UInt16 = 0
    for digit in bytes[position..<position + 4] {
      guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { throw malformed }
      unit = unit << 4 | UInt16(value)
    }
    position += 4
    return unit
  }
}
