import ArgumentParser
import Auditing
import Sealing
import Transparency
import Vault

/// Runs `lethe audit export`.
struct AuditExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write every entry that is meant to a file that proves it.",
    discussion: """
      Beside FILE lie its manifest, the log's entry about the export and the proof of that entry. \
      `lethe audit verify-export` and `audit/verify.py --population` show from them, and from the \
      published log, that nothing was left out, added, changed or moved.

      EXAMPLES
        lethe audit export --out all.jsonl --as aude
        lethe audit export --out denied.csv --format csv --decision deny --from 2026-01-01 --as aude
        python3 audit/verify.py my-vault/audit --population all.jsonl --vkey vault.example.org/audit+…

      EXIT CODES
        0 written · 1 refused or a file is there already · 2 wrong usage · 3 vault sealed
        4 the log is not whole
      """)

  @OptionGroup var options: VaultOptions
  @OptionGroup var conditions: LogQueryOptions

  @Option(name: .customLong("out"), help: "File to write; the others lie beside it.")
  var file: String

  @Option(help: "How to write the entries: jsonl, csv, ocsf or cloudevents.")
  var format = PopulationFormat.jsonl

  @Option(help: "Purpose of reading.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let receipt = try options.withVault { vault in
      let (query, subjects) = try conditions.query(vault, requester)
      return try Progress.counting("reading the log") { progress in
        try PopulationExport(vault, requester).write(
          query, as: format, to: file, about: subjects, progress: progress)
      }
    }
    try PopulationText.answer(receipt, options.console)
  }
}

/// How the receipt of an export is shown.
enum PopulationText {
  static func answer(_ receipt: PopulationReceipt, _ console: Console) throws {
    let content = receipt.manifest.content
    let treeSize = try receipt.manifest.statement.treeSize
    try console.answer(
      [
        ("files", .texts(receipt.files.all)), ("count", .count(content.count)),
        ("digest", .string(content.digest.hexadecimal)), ("tree_size", .count(treeSize)),
        ("pruned_below", .count(receipt.manifest.firstKept)),
        ("log_entry", .count(receipt.logEntry)),
      ],
      lines: receipt.files.all.map { "wrote \($0)" }
        + LogEntryText.pruned(receipt.manifest.firstKept) + [
          "\(content.count) entries of a log of \(treeSize); the export is log entry "
            + "\(receipt.logEntry)"
        ])
  }
}
