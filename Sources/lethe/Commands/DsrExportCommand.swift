import ArgumentParser
import Rights
import Transparency
import Vault

/// Runs `lethe dsr export`.
struct DsrExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a person's sealed fields with the keys that open them.",
    discussion: """
      One file for the holders of the keys named with --recipient: the person's envelopes as they \
      lie in the vault, with keys for these values alone; the vault's own keys do not leave it. A \
      reader of its own opens them, such as audit/open_field.py; nobody else's data can be opened \
      with it. An erasure does not reach a copy that was handed out.

      EXAMPLES
        lethe dsr export t1_desk_… --case C-2026-17 --recipient age1… --out sealed --as dana
        age -d -i key.txt sealed/sealed-C-2026-17.age | python3 audit/open_field.py --package -

      EXIT CODES
        0 written · 1 denied or unknown · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Token of the person.")
  var token: String

  @Option(name: .customLong("case"), help: "Reference of the case.")
  var caseReference: String

  @Option(
    name: .customLong("recipient"),
    help: "Key that opens the export, a text `age1…`; may be repeated.")
  var recipients: [String]

  @Option(name: .customLong("out"), help: "Directory to write to; made when it does not exist.")
  var directory: String

  func run() throws {
    let requester = try options.requester(
      purpose: "subject_rights", caseReference: caseReference)
    let recipients = try RecipientTexts.parse(recipients)
    let token = try TokenText(token)
    let export = try options.withVault {
      try SealedExportFile($0, token, to: recipients, requester).write(to: directory)
    }
    try options.console.answer(
      [
        ("file", .string(export.file)), ("receipt", .texts(export.receipt)),
        ("subjects", .count(export.subjects)),
        ("records", .count(export.records)), ("log_entry", .count(export.logSequence)),
      ],
      lines: [
        "wrote \(export.file)"
      ] + export.receipt.map { "wrote \($0)" } + [
        "\(export.records) records of \(export.subjects) subjects; log entry \(export.logSequence)"
      ])
  }
}
