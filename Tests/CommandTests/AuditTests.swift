import Foundation
import TestSupport
import Testing

@Suite struct AuditTests {
  private let stage: Stage

  init() throws {
    stage = try Stage(Template.full)
  }

  private func kit() throws -> Outcome {
    try Program.start(
      ["python3", Program.repository + "/audit/verify.py", stage.vault + "/audit"],
      executable: "/usr/bin/env", in: stage.directory
    ).wait()
  }

  /// Published files, the checkpoint aside.
  private func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: stage.vault + "/audit")
      .filter {
        (FileManager.default.contents(atPath: "\(stage.vault)/audit/\($0)")?.count ?? 0) > 0
      }
      .filter { $0.hasPrefix("tile/") || $0 == "checkpoint" }.sorted()
  }

  private func flip(_ name: String, at offset: Int) throws {
    let url = URL(fileURLWithPath: "\(stage.vault)/audit/\(name)")
    var bytes = try Data(contentsOf: url)
    bytes[offset % bytes.count] ^= 1
    try bytes.write(to: url)
  }

  @Test func theLogIsWholeForBothVerifiers() throws {
    let answer = try stage.ask("audit", "verify")
    #expect(answer["valid"] as? Bool == true && answer["entries"] as? Int ?? 0 > 6)
    #expect(try kit().status == 0)
    let key = try #require(stage.ask("status", "--as", "dana")["log_key"] as? String)
    #expect(try stage.ask("audit", "verify", "--vkey", key)["key_given"] as? Bool == true)
  }

  @Test func oneFlippedByteOfAnyFileShows() throws {
    var dice = SeededNumbers(seed: 5)
    let names = try files()
    #expect(names.count >= 3)
    for name in names {
      let offset = Int.random(in: 0..<10_000, using: &dice)
      try flip(name, at: offset)
      let outcome = try stage.lethe("audit", "verify", "--json")
      #expect(outcome.status == 4, "\(name) at \(offset)")
      let answer = try outcome.document()
      #expect(answer["valid"] as? Bool == false)
      #expect((answer["findings"] as? [String])?.isEmpty == false)
      #expect(try kit().status != 0, "\(name) at \(offset)")
      try flip(name, at: offset)
    }
    #expect(try stage.lethe("audit", "verify").status == 0)
  }

  @Test func verifyingIsRecordedForWhoIsNamed() throws {
    let before = try stage.snapshot()
    let silent = try stage.lethe("audit", "verify")
    #expect(silent.status == 0 && silent.error.contains("not recorded in the log"))
    #expect(try stage.snapshot() == before)
    let first = try stage.ask("audit", "verify", "--as", "aude")
    let entry = try #require(first["log_entry"] as? Int)
    try stage.succeed("audit", "prove", "\(entry)", "--out", "receipt", "--as", "aude")
    let event = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: stage.path("receipt/\(entry).json"))))
        as? [String: Any])
    #expect(event["type"] as? String == "log.verified")
    #expect(event["valid"] as? Bool == true && event["findings"] as? Int == 0)
    #expect(event["size"] as? Int == first["size"] as? Int)
    #expect((event["root"] as? String)?.utf8.count == 64)
    #expect(event["known_checkpoints"] as? Int == 0)
    #expect(try stage.lethe("audit", "verify").status == 0)
  }

  @Test func damageIsToldAlsoWhenItCannotBeRecorded() throws {
    let tile = try #require(files().first { $0.hasPrefix("tile/0/") })
    try flip(tile, at: 3)
    let recorded = try stage.lethe("audit", "verify", "--as", "aude", "--json")
    #expect(recorded.status == 4)
    #expect(try recorded.document()["log_entry"] as? Int != nil)
    try Data("nonsense\n".utf8).write(
      to: URL(fileURLWithPath: stage.vault + "/audit/checkpoint"))
    let outcome = try stage.lethe("audit", "verify", "--as", "aude")
    #expect(outcome.status == 4)
    #expect(outcome.error.contains("checkpoint: "))
    #expect(outcome.error.contains("not recorded in the log: "))
  }

  @Test func whoMayNotReadTheLogIsNotRecorded() throws {
    let outcome = try stage.lethe("audit", "verify", "--as", "ana")
    expectRefusal(outcome, 1, "denied", naming: ["`ana`"])
  }

  @Test func knownCheckpointsAndPolicies() throws {
    let audit = stage.vault + "/audit/"
    try FileManager.default.copyItem(
      atPath: audit + "checkpoint", toPath: stage.path("kept.checkpoint"))
    try stage.succeed("audit", "verify", "--as", "aude")
    let answer = try stage.ask("audit", "verify", "--known-checkpoint", "kept.checkpoint")
    #expect(answer["known_checkpoints"] as? Int == 1)
    // The other way round the log has shrunk.
    let newer = try Data(contentsOf: URL(fileURLWithPath: audit + "checkpoint"))
    try newer.write(to: URL(fileURLWithPath: stage.path("newer.checkpoint")))
    try FileManager.default.removeItem(atPath: audit + "checkpoint")
    try FileManager.default.copyItem(
      atPath: stage.path("kept.checkpoint"), toPath: audit + "checkpoint")
    let shrunk = try stage.lethe("audit", "verify", "--known-checkpoint", "newer.checkpoint")
    #expect(shrunk.status == 4 && shrunk.error.contains("shrunk"))

    let key = try String(contentsOfFile: audit + "log.vkey", encoding: .utf8)
      .trimmingCharacters(in: .newlines)
    let witness = "witness.example/w1+dbde64cc+BN+GARmBG3ZTJJSX8/UQnTezIZRqgCkLwWQCBUNSL47c"
    try stage.write("log \(key)\nquorum none\n", "none.policy")
    let byPolicy = try stage.ask("audit", "verify", "--policy", "none.policy")
    #expect(byPolicy["key_source"] as? String == "policy")
    try stage.write("log \(key)\nwitness w \(witness)\nquorum w\n", "one.policy")
    let missing = try stage.lethe("audit", "verify", "--policy", "one.policy")
    #expect(missing.status == 4 && missing.error.contains("quorum"))
    try stage.write("quorum w\n", "bad.policy")
    for words in [
      ["--policy", "bad.policy"], ["--policy", "absent"], ["--known-checkpoint", "absent"],
      ["--minimum-index=-1"],
    ] {
      let outcome = try stage.lethe(["audit", "verify"] + words)
      expectRefusal(outcome, 2, "usage", naming: words.count == 1 ? ["minimum-index"] : [words[1]])
    }
    try stage.write("nonsense\n", "no.checkpoint")
    let outcome = try stage.lethe("audit", "verify", "--known-checkpoint", "no.checkpoint")
    expectRefusal(outcome, 4, "integrity", naming: ["no.checkpoint"])
  }

  @Test func missingFilesAndOtherKeys() throws {
    let before = try stage.snapshot()
    let other = try Stage(Template.bare)
    let key = try #require(other.ask("status", "--as", "dana")["log_key"] as? String)
    #expect(try stage.lethe("audit", "verify", "--vkey", key).status == 4)
    expectRefusal(
      try stage.lethe("audit", "verify", "--vkey", "garbage"), 2, "usage", naming: ["--vkey"])
    #expect(try stage.snapshot() == before)
    let audit = stage.vault + "/audit/"
    try FileManager.default.removeItem(atPath: audit + "checkpoint")
    #expect(try stage.lethe("audit", "verify").status == 4)
    try FileManager.default.removeItem(atPath: audit + "log.vkey")
    expectRefusal(try stage.lethe("audit", "verify"), 2, "usage", naming: ["--vkey"])
  }

  @Test func aVaultRestoredToAnOlderStateSignsNothing() throws {
    let copy = stage.path("copy.sqlite")
    try FileManager.default.copyItem(atPath: stage.vault + "/vault.sqlite", toPath: copy)
    try stage.succeed("audit", "publish", "--as", "dana")
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: stage.vault + "/vault.sqlite" + suffix)
    }
    try FileManager.default.copyItem(atPath: copy, toPath: stage.vault + "/vault.sqlite")
    let outcome = try stage.lethe("audit", "publish", "--as", "dana")
    expectRefusal(outcome, 4, "integrity", naming: ["older state"])
    #expect(try stage.lethe("audit", "verify").status == 0)
  }

  @Test func proofsAreOfEntriesThatExist() throws {
    try stage.succeed("audit", "prove", "0", "--out", "receipt", "--as", "aude")
    #expect(stage.exists("receipt/0.json") && stage.exists("receipt/0.tlog-proof"))
    for number in ["9999", "-1"] {
      let words = ["audit", "prove", "--out", "other", "--as", "aude", "--", number]
      let outcome = try stage.lethe(words)
      expectRefusal(outcome, 1, "not_found", naming: [number])
      #expect(!stage.exists("other"))
    }
    try stage.write("", "file")
    let outcome = try stage.lethe("audit", "prove", "0", "--out", "file", "--as", "aude")
    expectRefusal(outcome, 1, "storage", naming: ["`file`"])
  }
}
