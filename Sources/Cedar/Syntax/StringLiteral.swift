/// Reads the inside of string literals: escapes, and wildcards where a pattern is wanted.
enum StringLiteral {
  /// One byte run of a pattern, or a wildcard.
  enum Part: Equatable {
    case bytes([UInt8])
    case wildcard
  }

  /// Resolves the escapes of a string literal.
  ///
  /// - Parameter raw: The bytes between the quotes.
  /// - Returns: The bytes the literal stands for.
  /// - Throws: ``CedarError`` – `.syntax` for an escape Cedar does not know or a bare carriage
  ///   return.
  static func unescape(_ raw: ArraySlice<UInt8>) throws(CedarError) -> [UInt8] {
    guard raw.contains(where: { $0 == UInt8(ascii: "\\") || $0 == 0x0D }) else { return Array(raw) }
    var result: [UInt8] = []
    for part in try read(raw, isPattern: false) {
      if case .bytes(let bytes) = part { result = bytes }
    }
    return result
  }

  /// Resolves the escapes of a `like` pattern; a bare `*` is a wildcard and `\*` a star.
  static func pattern(_ raw: ArraySlice<UInt8>) throws(CedarError) -> [Part] {
    try read(raw, isPattern: true)
  }

  private static func read(_ raw: ArraySlice<UInt8>, isPattern: Bool) throws(CedarError) -> [Part] {
    var parts: [Part] = []
    var run: [UInt8] = []
    var index = raw.startIndex
    while index < raw.endIndex {
      let byte = raw[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\\"):
        let selector = index < raw.endIndex ? raw[index] : 0
        let runLength = run.count
        try escape(raw, &index, into: &run, isPattern: isPattern)
        // A star written as `\x2a` or `\u{2a}` is a wildcard too; only `\*` is a star.
        guard isPattern, selector != UInt8(ascii: "*"), run.count == runLength + 1,
          run.last == UInt8(ascii: "*")
        else { continue }
        run.removeLast()
        appendWildcard(after: &run, to: &parts)
      case 0x0D:
        throw CedarError(.syntax, "a string must not contain a bare carriage return")
      case UInt8(ascii: "*") where isPattern:
        appendWildcard(after: &run, to: &parts)
      default:
        run.append(byte)
      }
    }
    if !run.isEmpty { parts.append(.bytes(run)) }
    return parts
  }

  private static func appendWildcard(after run: inout [UInt8], to parts: inout [Part]) {
    if !run.isEmpty { parts.append(.bytes(run)) }
    parts.append(.wildcard)
    run = []
  }

  private static func escape(
    _ raw: ArraySlice<UInt8>, _ index: inout Int, into run: inout [UInt8], isPattern: Bool
  ) throws(CedarError) {
    guard index < raw.endIndex else { throw unknownEscape() }
    let selector = UnicodeScalar(raw[index])
    index += 1
    switch selector {
    case "n": run.append(0x0A)
    case "r": run.append(0x0D)
    case "t": run.append(0x09)
    case "0": run.append(0x00)
    case "\\", "\"", "'": run.append(UInt8(ascii: selector))
    case "*" where isPattern: run.append(UInt8(ascii: "*"))
    case "x": run.append(try hexadecimalPair(raw, &index))
    case "u":
      let scalar = try unicodeEscape(raw, &index)
      run.append(contentsOf: Array(String(scalar).utf8))
    default: throw unknownEscape()
    }
  }

  private static func hexadecimalPair(
    _ raw: ArraySlice<UInt8>, _ index: inout Int
  ) throws(CedarError) -> UInt8 {
    guard index + 1 < raw.endIndex, let high = hexadecimalValue(raw[index]),
      let low = hexadecimalValue(raw[index + 1]), high <= 7
    else {
      throw CedarError(.syntax, "`\\x` needs two hexadecimal digits up to 7F")
    }
    index += 2
    return high << 4 | low
  }

  private static func unicodeEscape(
    _ raw: ArraySlice<UInt8>, _ index: inout Int
  ) throws(CedarError) -> UnicodeScalar {
    let message = "`\\u` needs one to six hexadecimal digits of a Unicode scalar in braces"
    guard index < raw.endIndex, raw[index] == UInt8(ascii: "{") else {
      throw CedarError(.syntax, message)
    }
    index += 1
    var value: UInt32 = 0
    var digitCount = 0
    while index < raw.endIndex, raw[index] != UInt8(ascii: "}") {
      if let digit = hexadecimalValue(raw[index]), digitCount < 6 {
        value = value << 4 | UInt32(digit)
        digitCount += 1
      } else if raw[index] != UInt8(ascii: "_") || digitCount == 0 {
        throw CedarError(.syntax, message)
      }
      index += 1
    }
    guard index < raw.endIndex, digitCount >= 1, let scalar = UnicodeScalar(value) else {
      throw CedarError(.syntax, message)
    }
    index += 1
    return scalar
  }

  private static func unknownEscape() -> CedarError {
    CedarError(.syntax, "the string has an unknown escape")
  }
}
