/// Reads CSV as strictly as RFC 4180 has it, with none of the generator's code.
enum CSVChecker {
  static func rows(_ text: String) throws -> [[String]] {
    var reader = Reader(bytes: Array(text.utf8))
    var rows: [[String]] = []
    while !reader.isAtEnd { rows.append(try reader.row()) }
    return rows
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func row() throws -> [String] {
      var fields = [try field()]
      while take(UInt8(ascii: ",")) { fields.append(try field()) }
      guard take(0x0D), take(0x0A) else { throw CheckFailure("a row must end with CR LF") }
      return fields
    }

    private mutating func field() throws -> String {
      if take(UInt8(ascii: "\"")) { return try quoted() }
      let start = position
      while !isAtEnd, ![0x2C, 0x0D, 0x0A].contains(bytes[position]) {
        if bytes[position] == 0x22 { throw CheckFailure("a quote stands in a bare field") }
        position += 1
      }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func quoted() throws -> String {
      var content: [UInt8] = []
      while !isAtEnd {
        if take(0x22) {
          guard take(0x22) else { return String(decoding: content, as: UTF8.self) }
          content.append(0x22)
        } else {
          content.append(bytes[position])
          position += 1
        }
      }
      throw CheckFailure("a quote is not closed")
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      guard !isAtEnd, bytes[position] == byte else { return false }
      position += 1
      return true
    }
  }
}
