/// Reads JSON strictly: duplicate keys, fractions, exponents and integers beyond 64 bits are
/// refused, and null where the caller does not ask for it.
struct JSONReader {
  /// The deepest nesting of arrays and objects in entities, contexts and schemas.
  static let nestingLimit = 128

  /// The longest text that is read, in bytes.
  static let byteCountLimit = 16 << 20

  private static let trueWord = Array("true".utf8)
  private static let falseWord = Array("false".utf8)
  private static let nullWord = Array("null".utf8)
  private static let unicodePrefix = Array(#"\u"#.utf8)

  private let source: [UInt8]
  private var index = 0
  private var nesting = 0
  private let nestingLimit: Int
  private let allowsForeign: Bool

  private init(_ source: [UInt8], nestingLimit: Int, allowsForeign: Bool) {
    self.source = source
    self.nestingLimit = nestingLimit
    self.allowsForeign = allowsForeign
  }

  /// Reads one JSON value that fills the text.
  ///
  /// - Parameters:
  ///   - source: The UTF-8 bytes.
  ///   - nestingLimit: The deepest nesting of arrays and objects.
  ///   - allowsForeign: Whether null and numbers that are no Cedar integers may occur; no value of
  ///     the language is one, but they may stand where they are ignored.
  /// - Returns: The value.
  /// - Throws: ``CedarError`` – `.invalidJSON`, `.invalidText`, or `.limitExceeded` beyond the
  ///   nesting limit or ``byteCountLimit``.
  static func read(
    _ source: [UInt8], nestingLimit: Int = JSONReader.nestingLimit, allowsForeign: Bool = false
  ) throws(CedarError) -> JSONValue {
    guard source.count <= byteCountLimit else {
      throw CedarError(.limitExceeded, "the JSON text is longer than \(byteCountLimit) bytes")
    }
    try TextCheck.requireUTF8(source, "the JSON text")
    var reader = JSONReader(source, nestingLimit: nestingLimit, allowsForeign: allowsForeign)
    reader.skipBlank()
    let value = try reader.value()
    reader.skipBlank()
    guard reader.index == source.count else { throw reader.failure("text after the JSON value") }
    return value
  }

  private mutating func value() throws(CedarError) -> JSONValue {
    guard index < source.count else { throw failure("the JSON text ends too early") }
    switch source[index] {
    case UInt8(ascii: "{"): return try nested { (reader) throws(CedarError) in try reader.object() }
    case UInt8(ascii: "["): return try nested { (reader) throws(CedarError) in try reader.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: break
    }
    if accept(JSONReader.trueWord) { return .bool(true) }
    if accept(JSONReader.falseWord) { return .bool(false) }
    if accept(JSONReader.nullWord) {
      guard allowsForeign else { throw failure("null is not a Cedar value") }
      return .null
    }
    throw failure("expected a JSON value")
  }

  private mutating func nested(
    _ body: (inout JSONReader) throws(CedarError) -> JSONValue
  ) throws(CedarError) -> JSONValue {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= nestingLimit else {
      throw CedarError(
        .limitExceeded, "the JSON text is nested more than \(nestingLimit) levels deep",
        at: SourcePosition(offset: index, in: source))
    }
    return try body(&self)
  }

  private mutating func object() throws(CedarError) -> JSONValue {
    index += 1
    var members: [(key: CedarString, value: JSONValue)] = []
    var keys = KeySet()
    skipBlank()
    if accept(UInt8(ascii: "}")) { return .object([]) }
    while true {
      skipBlank()
      let key = try string()
      guard keys.insert(key) else { throw failure("an object has a key twice") }
      skipBlank()
      guard accept(UInt8(ascii: ":")) else { throw failure("expected `:`") }
      skipBlank()
      members.append((key, try value()))
      skipBlank()
      if accept(UInt8(ascii: "}")) { return .object(members) }
      guard accept(UInt8(ascii: ",")) else { throw failure("expected `,` or `}`") }
    }
  }

  private mutating func array() throws(CedarError) -> JSONValue {
    index += 1
    var elements: [JSONValue] = []
    skipBlank()
    if accept(UInt8(ascii: "]")) { return .array([]) }
    while true {
      skipBlank()
      elements.append(try value())
      skipBlank()
      if accept(UInt8(ascii: "]")) { return .array(elements) }
      guard accept(UInt8(ascii: ",")) else { throw failure("expected `,` or `]`") }
    }
  }

  private mutating func number() throws(CedarError) -> JSONValue {
    let start = index
    do throws(CedarError) {
      return .integer(try integer())
    } catch {
      guard allowsForeign else { throw error }
      index = start
      repeat { index += 1 } while index < source.count && JSONReader.isPartOfNumber(source[index])
      return .fraction
    }
  }

  private static func isPartOfNumber(_ byte: UInt8) -> Bool {
    Identifier.isDigit(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
  }

  private mutating func integer() throws(CedarError) -> Int64 {
    let isNegative = accept(UInt8(ascii: "-"))
    let start = index
    var magnitude: Int128 = 0
    while index < source.count, Identifier.isDigit(source[index]) {
      magnitude = min(magnitude * 10 + Int128(source[index] - 48), Int128(UInt64.max))
      index += 1
    }
    guard index > start, index == start + 1 || source[start] != UInt8(ascii: "0") else {
      throw failure("malformed number")
    }
    if index < source.count {
      switch UnicodeScalar(source[index]) {
      case ".", "e", "E":
        throw failure("a number must be an integer without point and exponent")
      default: break
      }
    }
    guard let value = Int64(exactly: isNegative ? -magnitude : magnitude) else {
      throw failure("the integer does not fit in 64 bits")
    }
    return value
  }

  private mutating func skipBlank() {
    while index < source.count {
      switch source[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return
      }
    }
  }

  private mutating func accept(_ byte: UInt8) -> Bool {
    guard index < source.count, source[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func accept(_ word: [UInt8]) -> Bool {
    guard source[index...].starts(with: word) else { return false }
    index += word.count
    return true
  }

  private func failure(_ message: String) -> CedarError {
    CedarError(.invalidJSON, message, at: SourcePosition(offset: index, in: source))
  }
}

// MARK: - Strings

extension JSONReader {
  private mutating func string() throws(CedarError) -> CedarString {
    guard accept(UInt8(ascii: "\"")) else { throw failure("expected a string") }
    var bytes: [UInt8] = []
    var runStart = index
    while index < source.count {
      let byte = source[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""):
        bytes += source[runStart..<(index - 1)]
        return CedarString(trusting: bytes)
      case UInt8(ascii: "\\"):
        bytes += source[runStart..<(index - 1)]
        try escape(into: &bytes)
        runStart = index
      case 0..<0x20: throw failure("a string must not contain a control character")
      default: break
      }
    }
    throw failure("the string has no closing quote")
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(CedarError) {
    guard index < source.count else { throw failure("the string has no closing quote") }
    let selector = UnicodeScalar(source[index])
    index += 1
    switch selector {
    case "\"", "\\", "/": bytes.append(UInt8(ascii: selector))
    case "b": bytes.append(0x08)
    case "f": bytes.append(0x0C)
    case "n": bytes.append(0x0A)
    case "r": bytes.append(0x0D)
    case "t": bytes.append(0x09)
    case "u": bytes.append(contentsOf: Array(String(try unicodeEscape()).utf8))
    default: throw failure("unknown escape")
    }
  }

  /// Reads the digits after `\u`, and the second half of a surrogate pair.
  private mutating func unicodeEscape() throws(CedarError) -> UnicodeScalar {
    let first = try fourDigits()
    if let scalar = UnicodeScalar(first) { return scalar }
    guard first < 0xDC00, accept(JSONReader.unicodePrefix) else {
      throw failure("a surrogate stands alone")
    }
    let second = try fourDigits()
    guard second >= 0xDC00, second <= 0xDFFF,
      let scalar = UnicodeScalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    else { throw failure("a surrogate stands alone") }
    return scalar
  }

  private mutating func fourDigits() throws(CedarError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard index < source.count, let digit = hexadecimalValue(source[index]) else {
        throw failure("`\\u` needs four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}

/// The keys of one object so far; most objects have a few, which need no hashing.
private struct KeySet {
  private static let hashingThreshold = 8
  private var few: [CedarString] = []
  private var many: Set<CedarString> = []

  /// Adds a key; false when it is there already.
  mutating func insert(_ key: CedarString) -> Bool {
    if few.count < KeySet.hashingThreshold {
      guard !few.contains(key) else { return false }
      few.append(key)
      return true
    }
    if many.isEmpty { many = Set(few) }
    return many.insert(key).inserted
  }
}
