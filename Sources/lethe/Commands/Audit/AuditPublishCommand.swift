import ArgumentParser
import Transparency
import Vault

/// Runs `lethe audit publish`.
struct AuditPublishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Publish the log up to now with a signed checkpoint.",
    discussion: """
      Every command that changes the vault publishes when it is done; this is for other times.

      EXAMPLES
        lethe audit publish --vault my-vault --as dana

      EXIT CODES
        0 published · 1 refused · 3 vault sealed · 4 the vault was restored to an older state
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let (published, key) = try options.withVault { vault in
      try vault.authorise(.publishLog, requester)
      return (try vault.publishLog(), try vault.logVerifierKey())
    }
    try options.console.answer(
      [
        ("size", .count(published.size)), ("root", .string(published.root.description)),
        ("files", .count(published.files)), ("vkey", .string(key)),
      ],
      lines: [
        "published \(published.size) entries, \(published.files) files written", "key \(key)",
      ])
  }
}
