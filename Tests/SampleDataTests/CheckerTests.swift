import Testing

/// The checkers must refuse what they are there to notice.
@Suite struct CheckerTests {
  @Test(arguments: [
    "a,b\n", "a,b", "\"a\r\n", "\"a\"b\r\n", "a\"b\r\n", "a\rb\r\n",
  ])
  func refusesBadCSV(text: String) {
    #expect(throws: CheckFailure.self) { try CSVChecker.rows(text) }
  }

  @Test func readsQuotedCSV() throws {
    let rows = try CSVChecker.rows("a,\"b \"\"c\"\"\r\n,d\"\r\n,\r\n")
    #expect(rows == [["a", "b \"c\"\r\n,d"], ["", ""]])
  }

  @Test(arguments: [
    "", "{", "{\"a\":1,\"a\":2}", "{\"a\":}", "\"a", "[1,]", "{\"a\":1} x", "\"\\x\"", "tru",
    "\"\u{1}\"",
  ])
  func refusesBadJSON(text: String) {
    #expect(throws: CheckFailure.self) { try JSONChecker.value(text) }
  }

  @Test func readsJSON() throws {
    let value = try JSONChecker.value("{\"a\":[true,null,-1.50,\"x\\n\\u0001\"],\"b\":{}}")
    let list: [JSONChecker.Value] = [.bool(true), .null, .number("-1.50"), .string("x\n\u{1}")]
    #expect(value == .object(["a": .array(list), "b": .object([:])]))
  }
}
