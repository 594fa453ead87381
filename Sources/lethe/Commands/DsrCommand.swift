public import ArgumentParser
import Foundation
public import Rights
import Transparency
import Vault

/// Runs `lethe dsr`.
struct DsrCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dsr", abstract: "Answer requests of data subjects.",
    discussion: """
      EXAMPLES
        lethe dsr access t1_desk_… --case C-2026-17 --out package --as dana
        lethe dsr export t1_desk_… --case C-2026-17 --recipient age1… --out sealed --as dana
        lethe dsr erase t1_desk_… --case C-2026-17 --as dana

      EXIT CODES
        0 done · 1 denied or unknown · 2 wrong usage · 3 vault sealed
      """,
    subcommands: [
      DsrAccessCommand.self, DsrExportCommand.self, DsrEraseCommand.self, DsrRectifyCommand.self,
      DsrEraseFieldCommand.self, DsrWithdrawCommand.self, DsrCertificateCommand.self,
    ])
}

/// Runs `lethe dsr access`.
struct DsrAccessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access", abstract: "Write the package for an access request.",
    discussion: """
      Everything the vault holds about the person, from all sources: data, purposes, recipients, \
      retention, and who looked when and what for. A JSON file for machines and a page that opens \
      without a network for people. With --recipient nothing is written in the clear: the files \
      go into one archive that only the holder of the key opens, with `age -d` and `tar -x`.

      EXAMPLES
        lethe dsr access t1_desk_… --case C-2026-17 --out package --as dana
        lethe dsr access t1_desk_… --case C-2026-18 --out package --language ru --as dana
        lethe dsr access t1_desk_… --case C-2026-19 --recipient age1… --out package --as dana

      EXIT CODES
        0 written · 1 denied or unknown · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions
  @OptionGroup var note: NoteOptions

  @Argument(help: "Token of the person.")
  var token: String

  @Option(name: .customLong("case"), help: "Reference of the case.")
  var caseReference: String

  @Option(name: .customLong("out"), help: "Directory to write to; made when it does not exist.")
  var directory: String

  @Option(help: "Language of the page: en or ru.")
  var language: PackageLanguage = .english

  @Option(
    name: .customLong("recipient"),
    help: "Seal the package for this key, a text `age1…`; may be repeated.")
  var recipients: [String] = []

  func run() throws {
    let requester = try options.requester(
      purpose: "subject_rights", caseReference: caseReference, note: note)
    let recipients = recipients.isEmpty ? nil : try RecipientTexts.parse(recipients)
    let token = try TokenText(token)
    let package = try options.withVault { vault in
      let package = try AccessPackage(vault, token, requester, language: language)
      guard let recipients else { return try package.write(to: directory) }
      return try package.write(sealedFor: recipients, to: directory)
    }
    try options.console.answer(
      [
        ("files", .texts(package.files)), ("records", .count(package.records)),
        ("look_ups", .count(package.lookUps)), ("log_entry", .count(package.logSequence)),
        ("proved", .bool(package.isProved)),
      ],
      lines: package.files.map { "wrote \($0)" } + [
        "\(package.records) records, \(package.lookUps) look-ups; log entry \(package.logSequence)"
      ])
  }
}

extension PackageLanguage: ExpressibleByArgument {}

/// Runs `lethe dsr erase`.
struct DsrEraseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase", abstract: "Erase a person for good.",
    discussion: """
      Without --confirm it shows what would be destroyed and a fingerprint of exactly that. With the \
      fingerprint it destroys the keys of every subject of the person, which no backup brings back, and \
      writes a signed certificate. An interrupted erasure is finished when the vault is opened next.

      EXAMPLES
        lethe dsr erase t1_desk_… --case C-2026-17 --as dana
        lethe dsr erase t1_desk_… --case C-2026-17 --confirm 0f3a… --certificate certs --as dana

      EXIT CODES
        0 erased, or preview shown · 1 denied, unknown or changed · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Token of the person.")
  var token: String

  @Option(name: .customLong("case"), help: "Reference of the case; unique.")
  var caseReference: String

  @Option(help: "Fingerprint from the preview.")
  var confirm: String?

  @Option(name: .customLong("certificate"), help: "Directory for the certificate.")
  var directory: String?

  func run() throws {
    let requester = try options.requester(
      purpose: "subject_rights", caseReference: caseReference)
    let token = try TokenText(token)
    try options.withVault { vault in
      if let directory { try CertificateFiles(vault, caseReference).requireFree(in: directory) }
      guard let digest = try confirmation(vault, token, requester) else { return }
      let outcome = try vault.erase(
        token, confirming: digest, reference: caseReference, requester)
      let files = try directory.map {
        try CertificateFiles(vault, caseReference).write(to: $0)
      }
      try answer(outcome, files ?? [])
    }
  }

  /// The fingerprint to erase by; nil when only the preview was asked for.
  private func confirmation(
    _ vault: Vault, _ token: TokenText, _ requester: Requester
  ) throws -> String? {
    if let confirm { return confirm }
    let preview = try vault.previewErasure(token, requester)
    let records = preview.records.sorted { $0.key < $1.key }
    options.console.say("would erase \(preview.token.text): \(preview.subjects) subjects")
    for (source, count) in records { options.console.say("  \(source): \(count) records") }
    if Console.confirm("This cannot be undone.", word: "erase") { return preview.digest }
    try options.console.answer(
      [
        ("token", .string(preview.token.text)), ("subjects", .count(preview.subjects)),
        ("records", try .members(records.map { ($0.key, .count($0.value)) })),
        ("confirm", .string(preview.digest)),
      ],
      lines: ["nothing was erased; to erase exactly this, add --confirm \(preview.digest)"])
    return nil
  }

  private func answer(_ outcome: ErasureOutcome, _ files: [String]) throws {
    let facts = outcome.facts
    try options.console.answer(
      [
        ("reference", .string(outcome.reference)), ("subjects", .count(facts.subjects)),
        ("records", .count(facts.sweptRecords)), ("assurance", .string("L\(facts.assurance)")),
        ("old_epoch", .integer(Int64(facts.oldEpoch))),
        ("new_epoch", .integer(Int64(facts.newEpoch))),
        ("suppressed", .count(facts.suppressed)), ("log_entry", .count(facts.finalSequence)),
        ("files", .texts(files)),
      ],
      lines: [
        "erased: \(facts.subjects) subjects, \(facts.sweptRecords) records, epoch \(facts.oldEpoch) ended",
        "assurance L\(facts.assurance); \(facts.suppressed) identifiers will not come back",
        "log entry \(facts.finalSequence)",
      ] + files.map { "wrote \($0)" })
  }
}

/// Runs `lethe dsr certificate`.
struct DsrCertificateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate", abstract: "Write the certificate of a finished erasure again.",
    discussion: """
      EXAMPLES
        lethe dsr certificate C-2026-17 --out certs

      EXIT CODES
        0 written · 1 unknown · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Reference of the case or run.")
  var reference: String

  @Option(name: .customLong("out"), help: "Directory to write to.")
  var directory: String

  func run() throws {
    let files = try options.withVault {
      try CertificateFiles($0, reference).write(to: directory)
    }
    try options.console.answer(
      [("files", .texts(files))], lines: files.map { "wrote \($0)" })
  }
}
