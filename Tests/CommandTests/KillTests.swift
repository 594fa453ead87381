import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Ends the program at moments nobody chose and looks at what the next one finds.
///
/// The first half of the moments is spread over the time an undisturbed run takes, start of the
/// process included; the second half closes in on those at which the work was neither not begun nor
/// finished.
@Suite(.serialized) struct KillTests {
  /// What is killed, and how often.
  struct Plan {
    let tries: Int
    let seed: UInt64
    let template: Result<Template.Made, any Error>
    /// Makes a copy of the template ready and gives the words of the command.
    let prepare: (Stage) throws -> [String]
  }

  private static let microsecondsPerSecond = 1_000_000.0

  /// Kills the command once for every try; `look` says whether it had done its work all the same.
  ///
  /// At least one try has to hit a process that was alive.
  private func kill(_ plan: Plan, look: (Stage) throws -> Bool) throws {
    let undisturbed = try Stage(plan.template)
    let words = try plan.prepare(undisturbed)
    let started = Date()
    #expect(try undisturbed.lethe(words).status == 0)
    let seconds = Date().timeIntervalSince(started)
    var dice = SeededNumbers(seed: plan.seed)
    var (begun, done, hits) = (0.0, seconds, 0)
    for number in 0..<plan.tries {
      let isSpread = number < plan.tries / 2
      let window = isSpread ? 0...seconds : min(begun, done)...max(begun, done)
      let moment = Double.random(in: window, using: &dice)
      let stage = try Stage(plan.template)
      let running = try stage.start(try plan.prepare(stage))
      usleep(UInt32(moment * Self.microsecondsPerSecond))
      running.killHard()
      if try running.wait().wasKilled { hits += 1 }
      if try look(stage) { done = min(done, moment) } else { begun = max(begun, moment) }
    }
    #expect(hits > 0)
  }

