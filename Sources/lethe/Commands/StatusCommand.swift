import ArgumentParser
import Keyring
import Transparency
import Vault

/// Runs `lethe status`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what the vault holds, in numbers.",
    discussion: """
      EXAMPLES
        lethe status --vault my-vault --as dana
        lethe status --vault my-vault --as aude --json

      EXIT CODES
        0 shown · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let vault = try options.open()
    let status = try vault.status(requester)
    try options.console.answer(try members(status, vault), lines: lines(status, vault))
  }

  private func members(
    _ status: VaultStatus, _ vault: Vault
  ) throws -> [(key: String, value: CanonicalJSON)] {
    let keys = try Subtree.allCases.map { subtree in
      (
        String(describing: subtree),
        try CanonicalJSON.members([
          ("live", .integer(status.keys.leaves[subtree]?.live ?? 0)),
          ("destroyed", .integer(status.keys.leaves[subtree]?.destroyed ?? 0)),
        ])
      )
    }
    return [
      ("subjects", .count(status.subjects)), ("persons", .count(status.persons)),
      ("fenced", .count(status.fenced)), ("records", .count(status.records)),
      ("match_entries", .count(status.matches)), ("tokens", .count(status.tokens)),
      ("suppressed", .count(status.suppressed)), ("log_size", .count(status.logSize)),
      ("checkpoint_size", .count(status.checkpointSize)),
      ("sources", .texts(status.sources.map(\.name))),
      ("open_erasures", .texts(status.openErasures.map(\.reference))),
      ("epoch", .integer(Int64(status.keys.epoch))), ("keys", try .members(keys)),
      ("assurance", .string("L\(status.keys.slotAssurance.rawValue)")),
      ("demo", .bool(status.keys.isDemo)), ("origin", .string(vault.settings.origin)),
      ("last_backup_ms", status.lastBackupMilliseconds.map { .integer($0) } ?? .null),
      ("log_key", .string(try vault.logVerifierKey())),
      ("certificate_key", .string(try vault.certificateVerifierKey())),
    ]
  }

  private func lines(_ status: VaultStatus, _ vault: Vault) -> [String] {
    var lines = [
      "vault \(vault.layout.directory)\(status.keys.isDemo ? " (demo)" : "")",
      "  \(status.persons) persons, \(status.subjects) subjects, \(status.records) records",
      "  sources: \(status.sources.map(\.name).joined(separator: ", "))",
      "  match index: \(status.matches) entries; tokens: \(status.tokens); suppressed: \(status.suppressed)",
      "  log: \(status.logSize) entries, signed up to \(status.checkpointSize)",
      "  keys: epoch \(status.keys.epoch), slot assurance L\(status.keys.slotAssurance.rawValue)",
    ]
    let backup = status.lastBackupMilliseconds.map {
      CivilDate(day: CivilDate.day(ofMilliseconds: $0)).text
    }
    lines.append("  last backup: \(backup ?? "never")")
    for subtree in Subtree.allCases {
      guard let leaves = status.keys.leaves[subtree] else { continue }
      lines.append("    \(subtree): \(leaves.live) live, \(leaves.destroyed) destroyed")
    }
    for erasure in status.openErasures {
      lines.append("  erasure \(erasure.reference) stands at \(erasure.state.rawValue)")
    }
    return lines
  }
}
