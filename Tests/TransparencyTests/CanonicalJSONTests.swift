import Testing
import Transparency

@Suite struct CanonicalJSONTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-1", "9007199254740991", "-9007199254740991", "\"\"", "[]",
    "{}", "[1,[2,{\"a\":null}],\"x\"]", #"{"a":1,"b":[true,false],"c":"é€😀"}"#,
    #""\b\t\n\f\r\"\\\u0000\u001f/""#, "\"\u{7F}\u{2028}\"", #"{"":0,"a":0,"aa":0,"b":0}"#,
    #"{"\r":1,"1":2,"é":3}"#,
  ])
  func canonicalBytesGoBothWays(text: String) throws {
    let value = try CanonicalJSON(canonicalBytes: ascii(text))
    #expect(try value.canonicalBytes() == ascii(text))
  }

  @Test func keysAreOrderedByUTF16Units() throws {
    // U+FB33 comes after the surrogates of U+1F600 as code unit order, before it by code point.
    let text = "{\"\u{20AC}\":1,\"\u{1F600}\":2,\"\u{FB33}\":3}"
    let object = try JSONObject([
      ("\u{FB33}", .integer(3)), ("\u{20AC}", .integer(1)), ("\u{1F600}", .integer(2)),
    ])
    #expect(try CanonicalJSON.object(object).canonicalBytes() == ascii(text))
    #expect(try CanonicalJSON(canonicalBytes: ascii(text)) == .object(object))
    let other = "{\"\u{20AC}\":1,\"\u{FB33}\":3,\"\u{1F600}\":2}"
    expect(.notCanonical) { _ = try CanonicalJSON(canonicalBytes: ascii(other)) }
  }

  @Test func equivalentTextsAreDifferent() throws {
    let composed = "\u{E9}"
    let decomposed = "e\u{301}"
    #expect(CanonicalJSON.string(composed) != .string(decomposed))
    let object = try JSONObject([(composed, .integer(1)), (decomposed, .integer(2))])
    #expect(object[composed] == .integer(1))
    #expect(object[decomposed] == .integer(2))
    #expect(object["e"] == nil)
    let bytes = try CanonicalJSON.object(object).canonicalBytes()
    #expect(try CanonicalJSON(canonicalBytes: bytes) == .object(object))
  }

  @Test(arguments: [
    " 1", "1 ", "1\n", "[1, 2]", "{ }", #"{"a": 1}"#, #"{"b":1,"a":2}"#, #""\u0041""#, #""\/""#,
    "-0", #""\u000a""#, #""\u001F""#, #""\ud83d\ude00""#, #""\u00e9""#, "[ ]", #"{"a":1 }"#,
  ])
  func otherSpellingsAreRefused(text: String) {
    expect(.notCanonical) { _ = try CanonicalJSON(canonicalBytes: ascii(text)) }
  }

  @Test(arguments: [
    "", " ", "nul", "True", "tru", "01", "-", "-01", "+1", ".5", "\"", "\"a", "\"\\", "\"\\x\"",
    "\"\\u12\"", "\"\\u12g4\"", #""\ud83d""#, #""\ude00""#, #""\ud83dx""#, #""\ud83d\u0041""#, "[",
    "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{a:1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
    #"{"a":1"#, "1 2", "{}{}", "'a'", "NaN", "Infinity", "\u{FEFF}1", "\"\n\"", "/**/1", "0x1",
  ])
  func brokenJSONIsRefused(text: String) {
    expect(.malformedJSON) { _ = try CanonicalJSON(canonicalBytes: ascii(text)) }
  }

  @Test(arguments: [
    "1.0", "0.5", "1e3", "1E3", "-1.5", "9007199254740992", "-9007199254740992",
    "9223372036854775808", "123456789012345678901234567890",
  ])
  func otherNumbersAreRefused(text: String) {
    expect(.unsupportedNumber) { _ = try CanonicalJSON(canonicalBytes: ascii(text)) }
  }

  @Test func invalidUTF8IsRefused() {
    for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]] {
      expect(.malformedJSON) {
        _ = try CanonicalJSON(canonicalBytes: ascii("\"") + bytes + ascii("\""))
      }
    }
  }

  @Test(arguments: [#"{"a":1,"a":2}"#, #"{"a":1,"\u0061":1}"#, #"{"b":{"":1,"":1}}"#])
  func duplicateKeysAreRefused(text: String) {
    expect(.duplicateKey) { _ = try CanonicalJSON(canonicalBytes: ascii(text)) }
  }

  @Test func limitsHold() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: UInt8(ascii: "["), count: depth)
        + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
    }
    let deepest = CanonicalJSON.depthMaximum
    let value = try CanonicalJSON(canonicalBytes: nested(deepest))
    expect(.tooDeep) { _ = try CanonicalJSON(canonicalBytes: nested(deepest + 1)) }
    expect(.tooDeep) { _ = try CanonicalJSON(canonicalBytes: nested(8000)) }
    expect(.tooDeep) { _ = try CanonicalJSON.array([value]).canonicalBytes() }
    let limit = CanonicalJSON.eventByteCountMaximum
    let largest = CanonicalJSON.string(String(repeating: "x", count: limit - 2))
    let bytes = try largest.canonicalBytes()
    #expect(try CanonicalJSON(canonicalBytes: bytes) == largest)
    let larger = CanonicalJSON.string(String(repeating: "x", count: limit - 1))
    expect(.entryTooLarge) { _ = try larger.canonicalBytes() }
    let largerBytes = try larger.canonicalBytes(byteCountMaximum: limit + 1)
    expect(.entryTooLarge) { _ = try CanonicalJSON(canonicalBytes: largerBytes) }
    expect(.unsupportedNumber) { _ = try CanonicalJSON.integer(1 << 53).canonicalBytes() }
    expect(.unsupportedNumber) { _ = try CanonicalJSON.integer(.min).canonicalBytes() }
  }
}
