import Testing

@testable import Intake

@Suite("Strict JSON")
struct JSONParserTests {
  /// A value in a form of its own, so that what was parsed can be compared.
  private func shown(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .boolean(let flag): "\(flag)"
    case .number(let text): "#\(Fixtures.text(text))"
    case .string(let text): "'\(Fixtures.text(text))'"
    case .array(let items): "[\(items.map(shown).joined(separator: " "))]"
    case .object(let members):
      "{\(members.map { "\(Fixtures.text($0.key))=\(shown($0.value))" }.joined(separator: " "))}"
    }
  }

  @Test(
    "parses",
    arguments: [
      ("{}", "{}"), (" [ ] ", "[]"), ("null", "null"), ("true", "true"), ("false", "false"),
      ("0", "#0"), ("-0", "#-0"), ("12.50", "#12.50"), ("1e400", "#1e400"), ("-1.5E-3", "#-1.5E-3"),
      ("123456789012345678901234567890", "#123456789012345678901234567890"),
      ("0.1000000000000000055511151231257827", "#0.1000000000000000055511151231257827"),
      (#""""#, "''"), (#""a\"\\\/\b\f\n\r\t""#, "'a\"\\/\u{8}\u{c}\n\r\t'"),
      (#""\u00e9\u0416""#, "'éЖ'"), (#""\ud83d\udc64""#, "'👤'"), (#""é👤""#, "'é👤'"),
      (#"{"a":1,"b":{"a":[1,"x",null]}}"#, "{a=#1 b={a=[#1 'x' null]}}"),
      ("{\"a\" :\t1 ,\r\"b\": 2}", "{a=#1 b=#2}"), (#"{"":1}"#, "{=#1}"),
    ])
  func accepts(_ text: String, _ expected: String) throws {
    var parser = JSONParser(Array(text.utf8))
    #expect(shown(try parser.parse()) == expected)
  }

  @Test(
    "refuses",
    arguments: [
      "", " ", "{", "}", "[1,]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
      "[1 2]", "01", "1.", ".5", "+1", "-", "1e", "1e+", "0x1", "NaN", "Infinity", "tru", "True",
      "nul", "\"a", "\"\t\"", "\"\u{1}\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud83d""#,
      #""\ud83dx""#, #""\ud83d\u0041""#, #""\udc64""#, "1 2", "{} {}", "{}x", "// c", "/**/1",
    ])
  func refusesSyntax(_ text: String) {
    var parser = JSONParser(Array(text.utf8))
    #expect { _ = try parser.parse() } throws: { ($0 as? RowFault)?.code == .jsonSyntax }
  }

  @Test("refuses the escape of NUL")
  func refusesNUL() {
    var parser = JSONParser(Array(#""\u0000""#.utf8))
    #expect { _ = try parser.parse() } throws: { ($0 as? RowFault)?.code == .nulByte }
  }

  @Test(
    "refuses a key that occurs twice, however it is written",
    arguments: [
      #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"b":2,"a":3}}"#,
      "{" + (0...40).map { "\"k\($0)\":1," }.joined() + "\"k7\":2}",
      "{" + (0...40).map { "\"k\($0)\":1," }.joined() + "\"k33\":2}",
    ])
  func refusesDuplicates(_ text: String) {
    var parser = JSONParser(Array(text.utf8))
    #expect { _ = try parser.parse() } throws: { ($0 as? RowFault)?.code == .jsonDuplicateKey }
  }

  @Test("tells keys apart byte by byte, without Unicode equivalence")
  func keysAreBytes() throws {
    var parser = JSONParser(Array("{\"\u{e9}\":1,\"e\u{301}\":2,\"a\":3,\"A\":4}".utf8))
    guard case .object(let members) = try parser.parse() else {
      Issue.record("an object was expected")
      return
    }
    #expect(members.count == 4)
  }

  @Test("bounds the depth")
  func depth() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    var deepest = JSONParser(nested(IntakeLimit.jsonDepth))
    _ = try deepest.parse()
    for depth in [IntakeLimit.jsonDepth + 1, 100_000] {
      var parser = JSONParser(nested(depth))
      #expect { _ = try parser.parse() } throws: { ($0 as? RowFault)?.code == .jsonTooDeep }
    }
  }

  @Test("knows when a text is cut off", arguments: ["{\"a\":", "{\"a", "[1", "tr", "\"\\u00", "-"])
  func cutOff(_ text: String) {
    var parser = JSONParser(Array(text.utf8))
    #expect(throws: RowFault.self) { _ = try parser.parse() }
    #expect(parser.endedTooSoon)
  }

  @Test("knows when it is not", arguments: ["{]", "[1 2]", "x", "{\"a\" 1}"])
  func notCutOff(_ text: String) {
    var parser = JSONParser(Array(text.utf8))
    #expect(throws: RowFault.self) { _ = try parser.parse() }
    #expect(!parser.endedTooSoon)
  }
}
