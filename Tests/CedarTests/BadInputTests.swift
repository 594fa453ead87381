import CedarFuzzing
import Testing

@testable import Cedar

@Suite("Bad input")
struct BadInputTests {
  private static let scope = "permit(principal, action, resource)"

  private func code(_ policy: String) throws -> CedarError.Code? {
    try Fixture.code { _ = try PolicySet(parsing: policy) }
  }

  private func repeated(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  @Test("longer than the limit is refused before it is read")
  func tooLong() throws {
    let tenMillion = repeated("// 45678\n", 10_000_000 / 9)
    #expect(try code(tenMillion) == .limitExceeded)
    #expect(try code(Self.scope + " when { \"\(repeated("a", 10_000_000))\" };") == .limitExceeded)
    let blank = repeated(" ", JSONReader.byteCountLimit + 1)
    #expect(try Fixture.code { _ = try PolicySet(json: blank) } == .limitExceeded)
    #expect(try Fixture.code { _ = try EntityStore(json: blank) } == .limitExceeded)
  }

  @Test("nested ten thousand times is refused, whatever nests")
  func tooDeep() throws {
    for (open, close) in [
      ("(", ")"), ("[", "]"), ("{a:", "}"), ("!(", ")"), ("-(", ")"), ("ip(", ")"),
      ("if true then (", ") else 1"), ("1 - (", ")"), ("[1].contains(", ")"), ("true && (", ")"),
      ("(1 in ", ")"),
    ] {
      let body = repeated(open, 10_000) + "1" + repeated(close, 10_000)
      #expect(try code("\(Self.scope) when { \(body) };") == .limitExceeded, "\(open)")
    }
    for tail in [".a", "[\"a\"]", ".isEmpty()", " - 1", " * 1"] {
      let body = "context" + repeated(tail, 10_000)
      #expect(try code("\(Self.scope) when { \(body) };") == .limitExceeded, "\(tail)")
    }
    let open = repeated("[", 10_000)
    for json in [open, open + repeated("]", 10_000), repeated(#"{"a":"#, 10_000)] {
      #expect(try Fixture.code { _ = try PolicySet(json: json) } == .limitExceeded)
      #expect(try Fixture.code { _ = try EntityStore(json: json) } == .limitExceeded)
    }
    let type = "type T = \(repeated("Set<", 10_000))"
    #expect(try Fixture.code { _ = try Schema(parsing: type) } == .limitExceeded)
  }

  @Test("that is not UTF-8 is refused at every place", arguments: [0x80, 0xC0, 0xED, 0xFF])
  func invalidText(_ byte: UInt8) {
    let policy = Array(#"@id("a") permit(principal, action, resource) when { "a" }; // c"#.utf8)
    let json = Array(#"[{"uid": {"type": "A", "id": "a"}, "attrs": {}, "parents": []}]"#.utf8)
    for (text, read) in [
      (policy, { (bytes: [UInt8]) in _ = try PolicySet(parsing: bytes) }),
      (policy, { (bytes: [UInt8]) in _ = try Schema(parsing: bytes) }),
      (json, { (bytes: [UInt8]) in _ = try EntityStore(json: bytes) }),
      (json, { (bytes: [UInt8]) in _ = try PolicySet(json: bytes) }),
    ] {
      for place in 0...text.count {
        var bytes = text
        bytes.insert(byte, at: place)
        let error = #expect(throws: CedarError(.invalidText, "")) { try read(bytes) }
        #expect(error?.position?.column == place + 1)
      }
    }
  }

  @Test("that is cut off in a letter is refused where the letter starts")
  func cutText() {
    for (bytes, column) in [
      ([0x20, 0xE2, 0x82], 2), ([0xC3], 1), ([0xC3, 0xA9, 0xF0, 0x9F, 0x98], 3),
      ([0x0A, 0xED, 0xA0, 0x80], 1), ([0xE0, 0x80, 0x80], 1), ([0xF4, 0x90, 0x80, 0x80], 1),
    ] as [([UInt8], Int)] {
      let error = #expect(throws: CedarError(.invalidText, "")) { try PolicySet(parsing: bytes) }
      #expect(error?.position?.column == column)
    }
  }

  static let numbers = [
    "9223372036854775808", "18446744073709551615", "18446744073709551616",
    String(repeating: "9", count: 5_000), "-9223372036854775809", "-(9223372036854775808)",
  ]

  @Test("with a number out of range is refused", arguments: numbers)
  func numberRange(_ number: String) throws {
    #expect(try code("\(Self.scope) when { \(number) == 1 };") == .syntax)
    guard !number.contains("(") else { return }
    #expect(
      try Fixture.code {
        _ = try CedarRecord(contextJSON: "{\"a\": \(number)}", action: Fixture.view)
      } == .invalidJSON)
  }

  @Test("with a key twice is refused, also among many")
  func duplicateKeys() throws {
    let keys = (0..<2_000).map { "k\($0)" }
    let record = (keys + ["k7"]).map { "\($0): 1" }.joined(separator: ", ")
    #expect(try code("\(Self.scope) when { {\(record)} == 1 };") == .syntax)
    let annotations = (keys + ["k7"]).map { "@\($0)" }.joined(separator: " ")
    #expect(try code("\(annotations) \(Self.scope);") == .syntax)
    let json = (keys + ["k7"]).map { "\"\($0)\":1" }.joined(separator: ",")
    #expect(
      try Fixture.code {
        _ = try CedarRecord(contextJSON: "{\(json)}", action: Fixture.view)
      } == .invalidJSON)
    let attributes = (keys + ["k7"]).map { "\($0): Long" }.joined(separator: ", ")
    #expect(try Fixture.code { _ = try Schema(parsing: "entity A {\(attributes)};") } == .syntax)
  }

  @Test("with entities in a ring is refused, however long the ring")
  func cyclicEntities() throws {
    func node(_ number: Int) -> EntityUID { EntityUID(type: "Node", id: "\(number)") }
    for count in [1, 2, 3, 1_000, 20_000] {
      let ring = (0..<count).map { Entity(node($0), parents: [node(($0 + 1) % count)]) }
      #expect(throws: CedarError(.cyclicHierarchy, "")) { try EntityStore(entities: ring) }
    }
  }

  @Test("with more ancestors than the limit is refused")
  func tooManyAncestors() throws {
    func node(_ number: Int) -> EntityUID { EntityUID(type: "Node", id: "\(number)") }
    let chain = (0..<5_000).map { Entity(node($0), parents: [node($0 + 1)]) }
    #expect(throws: CedarError(.limitExceeded, "")) { try EntityStore(entities: chain) }
  }

  @Test("says line and column, and what was expected", arguments: PolicyParserTests.rejected)
  func positions(_ text: String) {
    let error = #expect(throws: CedarError.self) { try PolicySet(parsing: "\n \(text)") }
    #expect(error?.position?.line ?? 0 >= 2)
    #expect(error?.position?.column ?? 0 >= 1)
    #expect(error?.description.contains(":") == true)
    #expect(error?.message.isEmpty == false)
  }

  static let expectations: [(text: String, place: String, words: [String])] = [
    ("permit(principal, action, resource)", "1:36", ["`;`", "the end of the text"]),
    ("allow(principal, action, resource);", "1:1", ["`permit`", "`forbid`"]),
    ("permit(action, resource);", "1:8", ["`principal`", "found `action`"]),
    ("permit(principal, action, resource)\nwhen true;", "2:6", ["`{`", "found `true`"]),
    ("permit(principal, action, resource)\nwhen { 1 + };", "2:12", ["an expression", "`}`"]),
    ("permit(principal = User::\"u\", action, resource);", "1:18", ["found `=`"]),
    ("permit(principal == User, action, resource);", "1:25", ["`::`", "found `,`"]),
    ("permit(principal, action, resource) when { [1 2] };", "1:47", ["`,`", "`]`", "found `2`"]),
    ("permit(principal, action, resource) when { {a 1} };", "1:47", ["`:`", "found `1`"]),
    ("permit(principal, action, resource) when { if true 1 };", "1:52", ["`then`", "found `1`"]),
    ("permit(principal, action, resource) when { foo };", "1:44", ["`foo`"]),
    ("permit(principal, action, resource) when { context.foo() };", "1:52", ["`foo`"]),
    ("permit(principal, action, resource) when { \"a };", "1:44", ["quote"]),
    ("permit(principal, action, resource) when { 1 # 2 };", "1:46", ["`#`"]),
  ]

  @Test("names what was expected and what was found", arguments: expectations)
  func messages(_ text: String, _ place: String, _ words: [String]) {
    let error = #expect(throws: CedarError.self) { try PolicySet(parsing: text) }
    #expect(error?.description.hasPrefix("\(place): ") == true, "\(error?.description ?? "")")
    for word in words {
      #expect(error?.message.contains(word) == true, "\(error?.message ?? "") lacks \(word)")
    }
  }

  @Test("made by chance crashes no reader and reads back as it is", arguments: 0..<30)
  func mutations(_ block: Int) throws {
    var tally = FuzzReaders.Tally()
    for place in 0..<20 {
      try FuzzReaders.run(seed: UInt64(block * 20 + place), mutations: 4, &tally)
    }
    #expect(tally.runs == 20 * 4 * FuzzReaders.readerCount)
    #expect(tally.refused > 0 && tally.accepted > 0)
    #expect(tally.problems.isEmpty, "\(tally.problems.joined(separator: "\n"))")
  }
}
