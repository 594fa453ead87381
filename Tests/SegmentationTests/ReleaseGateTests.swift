import Analytics
import Foundation
import Testing

@testable import Segmentation

@Suite struct ReleaseGateTests {
  @Test(arguments: [
    (20, 100, true), (21, 100, true), (80, 100, true), (20, 40, true),
    (19, 100, false), (0, 100, false), (1, 100, false), (81, 100, false), (99, 100, false),
    (100, 100, false), (0, 0, false), (20, 39, false), (20, 20, false), (19, 38, false),
  ])
  func holdsTheSegmentAndItsComplementToTheThreshold(
    matching: Int, total: Int, isReleased: Bool
  ) throws {
    let answer = try ReleaseGate().release(matching: matching, of: total)
    #expect(answer == (isReleased ? .released(matching) : .suppressed(threshold: 20)))
  }

  @Test(arguments: [(0, false), (19, false), (20, true), (21, true)])
  func holdsTheTotalToTheThreshold(total: Int, isReleased: Bool) throws {
    let answer = try ReleaseGate().release(total: total)
    #expect(answer == (isReleased ? .released(total) : .suppressed(threshold: 20)))
  }

  @Test(arguments: [Int.min, -1, 0, 1, 2, 4])
  func refusesALowThreshold(threshold: Int) {
    #expect(
      refusal { _ = try ReleaseGate(threshold: threshold) }?.code == .thresholdTooLow)
  }

  @Test(arguments: [5, 6, 1_000_000])
  func takesAThreshold(threshold: Int) throws {
    #expect(try ReleaseGate(threshold: threshold).threshold == threshold)
  }

  @Test(arguments: [
    (4, 20, false), (5, 20, true), (6, 20, true), (14, 20, true), (15, 20, true),
    (16, 20, false), (20, 20, false), (0, 20, false), (5, 9, false), (0, 0, false), (1, 1, false),
  ])
  func countsThroughTheGate(matching: Int, total: Int, isReleased: Bool) throws {
    let scratch = try ScratchStore()
    try scratch.fill(matching: matching, of: total)
    let gate = try ReleaseGate(threshold: 5)
    let expected: (Int) -> ReleasedCount = {
      isReleased ? .released($0) : .suppressed(threshold: 5)
    }
    let segment = try Segment.parse(yaml: rule("{attribute: country, is: DE}"))
    let rest = try Segment.parse(yaml: rule("{attribute: country, is_not: DE}"))
    #expect(try gate.count(segment, in: scratch.store, today: today) == expected(matching))
    #expect(try gate.count(rest, in: scratch.store, today: today) == expected(total - matching))
    #expect(try gate.total(in: scratch.store) == gate.release(total: total))
  }

  @Test(arguments: [
    "{attribute: country, exists: true}", "{attribute: country, exists: false}",
    "{any: [{attribute: country, is: DE}, {not: {attribute: country, is: DE}}]}",
    "{event: \"order' OR '1'='1\"}", "{attribute: country, is: \"DE' OR '1'='1\"}",
    "{attribute: country, is: \"%\"}",
  ])
  func certaintyAndInjectionAreSuppressed(condition: String) throws {
    let scratch = try ScratchStore()
    try scratch.fill(matching: 30, of: 77)
    let segment = try Segment.parse(yaml: rule(condition))
    let answer = try ReleaseGate().count(segment, in: scratch.store, today: today)
    #expect(answer == .suppressed(threshold: 20))
  }

  @Test func refusesARuleOnWhatIsNotExposed() throws {
    let scratch = try ScratchStore()
    try scratch.fill(matching: 30, of: 77)
    let segment = try Segment.parse(yaml: rule("{attribute: email_domain, is: example.org}"))
    let error = refusal {
      _ = try ReleaseGate().count(segment, in: scratch.store, today: today)
    }
    #expect(error?.code == .unknownAttribute)
  }

  private func report(matching: Int, of total: Int) throws -> SegmentReport {
    let scratch = try ScratchStore()
    try scratch.fill(matching: matching, of: total)
    let segment = try Segment.parse(yaml: rule("{attribute: country, is: DE}"))
    return try ReleaseGate().report(segment, in: scratch.store, today: today)
  }

  @Test(arguments: [
    (
      30, 77, "30 of 77 profiles",
      #"{"count":30,"status":"released"}"#, #"{"count":77,"status":"released"}"#
    ),
    (
      17, 66, "suppressed: fewer than 20 of the 66 profiles are inside, or outside",
      #"{"status":"suppressed","threshold":20}"#, #"{"count":66,"status":"released"}"#
    ),
    (
      13, 19, "suppressed: there are fewer than 20 profiles",
      #"{"status":"suppressed","threshold":20}"#, #"{"status":"suppressed","threshold":20}"#
    ),
  ])
  func showsTheAnswer(
    matching: Int, total: Int, line: String, count: String, all: String
  ) throws {
    let report = try report(matching: matching, of: total)
    #expect(report.text == "test: A test\n  profiles where country is DE\n  \(line)")
    #expect(
      try report.json() == #"{"count":\#(count),"day":20000,"#
        + #""explained":"profiles where country is DE","segment":"test","threshold":20,"#
        + #""title":"A test","total":\#(all)}"#)
  }

  @Test(arguments: [(17, 66), (49, 66), (0, 66), (66, 66)])
  func aSuppressedAnswerIsTheSameWhateverTheNumber(matching: Int, total: Int) throws {
    let hidden = try report(matching: matching, of: total)
    let other = try report(matching: 3, of: total)
    #expect(hidden == other)
    #expect(try hidden.json() == other.json())
    #expect(hidden.text == other.text)
  }
}
