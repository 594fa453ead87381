public import ArgumentParser
import Foundation
import Intake
import Logging
import Transparency
public import Vault

/// Runs `lethe find`.
struct FindCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find", abstract: "Find persons by an exact identifier.",
    discussion: """
      Answers tokens of the domain `desk`, which the other commands take. Give the identifier on \
      standard input with -, so that it does not stay in the shell's history.

      EXAMPLES
        lethe find email - --as dana
        lethe find phone - --region DE --as dana --case C-2026-17

      EXIT CODES
        0 found · 1 nobody has it, or refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Kind: email, phone, customer_number, cookie or national_id.")
  var kind: IdentifierKind

  @Argument(help: "The identifier, or - to read it from standard input.")
  var value: String

  @Option(help: "Purpose.")
  var purpose = "subject_rights"

  @Option(name: .customLong("case"), help: "Reference of the case.")
  var caseReference: String?

  @Option(help: "Region of a phone number without country code, such as DE.")
  var region: String?

  func run() throws {
    let requester = try options.requester(purpose: purpose, caseReference: caseReference)
    let region = try phoneRegion()
    let text: String
    if value == "-" {
      text = try Console.readLine(for: kind.rawValue)
    } else {
      text = value
      ProgramLog.logger.warning(
        "the identifier is now in the shell's history; use - next time")
    }
    let match = try kind.matchValue(of: text, region: region)
    let found = try options.withVault { try $0.find(kind, match, requester) }
    let persons = try found.map { person in
      try CanonicalJSON.members([
        ("token", .string(person.token.text)), ("sources", .texts(person.sources)),
        ("subjects", .count(person.subjects)),
      ])
    }
    try options.console.answer(
      [("persons", .array(persons))],
      lines: found.isEmpty
        ? ["nobody has this \(kind.rawValue)"]
        : found.map {
          "\($0.token.text)  \($0.subjects) subjects in \($0.sources.joined(separator: ", "))"
        })
    if found.isEmpty { throw ExitCode(ExitStatus.refused.rawValue) }
  }

  private func phoneRegion() throws -> PhoneRegion? {
    guard let region else { return nil }
    guard let known = PhoneRegion(code: region) else {
      throw UsageError(message: "--region is not a region this program knows; write it as `DE`")
    }
    return known
  }
}

extension IdentifierKind: ExpressibleByArgument {}

/// Runs `lethe reveal`.
struct RevealCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reveal", abstract: "Show a person's fields, each at the rung the policy allows.",
    discussion: """
      Rungs from most to least revealing: plain, masked, generalised, tokenised, existence. The \
      decision is in the log before the first value appears.

      EXAMPLES
        lethe reveal t1_desk_… --as dana --purpose subject_rights --case C-2026-17
        lethe reveal t1_desk_… --field crm.email --field phone --as sam --purpose essential.service

      EXIT CODES
        0 shown · 1 denied or unknown · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions
  @OptionGroup var note: NoteOptions

  @Argument(help: "Token of the person.")
  var token: String

  @Option(name: .customLong("field"), help: "A field, as NAME or SOURCE.NAME; may be repeated.")
  var fields: [String] = []

  @Option(help: "Purpose.")
  var purpose: String

  @Option(name: .customLong("case"), help: "Reference of the case.")
  var caseReference: String?

  func run() throws {
    let requester = try options.requester(
      purpose: purpose, caseReference: caseReference, note: note)
    let token = try TokenText(token)
    let dossier = try options.withVault {
      try $0.disclose(token, fields: fields.isEmpty ? nil : Set(fields), requester)
    }
    try options.console.answer(try DossierText.members(dossier), lines: DossierText.lines(dossier))
  }
}

/// Runs `lethe token`.
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Issue a person's token in another domain.",
    discussion: """
      Tokens of two domains cannot be joined without this command, which takes permission and is logged.

      EXAMPLES
        lethe token t1_desk_… --domain partner-a --as lethe --purpose essential.service

      EXIT CODES
        0 issued · 1 denied or unknown · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Token of the person in any domain.")
  var token: String

  @Option(help: "Domain of the new token.")
  var domain: String

  @Option(help: "Purpose.")
  var purpose: String

  @Option(name: .customLong("case"), help: "Reference of the case.")
  var caseReference: String?

  func run() throws {
    let requester = try options.requester(purpose: purpose, caseReference: caseReference)
    let token = try TokenText(token)
    let issued = try options.withVault { try $0.token(for: token, in: domain, requester) }
    try options.console.answer([("token", .string(issued.text))], lines: [issued.text])
  }
}

/// Runs `lethe domain`.
struct DomainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "domain", abstract: "Open and list pseudonymisation domains.",
    discussion: """
      EXAMPLES
        lethe domain list --vault my-vault
        lethe domain open partner-a --as eve

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed
      """,
    subcommands: [DomainOpenCommand.self, DomainListCommand.self])
}

/// Runs `lethe domain open`.
struct DomainOpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open a pseudonymisation domain.",
    discussion: """
      EXAMPLES
        lethe domain open partner-a --as eve
        lethe domain open campaign-7 --monthly --as eve

      EXIT CODES
        0 open · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Name: lower-case letters, digits, hyphens.")
  var name: String

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  @Flag(help: "Tokens change every month.")
  var monthly = false

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let domain = try options.withVault { try $0.openDomain(name, isMonthly: monthly, requester) }
    try options.console.answer(
      [("domain", .string(domain.name)), ("monthly", .bool(domain.isMonthly))],
      lines: ["domain \(domain.name) is open"])
  }
}

/// Runs `lethe domain list`.
struct DomainListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the pseudonymisation domains.",
    discussion: """
      EXAMPLES
        lethe domain list --vault my-vault

      EXIT CODES
        0 done · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  func run() throws {
    let domains = try options.open().domains()
    try options.console.answer(
      [("domains", .texts(domains.map(\.name)))],
      lines: domains.map { "\($0.name)\($0.isMonthly ? "  (new tokens every month)" : "")" })
  }
}
