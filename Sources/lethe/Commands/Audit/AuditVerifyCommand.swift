import ArgumentParser
import Foundation
import Transparency
import Vault

/// Runs `lethe audit verify`.
struct AuditVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verify a published log; needs no key of the vault.",
    discussion: """
      Checks the checkpoint's signature, every entry, every tile, the root. audit/verify.py does the \
      same without this program. Give the log's key with --vkey when you have it from elsewhere; the key \
      beside the log proves only that the log fits itself. Keep the file `checkpoint` of every visit and \
      give it the next time with --known-checkpoint.

      With an operator (--as) verifying the vault's own log is recorded in the log.

      EXAMPLES
        lethe audit verify --vault my-vault --as aude
        lethe audit verify --log /srv/audit --vkey vault.example.org/audit+77a5f42a+AdPg…
        lethe audit verify --log /srv/audit --policy witnesses.policy --known-checkpoint 2026-03.checkpoint

      EXIT CODES
        0 the log is whole · 1 refused · 2 wrong usage · 3 vault sealed · 4 the log is not whole
      """)

  @OptionGroup var options: VaultOptions

  @Option(name: .customLong("log"), help: "Directory of the published log, instead of the vault's.")
  var directory: String?

  @Option(help: "The log's verifier key.")
  var vkey: String?

  @Option(
    name: .customLong("known-checkpoint"),
    help: "Checkpoint kept from an earlier visit, which the log must continue; may be repeated.")
  var knownCheckpoints: [String] = []

  @Option(
    name: .customLong("policy"),
    help: "File that says which witnesses must have cosigned (C2SP tlog-policy).")
  var policy: String?

  @Option(help: "Entries below may be gone, whatever the log itself says.")
  var minimumIndex = 0

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    guard minimumIndex >= 0 else { throw UsageError(message: "--minimum-index is below 0") }
    let log = try PublishedLogFiles(
      directory ?? VaultLayout(directory: options.requireDirectory()).audit)
    let terms = PublishedLogFiles.Terms(
      vkey: vkey, knownCheckpoints: knownCheckpoints, policy: policy, minimumIndex: minimumIndex)
    let (report, keySource) = try log.verify(terms)
    let (entry, refusal) = try record(report)
    let text = LogReportText(report: report, keySource: keySource)
    try options.console.answer(
      text.members + (entry.map { [("log_entry", .count($0))] } ?? []),
      lines: text.lines + (isOwnLog && report.isValid ? [recordLine(entry)] : []))
    if let refusal { Console.complain("lethe: not recorded in the log: \(refusal)") }
    if !report.isValid { throw ExitCode(ExitStatus.integrity.rawValue) }
  }

  /// Whether the log verified is the one in the vault's directory.
  private var isOwnLog: Bool { directory == nil }

  /// Records the verification in the vault's log when somebody is named.
  ///
  /// A log that is not whole is told in any case, also when its vault refuses to open.
  private func record(_ report: LogReport) throws -> (entry: Int?, refusal: String?) {
    guard isOwnLog, options.hasOperator else { return (nil, nil) }
    do {
      let requester = try options.requester(purpose: purpose)
      let entry = try options.withVault { vault in
        try vault.recordVerification(report, requester)
      }
      return (entry, nil)
    } catch {
      guard !report.isValid else { throw error }
      return (nil, ExitStatus.describe(error)?.message ?? "unforeseen failure")
    }
  }

  private func recordLine(_ entry: Int?) -> String {
    entry.map { "recorded as entry \($0)" }
      ?? "not recorded in the log; name an operator with --as to record it"
  }
}

/// The report of a verification, for people and for programs.
struct LogReportText {
  let report: LogReport
  let keySource: PublishedLogFiles.KeySource

  private var cosigners: [String] { report.checkpoint?.cosigners.map(\.key.name) ?? [] }

  private var findings: [String] {
    report.findings.map { finding in
      "\(finding.path)\(finding.index.map { ", index \($0)" } ?? ""): \(finding.message)"
    }
  }

  /// The members of the document.
  var members: [(key: String, value: CanonicalJSON)] {
    let checkpoint = report.checkpoint?.checkpoint
    return [
      ("valid", .bool(report.isValid)), ("entries", .count(report.entryCount)),
      ("size", .count(checkpoint?.treeSize ?? 0)),
      ("root", .string(checkpoint?.rootHash.description ?? "")),
      ("key_given", .bool(keySource != .log)), ("key_source", .string(keySource.rawValue)),
      ("pruned", .count(report.prunedEntryCount)),
      ("minimum_index", .count(report.minimumEntryIndex)),
      ("known_checkpoints", .count(report.continuedCheckpointCount)),
      ("cosigners", .texts(cosigners)), ("findings", .texts(findings)),
      ("finding_kinds", .texts(report.findings.map(\.kind.rawValue))),
    ]
  }

  /// The lines for people.
  var lines: [String] {
    guard report.isValid else { return findings }
    let root = report.checkpoint?.checkpoint.rootHash.description ?? ""
    var lines = ["the log is whole: \(report.entryCount) entries, root \(root)"]
    if report.prunedEntryCount > 0 {
      lines.append("\(report.prunedEntryCount) entries are pruned; only their hashes are checked")
    }
    if report.continuedCheckpointCount > 0 {
      lines.append("it continues \(report.continuedCheckpointCount) known checkpoints")
    }
    lines += cosigners.map { "cosigned by \($0)" }
    lines.append(
      keySource == .log
        ? "the key was found beside the log; compare it with one you have from elsewhere"
        : "signed by the given key")
    return lines
  }
}
