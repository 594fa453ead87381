import Testing

@testable import Cedar

@Suite("JSON entities and contexts")
struct JSONTests {
  private func context(_ text: String) throws -> CedarRecord {
    try CedarRecord(contextJSON: text, action: Fixture.view)
  }

  @Test("values keep their types")
  func values() throws {
    let record = try context(
      #"""
      {"b": true, "i": -9223372036854775808, "z": -0, "s": "a\u00e9\ud83d\ude00\n", "l": [1, 1, 2],
       "r": {"x": {}}, "e": {"__entity": {"type": "User", "id": "u"}},
       "d": {"__extn": {"fn": "decimal", "arg": "1.5"}}, "p": {"type": "User", "id": "u"},
       "o": {"__extn": {"fn": "offset", "args": [
         {"__extn": {"fn": "datetime", "arg": "1970-01-01"}},
         {"__extn": {"fn": "duration", "arg": "1ms"}}]}}}
      """#)
    #expect(record["b"] == true && record["i"] == .long(.min) && record["z"] == 0)
    #expect(record["s"] == .string("a\u{e9}\u{1f600}\n"))
    #expect(record["l"] == [1, 2] && record["r"] == ["x": [:]])
    #expect(record["e"] == .entity(Fixture.user))
    #expect(record["d"] == .decimal(CedarDecimal(scaled: 15_000)))
    #expect(record["p"] == ["type": "User", "id": "u"])
    #expect(record["o"] == .datetime(CedarDateTime(milliseconds: 1)))
  }

  static let malformed = [
    "", "{", "}", "[1]", "1", "null", #"{"a": null}"#, #"{"a": 1.0}"#, #"{"a": 1e3}"#,
    #"{"a": 1E3}"#, #"{"a": 9223372036854775808}"#, #"{"a": -9223372036854775809}"#,
    #"{"a": 99999999999999999999999999999999999999999}"#, #"{"a": 01}"#, #"{"a": -}"#,
    #"{"a": +1}"#, #"{"a": .5}"#, #"{"a": 1, "a": 1}"#, #"{"a": 1, "\u0061": 1}"#, #"{"a": 1,}"#,
    #"{"a": [1,]}"#, #"{"a": [,]}"#, #"{"a" 1}"#, "{a: 1}", "{'a': 1}", #"{"a": tru}"#,
    #"{"a": 1} x"#, #"{"a": "\x"}"#, #"{"a": "\u12"}"#, #"{"a": "\ud800"}"#,
    #"{"a": "\udc00"}"#, #"{"a": "\ud800\u0041"}"#, #"{"a": "x}"#, "{\"a\": \"\n\"}",
    #"{"a": {"__expr": "1"}}"#, #"{"a": {"__entity": {"type": "User"}}}"#,
    #"{"a": {"__entity": {"type": "User", "id": 1}}}"#, #"{"a": {"__entity": "User"}}"#,
    #"{"a": {"__entity": {"type": "User", "id": "u"}, "b": 1}}"#,
    #"{"a": {"__extn": {"fn": "nope", "arg": "1"}}}"#, #"{"a": {"__extn": {"fn": "ip"}}}"#,
    #"{"a": {"__extn": "ip"}}"#, "// no\n{}", "{\"a\":\u{a0}1}", "NaN",
  ]

  @Test("is refused", arguments: malformed)
  func refuses(_ text: String) {
    #expect(throws: CedarError(.invalidJSON, "")) { try context(text) }
  }

  @Test("is refused for what the values say")
  func refusesValues() throws {
    for (text, code) in [
      (#"{"a": {"__extn": {"fn": "ip", "arg": "x"}}}"#, CedarError.Code.extensionFormat),
      (#"{"a": {"__extn": {"fn": "ip", "arg": 1}}}"#, .type),
      (#"{"a": {"__extn": {"fn": "ip", "args": []}}}"#, .arity),
      (#"{"a": {"__entity": {"type": "A :: B", "id": "u"}}}"#, .invalidName),
      (String(repeating: #"{"a":"#, count: 200) + "1", .limitExceeded),
      (String(repeating: "[", count: 200_000), .limitExceeded),
    ] {
      #expect(try Fixture.code { _ = try context(text) } == code)
    }
    #expect(throws: CedarError(.invalidText, "")) {
      try CedarRecord(contextJSON: [0x22, 0xFF, 0x22], action: Fixture.view)
    }
  }

  static let refusedEntities: [(String, CedarError.Code)] = [
    ("{}", .invalidJSON), ("[1]", .invalidJSON), ("[{}]", .invalidJSON),
    (#"[{"uid": "User::\"u\"", "attrs": {}, "parents": []}]"#, .invalidJSON),
    (#"[{"uid": {"type": "U", "id": "u"}, "parents": []}]"#, .invalidJSON),
    (#"[{"uid": {"type": "U", "id": "u"}, "attrs": {}}]"#, .invalidJSON),
    (#"[{"uid": {"type": "U", "id": "u"}, "attrs": [], "parents": []}]"#, .invalidJSON),
    (#"[{"uid": {"type": "U", "id": "u"}, "attrs": {}, "parents": {}}]"#, .invalidJSON),
    (#"[{"uid": {"type": "U", "id": "u"}, "attrs": {}, "parents": ["u"]}]"#, .invalidJSON),
    (#"[{"uid": {"type": "U", "id": "u"}, "attrs": {}, "parents": [], "tags": 1}]"#, .invalidJSON),
    (#"[{"uid": {"type": "U", "id": "u"}, "attrs": {"a": null}, "parents": []}]"#, .invalidJSON),
    (#"[{"uid": {"type": "1", "id": "u"}, "attrs": {}, "parents": []}]"#, .invalidName),
    (
      #"[{"uid": {"type": "U", "id": "u"}, "attrs": {}, "parents": [{"type": "U", "id": "u"}]}]"#,
      .cyclicHierarchy
    ),
    (
      #"""
      [{"uid": {"type": "U", "id": "u"}, "attrs": {}, "parents": []},
       {"uid": {"type": "U", "id": "u"}, "attrs": {"a": 1}, "parents": []}]
      """#, .duplicateEntity
    ),
    (
      #"""
      [{"uid": {"type": "Action", "id": "a"}, "attrs": {}, "parents": [{"type": "U", "id": "u"}]}]
      """#, .invalidEntity
    ),
  ]

  @Test("entities are refused", arguments: refusedEntities)
  func refusesEntities(_ text: String, _ code: CedarError.Code) throws {
    #expect(try Fixture.code { _ = try EntityStore(json: text) } == code)
  }

  @Test("entities are read with attributes, parents, tags and unknown fields")
  func readsEntities() throws {
    let store = try EntityStore(
      json: #"""
        [{"uid": {"__entity": {"type": "User", "id": "u"}}, "attrs": {"a": 1}, "note": "ignored",
          "parents": [{"type": "Group", "id": "g"}], "tags": {"t": "x"}}]
        """#)
    let entity = try #require(store[Fixture.user])
    #expect(entity.attributes == ["a": 1] && entity.tags == ["t": "x"])
    #expect(store.isMember(Fixture.user, of: EntityUID(type: "Group", id: "g")))
    #expect(try EntityStore(json: "[]").count == 0)
  }
}
