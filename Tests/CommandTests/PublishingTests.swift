import Foundation
import TestSupport
import Testing
import Transparency

#if canImport(Glibc)
  import Glibc
#endif

extension Stage {
  /// The log's verifier key.
  func logKey() throws -> String {
    try String(contentsOfFile: vault + "/audit/log.vkey", encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Adds keys to the settings.
  func set(_ lines: String) throws { try edit(settings) { $0 + lines + "\n" } }

  /// Verifies what a published checkpoint implies.
  func logReport(in name: String = "vault/audit", minimumIndex: Int = 0) throws -> LogReport {
    let directory = path(name)
    return try LogVerifier(
      logKey: NoteVerifierKey(encoded: logKey()), minimumEntryIndex: minimumIndex
    ).verify { file in
      FileManager.default.contents(atPath: "\(directory)/\(file)").map { [UInt8]($0) }
    }
  }

  /// Size of the checkpoint in a directory of the stage.
  func publishedSize(in name: String = "vault/audit") throws -> Int {
    let url = URL(fileURLWithPath: path(name) + "/checkpoint")
    let note = try SignedNote(encoded: [UInt8](Data(contentsOf: url)))
    return try Checkpoint(text: note.text).treeSize
  }
}

/// `lethe audit publish`, `status` and what they say when something is wrong.
@Suite struct PublishingTests {
  private let stage: Stage

  init() throws {
    stage = try Stage(Template.full)
  }

  @Test func otherDirectoriesAreServedToo() throws {
    try FileManager.default.createDirectory(
      atPath: stage.path("www"), withIntermediateDirectories: true)
    try stage.set("publish_to:\n  - \(stage.path("www"))")
    let answer = try stage.ask("audit", "publish", "--to", "extra", "--as", "dana")
    #expect(answer["problems"] as? [String] == [] && answer["withheld"] as? Bool == false)
    for name in ["www", "extra"] {
      let found = try stage.lethe("audit", "verify", "--log", name, "--vkey", stage.logKey())
      #expect(found.status == 0, "\(found.error)")
      for file in try FileManager.default.subpathsOfDirectory(atPath: stage.path(name)) {
        let attributes = try FileManager.default.attributesOfItem(
          atPath: stage.path("\(name)/\(file)"))
        let mode = attributes[.posixPermissions] as? Int ?? 0
        #expect(mode & 0o044 == 0o044 && mode & 0o022 == 0, "\(file)")
      }
    }
    // Every command that ends publishes in the directory of the settings.
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    #expect(try stage.publishedSize(in: "www") == stage.publishedSize())
    #expect(try stage.publishedSize(in: "extra") < stage.publishedSize())
    let status = try stage.ask("audit", "status", "--as", "aude")
    let directories = try #require(status["directories"] as? [[String: Any]])
    let size = try stage.publishedSize()
    #expect(directories.map { $0["size"] as? Int } == [size, size])
  }

  @Test func aDirectoryThatFailsIsNamedAndTheOthersGoOn() throws {
    try stage.set("publish_to:\n  - \(stage.path("gone"))")
    let found = try stage.lethe("find", "email", "-", "--as", "dana", input: stage.email)
    #expect(found.status == 0)
    #expect(found.complaints.contains { $0.contains("warning") && $0.contains(stage.path("gone")) })
    let before = try stage.publishedSize()
    let outcome = try stage.lethe("audit", "publish", "--as", "dana", "--json")
    #expect(outcome.status == 1 && outcome.complaints.count == 1)
    #expect(outcome.complaints[0].hasSuffix("[check_failed]"))
    #expect(outcome.complaints[0].contains(stage.path("gone")))
    #expect(try stage.publishedSize() >= before && !stage.exists("gone"))
    // The log of another vault is not touched.
    let other = try Stage(Template.bare)
    let kept = try Data(contentsOf: URL(fileURLWithPath: other.vault + "/audit/checkpoint"))
    let refused = try stage.lethe(
      "audit", "publish", "--to", other.vault + "/audit", "--as", "dana")
    #expect(refused.status == 1 && refused.error.contains("\(other.vault)/audit/checkpoint"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: other.vault + "/audit/checkpoint")) == kept)
  }

  @Test func aDirectoryThatIsAheadIsAnIntegrityFailure() throws {
    let copy = try Stage(Template.full)
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    try stage.succeed("audit", "publish", "--to", "www", "--as", "dana")
    // A copy of the vault from before is behind what is published there, and stays so.
    for _ in 0..<2 {
      let before = try copy.publishedSize()
      let outcome = try copy.lethe("audit", "publish", "--to", stage.path("www"), "--as", "dana")
      expectRefusal(outcome, 4, "integrity", naming: ["older state", "www"])
      #expect(try copy.publishedSize() == before)
      try copy.succeed("find", "email", "-", "--as", "dana", input: copy.email)
    }
  }

  @Test func vaultAndLogSetBackTogetherAreRefusedByTheKeys() throws {
    let old = stage.path("old")
    try FileManager.default.copyItem(atPath: stage.vault, toPath: old)
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    for name in ["vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm", "audit"] {
      try? FileManager.default.removeItem(atPath: "\(stage.vault)/\(name)")
      guard FileManager.default.fileExists(atPath: "\(old)/\(name)") else { continue }
      try FileManager.default.copyItem(atPath: "\(old)/\(name)", toPath: "\(stage.vault)/\(name)")
    }
    #expect(try stage.lethe("audit", "verify").status == 0, "in itself the log is whole")
    let before = try stage.snapshot().withoutLog
    for words in [
      ["audit", "publish", "--as", "dana"],
      ["reveal", stage.token, "--as", "dana", "--purpose", "subject_rights"],
      ["dsr", "erase", stage.token, "--case", "C-1", "--as", "dana"],
    ] {
      let outcome = try stage.lethe(words)
      expectRefusal(outcome, 4, "integrity", naming: ["key store", "set back"])
    }
    #expect(try stage.snapshot().withoutLog == before)
  }

  @Test(arguments: [SIGTERM, SIGINT]) func theTimerPublishesUntilItIsStopped(signal: Int32) throws {
    let running = try stage.start(["audit", "publish", "--every", "1", "--as", "lethe", "--json"])
    try running.waitForLines(1)
    // Another process works meanwhile, also one that ends the epoch of the keys.
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    try stage.succeed("keys", "roll", "--confirm", "1", "--as", "eve")
    try running.waitForLines(4)
    running.askToEnd(signal)
    let outcome = try running.wait()
    #expect(outcome.status == 0 && !outcome.wasKilled, "\(outcome.error)")
    #expect(outcome.error.isEmpty)
    let lines = outcome.outputText.split(separator: "\n")
    #expect(lines.count >= 4)
    let sizes = try lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["size"] as? Int ?? -1
    }
    let size = try stage.publishedSize()
    #expect(sizes == sizes.sorted() && sizes.last == size)
    #expect(try stage.lethe("audit", "verify").status == 0)
  }

  @Test(arguments: ["0", "86401", "-1", "x"]) func theTimerHasLimits(seconds: String) throws {
    let outcome = try stage.lethe(["audit", "publish", "--every=\(seconds)", "--as", "lethe"])
    expectRefusal(outcome, 2, "usage")
  }

  @Test func statusSaysWhatIsOutAndWhatIsNot() throws {
    let status = try stage.ask("audit", "status", "--as", "aude")
    let size = try #require(status["size"] as? Int)
    #expect(status["published_size"] as? Int == size && status["unpublished"] as? Int == 0)
    #expect(status["minimum_index"] as? Int == 0 && status["keep_days"] is NSNull)
    #expect(status["witnessed"] as? Bool == false && status["witnessing"] is NSNull)
    #expect(status["published_age_ms"] as? Int ?? -1 >= 0)
    let text = try stage.lethe("audit", "status", "--as", "aude").error
    for words in ["\(size) entries", "unwitnessed", "kept for good"] {
      #expect(text.contains(words), "\(text)")
    }
    // Looking changes nothing.
    #expect(try stage.ask("audit", "status", "--as", "aude")["size"] as? Int == size)
    for name in ["max", "nobody"] {
      #expect(try stage.lethe("audit", "status", "--as", name).status == 1)
    }
  }
}

/// Witnesses as processes of their own, and a vault that waits for them.
@Suite struct WitnessedVaultTests {
  /// A vault whose settings name a witness that is not running yet, and its policy.
  private static func prepared(mode: String, hours: Int = 24) throws -> (Stage, WitnessPolicy) {
    let stage = try Stage(Template.full)
    try stage.succeed("witness", "init", "w", "--name", "witness.example/w1")
    try stage.succeed("witness", "trust", "w", stage.logKey())
    let (running, line) = try serve(stage, port: 0)
    running.askToEnd()
    _ = try running.wait()
    let policy = try WitnessPolicy(text: Array("\(line)\nquorum witness.example/w1\n".utf8))
    try Data(policy.text.utf8).write(
      to: URL(fileURLWithPath: stage.vault + "/policies/witnesses"))
    try stage.set(
      "witnesses: witnesses\nwitness_mode: \(mode)\nwitness_age_hours: \(hours)")
    return (stage, policy)
  }

