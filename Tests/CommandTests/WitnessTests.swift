import Foundation
import Testing
import Transparency
import Witness

/// A witness in a process of its own, and the log of a real vault.
@Suite struct WitnessCommandTests {
  /// A vault with a published log, and a witness that trusts it.
  private func prepared() throws -> Stage {
    let stage = try Stage(Template.bare)
    try stage.succeed("audit", "publish", "--as", "dana")
    try stage.succeed("witness", "init", "w", "--name", "witness.example/w1")
    try stage.succeed("witness", "trust", "w", try logKey(stage).encoded)
    return stage
  }

  private func logKey(_ stage: Stage) throws -> NoteVerifierKey {
    let text = try String(contentsOfFile: stage.vault + "/audit/log.vkey", encoding: .utf8)
    return try NoteVerifierKey(encoded: text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private func published(_ stage: Stage) throws -> SignedNote {
    let url = URL(fileURLWithPath: stage.vault + "/audit/checkpoint")
    let note = try SignedNote(encoded: [UInt8](Data(contentsOf: url)))
    // As the log alone signed it, whoever cosigned it already.
    let own = try note.signatures.filter { $0.name == (try logKey(stage).name) }
    return try SignedNote(text: note.text, signatures: own)
  }

  /// Starts the witness and waits until it listens; gives its line of the policy.
  private func serve(_ stage: Stage) throws -> (running: Running, witness: WitnessPolicy.Witness) {
    let running = try stage.start(["witness", "serve", "w", "--listen", "127.0.0.1:0"])
    let line = try #require(try running.firstLine())
    let parts = line.components(separatedBy: "; for the policy: ")
    try #require(parts.count == 2, "\(line)")
    #expect(parts[0].hasPrefix("listening on http://127.0.0.1:"))
    let policy = try WitnessPolicy(
      text: Array("\(parts[1])\nquorum witness.example/w1\n".utf8))
    return (running, policy.witnesses[0])
  }

  /// Posts a checkpoint of the vault, continuing a size; the proof is given.
  private func post(
    _ note: SignedNote, from old: Int, _ witness: WitnessPolicy.Witness
  ) throws -> WitnessAnswer {
    let request = try AddCheckpointRequest(oldSize: old, hashes: [], note: note)
    let address = try #require(witness.url) + AddCheckpointRequest.pathSuffix
    return WitnessAnswer(try WitnessTransport().beginRound()(address, request.encoded))
  }

  @Test func otherProcessCosignsTheLogOfAVault() throws {
    let stage = try prepared()
    let note = try published(stage)
    let size = try Checkpoint(text: note.text).treeSize
    let (running, witness) = try serve(stage)
    guard case .cosignatures(let lines) = try post(note, from: 0, witness) else {
      Issue.record("not cosigned")
      return
    }
    var cosigned = note
    for line in lines { try cosigned.add(line) }
    let verified = try VerifiedCheckpoint(
      verifying: cosigned, logKey: logKey(stage), witnesses: [witness.key])
    #expect(verified.cosigners.map(\.key) == [witness.key])
    let status = try stage.ask("witness", "status", "w")
    let logs = try #require(status["logs"] as? [[String: Any]])
    #expect(logs.count == 1 && logs[0]["size"] as? Int == size)
    #expect(logs[0]["origin"] as? String == "test.lethe.invalid/audit")
    running.askToEnd()
    let outcome = try running.wait()
    #expect(outcome.status == 0 && !outcome.wasKilled && outcome.output.isEmpty)
    #expect(outcome.complaints.count == 1)
  }

  /// Killed between any two requests, it remembers; and never cosigns another tree of that size.
  @Test func killedWitnessRemembers() throws {
    let stage = try prepared()
    let note = try published(stage)
    let checkpoint = try Checkpoint(text: note.text)
    let (first, before) = try serve(stage)
    guard case .cosignatures = try post(note, from: 0, before) else {
      Issue.record("not cosigned")
      return
    }
    first.killHard()
    #expect(try first.wait().wasKilled)
    let (second, after) = try serve(stage)
    #expect(after.key == before.key)
    #expect(try post(note, from: 0, after) == .conflict(size: checkpoint.treeSize))
    // A longer log of the same vault without a proof is refused and kept.
    try stage.succeed("domain", "open", "partner", "--as", "eve")
    let longer = try published(stage)
    #expect(try Checkpoint(text: longer.text).treeSize > checkpoint.treeSize)
    #expect(try post(longer, from: checkpoint.treeSize, after) == .refused(status: 422))
    second.askToEnd()
    let outcome = try second.wait()
    #expect(outcome.status == 0)
    #expect(outcome.error.contains("was not shown to continue"))
    let text = try stage.lethe("witness", "status", "w")
    #expect(text.status == 0 && text.error.contains("unproven: 1 on record"))
  }

  @Test func damagedStateIsRefused() throws {
    let stage = try prepared()
    let (running, witness) = try serve(stage)
    _ = try post(published(stage), from: 0, witness)
    running.askToEnd()
    _ = try running.wait()
    let names = try FileManager.default.contentsOfDirectory(atPath: stage.path("w/state"))
    let digest = try #require(names.first { $0 != "lock" })
    try stage.edit(stage.path("w/state/\(digest)/checkpoint")) {
      $0.replacing("test.lethe.invalid/audit\n", with: "test.lethe.invalid/other\n")
    }
    expectRefusal(try stage.lethe("witness", "serve", "w"), 4, "damaged", naming: [digest])
    expectRefusal(try stage.lethe("witness", "status", "w"), 4, "damaged", naming: [digest])
  }

  @Test func refusalsAreOneLine() throws {
    let stage = try prepared()
    let key = try logKey(stage).encoded
    let witness = try String(contentsOfFile: stage.path("w/witness.vkey"), encoding: .utf8)
      .trimmingCharacters(in: .newlines)
    let (running, entry) = try serve(stage)
    let taken = try #require(entry.url).dropFirst("http://".count)
    let table: [([String], Int32, String)] = [
      (["witness", "init", "w", "--name", "x"], 1, "taken"),
      (["witness", "init", "v", "--name", "a b"], 2, "usage"),
      (["witness", "init", "v"], 2, "usage"),
      (["witness", "trust", "w", "key"], 2, "usage"),
      (["witness", "trust", "w", witness], 2, "usage"),
      (["witness", "trust", "nowhere", key], 1, "malformed"),
      (["witness", "status", "nowhere"], 1, "malformed"),
      (["witness", "serve", "nowhere"], 1, "malformed"),
      (["witness", "serve", "w", "--listen", "localhost:1"], 2, "usage"),
      (["witness", "serve", "w", "--listen", String(taken)], 1, "unavailable"),
    ]
    for (words, status, code) in table {
      expectRefusal(try stage.lethe(words), status, code)
    }
    running.askToEnd()
    #expect(try running.wait().status == 0)
    try stage.setMode(0o644, stage.path("w/witness.key"))
    expectRefusal(
      try stage.lethe("witness", "serve", "w"), 3, "permission", naming: ["witness.key"])
  }
}
