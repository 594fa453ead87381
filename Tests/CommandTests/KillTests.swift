import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Ends the program at moments nobody chose and looks at what the next one finds.
///
/// The moments are spread by a seed over the time an undisturbed run takes, start of the process
/// included, so that early and late steps are hit.
@Suite(.serialized) struct KillTests {
  private static let secondsToMicroseconds = 1_000_000.0

  /// Runs a command, undisturbed for the time it takes, then killed once for every try.
  ///
  /// `look` gets each stage after its kill. At least one try has to hit a process that was alive.
  private func killing(
    tries: Int, seed: UInt64, prepare: (Stage) throws -> [String],
    template: Result<Template.Made, any Error> = Template.full,
    look: (Stage) throws -> Void
  ) throws {
    let undisturbed = try Stage(template)
    let words = try prepare(undisturbed)
    let started = Date()
    #expect(try undisturbed.lethe(words).status == 0)
    let seconds = Date().timeIntervalSince(started)
    var dice = Dice(seed: seed)
    var hits = 0
    for _ in 0..<tries {
      let stage = try Stage(template)
      let words = try prepare(stage)
      let running = try stage.start(words)
      usleep(
        UInt32(Double.random(in: 0...seconds * 1.05, using: &dice) * Self.secondsToMicroseconds))
      running.killHard()
      if try running.wait().wasKilled { hits += 1 }
      try look(stage)
    }
    #expect(hits > 0)
  }

  @Test func anErasureIsFinishedOrNotBegun() throws {
    var finished = 0
    try killing(tries: 16, seed: 11) { stage in
      let words = ["dsr", "erase", stage.token, "--case", "C-1", "--as", "dana"]
      let preview = try stage.lethe(words + ["--json"]).document()
      return words + ["--confirm", try #require(preview["confirm"] as? String)]
    } look: { stage in
      let before = try Stage(Template.full).counts()
      // Opening the vault finishes what was begun.
      let status = try stage.ask("status", "--as", "dana")
      #expect((status["open_erasures"] as? [Any])?.isEmpty == true && status["fenced"] as? Int == 0)
      let counts = try stage.counts()
      let found = try stage.lethe(
        "find", "email", "-", "--as", "dana", "--json", input: stage.email)
      let certificate = try stage.lethe("dsr", "certificate", "C-1", "--out", "certs")
      if counts["epoch"] == before["epoch"] {
        #expect(found.status == 0 && certificate.status == 1)
        #expect(counts["records"] == before["records"])
        let words = ["reveal", stage.token, "--as", "dana", "--purpose", "subject_rights"]
        #expect(try stage.lethe(words).error.contains(stage.email))
      } else {
        finished += 1
        #expect(found.status == 1 && certificate.status == 0)
        #expect(counts["subjects"] ?? 0 < before["subjects"] ?? 0)
        #expect(counts["suppressed"] ?? 0 > 0)
        let again = try stage.ask("ingest", "crm.csv", "--contract", "crm", "--as", "eve")
        #expect(again["suppressed"] as? Int ?? 0 >= 1 && again["added"] as? Int == 0)
      }
      #expect(try stage.ask("audit", "verify")["valid"] as? Bool == true)
    }
  }

  @Test func anIngestThatIsRepeatedEndsAsIfUndisturbed() throws {
    let text = Rows.header + Rows.crm(1...3500) + "K1\n"
    let words = ["ingest", "data.csv", "--contract", "crm", "--as", "eve"]
    let names = ["subjects", "persons", "records", "match_entries", "suppressed", "fenced"]
    let undisturbed = try Stage(Template.bare)
    try undisturbed.write(text, "data.csv")
    #expect(try undisturbed.lethe(words).status == 0)
    let expected = try undisturbed.counts().filter { names.contains($0.key) }
    try killing(tries: 10, seed: 12, prepare: { stage in
      try stage.write(text, "data.csv")
      return words
    }, template: Template.bare) { stage in
      let answer = try stage.lethe(words + ["--json"]).document()
      let kept = ["added", "unchanged"].reduce(0) { $0 + (answer[$1] as? Int ?? 0) }
      #expect(kept == 3500 && answer["quarantined"] as? Int == 1)
      #expect(try stage.counts().filter { names.contains($0.key) } == expected)
      #expect(try stage.ask("audit", "verify")["valid"] as? Bool == true)
      let found = try stage.lethe(
        "find", "email", "-", "--as", "dana", input: "person3499@example.org")
      #expect(found.status == 0)
    }
  }

  @Test func anExpiryIsFinishedOrNotBegun() throws {
    func shorten(_ stage: Stage) throws {
      try stage.edit(stage.vault + "/policies/retention.yaml") { $0.replacing("P30D", "P5D") }
    }
    try killing(tries: 12, seed: 13) { stage in
      try shorten(stage)
      let plan = try stage.ask("retention", "plan", "--as", "lethe")
      let digest = try #require(plan["confirm"] as? String)
      return ["retention", "apply", "--as", "lethe", "--confirm", digest]
    } look: { stage in
      let fresh = try Stage(Template.full)
      try shorten(fresh)
      let due = try #require(
        fresh.ask("retention", "plan", "--as", "lethe")["records"] as? Int)
      let before = try fresh.counts()
      let status = try stage.ask("status", "--as", "dana")
      #expect((status["open_erasures"] as? [Any])?.isEmpty == true && status["fenced"] as? Int == 0)
      let left = try stage.ask("retention", "plan", "--as", "lethe")["records"] as? Int
      let isDone = status["epoch"] as? Int != before["epoch"]
      #expect(due > 0 && left == (isDone ? 0 : due))
      let records = try #require(before["records"])
      #expect(status["records"] as? Int == (isDone ? records - due : records))
      #expect(try stage.ask("audit", "verify")["valid"] as? Bool == true)
    }
  }
}
