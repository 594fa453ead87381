import TestSupport
import Testing

@testable import Transparency

/// The scan and the parser have to say the same about every input.
@Suite struct CanonicalScanTests {
  private static let mutationCount = 60_000

  private func isParsed(_ bytes: [UInt8]) -> Bool {
    (try? CanonicalJSON(canonicalBytes: bytes)) != nil
  }

  private func isScanned(_ bytes: [UInt8]) -> Bool { CanonicalScan.isCanonical(bytes.span) }

  private func isScannedEvent(_ bytes: [UInt8], index: Int) -> Bool {
    EventScan(bytes.span, index: index).isEvent
  }

  private func isEvent(_ bytes: [UInt8], index: Int) -> Bool {
    EntryRule.auditEvent.problem(in: bytes, index: index) == nil
  }

  private func expectAgreement(_ bytes: [UInt8], _ comment: @autoclosure () -> String = "") {
    let isParsed = isParsed(bytes)
    #expect(isScanned(bytes) == isParsed, "\(comment()) \(hex(bytes))")
  }

  @Test(arguments: [
    "null", "true", "false", "0", "-1", "9007199254740991", "-9007199254740991", "\"\"", "[]",
    "{}", "[1,[2,{\"a\":null}],\"x\"]", #"{"a":1,"b":[true,false],"c":"é€😀"}"#,
    #""\b\t\n\f\r\"\\\u0000\u001f/""#, "\"\u{7F}\u{2028}\"", #"{"":0,"a":0,"aa":0,"b":0}"#,
    #"{"\r":1,"1":2,"é":3}"#, "{\"\u{20AC}\":1,\"\u{1F600}\":2,\"\u{FB33}\":3}",
    #"{"\u0000":1,"\u0001":2,"\b":3,"\t":4,"\n":5,"\"":6,"\\":7,"a":8}"#,
    #"{"a\u001f":1,"a!":2,"a\"":3}"#, "{\"\u{FFFF}\":1}", "{\"\u{10FFFF}\":1,\"\u{E000}\":2}",
  ])
  func canonicalIsAccepted(text: String) {
    #expect(isParsed(ascii(text)))
    #expect(isScanned(ascii(text)))
  }

  @Test(arguments: [
    " 1", "1 ", "[1, 2]", "{ }", #"{"b":1,"a":2}"#, #""\u0041""#, #""\/""#, "-0", #""\u000a""#,
    #""\u001F""#, #""\ud83d\ude00""#, #""\u00e9""#, "", "nul", "01", "-", "-01", "\"", "\"a",
    "\"\\",
    "\"\\x\"", "\"\\u12\"", #""\u0020""#, #""\u0008""#, #""\u0022""#, "[", "[1,]", "[,1]", "{",
    "{}{}",
    #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "1.0", "1e3", "9007199254740992", "-9007199254740992",
    "99999999999999999999999", #"{"a":1,"a":2}"#, #"{"\n":1,"\t":2}"#, #"{"a!":1,"a\u001f":2}"#,
    "{\"\u{FB33}\":1,\"\u{1F600}\":2}", #"{"a":1,"":2}"#, #"{"ab":1,"a":2}"#, "tru", "truefalse",
  ])
  func everythingElseIsNot(text: String) {
    #expect(!isParsed(ascii(text)))
    #expect(!isScanned(ascii(text)))
  }

