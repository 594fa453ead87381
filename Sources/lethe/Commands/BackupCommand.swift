import ArgumentParser
import Foundation
import Transparency
import Vault

/// Runs `lethe backup`.
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Write the sealed data, settings, policies and log elsewhere.",
    discussion: """
      The backup holds vault.sqlite as one moment saw it, lethe.yaml, the policies and the published \
      log, with a signed manifest. It never holds keys.sqlite, the epoch slot, the unseal key, the \
      match index or the analysts' store: alone it opens nothing, and who is erased later is gone \
      from it too. Ingestion may go on meanwhile. Keep copies of keys.sqlite apart, and only the \
      latest; without it no backup can be restored.

      EXAMPLES
        lethe backup --to /backup/2026-07-01 --as lethe
        lethe backup --to /backup/2026-07-01 --vault my-vault --as eve --json

      EXIT CODES
        0 made · 1 refused, or the place is taken · 2 wrong usage · 3 vault sealed
        4 the log does not fit the vault
      """)

  @OptionGroup var options: VaultOptions

  @Option(name: .customLong("to"), help: "Directory of the backup; absent or empty.")
  var directory: String

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let text = WorkProgressText()
    let report = try options.withVault { vault in
      try vault.backUp(to: directory, requester, progress: text.take)
    }
    text.finish()
    let manifest = report.manifest
    let digest = try manifest.digest.map { String(format: "%02x", $0) }.joined()
    try options.console.answer(
      [
        ("backup", .string(report.directory)), ("manifest", .string(digest)),
        ("bytes", .count(manifest.byteCount)), ("files", .count(manifest.files.count)),
        ("log_size", .count(manifest.logSize)), ("log_entry", .count(report.logSequence)),
        ("key_generation", .integer(Int64(manifest.generation))),
        ("counts", try .members(manifest.counts.members.map { ($0.name, .count($0.count)) })),
      ],
      lines: [
        "made backup \(report.directory): \(manifest.files.count) files, \(manifest.byteCount) bytes",
        "  \(manifest.counts.persons) persons, \(manifest.counts.subjects) subjects, "
          + "\(manifest.counts.records) records",
        "  log entry \(report.logSequence), manifest \(digest)",
        "it opens only with the current keys.sqlite and slot, which are not in it",
      ])
  }
}

/// Shows the phases of a backup or restore on a terminal.
final class WorkProgressText {
  private var shown: (phase: WorkProgress.Phase, progress: Progress)?

  /// Ends the line, if there is one.
  func finish() { shown?.progress.finish() }

  /// Shows how far the work is.
  func take(_ progress: WorkProgress) {
    if let shown, shown.phase == progress.phase {
      shown.progress.update(progress.done)
      return
    }
    shown?.progress.finish()
    let display = Progress(Self.label(progress.phase), total: progress.total)
    shown = (progress.phase, display)
    display.update(progress.done)
  }

  private static func label(_ phase: WorkProgress.Phase) -> String {
    switch phase {
    case .copying: "copying, bytes"
    case .checking: "checking, bytes"
    case .log: "reading the log, entries"
    case .keys: "asking for keys, subjects"
    case .index: "making the match index, subjects"
    }
  }
}
