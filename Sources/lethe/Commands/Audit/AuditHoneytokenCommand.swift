import ArgumentParser
import Auditing
import Transparency
import Vault

/// Runs `lethe audit honeytoken`.
struct AuditHoneytokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "honeytoken", abstract: "Plant persons whom nobody has reason to look at.",
    discussion: """
      Bring in an invented person like a real one and plant it; `lethe audit anomalies` tells who \
      touched it. The log says that a plant was placed and by whom, and never which. A search shortly \
      before would give it away: take the token from an earlier one, or search for many.

      EXAMPLES
        lethe audit honeytoken add t1_desk_… --as aude
        lethe audit honeytoken list --as aude

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed
      """,
    subcommands: [
      HoneytokenAddCommand.self, HoneytokenRemoveCommand.self, HoneytokenListCommand.self,
    ])
}

/// Runs `lethe audit honeytoken add`.
struct HoneytokenAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Plant a person.",
    discussion: """
      EXAMPLES
        lethe audit honeytoken add t1_desk_… --as aude

      EXIT CODES
        0 planted · 1 refused, or the token leads to nobody · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "The person's token.")
  var token: String

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let token = try TokenText(token)
    try options.withVault { try $0.plantHoneytoken(token, requester) }
    try options.console.answer([("planted", .bool(true))], lines: ["planted"])
  }
}

/// Runs `lethe audit honeytoken remove`.
struct HoneytokenRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a plant; the person stays.",
    discussion: """
      EXAMPLES
        lethe audit honeytoken remove t1_desk_… --as aude
        lethe audit honeytoken remove --lost --as aude

      EXIT CODES
        0 removed · 1 refused, or nothing of the kind is planted · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "The person's token.")
  var token: String?

  @Flag(help: "Remove the plants that are erased.")
  var lost = false

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    guard (token != nil) != lost else {
      throw UsageError(message: "name a token, or --lost, and not both")
    }
    let requester = try options.requester(purpose: purpose)
    let token = try token.map { try TokenText($0) }
    try options.withVault { try $0.removeHoneytoken(token, requester) }
    try options.console.answer([("removed", .bool(true))], lines: ["removed"])
  }
}

/// Runs `lethe audit honeytoken list`.
struct HoneytokenListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the plants; the log notes who did.",
    discussion: """
      EXAMPLES
        lethe audit honeytoken list --as aude

      EXIT CODES
        0 listed · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let plants = try options.withVault { try $0.honeytokens(requester) }
    try options.console.answer(
      [
        (
          "honeytokens",
          .array(
            try plants.map { plant in
              try .members([
                ("token", plant.token.map { .string($0.text) } ?? .null),
                ("since", .string(TimeText.text(plant.sinceMilliseconds))),
                ("subjects", .count(plant.subjects)),
              ])
            })
        )
      ],
      lines: plants.isEmpty
        ? ["nothing is planted"]
        : plants.map { plant in
          "\(plant.token?.text ?? "erased; watches nothing")  since "
            + "\(TimeText.text(plant.sinceMilliseconds)), \(plant.subjects) subjects"
        })
  }
}
