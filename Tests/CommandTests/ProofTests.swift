import Foundation
import TestSupport
import Testing

/// `lethe audit prove`, `verify-proof` and `consistency`; the last two need no vault.
@Suite struct ProofTests {
  private let stage: Stage
  private let key: String

  init() throws {
    stage = try Stage(Template.full)
    key = try stage.logKey()
    try stage.succeed("audit", "prove", "3", "--out", "receipt", "--as", "aude")
    try stage.succeed("audit", "prove", "4", "--out", "receipt", "--as", "aude")
  }

  private func change(_ name: String, to target: String, _ change: (inout Data) -> Void) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: stage.path(name)))
    change(&bytes)
    try bytes.write(to: URL(fileURLWithPath: stage.path(target)))
  }

  private func verify(
    _ proof: String = "receipt/3.tlog-proof", _ entry: String = "receipt/3.json",
    vkey: String? = nil, _ more: String...
  ) throws -> Outcome {
    try stage.lethe(["audit", "verify-proof", proof, entry, "--vkey", vkey ?? key] + more)
  }

  @Test func aProofNeedsNothingButTheKey() throws {
    let document = try verify("receipt/3.tlog-proof", "receipt/3.json", "--json").document()
    #expect(document["valid"] as? Bool == true && document["entry"] as? Int == 3)
    #expect(document["origin"] as? String == "test.lethe.invalid/audit")
    #expect(document["policy_given"] as? Bool == false)
    try FileManager.default.removeItem(atPath: stage.vault)
    #expect(try verify().status == 0)
  }

  @Test func whatDoesNotFitIsNotProved() throws {
    let other = try Stage(Template.bare)
    try change("receipt/3.json", to: "longer.json") { $0.append(0x0A) }
    try change("receipt/3.json", to: "empty.json") { $0 = Data() }
    try change("receipt/3.json", to: "flipped.json") { $0[$0.count / 2] ^= 1 }
    let text = try stage.text("receipt/3.tlog-proof")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    try stage.write(text.replacing("index 3", with: "index 4"), "index.tlog-proof")
    try stage.write(
      lines.enumerated().filter { $0.offset != 2 }.map(\.element).joined(separator: "\n"),
      "short.tlog-proof")
    var swapped = lines
    swapped.swapAt(2, 3)
    try stage.write(swapped.joined(separator: "\n"), "swapped.tlog-proof")
    try stage.write(String(text.dropLast(40)) + "\n", "cut.tlog-proof")
    try stage.write("hello\n", "text.tlog-proof")
    let proof = "receipt/3.tlog-proof"
    let entry = "receipt/3.json"
    let cases: [(String, String, String?)] = [
      (proof, "longer.json", nil), (proof, "empty.json", nil), (proof, "flipped.json", nil),
      (proof, "receipt/4.json", nil), ("receipt/4.tlog-proof", entry, nil),
      ("index.tlog-proof", entry, nil), ("short.tlog-proof", entry, nil),
      ("swapped.tlog-proof", entry, nil), ("cut.tlog-proof", entry, nil),
      ("text.tlog-proof", entry, nil), (proof, entry, try other.logKey()),
    ]
    for (proof, entry, vkey) in cases {
      let outcome = try verify(proof, entry, vkey: vkey)
      #expect(outcome.status == 4, "\(proof) \(entry): \(outcome.error)")
      #expect(outcome.error.hasPrefix("not proved: ") && outcome.complaints.count == 1)
      let document = try verify(proof, entry, vkey: vkey, "--json").document()
      #expect(document["valid"] as? Bool == false && document["reason"] is String)
    }
    for (proof, entry, vkey) in [
      ("nowhere", entry, nil), (proof, "nowhere", nil), (proof, entry, "garbage"),
    ] as [(String, String, String?)] {
      expectRefusal(try verify(proof, entry, vkey: vkey), 2, "usage")
    }
    try stage.write("witness x\n", "policy")
    expectRefusal(try verify(proof, entry, "--policy", "policy"), 2, "usage", naming: ["policy"])
  }

  @Test func filesAreNeverWrittenOver() throws {
    let before = try stage.snapshot()
    for words in [["3"], ["4"]] {
      let outcome = try stage.lethe(
        ["audit", "prove"] + words + ["--out", "receipt", "--as", "aude"])
      expectRefusal(outcome, 1, "invalid_input", naming: ["receipt/\(words[0]).json"])
    }
    #expect(try stage.snapshot() == before, "and nothing is logged")
  }

  // MARK: - Consistency

  private func consistency(_ words: String...) throws -> Outcome {
    try stage.lethe(["audit", "consistency", "--log", "vault/audit", "--vkey", key] + words)
  }

  private func keepCheckpoint(_ name: String, of other: Stage? = nil) throws {
    try FileManager.default.copyItem(
      atPath: (other ?? stage).vault + "/audit/checkpoint", toPath: stage.path(name))
  }

  @Test func everySizeContinuesTheOnesBefore() throws {
    let size = try stage.publishedSize()
    for (old, new) in [(0, 0), (0, size), (1, 1), (1, size), (size / 2, size - 1), (size, size)] {
      let document = try consistency("\(old)", "\(new)", "--json").document()
      #expect(document["consistent"] as? Bool == true)
      #expect(document["old_size"] as? Int == old && document["new_size"] as? Int == new)
      #expect(document["published_size"] as? Int == size)
    }
    for words in [["2", "1"], ["0", "\(size + 1)"], ["0"], [], ["-1", "1"]] {
      let outcome = try stage.lethe(
        ["audit", "consistency", "--log", "vault/audit", "--vkey", key, "--"] + words)
      expectRefusal(outcome, 2, "usage")
    }
  }

  @Test func savedCheckpointsAreCompared() throws {
    try keepCheckpoint("old")
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    try keepCheckpoint("new")
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    let saved = ["--old-checkpoint", "old", "--new-checkpoint", "new"]
    let document = try stage.lethe(
      ["audit", "consistency", "--log", "vault/audit", "--json", "--out", "kept/proof"] + saved
    ).document()
    #expect(document["consistent"] as? Bool == true && document["checkpoints"] as? Int == 2)
    #expect(document["old_size"] as? Int ?? 0 < document["new_size"] as? Int ?? 0)
    let proof = try stage.text("kept/proof")
    #expect(proof.hasPrefix("old \(document["old_size"] as? Int ?? -1)\nnew "))
    let again = try consistency(
      "--old-checkpoint", "old", "--new-checkpoint", "new", "--out", "kept/proof")
    expectRefusal(again, 1, "invalid_input", naming: ["kept/proof"])
    expectRefusal(
      try consistency("--old-checkpoint", "new", "--new-checkpoint", "old"), 2, "usage")
    expectRefusal(try consistency("1", "2", "--old-checkpoint", "old"), 2, "usage")
  }

  /// Somebody with the log's key has written another history.
  @Test func aRewrittenLogIsTold() throws {
    let fork = try Stage(Template.full)
    for one in [stage, fork] {
      try one.succeed("find", "email", "-", "--as", "dana", input: one.email)
    }
    while try fork.publishedSize() < stage.publishedSize() {
      try fork.succeed("find", "email", "-", "--as", "dana", input: fork.email)
    }
    try keepCheckpoint("forked", of: fork)
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
    let size = try fork.publishedSize()
    let present = try stage.publishedSize()
    #expect(size <= present)
    let outcome = try consistency(
      "--old-checkpoint", "forked", "\(size)", "\(present)")
    #expect(outcome.status == 4 && outcome.error.contains("`forked`"), "\(outcome.error)")
    // One that another log has signed is none at all.
    let other = try Stage(Template.bare)
    try keepCheckpoint("other", of: other)
    let refused = try consistency("--old-checkpoint", "other", "1", "2")
    #expect(refused.status == 4 && refused.error.contains("`other`"))
  }

  @Test func aChangedTileIsTold() throws {
    let size = try stage.publishedSize()
    let tile = "vault/audit/tile/0/000.p/\(size)"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: stage.path(tile)))
    for offset in [0, bytes.count / 2, bytes.count - 1] {
      try change(tile, to: tile) { $0[offset] ^= 1 }
      let outcome = try consistency("1", "\(size - 1)", "--json")
      #expect(outcome.status == 4)
      #expect(try outcome.document()["consistent"] as? Bool == false)
      try bytes.write(to: URL(fileURLWithPath: stage.path(tile)))
    }
    try FileManager.default.removeItem(atPath: stage.path(tile))
    #expect(try consistency("1", "\(size - 1)").status == 4)
  }
}
