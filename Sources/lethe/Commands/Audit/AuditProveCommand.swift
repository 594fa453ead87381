import ArgumentParser
import Foundation
import Transparency
import Vault

/// Runs `lethe audit prove`.
struct AuditProveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Write an entry of the log and the proof that the log holds it.",
    discussion: """
      The proof carries the signed checkpoint with the cosignatures of witnesses. Of an entry that \
      was pruned only the proof is written: it proves an entry that somebody else has kept.

      EXAMPLES
        lethe audit prove 17 --out receipt --as aude --vault my-vault
        lethe audit verify-proof receipt/17.tlog-proof receipt/17.json --vkey vault.example.org/audit+77a5…

      EXIT CODES
        0 written · 1 refused, no such entry or a file is there already · 2 wrong usage
        3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Place of the entry, from 0.")
  var sequence: Int

  @Option(name: .customLong("out"), help: "Directory to write to; made when it does not exist.")
  var directory: String

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let output = NewFiles(directory: directory)
    let names = ["\(sequence).json", "\(sequence).tlog-proof"]
    try output.requireFree(names)
    let (entry, proof) = try options.withVault { vault in
      try vault.readLog(sequence, requester)
    }
    var files = [(name: names[1], bytes: proof)]
    if let entry { files.insert((names[0], entry), at: 0) }
    let paths = try output.write(files)
    try options.console.answer(
      [("files", .texts(paths)), ("pruned", .bool(entry == nil))],
      lines: paths.map { "wrote \($0)" }
        + (entry == nil ? ["the entry itself was pruned by the log's rule"] : []))
  }
}
