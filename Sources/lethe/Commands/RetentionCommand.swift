import ArgumentParser
import Retention
import Rights
import Transparency
import Vault

/// Runs `lethe retention`.
struct RetentionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention", abstract: "Let data leave on time.",
    discussion: """
      EXAMPLES
        lethe retention plan --as lethe
        lethe retention apply --confirm 0f3a… --as lethe

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed
      """,
    subcommands: [RetentionPlanCommand.self, RetentionApplyCommand.self])
}

/// Runs `lethe retention plan`.
struct RetentionPlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what would expire today, and why.",
    discussion: """
      EXAMPLES
        lethe retention plan --as lethe

      EXIT CODES
        0 shown · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let plan = try options.withVault { vault in
      try RetentionPlan(
        vault, classes: try ContractFiles(vault.layout.policies).retentionClasses(), requester)
    }
    try options.console.answer(try RetentionText.members(plan), lines: RetentionText.lines(plan))
  }
}

/// Runs `lethe retention apply`.
struct RetentionApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Destroy the keys of everything whose term is over.",
    discussion: """
      Needs the fingerprint of the plan, so that nothing goes that nobody looked at.

      EXAMPLES
        lethe retention apply --confirm 0f3a… --certificate certs --as lethe

      EXIT CODES
        0 done, also when nothing was due · 1 refused or the plan has changed · 2 wrong usage
        3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Fingerprint from `lethe retention plan`.")
  var confirm: String?

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  @Option(name: .customLong("certificate"), help: "Directory for the certificate.")
  var directory: String?

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    try options.withVault { vault in
      let plan = try RetentionPlan(
        vault, classes: try ContractFiles(vault.layout.policies).retentionClasses(), requester)
      guard !plan.isEmpty else {
        try options.console.answer([("buckets", .count(0))], lines: ["nothing is due"])
        return
      }
      if let directory { try CertificateFiles(vault, plan.reference).requireFree(in: directory) }
      guard let digest = try confirmation(plan) else { return }
      let outcome = try plan.apply(to: vault, confirming: digest, requester)
      let files = try directory.map {
        try CertificateFiles(vault, outcome.reference).write(to: $0)
      }
      try answer(outcome, files ?? [])
    }
  }

  private func confirmation(_ plan: RetentionPlan) throws -> String? {
    if let confirm { return confirm }
    RetentionText.lines(plan).forEach(options.console.say)
    if Console.confirm("This cannot be undone.", word: "expire") { return plan.expiry.digest }
    try options.console.answer(
      try RetentionText.members(plan),
      lines: ["nothing was destroyed; to go on, add --confirm \(plan.expiry.digest)"])
    return nil
  }

  private func answer(_ outcome: ErasureOutcome, _ files: [String]) throws {
    let facts = outcome.facts
    try options.console.answer(
      [
        ("reference", .string(outcome.reference)), ("buckets", .count(facts.buckets.count)),
        ("subjects", .count(facts.subjects)), ("records", .count(facts.sweptRecords)),
        ("assurance", .string("L\(facts.assurance)")), ("log_entry", .count(facts.finalSequence)),
        ("files", .texts(files)),
      ],
      lines: [
        "expired: \(facts.buckets.count) buckets, \(facts.sweptRecords) records, "
          + "\(facts.subjects) subjects with nothing left",
        "reference \(outcome.reference), assurance L\(facts.assurance), log entry \(facts.finalSequence)",
      ] + files.map { "wrote \($0)" })
  }
}

/// How a retention plan is shown.
enum RetentionText {
  static func members(_ plan: RetentionPlan) throws -> [(key: String, value: CanonicalJSON)] {
    let classes = try plan.lines.map { line in
      try CanonicalJSON.members([
        ("class", .string(line.className)), ("rule", .string(line.rule)),
        ("buckets", .count(line.days)), ("records", .count(line.records)),
      ])
    }
    return [
      ("day", .string(CivilDate(day: plan.expiry.day).text)), ("classes", .array(classes)),
      ("records", .count(plan.expiry.records)), ("subjects", .count(plan.expiry.subjects.count)),
      ("overdue", .count(plan.expiry.overdue)), ("confirm", .string(plan.expiry.digest)),
    ]
  }

  static func lines(_ plan: RetentionPlan) -> [String] {
    var lines = ["due on \(CivilDate(day: plan.expiry.day).text):"]
    for line in plan.lines {
      let span = line.firstDay.flatMap { first in
        line.lastDay.map { "\(CivilDate(day: first).text) … \(CivilDate(day: $0).text)" }
      }
      lines.append(
        "  \(line.className.padding(to: 10)) \(line.records) records in \(line.days) days"
          + (span.map { " (\($0))" } ?? "") + "; \(line.rule)")
    }
    if plan.expiry.overdue > 0 {
      lines.append(
        "  \(plan.expiry.overdue) records are past a cap that was shortened after they were refreshed"
      )
    }
    lines.append("  \(plan.expiry.subjects.count) subjects would have nothing left")
    lines.append("plan \(plan.expiry.digest)")
    return lines
  }
}
