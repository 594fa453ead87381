import ArgumentParser
import Auditing
import Transparency
import Vault

/// Runs `lethe audit anomalies`.
struct AuditAnomaliesCommand: ParsableCommand {
  /// Days looked at when no period is named.
  private static let usualDays: Int64 = 7

  static let configuration = CommandConfiguration(
    commandName: "anomalies", abstract: "Search the log for what is unusual.",
    discussion: """
      Days with more looks at persons than the operator's own 28 days before allow, acts out of \
      hours, bursts of refusals, and planted persons that were touched. A finding is a question to \
      ask somebody, no proof. Hours and volume of operators whose only role is `service` are left out.

      EXAMPLES
        lethe audit anomalies --as aude
        lethe audit anomalies --from 2026-03-01 --to 2026-03-31 --hours 07-20 --days mon-fri \
      --offset +03:00 --as aude
        lethe audit anomalies --denials 3 --denial-minutes 5 --json --as aude

      EXIT CODES
        0 searched, also with findings · 1 refused · 2 wrong usage · 3 vault sealed
        4 the log is not whole
      """)

  @OptionGroup var options: VaultOptions
  @OptionGroup var rules: AnomalyOptions

  @Option(help: "Earliest time; 7 days before the latest without it.")
  var from: String?

  @Option(help: "Latest time; now without it.")
  var to: String?

  @Option(help: "Operators whose hours and volume are left out; repeatable.")
  var except: [String] = []

  @Option(help: "Purpose of reading.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let from = try from.map { try TimeText.milliseconds($0) }
    let to = try to.map { try TimeText.milliseconds($0, isEnd: true) }
    let report = try options.withVault { vault in
      let end = to ?? vault.clock.milliseconds + 1
      let start = from ?? max(0, end - Self.usualDays * VaultClock.millisecondsPerDay)
      var found = try rules.rules(from: start, to: end)
      found.exceptedActors = try excepted(vault)
      return try Progress.counting("reading the log") { progress in
        try LogSearch(vault, requester).anomalies(found, progress: progress)
      }
    }
    let text = LogEntryText(operators: report.operators)
    try options.console.answer(
      [
        ("findings", .array(try report.findings.map { try Self.member($0, text) })),
        ("honeytokens", .count(report.honeytokens)),
        ("lost_honeytokens", .count(report.lostHoneytokens)),
        ("entries", .count(report.entries)), ("tree_size", .count(report.treeSize)),
        ("pruned_below", .count(report.firstKept)), ("log_entry", .count(report.reading)),
      ],
      lines: report.findings.map { Self.line($0, text) } + Self.ending(report))
  }

  private func excepted(_ vault: Vault) throws -> Set<String> {
    let names = try except.map { try vault.policy.identify($0).name }
    return Set(try (names + vault.policy.serviceOperators).map(vault.actor))
  }

  private static func member(_ finding: Anomaly, _ text: LogEntryText) throws -> CanonicalJSON {
    try .members([
      ("code", .string(finding.code.rawValue)), ("actor", .string(finding.actor)),
      ("operator", text.operators[finding.actor].map { .string($0.name) } ?? .null),
      ("from", .string(TimeText.text(finding.fromMilliseconds))),
      ("to", .string(TimeText.text(finding.toMilliseconds))), ("count", .count(finding.count)),
      ("threshold", finding.threshold.map { .count($0) } ?? .null),
      ("entries", .array(finding.entries.map { .count($0) })),
    ])
  }

  private static func line(_ finding: Anomaly, _ text: LogEntryText) -> String {
    let shown = finding.entries.prefix(10).map(String.init).joined(separator: " ")
    let more = finding.count > 10 ? " …" : ""
    let threshold = finding.threshold.map { " (from \($0) on)" } ?? ""
    return "\(finding.code.rawValue.padding(to: 15)) \(text.name(finding.actor).padding(to: 12)) "
      + "\(TimeText.text(finding.fromMilliseconds)) to \(TimeText.text(finding.toMilliseconds)), "
      + "\(finding.count) events\(threshold), entries \(shown)\(more)"
  }

  private static func ending(_ report: AnomalyReport) -> [String] {
    var lines = LogEntryText.pruned(report.firstKept)
    if report.lostHoneytokens > 0 {
      lines.append(
        "\(report.lostHoneytokens) planted subjects are erased and watch nothing; "
          + "`lethe audit honeytoken remove --lost` clears them")
    }
    return lines + [
      "\(report.findings.count) findings in \(report.entries) entries; "
        + "\(report.honeytokens) planted persons watched"
    ]
  }
}

/// The thresholds of an analysis.
struct AnomalyOptions: ParsableArguments {
  @Option(help: "Working hours, from and to.")
  var hours = "07-20"

  @Option(help: "Working days, such as mon-fri or sun,mon,tue.")
  var days = "mon-fri"

  @Option(help: "How far the clock of the working hours is ahead of UTC.")
  var offset = "+00:00"

  @Option(help: "Looks a day below which no day is unusual.")
  var volumeMinimum = AnomalyRules.volumeMinimum

  @Option(help: "Deviations above the median from which a day is unusual.")
  var deviations = AnomalyRules.deviationFactor

  @Option(help: "Days with looks among the 28 before that make a baseline.")
  var baselineDays = AnomalyRules.baselineDaysMinimum

  @Option(help: "Looks a day that are unusual for somebody without a baseline.")
  var newcomerVolume = AnomalyRules.newcomerVolume

  @Option(help: "Refusals that make a burst.")
  var denials = AnomalyRules.denialsMinimum

  @Option(help: "Minutes within which they lie.")
  var denialMinutes = AnomalyRules.denialMinutes

  private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

  /// The rules for a period.
  func rules(from: Int64, to: Int64) throws -> AnomalyRules {
    var rules = AnomalyRules(fromMilliseconds: from, toMilliseconds: to)
    rules.baselineDaysMinimum = baselineDays
    rules.deviationFactor = deviations
    rules.volumeMinimum = volumeMinimum
    rules.newcomerVolume = newcomerVolume
    rules.denialsMinimum = denials
    rules.denialMinutes = denialMinutes
    rules.offsetMinutes = try TimeText.offsetMinutes(offset)
    rules.hours = try Self.hours(hours)
    rules.weekdays = try Self.weekdays(days)
    try rules.check()
    return rules
  }

  static func hours(_ text: String) throws -> Range<Int> {
    let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { part in
      part.utf8.count == 2 && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
    }
    guard numbers.count == 2, let from = numbers[0], let to = numbers[1], from < to, to <= 24 else {
      throw UsageError(message: "--hours is written `07-20`")
    }
    return from..<to
  }

  static func weekdays(_ text: String) throws -> Set<Int> {
    let malformed = UsageError(message: "--days is written `mon-fri` or `sun,mon,tue`")
    var days: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
        .map { names.firstIndex(of: String($0)) }
      guard (1...2).contains(ends.count), let first = ends.first ?? nil, let last = ends.last ?? nil
      else { throw malformed }
      // A week goes round: `sat-tue` is four days.
      let count = (last - first + 7) % 7
      for offset in 0...count { days.insert((first + offset) % 7 + 1) }
    }
    return days
  }
}
