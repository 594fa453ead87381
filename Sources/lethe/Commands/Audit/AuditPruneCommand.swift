import ArgumentParser
import Transparency
import Vault

/// Runs `lethe audit prune`.
struct AuditPruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Delete old entries of the log by its published rule.",
    discussion: """
      Without --confirm it shows which entries would go and a fingerprint of exactly that. Only full \
      bundles of 256 entries go; they have to be published, older than log_keep_days in lethe.yaml \
      keeps them, and older than the last backup. The hashes stay, so every proof keeps working, and \
      an event says what went. An interrupted prune is finished by the next publication.

      EXAMPLES
        lethe audit prune --as dana
        lethe audit prune --older-than 1000 --confirm 0f3a… --as dana

      EXIT CODES
        0 pruned, nothing due, or plan shown · 1 refused, changed, or not published yet
        2 wrong usage · 3 vault sealed · 4 the log does not fit the vault
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Entries older than so many days; otherwise all that log_keep_days lets go.")
  var olderThan: Int?

  @Option(help: "Entries below this place.")
  var below: Int?

  @Option(help: "Fingerprint from the plan.")
  var confirm: String?

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let line = try line()
    try options.withVault { vault in
      let plan = try vault.planPrune(line, requester)
      guard !plan.isEmpty else {
        try options.console.answer(members(plan), lines: ["nothing is due"])
        return
      }
      guard let digest = try confirmation(plan) else { return }
      let report = try vault.prune(plan, confirming: digest, requester)
      PublicationNotice.take(report.published)
      try options.console.answer(
        members(plan) + [
          ("log_entry", .count(report.logSequence)),
          ("deleted", .bool(!report.published.isWithheld)),
        ],
        lines: [
          report.published.isWithheld
            ? "\(report.entries) entries go once witnesses have cosigned the event"
            : "pruned \(report.entries) entries; entries begin at \(report.minimumIndex)",
          "log entry \(report.logSequence)",
        ])
    }
  }

  private func line() throws -> PruneLine {
    switch (olderThan, below) {
    case (nil, nil): return .rule
    case (let days?, nil): return .olderThan(days: days)
    case (nil, let sequence?): return .below(sequence: sequence)
    default: throw UsageError(message: "give --older-than or --below, not both")
    }
  }

  private func confirmation(_ plan: PrunePlan) throws -> String? {
    if let confirm { return confirm }
    options.console.say(
      "would delete \(plan.entries) entries, \(plan.present) to \(plan.minimumIndex - 1)")
    if Console.confirm("This cannot be undone.", word: "prune") { return plan.digest }
    try options.console.answer(
      members(plan),
      lines: ["nothing was pruned; to go on, add --confirm \(plan.digest)"])
    return nil
  }

  private func members(_ plan: PrunePlan) -> [(key: String, value: CanonicalJSON)] {
    [
      ("minimum_index", .count(plan.minimumIndex)), ("present_minimum_index", .count(plan.present)),
      ("entries", .count(plan.entries)), ("before_ms", .integer(plan.beforeMilliseconds)),
      ("keep_days", .count(plan.keepDays)), ("confirm", .string(plan.digest)),
    ]
  }
}
