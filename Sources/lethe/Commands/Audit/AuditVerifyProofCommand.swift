import ArgumentParser
import Transparency
import Vault

/// Runs `lethe audit verify-proof`.
struct AuditVerifyProofCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-proof",
    abstract: "Verify the proof of an entry; needs no vault and no network.",
    discussion: """
      Checks that the log's key has signed the checkpoint in the proof and that the proof leads from \
      the entry to it. With --policy a quorum of the policy's witnesses must have cosigned as well. \
      Take key and policy from elsewhere than the proof.

      EXAMPLES
        lethe audit verify-proof receipt/17.tlog-proof receipt/17.json --vkey vault.example.org/audit+77a5…
        lethe audit verify-proof 17.tlog-proof 17.json --vkey vault.example.org/audit+77a5… --policy witnesses

      EXIT CODES
        0 proved · 2 wrong usage · 4 not proved
      """)

  @Argument(help: "The proof, a `.tlog-proof` file.")
  var proof: String

  @Argument(help: "The entry, byte for byte.")
  var entry: String

  @Option(help: "The log's verifier key.")
  var vkey: String

  @Option(help: "Witness policy whose quorum must have cosigned.")
  var policy: String?

  @Flag(name: .customLong("json"), help: "Answer with one JSON document on standard output.")
  var isJSON = false

  func run() throws {
    guard let key = try? NoteVerifierKey(encoded: vkey), key.algorithm == .ed25519 else {
      throw UsageError(message: "--vkey is not the verifier key of a log; copy it whole")
    }
    let policy = try policy.map(WitnessPolicyFile.read)
    let bytes = try NewFiles.read(proof, atMost: LogProof.byteCountMaximum)
    let entry = try NewFiles.read(entry, atMost: EntryBundle.entryByteCountMaximum)
    try Console(isJSON: isJSON).answerVerdict("valid", failing: "not proved") {
      let read = try LogProof(encoded: bytes)
      let verified = try read.verify(
        entry: entry, logKey: key, witnesses: policy?.witnessKeys ?? [])
      try Self.requireQuorum(policy, verified)
      return answer(read.leafIndex, verified)
    }
  }

  private static func requireQuorum(
    _ policy: WitnessPolicy?, _ verified: VerifiedCheckpoint
  ) throws {
    guard let policy, !policy.isSatisfied(by: verified.cosigners.map(\.key)) else { return }
    throw VaultError(
      .integrity,
      "the checkpoint is cosigned by \(verified.cosigners.count) of the policy's witnesses, which "
        + "does not reach its quorum `\(policy.quorum ?? "none")`")
  }

  private func answer(_ index: Int, _ verified: VerifiedCheckpoint) -> Console.Answer {
    let checkpoint = verified.checkpoint
    let cosigners = verified.cosigners.map(\.key.name)
    return Console.Answer(
      members: [
        ("origin", .string(checkpoint.origin)), ("entry", .count(index)),
        ("size", .count(checkpoint.treeSize)), ("root", .string(checkpoint.rootHash.description)),
        ("cosigners", .texts(cosigners)), ("policy_given", .bool(policy != nil)),
      ],
      lines: [
        "proved: entry \(index) of the \(checkpoint.treeSize) of `\(checkpoint.origin)`",
        policy == nil
          ? "no witness policy given; only the log's own signature was checked"
          : "cosigned by \(cosigners.joined(separator: ", "))",
      ])
  }
}

/// A witness policy named on the command line.
enum WitnessPolicyFile {
  static func read(_ path: String) throws -> WitnessPolicy {
    do {
      return try WitnessPolicy(
        text: try NewFiles.read(path, atMost: WitnessPolicy.byteCountMaximum))
    } catch let error as TransparencyError {
      throw UsageError(message: "`\(path)`: \(error.message)")
    }
  }
}