  @Test func everySequenceOfTwoBytesIsJudgedAlike() {
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        expectAgreement([0x22, first, second, 0x22])
        expectAgreement([0x22, 0xF0, first, second, 0x80, 0x22])
        expectAgreement([0x22, first, second, 0x80, 0x80, 0x22])
      }
    }
    for first in UInt8.min...UInt8.max { expectAgreement([first]) }
  }

  @Test func everyEscapeIsJudgedAlike() {
    for letter in UInt8.min...UInt8.max { expectAgreement([0x22, 0x5C, letter, 0x22]) }
    for unit in 0...0xFF {
      for digits in [String(unit, radix: 16), String(unit, radix: 16).uppercased()] {
        let padded = String(repeating: "0", count: 4 - digits.utf8.count) + digits
        expectAgreement(ascii("\"\\u\(padded)\""))
      }
    }
  }

  @Test func limitsAreTheSame() {
    for depth in [31, 32, 33, 200] {
      for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
        let text =
          String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        expectAgreement(ascii(text), "depth \(depth)")
      }
      expectAgreement(ascii(String(repeating: "[", count: depth)))
    }
    for count in [-1, 0, 1] {
      let limit = CanonicalJSON.eventByteCountMaximum - 2 + count
      expectAgreement(ascii("\"" + String(repeating: "x", count: limit) + "\""))
    }
  }

  @Test func changedValuesAreJudgedAlike() throws {
    var dice = SeededNumbers(seed: 41)
    var accepted = 0
    for round in 0..<Self.mutationCount {
      var values = RandomJSON(dice: dice)
      var bytes = try values.value(depth: 0).canonicalBytes()
      dice = values.dice
      for _ in 0..<round % 4 { Mutation.change(&bytes, &dice) }
      if isParsed(bytes) { accepted += 1 }
      expectAgreement(bytes)
    }
    #expect(accepted > Self.mutationCount / 4 && accepted < Self.mutationCount * 3 / 4)
  }

  @Test func changedEventsAreJudgedAlike() throws {
    var dice = SeededNumbers(seed: 42)
    var accepted = 0
    for round in 0..<Self.mutationCount {
      let index = Int.random(in: 0..<3, using: &dice)
      var bytes = try MemoryLog.event(index, note: round % 7 == 0 ? "é\n\"" : "x")
      for _ in 0..<round % 3 { Mutation.change(&bytes, &dice) }
      let isScanned = isScannedEvent(bytes, index: 1)
      if isScanned { accepted += 1 }
      #expect(isScanned == isEvent(bytes, index: 1), "\(String(decoding: bytes, as: UTF8.self))")
    }
    #expect(accepted > Self.mutationCount / 20)
  }

  @Test(arguments: [
    #"[]"#, #"{"id":"00","seq":0,"time":1}"#, #"{"id":"00","seq":0,"time":1,"type":""}"#,
    #"{"id":"0G","seq":0,"time":1,"type":"a"}"#, #"{"id":"0","seq":0,"time":1,"type":"a"}"#,
    #"{"id":"","seq":0,"time":1,"type":"a"}"#, #"{"id":"00","seq":"0","time":1,"type":"a"}"#,
    #"{"id":"00","seq":1,"time":1,"type":"a"}"#, #"{"id":"00","seq":0,"time":-1,"type":"a"}"#,
    #"{"id":"00","seq":0,"time":1,"type":["a"]}"#, #"{"id":0,"seq":0,"time":1,"type":"a"}"#,
    #"{"id":"00","seq":0,"time":1,"type":"a\n"}"#,
    #"{"id":"00","seq":{"seq":0},"time":1,"type":"a"}"#,
    #"{"a":{"id":"00","seq":0,"time":1,"type":"a"}}"#,
    #"{"id":"00","seq":0,"time":null,"type":"a"}"#,
  ])
  func whatIsNoEventIsNone(text: String) {
    #expect(!isScannedEvent(ascii(text), index: 0))
    #expect(!isEvent(ascii(text), index: 0))
  }

  @Test func prunings() {
    func minimum(_ member: String, index: Int = 5, type: String = "log.pruned") -> Int? {
      let text = #"{"id":"00",\#(member)"seq":\#(index),"time":1,"type":"\#(type)"}"#
      guard case .pruning(let minimum) = EntryRule.auditEvent.check(ascii(text).span, index: index)
      else { return nil }
      return minimum
    }
    #expect(minimum(#""minimum_index":3,"#) == 3)
    #expect(minimum(#""minimum_index":0,"#) == 0)
    #expect(minimum(#""minimum_index":5,"#) == 5)
    for member in [
      "", #""minimum_index":6,"#, #""minimum_index":-1,"#, #""minimum_index":"3","#,
      #""minimum_index":null,"#,
    ] { #expect(minimum(member) == nil, "\(member)") }
    #expect(minimum(#""minimum_index":3,"#, type: "log.read") == nil)
  }
}

/// Values of every kind, with the keys and texts that are hard to order and to escape.
struct RandomJSON {
  var dice: SeededNumbers

  private static let pieces = [
    "a", "b", "\"", "\\", "\n", "\u{1}", "\u{1F}", "/", "é", "€", "\u{E000}", "\u{FFFF}", "😀",
    "\u{10FFFF}", "\u{7F}", "0", " ",
  ]

  mutating func value(depth: Int) throws -> CanonicalJSON {
    switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &dice) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &dice))
    case 2: return .integer(Int64.random(in: -12...12, using: &dice))
    case 3:
      let limit = CanonicalJSON.integerMaximum
      return .integer(Int64.random(in: -limit...limit, using: &dice))
    case 4, 5: return .string(text())
    case 6:
      let count = Int.random(in: 0..<4, using: &dice)
      var items: [CanonicalJSON] = []
      for _ in 0..<count { items.append(try value(depth: depth + 1)) }
      return .array(items)
    default:
      var members: [String: CanonicalJSON] = [:]
      for _ in 0..<Int.random(in: 0..<5, using: &dice) {
        members[text()] = try value(depth: depth + 1)
      }
      return .object(try JSONObject(members.map { ($0.key, $0.value) }))
    }
  }

  private mutating func text() -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0..<4, using: &dice) {
      text += Self.pieces.randomElement(using: &dice) ?? ""
    }
    return text
  }
}

/// Small changes that break JSON, or its canonical form, or neither.
enum Mutation {
  private static let bytes =
    ascii(#"{}[]:,"\u0019-ntrbf/e. "#) + [0x0A, 0x7F, 0x80, 0xC3, 0xEF, 0xF0]

  static func change(_ text: inout [UInt8], _ dice: inout SeededNumbers) {
    let byte = bytes.randomElement(using: &dice) ?? 0
    guard let place = text.indices.randomElement(using: &dice) else { return text.append(byte) }
    switch Int.random(in: 0..<6, using: &dice) {
    case 0: text[place] = byte
    case 1: text.insert(byte, at: place)
    case 2: text.remove(at: place)
    case 3: text[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
    case 4: text.swapAt(place, (place + 1) % text.count)
    default:
      let end = Int.random(in: place...min(place + 6, text.count), using: &dice)
      text.insert(contentsOf: text[place..<end], at: place)
    }
  }
}
