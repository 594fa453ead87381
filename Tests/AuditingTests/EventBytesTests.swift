import Testing
import Transparency

@testable import Auditing

@Suite struct EventBytesTests {
  private static func text(_ entry: String, _ member: EventBytes.Member) -> String? {
    EventBytes(Array(entry.utf8))?.text(member).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func membersAreFoundWhereverTheyStand() throws {
    let entry =
      #"{"actor":"op_a","fields":{"type":"inner","x":["y",{"case":"no"}]},"purpose":"p.q","#
      + #""seq":12,"subjects":["t1","t2"],"text":"a\"},\\","time":1728,"type":"field.disclosed"}"#
    _ = try CanonicalJSON(canonicalBytes: Array(entry.utf8))
    let event = try #require(EventBytes(Array(entry.utf8)))
    #expect(Self.text(entry, .actor) == "op_a")
    #expect(Self.text(entry, .type) == "field.disclosed")
    #expect(Self.text(entry, .purpose) == "p.q")
    #expect(Self.text(entry, .case) == nil)
    #expect(event.number(.time) == 1728 && event.number(.seq) == 12)
    #expect(event.number(.actor) == nil && event.text(.seq) == nil)
    var seen: [String] = []
    #expect(
      !event.contains(.subjects) {
        seen.append(String(decoding: $0, as: UTF8.self))
        return false
      })
    #expect(seen == ["t1", "t2"])
    #expect(event.contains(.subjects) { $0.elementsEqual("t2".utf8) })
  }

  @Test(arguments: [
    "", "{", "{}", "[]", #"{"actor"}"#, #"{"actor":"x"#, #"{"actor":"x"}}"#, #"{"a":1}x"#,
    #"{"actor":"x",}"#, #"{ "actor":"x"}"#, #"{"actor":"x\"}"#,
  ])
  func whatIsNoObjectIsNoEntry(text: String) {
    #expect(EventBytes(Array(text.utf8)) == nil)
  }

  @Test(arguments: ["-5", "1.5", "12345678901234567", "null", "[]"])
  func otherNumbersAreNone(value: String) throws {
    let event = try #require(EventBytes(Array(#"{"time":\#(value)}"#.utf8)))
    #expect(event.number(.time) == nil)
  }
}
