import ArgumentParser
import Foundation
import Transparency
import Vault

/// Runs `lethe audit consistency`.
struct AuditConsistencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consistency",
    abstract: "Show that a published log was only added to; needs no vault.",
    discussion: """
      Makes the proof that the tree of the new size continues that of the old size from the published \
      tiles and verifies it up to the published checkpoint. With saved checkpoints it shows as well \
      that these are of this history: keep a checkpoint every time you look, and compare.

      EXAMPLES
        lethe audit consistency 1000 2000 --log /srv/audit --vkey vault.example.org/audit+77a5…
        lethe audit consistency --old-checkpoint july.checkpoint --new-checkpoint august.checkpoint \\
          --log /srv/audit --vkey vault.example.org/audit+77a5… --out july-august.proof

      EXIT CODES
        0 consistent · 1 the proof cannot be written · 2 wrong usage · 4 not consistent
      """)

  @Argument(help: "Number of entries of the old tree; otherwise that of --old-checkpoint.")
  var old: Int?

  @Argument(help: "Number of entries of the new tree; otherwise that of --new-checkpoint.")
  var new: Int?

  @Option(name: .customLong("log"), help: "Directory of the published log.")
  var directory: String

  @Option(help: "The log's verifier key; otherwise that beside the log.")
  var vkey: String?

  @Option(help: "A signed checkpoint of the old size that somebody has kept.")
  var oldCheckpoint: String?

  @Option(help: "A signed checkpoint of the new size that somebody has kept.")
  var newCheckpoint: String?

  @Option(name: .customLong("out"), help: "File for the proof; must not exist.")
  var file: String?

  @Flag(name: .customLong("json"), help: "Answer with one JSON document on standard output.")
  var isJSON = false

  func run() throws {
    let log = try PublishedLogFiles(directory)
    let key = try log.key(vkey)
    if let file { try place(file).directory.requireFree([place(file).name]) }
    try Console(isJSON: isJSON).answerVerdict("consistent", failing: "not consistent") {
      let check = try ConsistencyCheck(
        log, key,
        old: .init(old, oldCheckpoint.map { try .init($0, signedBy: key) }, "old"),
        new: .init(new, newCheckpoint.map { try .init($0, signedBy: key) }, "new"))
      if let file { _ = try place(file).directory.write([(place(file).name, check.proof.encoded)]) }
      return answer(check)
    }
  }

  private func answer(_ check: ConsistencyCheck) -> Console.Answer {
    let proof = check.proof
    let files = file.map { [$0] } ?? []
    return Console.Answer(
      members: [
        ("origin", .string(check.published.origin)), ("old_size", .count(proof.oldSize)),
        ("old_root", .string(check.oldRoot.description)), ("new_size", .count(proof.newSize)),
        ("new_root", .string(check.newRoot.description)),
        ("published_size", .count(check.published.treeSize)),
        ("hashes", .texts(proof.hashes.map(\.description))), ("key_given", .bool(vkey != nil)),
        ("checkpoints", .count([oldCheckpoint, newCheckpoint].count { $0 != nil })),
        ("files", .texts(files)),
      ],
      lines: [
        "consistent: \(proof.newSize) entries continue the first \(proof.oldSize), "
          + "\(proof.hashes.count) hashes",
        "old root \(check.oldRoot)", "new root \(check.newRoot)",
      ] + files.map { "wrote \($0)" })
  }

  private func place(_ path: String) -> (directory: NewFiles, name: String) {
    let url = URL(fileURLWithPath: path)
    return (NewFiles(directory: url.deletingLastPathComponent().path), url.lastPathComponent)
  }
}
