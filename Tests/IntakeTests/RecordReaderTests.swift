import Testing
import Vault

@testable import Intake

@Suite("Records through a contract")
struct RecordReaderTests {
  private static let head = "number,email,phone,born\n"

  private func csv(_ rows: String) throws -> [RecordItem] {
    try Fixtures.items(Array((Self.head + rows).utf8), try Fixtures.contract())
  }

  private func events(_ lines: String) throws -> [RecordItem] {
    try Fixtures.items(Array(lines.utf8), try Fixtures.contract(Fixtures.eventText))
  }

  @Test("a CSV row becomes a record")
  func row() throws {
    let record = try #require(try csv("42,Anna@X.example,030 23125000,19570611\n").first?.record)
    #expect(record.externalID == Array("42".utf8))
    #expect(record.recordID == record.externalID)
    #expect(record.collectedDay == Fixtures.today)
    #expect(record.eventName == nil)
    #expect(record.fields.map(\.number) == [1, 2, 3, 4])
    #expect(
      record.fields.map { Fixtures.text($0.value) }
        == ["42", "Anna@X.example", "+493023125000", "1957-06-11"])
    #expect(record.identifiers.map(\.kind) == [.customerNumber, .email, .phone])
    #expect(
      record.identifiers.map { Fixtures.text($0.value) }
        == ["42", "anna@x.example", "+493023125000"])
  }

  @Test("an empty value is an absent field")
  func absent() throws {
    let record = try #require(try csv("42,,\" \",\n").first?.record)
    #expect(record.fields.map(\.number) == [1])
    #expect(record.identifiers.map(\.kind) == [.customerNumber])
  }

  @Test(
    "a bad row has a line, a code and a field, and the rest goes in",
    arguments: [
      ("1,a,,", RowCode.malformedEmail, "email"), ("1,,12,", .malformedPhone, "phone"),
      ("1,,493023125000,", .ambiguousPhone, "phone"), ("1,,,1.1.2000", .malformedDate, "born"),
      ("1,,,2023-02-29", .impossibleDate, "born"), (",,,", .missingRequired, "number"),
      ("\" \",,,", .missingRequired, "number"), ("1,,", .wrongColumnCount, nil),
      ("1,,,,", .wrongColumnCount, nil), ("1", .wrongColumnCount, nil),
      ("1,\"a\"b,,", .strayQuote, nil),
      ("1,a\u{1}@b.example,,", .controlCharacter, "email"),
      (String(repeating: "1", count: 300) + ",,,", .valueTooLong, "number"),
      ("1," + String(repeating: "a", count: 5000) + ",,", .valueTooLong, "email"),
    ] as [(String, RowCode, String?)])
  func badRow(_ row: String, _ code: RowCode, _ field: String?) throws {
    let items = try csv("7,,,\n\(row)\n8,,,\n")
    #expect(items.count == 3)
    #expect(items.first?.record != nil)
    #expect(items.last?.record?.externalID == Array("8".utf8))
    let bad = try #require(items.dropFirst().first?.bad)
    #expect(bad.line == 3)
    #expect(bad.code == code)
    #expect(bad.field == field)
  }

  @Test("counters add up")
  func counters() throws {
    let bytes = Array((Self.head + "1,,,\n2,x,,\n3,,,\n4,y,,\n5\n").utf8)
    var reader = try RecordReader(
      contract: try Fixtures.contract(), source: MemoryByteSource(bytes), file: "data",
      ingestDay: Fixtures.today)
    while try reader.next() != nil {}
    let counters = reader.counters
    #expect(counters.read == 5)
    #expect(counters.accepted == 2)
    #expect(counters.bad == [.malformedEmail: 2, .wrongColumnCount: 1])
    #expect(counters.badTotal == 3)
  }

  @Test("columns are found by name, others are counted and not named")
  func columns() throws {
    let bytes = Array("secret,born,number\nx,2000-01-01,9\n".utf8)
    var reader = try RecordReader(
      contract: try Fixtures.contract(), source: MemoryByteSource(bytes), file: "data",
      ingestDay: Fixtures.today)
    #expect(reader.absentFields == ["email", "phone"])
    #expect(reader.unmappedColumnCount == 1)
    let record = try #require(try reader.next()?.record)
    #expect(record.fields.map { Fixtures.text($0.value) } == ["9", "2000-01-01"])
  }

  @Test(
    "a header that cannot be trusted refuses the file and shows no value",
    arguments: [
      ("", .emptyFile), ("\n\n", .emptyFile), ("number,number\n", .duplicateHeader),
      ("number,Smith,Smith\n", .duplicateHeader), ("number,,\n", .duplicateHeader),
      ("Smith,smith@x.example\n1,2\n", .missingColumn), ("Number\n", .missingColumn),
      (" number\n", .missingColumn), ("number;email;Smith\n", .missingColumn),
      ("number,Smi\"th\n", .malformedHeader), ("number\rSmith\r1\r", .malformedHeader),
      ("number,\"Smith", .truncatedFile),
      (String(repeating: "Smith", count: 300_000), .malformedHeader),
    ] as [(String, IntakeError.Code)])
  func header(_ text: String, _ code: IntakeError.Code) throws {
    let error = try #require(
      refusal { _ = try Fixtures.items(Array(text.utf8), try Fixtures.contract()) })
    #expect(error.code == code, "\(error)")
    #expect(error.message.hasPrefix("data: "))
    #expect(!error.message.lowercased().contains("smith"))
  }

  @Test("a header in Latin-1 refuses the file")
  func headerEncoding() throws {
    let error = refusal {
      _ = try Fixtures.items(Array("number,".utf8) + [0xE9, 0x0A], try Fixtures.contract())
    }
    #expect(error?.code == .malformedHeader)
  }

  @Test("a JSON line becomes an event")
  func line() throws {
    let items = try events(
      #"{"anonymousId":"c1","messageId":7,"timestamp":"2026-02-27T23:30:00-01:00","#
        + #""event":"Order Completed","other":{"x":[1]},"#
        + #""properties":{"revenue":29.90,"lists":["b","a","b",3]}}"# + "\n")
    let record = try #require(items.first?.record)
    #expect(Fixtures.text(record.externalID) == "c1")
    #expect(record.recordID == Array("c1\u{1F}7".utf8))
    #expect(CivilDate(day: record.collectedDay).text == "2026-02-28")
    #expect(record.eventName == "Order Completed")
    #expect(
      record.fields.map { Fixtures.text($0.value) }
        == ["c1", "7", "2026-02-28T00:30:00Z", "Order Completed", "2990", "3|a|b"])
    #expect(record.identifiers.map(\.kind) == [.cookie])
  }

  @Test(
    "a bad line has a line, a code and a field, and the rest goes in",
    arguments: [
      ("x", RowCode.jsonSyntax, nil), ("[1]", .jsonNotObject, nil), ("1", .jsonNotObject, nil),
      ("null", .jsonNotObject, nil), (#"{"a":1,"a":2}"#, .jsonDuplicateKey, nil),
      (#"{"a":"\u0000"}"#, .nulByte, nil), ("{}", .missingRequired, "anonymous"),
      (#"{"anonymousId":null}"#, .missingRequired, "anonymous"),
      (#"{"anonymousId":["c"]}"#, .wrongJSONType, "anonymous"),
      (#"{"anonymousId":{"c":1}}"#, .wrongJSONType, "anonymous"),
      (#"{"anonymousId":1.0}"#, .wrongJSONType, "anonymous"),
      (#"{"anonymousId":1e3}"#, .wrongJSONType, "anonymous"),
      (#"{"anonymousId":-1}"#, .wrongJSONType, "anonymous"),
      (#"{"anonymousId":"c"}"#, .missingRequired, "message"),
      (#"{"anonymousId":"c","messageId":"m"}"#, .missingRequired, "at"),
      (
        #"{"anonymousId":"c","messageId":"m","timestamp":"2026-02-27T10:00:00Z"}"#,
        .missingRequired, "name"
      ),
      (good(#","properties":5"#), .wrongJSONType, "amount"),
      (good(#","properties":[]"#), .wrongJSONType, "amount"),
      (good(#","properties":{"revenue":"5,00"}"#), .malformedAmount, "amount"),
      (good(#","properties":{"revenue":5e0}"#), .wrongJSONType, "amount"),
      (good(#","properties":{"revenue":0.001}"#), .amountTooPrecise, "amount"),
      (good(#","properties":{"lists":["a|b"]}"#), .malformedSegmentList, "lists"),
      (good(#","properties":{"lists":[["a"]]}"#), .wrongJSONType, "lists"),
      (good(#","properties":{"lists":[true]}"#), .wrongJSONType, "lists"),
      (good("", day: "2026-03-03"), .collectedOutOfRange, "at"),
      (good("", day: "1970-01-01"), .collectedOutOfRange, "at"),
      (String(repeating: "[", count: 200), .jsonTooDeep, nil),
    ] as [(String, RowCode, String?)])
  func badLine(_ line: String, _ code: RowCode, _ field: String?) throws {
    let items = try events("\(Self.good(""))\n\n\(line)\n\(Self.good(""))")
    #expect(items.count == 3)
    #expect(items.first?.record != nil)
    #expect(items.last?.record != nil)
    let bad = try #require(items.dropFirst().first?.bad)
    #expect(bad.line == 3)
    #expect(bad.code == code)
    #expect(bad.field == field)
  }

  private static func good(_ more: String, day: String = "2026-03-02") -> String {
    #"{"anonymousId":"c","messageId":"m","timestamp":"\#(day)T10:00:00Z","event":"e"\#(more)}"#
  }

  @Test("a null on the way is an absent value")
  func nullOnTheWay() throws {
    for more in [#","properties":null"#, #","properties":{"revenue":null,"lists":[]}"#] {
      let record = try #require(try events(Self.good(more)).first?.record)
      #expect(record.fields.map(\.number) == [1, 2, 3, 4])
    }
  }

  @Test(
    "a file that ends inside its last line is cut off", arguments: ["{\"anonymousId\":", "{", "tr"])
  func truncated(_ tail: String) throws {
    let lines = "\(Self.good(""))\n\(tail)"
    #expect(refusal { _ = try events(lines) }?.code == .truncatedFile)
    // The same line with an end is a bad row of a whole file.
    #expect(try events(lines + "\n").last?.bad?.code == .jsonSyntax)
  }

  @Test("a JSON line that is not UTF-8 is a bad row and says at which byte")
  func lineEncoding() throws {
    let bytes = Array("\(Self.good(""))\n{\"é\":\"".utf8) + [0xE9] + Array("\"}\n{}".utf8)
    let contract = try Fixtures.contract(Fixtures.eventText)
    for chunk in [1, 7, 4096] {
      let items = try Fixtures.items([0xEF, 0xBB, 0xBF] + bytes, contract, chunk: chunk)
      #expect(items.first?.record != nil)
      #expect(items.dropFirst().first?.bad?.code == .notUTF8)
      #expect(items.dropFirst().first?.bad?.byteOffset == bytes.lastIndex(of: 0xE9).map { $0 + 3 })
      #expect(items.count == 3)
    }
  }
}
