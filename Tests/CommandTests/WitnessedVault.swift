import Foundation
import Testing
import Transparency
import Witness

/// A vault with a published log, and a witness in a process of its own that trusts it.
struct WitnessedVault {
  let stage: Stage
  let logKey: NoteVerifierKey

  init() throws {
    stage = try Stage(Template.bare)
    try stage.succeed("audit", "publish", "--as", "dana")
    let text = try String(contentsOfFile: stage.vault + "/audit/log.vkey", encoding: .utf8)
    logKey = try NoteVerifierKey(encoded: text.trimmingCharacters(in: .whitespacesAndNewlines))
    try stage.succeed("witness", "init", "w", "--name", "witness.example/w1")
    try stage.succeed("witness", "trust", "w", logKey.encoded)
  }

  /// The published checkpoint as the log alone signed it.
  func published() throws -> SignedNote {
    let url = URL(fileURLWithPath: stage.vault + "/audit/checkpoint")
    let note = try SignedNote(encoded: [UInt8](Data(contentsOf: url)))
    return try SignedNote(
      text: note.text, signatures: note.signatures.filter { $0.name == logKey.name })
  }

  /// Starts the witness and waits until it listens; gives its line of the policy.
  func serve(
    through options: [String] = [], executable: String = Program.path
  ) throws -> (running: Running, witness: WitnessPolicy.Witness) {
    let program = executable == Program.path ? [] : [Program.path]
    let running = try Program.start(
      options + program + ["witness", "serve", "w", "--listen", "127.0.0.1:0"],
      executable: executable, in: stage.directory)
    let line = try #require(try running.firstLine())
    let parts = line.components(separatedBy: "; for the policy: ")
    try #require(parts.count == 2, "\(line)")
    #expect(parts[0].hasPrefix("listening on http://127.0.0.1:"))
    let policy = try WitnessPolicy(
      text: Array("\(parts[1])\nquorum witness.example/w1\n".utf8))
    return (running, policy.witnesses[0])
  }

  /// Posts a checkpoint that continues a size, without a proof.
  func post(
    _ note: SignedNote, from old: Int, _ witness: WitnessPolicy.Witness
  ) throws -> WitnessAnswer {
    let request = try AddCheckpointRequest(oldSize: old, hashes: [], note: note)
    let address = try #require(witness.url) + AddCheckpointRequest.pathSuffix
    return WitnessAnswer(try WitnessTransport().beginRound()(address, request.encoded))
  }
}
