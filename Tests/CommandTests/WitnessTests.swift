import Foundation
import Testing
import Transparency
import Witness

/// A witness in a process of its own, and the log of a real vault.
@Suite struct WitnessCommandTests {
  @Test func otherProcessCosignsTheLogOfAVault() throws {
    let vault = try WitnessedVault()
    let stage = vault.stage
    let note = try vault.published()
    let size = try Checkpoint(text: note.text).treeSize
    let (running, witness) = try vault.serve()
    guard case .cosignatures(let lines) = try vault.post(note, from: 0, witness) else {
      Issue.record("not cosigned")
      return
    }
    var cosigned = note
    for line in lines { try cosigned.add(line) }
    let verified = try VerifiedCheckpoint(
      verifying: cosigned, logKey: vault.logKey, witnesses: [witness.key])
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
    let vault = try WitnessedVault()
    let note = try vault.published()
    let checkpoint = try Checkpoint(text: note.text)
    let (first, before) = try vault.serve()
    guard case .cosignatures = try vault.post(note, from: 0, before) else {
      Issue.record("not cosigned")
      return
    }
    first.killHard()
    #expect(try first.wait().wasKilled)
    let (second, after) = try vault.serve()
    #expect(after.key == before.key)
    #expect(try vault.post(note, from: 0, after) == .conflict(size: checkpoint.treeSize))
    // A longer log of the same vault without a proof is refused and kept.
    try vault.stage.succeed("domain", "open", "partner", "--as", "eve")
    let longer = try vault.published()
    #expect(try Checkpoint(text: longer.text).treeSize > checkpoint.treeSize)
    #expect(try vault.post(longer, from: checkpoint.treeSize, after) == .refused(status: 422))
    second.askToEnd()
    let outcome = try second.wait()
    #expect(outcome.status == 0)
    #expect(outcome.error.contains("was not shown to continue"))
    let text = try vault.stage.lethe("witness", "status", "w")
    #expect(text.status == 0 && text.error.contains("unproven: 1 on record"))
  }

  @Test func damagedStateIsRefused() throws {
    let vault = try WitnessedVault()
    let stage = vault.stage
    let (running, witness) = try vault.serve()
    _ = try vault.post(vault.published(), from: 0, witness)
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
    let vault = try WitnessedVault()
    let stage = vault.stage
    let key = vault.logKey.encoded
    let witness = try String(contentsOfFile: stage.path("w/witness.vkey"), encoding: .utf8)
      .trimmingCharacters(in: .newlines)
    let (running, entry) = try vault.serve()
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