  private static func serve(
    _ stage: Stage, port: Int
  ) throws -> (running: Running, policyLine: String) {
    let running = try stage.start(["witness", "serve", "w", "--listen", "127.0.0.1:\(port)"])
    let line = try #require(try running.firstLine())
    let parts = line.components(separatedBy: "; for the policy: ")
    try #require(parts.count == 2, "\(line)")
    return (running, parts[1])
  }

  private static func serve(_ stage: Stage, _ policy: WitnessPolicy) throws -> Running {
    let url = try #require(policy.witnesses[0].url.flatMap(URL.init(string:)))
    return try serve(stage, port: try #require(url.port)).running
  }

  @Test func aClosedVaultWaitsAndGoesOn() throws {
    let (stage, policy) = try Self.prepared(mode: "closed")
    let old = try stage.publishedSize()
    // Nobody listens: the act is done, the log is kept back, the command fails.
    let outcome = try stage.lethe("find", "email", "-", "--as", "dana", input: stage.email)
    #expect(outcome.status == 1 && outcome.complaints.last?.hasSuffix("[unwitnessed]") == true)
    #expect(outcome.error.contains(stage.token))
    #expect(try stage.publishedSize() == old)
    let status = try stage.ask("audit", "status", "--as", "dana")
    #expect(status["witnessed"] as? Bool == false && status["unpublished"] as? Int ?? 0 > 0)
    let refused = try stage.lethe("audit", "publish", "--as", "dana")
    #expect(refused.status == 1 && refused.error.contains("too few witnesses"))

    let running = try Self.serve(stage, policy)
    let answer = try stage.ask("audit", "publish", "--as", "dana")
    #expect(answer["witnessed"] as? Bool == true && answer["withheld"] as? Bool == false)
    #expect(try stage.publishedSize() == answer["size"] as? Int)
    #expect(try stage.ask("audit", "status", "--as", "dana")["witnessed"] as? Bool == true)
    try stage.succeed("reveal", stage.token, "--as", "dana", "--purpose", "subject_rights")

    // The receipt needs no vault: key and policy are enough.
    try stage.succeed("audit", "prove", "0", "--out", "receipt", "--as", "aude")
    let words = ["receipt/0.tlog-proof", "receipt/0.json", "--policy", "vault/policies/witnesses"]
    let key = try stage.logKey()
    #expect(try stage.lethe(["audit", "verify-proof", "--vkey", key] + words).status == 0)
    running.askToEnd()
    _ = try running.wait()
  }

  @Test func aDegradedVaultSaysUnwitnessed() throws {
    let (stage, policy) = try Self.prepared(mode: "degrade")
    let found = try stage.lethe("find", "email", "-", "--as", "dana", input: stage.email)
    #expect(found.status == 0)
    #expect(try stage.lethe("audit", "status", "--as", "dana").error.contains("unwitnessed"))
    try stage.succeed("audit", "prove", "0", "--out", "receipt", "--as", "aude")
    let words = ["receipt/0.tlog-proof", "receipt/0.json", "--policy", "vault/policies/witnesses"]
    let key = try stage.logKey()
    let outcome = try stage.lethe(["audit", "verify-proof", "--json", "--vkey", key] + words)
    #expect(outcome.status == 4)
    #expect(try outcome.document()["valid"] as? Bool == false)
    let running = try Self.serve(stage, policy)
    #expect(
      try stage.ask("audit", "publish", "--as", "dana")["witnessed"] as? Bool == true)
    running.askToEnd()
    _ = try running.wait()
  }

  /// The whole machine is set back, keys included; only the witness remembers.
  @Test func aWitnessTellsThatEverythingWasSetBack() throws {
    let (stage, policy) = try Self.prepared(mode: "degrade")
    let copy = stage.path("copy")
    try FileManager.default.copyItem(atPath: stage.vault, toPath: copy)
    let running = try Self.serve(stage, policy)
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    let old = try stage.publishedSize(in: "copy/audit")
    let outcome = try stage.lethe("audit", "publish", "--as", "dana", "--vault", copy)
    // Nothing is new there, so nobody is asked; with the next entry the witness is.
    let next = try stage.lethe(
      "find", "email", "-", "--as", "dana", "--vault", copy, input: stage.email)
    #expect([outcome, next].contains { $0.status == 4 })
    #expect(next.complaints.last?.contains("witness `witness.example/w1`") == true)
    #expect(try stage.publishedSize(in: "copy/audit") == old)
    running.askToEnd()
    _ = try running.wait()
  }
}
