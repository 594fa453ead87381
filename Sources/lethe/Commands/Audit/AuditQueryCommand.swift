import ArgumentParser
import Auditing
import Foundation
import Transparency
import Vault

/// Runs `lethe audit query`.
struct AuditQueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query", abstract: "Find entries of the log, page by page.",
    discussion: """
      All conditions that are given have to hold. The reading is logged before the first entry is \
      shown. A page that follows sees the log as the first page did: give --after what it said.

      EXAMPLES
        lethe audit query --from 2026-03-01 --to 2026-03-31 --decision deny --as aude
        lethe audit query --actor sam --type field.disclosed --newest --limit 20 --as aude
        lethe audit query --subject t1_desk_… --lines --as aude > entries.jsonl
        lethe audit query --case DSR-7 --after 412@9000 --as aude --json

      EXIT CODES
        0 answered · 1 refused · 2 wrong usage · 3 vault sealed · 4 the log is not whole
      """)

  @OptionGroup var options: VaultOptions
  @OptionGroup var conditions: LogQueryOptions

  @Option(help: "Go on after this entry, as the page before said.")
  var after: String?

  @Option(help: "Most entries of the page.")
  var limit = 100

  @Flag(help: "The newest first.")
  var newest = false

  @Flag(help: "Only the entries on standard output, each as the log has it on a line of its own.")
  var lines = false

  @Option(help: "Purpose of reading.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let paging = try LogPaging(
      after: try after.map { try LogCursor($0) }, limit: limit, isNewestFirst: newest)
    let page = try options.withVault { vault in
      let (query, subjects) = try conditions.query(vault, requester)
      return try Progress.counting("reading the log") { progress in
        try LogSearch(vault, requester).page(query, paging, about: subjects, progress: progress)
      }
    }
    if lines { return try show(page) }
    let text = LogEntryText(operators: page.operators)
    try options.console.answer(
      [
        ("entries", .array(try page.entries.map(text.member))),
        ("next", page.next.map { .string($0.text) } ?? .null),
        ("tree_size", .count(page.treeSize)), ("pruned_below", .count(page.firstKept)),
        ("log_entry", .count(page.reading)),
      ],
      lines: [text.header] + (try page.entries.map(text.line))
        + LogEntryText.pruned(page.firstKept) + [Self.ending(page)])
  }

  /// Writes the entries' own bytes; where to go on is said on standard error.
  private func show(_ page: LogPage) throws {
    do {
      for entry in page.entries {
        try FileHandle.standardOutput.write(contentsOf: Data(entry.bytes + [0x0A]))
      }
    } catch {
      throw OutputFailure(message: "the entries cannot be written to standard output")
    }
    Console.complain(Self.ending(page))
  }

  private static func ending(_ page: LogPage) -> String {
    let count = "\(page.entries.count) entries of a log of \(page.treeSize)"
    return page.next.map { "\(count); go on with --after \($0.text)" } ?? "\(count); no more"
  }
}
