import Testing
import Vault

@testable import Intake

@Suite("Feeding a store")
struct RecordFeedTests {
  /// What a run handed over.
  private struct Outcome {
    var batches: [Int] = []
    var bad: [Int] = []
    var counters: IntakeCounters?
    var error: IntakeError?
  }

  private func run(_ text: String, isStrict: Bool = false) throws -> Outcome {
    let feed = RecordFeed(
      contract: try Fixtures.contract(), file: "data", ingestDay: Fixtures.today, isStrict: isStrict
    )
    var outcome = Outcome()
    outcome.error = refusal {
      outcome.counters = try feed.run(
        MemoryByteSource(Array("number,email\n\(text)".utf8)),
        reject: { outcome.bad.append($0.line) },
        store: { batch, counters in
          outcome.batches.append(batch.count)
          #expect(counters.accepted == outcome.batches.reduce(0, +))
        })
    }
    return outcome
  }

  @Test("comes in batches, the last one smaller, never an empty one")
  func batches() throws {
    for (count, batches) in [(0, []), (1, [1]), (1000, [1000]), (2500, [1000, 1000, 500])] {
      let outcome = try run((0..<count).map { "\($0),\n" }.joined())
      #expect(outcome.error == nil)
      #expect(outcome.batches == batches)
      #expect(outcome.counters?.accepted == count)
    }
  }

  @Test("leaves bad records out and goes on")
  func lenient() throws {
    let outcome = try run("1,\n2,x\n3,\n")
    #expect(outcome.error == nil)
    #expect(outcome.bad == [3])
    #expect(outcome.batches == [2])
  }

  @Test("stops at the first bad record when strict, with its line and field and not its value")
  func strict() throws {
    let outcome = try run("1,\n2,secret\n3,y\n", isStrict: true)
    #expect(outcome.error?.code == .badRecord)
    #expect(outcome.error?.message.contains("line 3: field `email`") == true)
    #expect(outcome.error?.message.contains("secret") == false)
    #expect(outcome.bad == [3])
    #expect(outcome.batches.isEmpty)
  }

  @Test("hands over nothing when the first records share their identifiers")
  func lint() throws {
    let outcome = try run((0..<5000).map { "\($0),same@x.example\n" }.joined())
    #expect(outcome.error?.code == .lowCardinalityData)
    #expect(outcome.batches.isEmpty)
    let short = try run((0..<150).map { "\($0),same@x.example\n" }.joined())
    #expect(short.error?.code == .lowCardinalityData)
    #expect(short.batches.isEmpty)
  }

  @Test("shows a cut-off end before anything is written, in a run that stores nothing")
  func cutOff() throws {
    let outcome = try run((0..<1500).map { "\($0),\n" }.joined() + "x,\"")
    #expect(outcome.error?.code == .truncatedFile)
    #expect(outcome.counters == nil)
  }
}
