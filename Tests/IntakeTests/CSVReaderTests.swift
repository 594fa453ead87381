import Testing

@testable import Intake

/// One file and what its records are: fields joined with `¦`, or `!code@line`.
struct CSVCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let bytes: [UInt8]
  let expected: [String]

  init(_ name: String, _ text: String, _ expected: [String]) {
    self.init(name, bytes: Array(text.utf8), expected)
  }

  init(_ name: String, bytes: [UInt8], _ expected: [String]) {
    testDescription = name
    self.bytes = bytes
    self.expected = expected
  }
}

@Suite("CSV by RFC 4180")
struct CSVReaderTests {
  static let good: [CSVCase] = [
    .init("empty file", "", []),
    .init("one record without line end", "a,b", ["a¦b"]),
    .init("LF", "a,b\nc,d\n", ["a¦b", "c¦d"]),
    .init("CRLF", "a,b\r\nc,d\r\n", ["a¦b", "c¦d"]),
    .init("mixed line ends", "a\r\nb\nc", ["a", "b", "c"]),
    .init("empty fields", ",,\n", ["¦¦"]),
    .init("quoted", "\"a\",\"b\"\n", ["a¦b"]),
    .init("quoted empty is a record", "\"\"\n", [""]),
    .init("comma in quotes", "\"a,b\",c\n", ["a,b¦c"]),
    .init("doubled quotes", "\"a\"\"b\"\n", ["a\"b"]),
    .init("only doubled quotes", "\"\"\"\"\n", ["\""]),
    .init("LF in quotes", "\"a\nb\",c\nd,e\n", ["a\nb¦c", "d¦e"]),
    .init("CRLF in quotes is kept", "\"a\r\nb\"\n", ["a\r\nb"]),
    .init("blanks are text", " a , b \n", [" a ¦ b "]),
    .init("blank lines are skipped", "a\n\n\r\nb\n\n", ["a", "b"]),
    .init("byte order mark", bytes: [0xEF, 0xBB, 0xBF] + Array("a,b\n".utf8), ["a¦b"]),
    .init("UTF-8", "é,Жук,👤\n", ["é¦Жук¦👤"]),
    .init("UTF-8 in quotes", "\"é\"\"Ж\",x\n", ["é\"Ж¦x"]),
    .init("quoted end of file", "a,\"b\"", ["a¦b"]),
    .init("CR at the end of the file", "a,b\r", ["a¦b"]),
  ]

  static let bad: [CSVCase] = [
    .init("quote in plain text", "a\"b,c\nd\n", ["!stray_quote@1", "d"]),
    .init("text behind a closing quote", "\"a\"b,c\nd\n", ["!stray_quote@1", "d"]),
    .init("blank behind a closing quote", "\"a\" ,c\nd\n", ["!stray_quote@1", "d"]),
    .init(
      "a quoted line end in a bad record is no line end", "x\"y,\"t\nforged,row\"\nd\n",
      ["!stray_quote@1", "d"]),
    .init("CR alone", "a\rb,c\nd\n", ["!stray_carriage_return@1", "d"]),
    .init("CR alone behind quotes", "\"a\"\rb\nd\n", ["!stray_carriage_return@1", "d"]),
    .init("NUL", "a\u{0}b\nd\n", ["!nul_byte@1", "d"]),
    .init("NUL in quotes", "\"a\u{0}b\"\nd\n", ["!nul_byte@1", "d"]),
    .init("Latin-1", bytes: [0x61, 0xE9, 0x2C, 0x62, 0x0A, 0x64], ["!not_utf8@1", "d"]),
    .init("cut sequence", bytes: [0x61, 0xC3, 0x2C, 0x62, 0x0A, 0x64], ["!not_utf8@1", "d"]),
    .init("cut sequence at the end", bytes: [0x61, 0xE2, 0x82], ["!not_utf8@1"]),
    .init("overlong", bytes: [0xC0, 0xAF, 0x0A, 0x64], ["!not_utf8@1", "d"]),
    .init("surrogate", bytes: [0xED, 0xA0, 0x80, 0x0A, 0x64], ["!not_utf8@1", "d"]),
    .init("above U+10FFFF", bytes: [0xF4, 0x90, 0x80, 0x80, 0x0A, 0x64], ["!not_utf8@1", "d"]),
    .init(
      "sequence broken by a quote", bytes: [0x22, 0xC3, 0x22, 0x22, 0xA9, 0x22, 0x0A, 0x64],
      ["!not_utf8@1", "d"]),
    .init("line numbers count quoted line ends", "\"a\n\n\"\nb\"\n", ["a\n\n", "!stray_quote@4"]),
    .init(
      "too many columns", String(repeating: ",", count: IntakeLimit.columnCount) + "\nd\n",
      ["!wrong_column_count@1", "d"]),
    .init(
      "too long", String(repeating: "x", count: IntakeLimit.recordByteCount + 1) + "\nd\n",
      ["!record_too_long@1", "d"]),
    .init(
      "too long in quotes",
      "\"" + String(repeating: "x\n", count: IntakeLimit.recordByteCount / 2) + "\"\nd\n",
      ["!record_too_long@1", "d"]),
  ]

  private func read(_ bytes: [UInt8], chunk: Int) throws -> [String] {
    var reader = try CSVReader(MemoryByteSource(bytes, chunkByteCount: chunk), file: "data")
    var found: [String] = []
    while true {
      switch try reader.next() {
      case .end: return found
      case .fault(let fault): found.append("!\(fault.code.rawValue)@\(reader.line)")
      case .record:
        let fields = (0..<reader.fieldCount).map {
          String(decoding: reader.field($0), as: UTF8.self)
        }
        found.append(fields.joined(separator: "¦"))
      }
    }
  }

  @Test("gives the same records for every chunk size", arguments: good + bad)
  func records(_ example: CSVCase) throws {
    let sizes =
      example.bytes.count > 10_000 ? [IntakeLimit.chunkByteCount, 4097] : [1, 2, 3, 5, 4096]
    for size in sizes {
      #expect(try read(example.bytes, chunk: size) == example.expected, "chunks of \(size)")
    }
  }

  @Test(
    "calls a file that ends inside quotes cut off",
    arguments: ["\"", "a,\"b", "a\n\"b,c\nd,e\n", "\"a\"\"", "x\"y,\"z\n"])
  func truncated(_ text: String) {
    for size in [1, 2, 4096] {
      #expect(
        refusal { _ = try read(Array(text.utf8), chunk: size) }?.code == .truncatedFile)
    }
  }

  @Test("says at which byte the encoding breaks", arguments: [1, 3, 4096])
  func offsets(_ chunk: Int) throws {
    let bytes = Array("a,\"b\"\"\n\",é\nxyz".utf8) + [0xE9] + Array(",d\n".utf8)
    var reader = try CSVReader(MemoryByteSource(bytes, chunkByteCount: chunk), file: "data")
    guard case .record = try reader.next(), case .fault(let fault) = try reader.next() else {
      Issue.record("one good and one bad record were expected")
      return
    }
    #expect(fault.byteOffset == bytes.firstIndex(of: 0xE9))
    #expect(reader.line == 3)
  }

  @Test("refuses UTF-16", arguments: [[0xFF, 0xFE, 0x61, 0], [0xFE, 0xFF, 0, 0x61]] as [[UInt8]])
  func utf16(_ bytes: [UInt8]) {
    #expect(refusal { _ = try read(bytes, chunk: 4096) }?.code == .wrongEncoding)
  }
}
