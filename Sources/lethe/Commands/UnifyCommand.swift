import ArgumentParser
import Transparency
import Unification
import Vault

/// Runs `lethe unify`.
struct UnifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unify", abstract: "Find the persons behind the subjects of all sources.",
    discussion: """
      Works on tokens that are keyed by a key of this run alone. Values that too many subjects share, \
      such as test@test.com, link nobody and are counted.

      EXAMPLES
        lethe unify --as lethe

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let report = try options.withVault { try Unifier($0).run(requester) }
    let links = try CanonicalJSON.members(
      report.links.map { ($0.kind.rawValue, .count($0.count)) })
    let hubs = try CanonicalJSON.members(
      report.hubValues.map { ($0.kind.rawValue, .count($0.count)) })
    try options.console.answer(
      [
        ("subjects", .count(report.subjects)), ("persons_before", .count(report.personsBefore)),
        ("persons", .count(report.persons)), ("moved", .count(report.moved)), ("links", links),
        ("hub_values", hubs), ("refused", .count(report.refused)),
      ],
      lines: [
        "\(report.subjects) subjects, \(report.personsBefore) persons before, \(report.persons) now",
        "links: "
          + report.links.map { "\($0.count) by \($0.kind.rawValue)" }.joined(separator: ", "),
        "values of too many: "
          + report.hubValues.map { "\($0.count) \($0.kind.rawValue)" }.joined(separator: ", "),
        "links refused: \(report.refused)",
      ])
  }
}

/// Runs `lethe project`.
struct ProjectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "project", abstract: "Make the analysts' store anew from the vault.",
    discussion: """
      EXAMPLES
        lethe project --as lethe

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "analytics.reporting"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let report = try options.withVault { vault in
      let progress = Progress("project")
      defer { progress.finish() }
      return try vault.project(requester, progress: progress.update)
    }
    try options.console.answer(
      [
        ("profiles", .count(report.profiles)), ("attributes", .count(report.attributes)),
        ("events", .count(report.events)),
      ],
      lines: [
        "\(report.profiles) profiles, \(report.attributes) attributes, \(report.events) events"
      ])
  }
}

/// Runs `lethe index`.
struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Look after the match index.",
    discussion: """
      EXAMPLES
        lethe index rebuild --as eve

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed
      """,
    subcommands: [IndexRebuildCommand.self])
}

/// Runs `lethe index rebuild`.
struct IndexRebuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild", abstract: "Make the match index anew under fresh keys.",
    discussion: """
      The keys of the old index are destroyed: any copy of it is noise from then on.

      EXAMPLES
        lethe index rebuild --as eve

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let entries = try options.withVault { vault in
      let progress = Progress("rebuild")
      defer { progress.finish() }
      return try vault.rebuildIndex(requester, progress: progress.update)
    }
    try options.console.answer(
      [("entries", .count(entries))], lines: ["match index made anew: \(entries) entries"])
  }
}
