/// Parses one JSON value strictly (RFC 8259): no duplicate keys, no lone surrogates, bounded depth.
struct JSONParser {
  /// Members from which on duplicate keys are found through a set.
  private static let linearSearchCount = 16

  private let bytes: [UInt8]
  private var index = 0

  /// Whether the last failure came from the text ending too soon.
  private(set) var endedTooSoon = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Parses the whole text as one value.
  mutating func parse() throws(RowFault) -> JSONValue {
    let value = try value(depth: 1)
    skipBlanks()
    guard index == bytes.count else { throw syntax() }
    return value
  }

  private func syntax() -> RowFault { RowFault(.jsonSyntax, byteOffset: index) }

  private mutating func peek() throws(RowFault) -> UInt8 {
    guard index < bytes.count else {
      endedTooSoon = true
      throw syntax()
    }
    return bytes[index]
  }

  private mutating func skipBlanks() {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(RowFault) -> JSONValue {
    guard depth <= IntakeLimit.jsonDepth else {
      throw RowFault(.jsonTooDeep, byteOffset: index)
    }
    skipBlanks()
    switch try peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .boolean(true))
    case UInt8(ascii: "f"): return try literal("false", .boolean(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func literal(
    _ text: StaticString, _ value: JSONValue
  ) throws(RowFault) -> JSONValue {
    for expected in text.description.utf8 {
      guard try peek() == expected else { throw syntax() }
      index += 1
    }
    return value
  }

  private mutating func object(depth: Int) throws(RowFault) -> JSONValue {
    var members: [JSONMember] = []
    var seen: Set<[UInt8]> = []
    index += 1
    skipBlanks()
    if try peek() == UInt8(ascii: "}") {
      index += 1
      return .object(members)
    }
    while true {
      skipBlanks()
      guard try peek() == UInt8(ascii: "\"") else { throw syntax() }
      let keyIndex = index
      let key = try string()
      let isNew = Self.isNew(key, members: members, seen: &seen)
      guard isNew else { throw RowFault(.jsonDuplicateKey, byteOffset: keyIndex) }
      skipBlanks()
      guard try peek() == UInt8(ascii: ":") else { throw syntax() }
      index += 1
      members.append(JSONMember(key: key, value: try value(depth: depth + 1)))
      if try endsCollection(UInt8(ascii: "}")) { return .object(members) }
    }
  }

  private static func isNew(
    _ key: [UInt8], members: [JSONMember], seen: inout Set<[UInt8]>
  ) -> Bool {
    if members.count < linearSearchCount { return !members.contains { $0.key == key } }
    if members.count == linearSearchCount { seen = Set(members.map(\.key)) }
    return seen.insert(key).inserted
  }

  private mutating func array(depth: Int) throws(RowFault) -> JSONValue {
    var items: [JSONValue] = []
    index += 1
    skipBlanks()
    if try peek() == UInt8(ascii: "]") {
      index += 1
      return .array(items)
    }
    while true {
      items.append(try value(depth: depth + 1))
      if try endsCollection(UInt8(ascii: "]")) { return .array(items) }
    }
  }

  /// Steps over a comma or the closing bracket; true for the bracket.
  private mutating func endsCollection(_ closing: UInt8) throws(RowFault) -> Bool {
    skipBlanks()
    let byte = try peek()
    guard byte == closing || byte == UInt8(ascii: ",") else { throw syntax() }
    index += 1
    return byte == closing
  }

  private mutating func string() throws(RowFault) -> [UInt8] {
    index += 1
    var text: [UInt8] = []
    while true {
      let start = index
      while index < bytes.count, bytes[index] >= 0x20, bytes[index] != UInt8(ascii: "\""),
        bytes[index] != UInt8(ascii: "\\")
      {
        index += 1
      }
      if index > start { text.append(contentsOf: bytes[start..<index]) }
      switch try peek() {
      case UInt8(ascii: "\""):
        index += 1
        return text
      case UInt8(ascii: "\\"):
        index += 1
        try escape(into: &text)
      default: throw syntax()
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(RowFault) {
    let byte = try peek()
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): try unicodeEscape(into: &text)
    default:
      index -= 1
      throw syntax()
    }
  }

  private mutating func unicodeEscape(into text: inout [UInt8]) throws(RowFault) {
    let first = try fourHexDigits()
    var value = first
    if (0xD800...0xDBFF).contains(first) {
      for expected in [UInt8(ascii: "\\"), UInt8(ascii: "u")] {
        guard try peek() == expected else { throw syntax() }
        index += 1
      }
      let second = try fourHexDigits()
      guard (0xDC00...0xDFFF).contains(second) else { throw syntax() }
      value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }
    guard value != 0 else { throw RowFault(.nulByte, byteOffset: index) }
    guard let scalar = Unicode.Scalar(value) else { throw syntax() }
    text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func fourHexDigits() throws(RowFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch try peek() {
      case let byte where (0x30...0x39).contains(byte): digit = byte - 0x30
      case let byte where (0x41...0x46).contains(byte): digit = byte - 0x41 + 10
      case let byte where (0x61...0x66).contains(byte): digit = byte - 0x61 + 10
      default: throw syntax()
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  private mutating func number() throws(RowFault) -> [UInt8] {
    let start = index
    if try peek() == UInt8(ascii: "-") { index += 1 }
    if try peek() == UInt8(ascii: "0") { index += 1 } else { try digits() }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      let sign = try peek()
      if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
      try digits()
    }
    return Array(bytes[start..<index])
  }

  private mutating func digits() throws(RowFault) {
    guard (0x30...0x39).contains(try peek()) else { throw syntax() }
    while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
  }
}
