import ArgumentParser
import Intake
import Rights
import Transparency
import Vault

/// Runs `lethe dsr rectify`.
struct DsrRectifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rectify", abstract: "Correct a field of a person, in the backups too.",
    discussion: """
      The corrected value is read from standard input, one line, so that it is in no shell history. \
      The person's records of the source are sealed anew under a fresh key and the old key is \
      destroyed: the former value dies in every backup. A source that sends the old record again does \
      not bring the value back.

      EXAMPLES
        lethe dsr rectify t1_desk_… --field crm.email --case C-2026-18 --as dana < value.txt
        lethe dsr rectify t1_desk_… --field crm.email --case C-2026-18 --confirm 0f3a… --as dana < value.txt

      EXIT CODES
        0 corrected, or preview shown · 1 refused, unknown or changed · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions
  @OptionGroup var change: ChangeOptions

  @Option(help: "The field as source.field.")
  var field: String

  func run() throws {
    let parts = field.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw UsageError(message: "--field is `source.field`") }
    let value = try Console.readLine(for: "corrected value")
    try change.run(options) { vault in
      let contract = try ContractFiles(vault.layout.policies).contract(parts[0])
      return .rectify([try contract.rectified(parts[1], value)])
    }
  }
}

/// Runs `lethe dsr erase-field`.
struct DsrEraseFieldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase-field", abstract: "Erase single fields of a person, in the backups too.",
    discussion: """
      What stays is sealed anew under a fresh key; the old key is destroyed, and with it the erased \
      values in every backup.

      EXAMPLES
        lethe dsr erase-field t1_desk_… --field crm.phone --case C-2026-19 --as dana
        lethe dsr erase-field t1_desk_… --field crm.phone --case C-2026-19 --confirm 0f3a… --as dana

      EXIT CODES
        0 erased, or preview shown · 1 refused, unknown or changed · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions
  @OptionGroup var change: ChangeOptions

  @Option(name: .customLong("field"), help: "A field as source.field; repeatable.")
  var fields: [String]

  func run() throws {
    try change.run(options) { _ in .eraseFields(Set(fields)) }
  }
}

/// Runs `lethe dsr withdraw`.
struct DsrWithdrawCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Record that a person has withdrawn consent to a purpose.",
    discussion: """
      The purpose and all below it. Data of sources that rest on consent alone, for nothing else than \
      what is withdrawn, is erased, in the backups too, and does not come back with the next file. Data \
      that has other purposes stays and is not shown for this one.

      EXAMPLES
        lethe dsr withdraw t1_desk_… --purpose marketing --case C-2026-20 --as dana
        lethe dsr withdraw t1_desk_… --purpose marketing --case C-2026-20 --confirm 0f3a… --as dana

      EXIT CODES
        0 recorded, or preview shown · 1 refused, unknown or changed · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions
  @OptionGroup var change: ChangeOptions

  @Option(help: "Key of the purpose.")
  var purpose: String

  func run() throws {
    try change.run(options) { _ in .withdraw(purpose: purpose) }
  }
}

/// What every change of a person's data takes on the command line, and how it is shown.
struct ChangeOptions: ParsableArguments {
  @OptionGroup var note: NoteOptions

  @Argument(help: "Token of the person.")
  var token: String

  @Option(name: .customLong("case"), help: "Reference of the case; unique.")
  var caseReference: String

  @Option(help: "Fingerprint from the preview.")
  var confirm: String?

  @Option(name: .customLong("certificate"), help: "Directory for the certificate.")
  var directory: String?

  /// Previews or makes a change.
  func run(_ options: VaultOptions, _ change: (Vault) throws -> SubjectChange) throws {
    let requester = try options.requester(
      purpose: "subject_rights", caseReference: caseReference, note: note)
    let token = try TokenText(token)
    try options.withVault { vault in
      let change = try change(vault)
      if let directory { try CertificateFiles(vault, caseReference).requireFree(in: directory) }
      guard let digest = try confirmation(vault, change, token, requester, options.console) else {
        return
      }
      let outcome = try vault.apply(
        change, to: token, confirming: digest, reference: caseReference, requester)
      let isCertified = directory != nil && outcome.erasure != nil
      let files =
        isCertified ? try CertificateFiles(vault, caseReference).write(to: directory ?? "") : []
      try answer(outcome, files, options.console)
    }
  }

  private func confirmation(
    _ vault: Vault, _ change: SubjectChange, _ token: TokenText, _ requester: Requester,
    _ console: Console
  ) throws -> String? {
    if let confirm { return confirm }
    let preview = try vault.previewChange(change, of: token, requester)
    let changed = preview.changed.sorted { $0.key < $1.key }
    let dropped = preview.dropped.sorted { $0.key < $1.key }
    console.say("\(preview.subjects) subjects of \(token.text) would get a new key")
    for (source, count) in changed { console.say("  \(source): \(count) records changed") }
    for (source, count) in dropped { console.say("  \(source): \(count) records erased") }
    if Console.confirm("The former values cannot be had back.", word: "change") {
      return preview.digest
    }
    try console.answer(
      [
        ("token", .string(token.text)), ("subjects", .count(preview.subjects)),
        ("changed", try .members(changed.map { ($0.key, .count($0.value)) })),
        ("dropped", try .members(dropped.map { ($0.key, .count($0.value)) })),
        ("confirm", .string(preview.digest)),
      ],
      lines: ["nothing was changed; to do exactly this, add --confirm \(preview.digest)"])
    return nil
  }

  private func answer(_ outcome: ChangeOutcome, _ files: [String], _ console: Console) throws {
    let facts = outcome.erasure?.facts
    try console.answer(
      [
        ("reference", .string(caseReference)), ("subjects", .count(facts?.subjects ?? 0)),
        ("records", .count(facts?.records.values.reduce(0, +) ?? 0)),
        ("assurance", .string("L\(facts?.assurance ?? 0)")),
        ("final", .bool(outcome.erasure?.isFinal ?? true)),
        ("log_entry", .count(outcome.logSequence)), ("files", .texts(files)),
      ],
      lines: [
        facts.map {
          "done: \($0.subjects) subjects under a new key, epoch \($0.oldEpoch) ended"
        } ?? "recorded; nothing that was stored had to go",
        "log entry \(outcome.logSequence)",
      ] + files.map { "wrote \($0)" })
  }
}