  @Test func anErasureIsFinishedOrNotBegun() throws {
    let before = try Stage(Template.full).counts()
    let plan = Plan(tries: 24, seed: 11, template: Template.full) { stage in
      let words = ["dsr", "erase", stage.token, "--case", "C-1", "--as", "dana"]
      let preview = try stage.lethe(words + ["--json"]).document()
      return words + ["--confirm", try #require(preview["confirm"] as? String)]
    }
    try kill(plan) { stage in
      let (counts, isTold) = try stage.countsWithNothingOpen()
      let isDone = counts["epoch"] != before["epoch"]
      let found = try stage.lethe(
        "find", "email", "-", "--as", "dana", "--json", input: stage.email)
      let certificate = try stage.lethe("dsr", "certificate", "C-1", "--out", "certs")
      #expect(found.status == (isDone ? 1 : 0) && certificate.status == (isDone ? 0 : 1))
      if isDone {
        #expect(counts["subjects"] ?? 0 < before["subjects"] ?? 0)
        #expect(counts["suppressed"] ?? 0 > 0)
        let evidence = try String(
          contentsOfFile: stage.path("certs/C-1.certificate"), encoding: .utf8)
        #expect(isTold == evidence.contains("\"resumed_after_interruption\":true"))
        let again = try stage.ask("ingest", "crm.csv", "--contract", "crm", "--as", "eve")
        #expect(again["suppressed"] as? Int ?? 0 >= 1 && again["added"] as? Int == 0)
      } else {
        #expect(counts["records"] == before["records"] && !isTold)
        let words = ["reveal", stage.token, "--as", "dana", "--purpose", "subject_rights"]
        #expect(try stage.lethe(words).error.contains(stage.email))
      }
      #expect(try stage.ask("audit", "verify")["valid"] as? Bool == true)
      return isDone
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
    let plan = Plan(tries: 10, seed: 12, template: Template.bare) { stage in
      try stage.write(text, "data.csv")
      return words
    }
    try kill(plan) { stage in
      let answer = try stage.lethe(words + ["--json"]).document()
      let kept = ["added", "unchanged"].reduce(0) { $0 + (answer[$1] as? Int ?? 0) }
      #expect(kept == 3500 && answer["quarantined"] as? Int == 1)
      #expect(try stage.counts().filter { names.contains($0.key) } == expected)
      #expect(try stage.ask("audit", "verify")["valid"] as? Bool == true)
      let found = try stage.lethe(
        "find", "email", "-", "--as", "dana", input: "person3499@example.org")
      #expect(found.status == 0)
      return answer["unchanged"] as? Int == 3500
    }
  }

  @Test func anExpiryIsFinishedOrNotBegun() throws {
    let fresh = try Stage(Template.full)
    try fresh.shortenRetention()
    let before = try fresh.counts()
    let due = try #require(fresh.ask("retention", "plan", "--as", "lethe")["records"] as? Int)
    let plan = Plan(tries: 16, seed: 13, template: Template.full) { stage in
      try stage.shortenRetention()
      let plan = try stage.ask("retention", "plan", "--as", "lethe")
      let digest = try #require(plan["confirm"] as? String)
      return ["retention", "apply", "--as", "lethe", "--confirm", digest]
    }
    try kill(plan) { stage in
      let (counts, isTold) = try stage.countsWithNothingOpen()
      let isDone = counts["epoch"] != before["epoch"]
      #expect(isDone || !isTold)
      let left = try stage.ask("retention", "plan", "--as", "lethe")["records"] as? Int
      #expect(due > 0 && left == (isDone ? 0 : due))
      let records = try #require(before["records"])
      #expect(counts["records"] == (isDone ? records - due : records))
      #expect(try stage.ask("audit", "verify")["valid"] as? Bool == true)
      return isDone
    }
  }

  @Test func aBackupIsThereOrNotThere() throws {
    let plan = Plan(tries: 12, seed: 14, template: Template.full) { _ in
      ["backup", "--to", "backup", "--as", "eve"]
    }
    try kill(plan) { (stage: Stage) throws -> Bool in
      let isDone = stage.exists("backup")
      if !isDone {
        #expect(try stage.lethe("backup", "--to", "backup", "--as", "eve").status == 0)
      }
      #expect(!stage.exists("backup.making"))
      let words = ["restore", "backup", "--to", "new", "--keys", "vault", "--log", "vault/audit"]
      #expect(try stage.lethe(words + ["--as", "eve"]).status == 0)
      #expect(try stage.ask("audit", "verify")["valid"] as? Bool == true)
      return isDone
    }
  }

  @Test func aRestoreIsFinishedOrNotBegun() throws {
    let before = try Stage(Template.full).counts()
    let words = [
      "restore", "backup", "--to", "new", "--keys", "vault", "--log", "vault/audit", "--as", "eve",
    ]
    let plan = Plan(tries: 24, seed: 15, template: Template.full) { stage in
      try stage.succeed("backup", "--to", "backup", "--as", "eve")
      let erase = ["dsr", "erase", stage.token, "--case", "C-1", "--as", "dana"]
      let preview = try stage.lethe(erase + ["--json"]).document()
      let digest = try #require(preview["confirm"] as? String)
      #expect(try stage.lethe(erase + ["--confirm", digest]).status == 0)
      let shown = try stage.lethe(words + ["--json"]).document()
      return words + ["--confirm", try #require(shown["confirm"] as? String)]
    }
    try kill(plan) { (stage: Stage) throws -> Bool in
      let isDone = stage.exists("new")
      if !isDone {
        // The old vault is as it was, and the next attempt begins anew.
        #expect(try stage.counts()["fenced"] == 0)
        let shown = try stage.lethe(words + ["--json"]).document()
        let digest = try #require(shown["confirm"] as? String)
        #expect(try stage.lethe(words + ["--confirm", digest]).status == 0)
      }
      #expect(!stage.exists("new.making"))
      let status = try stage.lethe("status", "--as", "dana", "--vault", "new", "--json").document()
      #expect(status["subjects"] as? Int ?? 0 > 0)
      #expect(status["subjects"] as? Int ?? 0 < before["subjects"] ?? 0)
      let again = try stage.lethe(
        "ingest", "crm.csv", "--contract", "crm", "--as", "eve", "--vault", "new", "--json"
      ).document()
      #expect(again["suppressed"] as? Int ?? 0 >= 1 && again["added"] as? Int == 0)
      let verified = try stage.lethe("audit", "verify", "--vault", "new")
      #expect(verified.status == 0, "\(verified.error)")
      return isDone
    }
  }
}

extension Stage {
  /// The counts after the vault was opened, which has to finish what was begun and to tell so.
  fileprivate func countsWithNothingOpen() throws -> (counts: [String: Int], isTold: Bool) {
    let outcome = try lethe("status", "--as", "dana", "--json")
    let status = try outcome.document(mayNotice: true)
    #expect((status["open_erasures"] as? [Any])?.isEmpty == true)
    #expect(status["fenced"] as? Int == 0)
    return (status.compactMapValues { $0 as? Int }, !outcome.notices.isEmpty)
  }
}
