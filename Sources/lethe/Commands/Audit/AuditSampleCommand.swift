import ArgumentParser
import Auditing
import Sealing
import Transparency
import Vault

/// Runs `lethe audit sample`.
struct AuditSampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Draw a sample of the log that a second person draws too.",
    discussion: """
      The entries with the smallest SHA-256(seed ‖ 0x00 ‖ leaf hash) are drawn; the same seed, \
      conditions and size of the log give the same entries. With --stratify every part gets its \
      share, and at least one where there is room. With --out the sample is written like an export.

      EXAMPLES
        lethe audit sample --seed "2026 Q1" --size 25 --as aude
        lethe audit sample --seed "2026 Q1" --size 40 --stratify type --from 2026-01-01 --as aude
        lethe audit sample --seed "2026 Q1" --size 25 --tree-size 9000 --out sample.jsonl --as aude

      EXIT CODES
        0 drawn · 1 refused or a file is there already · 2 wrong usage · 3 vault sealed
        4 the log is not whole
      """)

  @OptionGroup var options: VaultOptions
  @OptionGroup var conditions: LogQueryOptions

  @Option(help: "Decides which entries are drawn; any text, best one that others choose.")
  var seed: String

  @Option(help: "Entries to draw.")
  var size: Int

  @Option(help: "Tell entries apart by none, type, actor, day or decision.")
  var stratify = SamplePlan.Strata.none

  @Option(help: "Size of the log to draw from, as an earlier sample said; without --out.")
  var treeSize: Int?

  @Option(name: .customLong("out"), help: "File to write the sample to; the others lie beside it.")
  var file: String?

  @Option(help: "How to write the entries: jsonl, csv, ocsf or cloudevents.")
  var format = PopulationFormat.jsonl

  @Option(help: "Purpose of reading.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let plan = try SamplePlan(seed: seed, size: size, strata: stratify)
    guard let file else { return try show(plan, requester) }
    guard treeSize == nil else {
      throw UsageError(
        message: "--out draws from the log as it is; use --entries to end it earlier")
    }
    let receipt = try options.withVault { vault in
      let (query, subjects) = try conditions.query(vault, requester)
      return try Progress.counting("reading the log") { progress in
        try PopulationExport(vault, requester).write(
          query, as: format, to: file, sample: plan, about: subjects, progress: progress)
      }
    }
    try PopulationText.answer(receipt, options.console)
  }

  private func show(_ plan: SamplePlan, _ requester: Requester) throws {
    let sample = try options.withVault { vault in
      let (query, subjects) = try conditions.query(vault, requester)
      return try Progress.counting("reading the log") { progress in
        try LogSearch(vault, requester).sample(
          plan, query, about: subjects, treeSize: treeSize, progress: progress)
      }
    }
    let text = LogEntryText(operators: sample.operators)
    let strata = try sample.strata.map { stratum in
      try CanonicalJSON.members([
        ("key", .string(name(stratum.key, text))), ("population", .count(stratum.population)),
        ("drawn", .count(stratum.drawn)),
      ])
    }
    try options.console.answer(
      [
        ("entries", .array(try sample.entries.map(text.member))), ("strata", .array(strata)),
        ("population", .count(sample.population)), ("tree_size", .count(sample.treeSize)),
        ("pruned_below", .count(sample.firstKept)), ("log_entry", .count(sample.reading)),
      ],
      lines: [text.header + "  LEAF HASH"]
        + (try sample.entries.map {
          try text.line($0) + "  " + $0.leafHash.bytes.hexadecimal
        })
        + (plan.strata == .none
          ? []
          : sample.strata.map {
            "\(name($0.key, text)): \($0.drawn) of \($0.population)"
          }) + LogEntryText.pruned(sample.firstKept) + [
          "\(sample.entries.count) of \(sample.population) entries; draw them again with "
            + "--tree-size \(sample.treeSize)"
        ])
  }

  private func name(_ key: String, _ text: LogEntryText) -> String {
    stratify == .actor ? text.name(key) : key.isEmpty ? "–" : key
  }
}
