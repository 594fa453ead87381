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
      EXAMPLES
        lethe audit prove 17 --out receipt --as aude --vault my-vault
        python3 audit/verify.py my-vault/audit --proof receipt/17.tlog-proof --entry receipt/17.json

      EXIT CODES
        0 written · 1 refused or no such entry · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Place of the entry, from 0.")
  var sequence: Int

  @Option(name: .customLong("out"), help: "Directory to write to.")
  var directory: String

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let (entry, proof) = try options.withVault { vault in
      try vault.readLog(sequence, requester)
    }
    let files = [
      ("\(directory)/\(sequence).json", entry), ("\(directory)/\(sequence).tlog-proof", proof),
    ]
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      for (path, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    } catch {
      throw VaultError(
        .storage, "`\(directory)` cannot be written; check space and permissions")
    }
    try options.console.answer(
      [("files", .texts(files.map(\.0)))], lines: files.map { "wrote \($0.0)" })
  }
}
