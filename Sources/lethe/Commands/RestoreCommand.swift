import ArgumentParser
import Foundation
import Keyring
import Logging
import Transparency
import Vault

/// Runs `lethe restore`.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Make a vault from a backup, the current keys and the log.",
    discussion: """
      Without --confirm it verifies everything, shows what would be done and a fingerprint of exactly \
      that, and leaves nothing behind. With the fingerprint it makes the vault. Whoever was erased, \
      and whatever expired, since the backup is deleted; the suppression list and withdrawn consent \
      are applied again. Whoever was rectified since is missing, not stale: ingest the sources again. \
      The old vault directory is not touched, but its keys.sqlite opens no more; use the new one only.

      EXAMPLES
        lethe restore /backup/2026-07-01 --to new-vault --keys my-vault --log my-vault/audit --as eve
        lethe restore /backup/2026-07-01 --to new-vault --keys /replica --log /mirror/audit \
      --confirm 0f3a… --as eve

      EXIT CODES
        0 restored, or plan shown · 1 refused, or the plan has changed · 2 wrong usage
        3 key or slot not available · 4 backup, log or key store damaged, older or of another vault
      """)

  @Argument(help: "Directory of the backup.")
  var backup: String

  @Option(name: .customLong("to"), help: "Directory of the restored vault; absent or empty.")
  var directory: String

  @Option(help: "The current keys.sqlite, or the directory that holds it.")
  var keys: String

  @Option(help: "Directory of the current published log.")
  var log: String

  @Option(help: "The epoch slot, if it has moved since the backup.")
  var slot: String?

  @Option(help: "How the vault is unsealed, if that has changed: file:PATH or passphrase.")
  var unseal: String?

  @Option(help: "Fingerprint from the plan.")
  var confirm: String?

  @Flag(
    help: """
      Give up an epoch that an interrupted destruction of keys left in the slot; only if no key \
      store of that epoch exists any more.
      """)
  var dropPreparedEpoch = false

  @Flag(
    help: """
      Give up entries of the log that were signed and are in no published log; only if that log is \
      lost. A witness that has seen them will object.
      """)
  var dropSignedEnd = false

  @Option(name: .customLong("as"), help: "Name of the operator (or LETHE_OPERATOR).")
  var operatorName: String?

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  @Option(help: "File with the passphrase, for vaults unsealed by one; otherwise it is asked for.")
  var passphraseFile: String?

  @Flag(name: .customLong("json"), help: "Answer with one JSON document on standard output.")
  var isJSON = false

  private var console: Console { Console(isJSON: isJSON) }

  func run() throws {
    let requester = try requester()
    let request = RestoreRequest(
      backup: absolute(backup), directory: absolute(directory), keys: absolute(keys),
      log: absolute(log), slot: try slot.map(place), unseal: try unsealMethod(),
      isDroppingPreparedEpoch: dropPreparedEpoch, isDroppingSignedEnd: dropSignedEnd)
    let method = try request.unsealMethod()
    let prompt = UnsealPrompt(passphraseFile: passphraseFile)
    let environment = prompt.environment { reference in
      ProgramLog.logger.notice(
        "finished an erasure that was under way in the backup; reference `\(reference)`")
    }
    let key = try prompt.key(method, request.directory, environment) {
      try Keyring.vaultID(at: request.keys)
    }
    guard let digest = try confirmation(request, key, environment, requester) else { return }
    let text = WorkProgressText()
    let report = try Vault.restore(
      request, confirming: digest, unsealKey: key, environment: environment, requester,
      progress: text.take)
    text.finish()
    try console.answer(
      try RestoreText.members(report.plan) + [
        ("vault", .string(report.directory)), ("match_entries", .count(report.indexEntries)),
        ("log_entry", .count(report.logSequence)),
        ("now", try .members(report.counts.members.map { ($0.name, .count($0.count)) })),
      ], lines: RestoreText.lines(report))
  }

  /// The fingerprint to restore by; nil when only the plan was asked for.
  private func confirmation(
    _ request: RestoreRequest, _ key: borrowing UnsealKey, _ environment: VaultEnvironment,
    _ requester: Requester
  ) throws -> String? {
    if let confirm { return confirm }
    let text = WorkProgressText()
    let plan = try Vault.planRestore(
      request, unsealKey: key, environment: environment, requester, progress: text.take)
    text.finish()
    RestoreText.lines(plan).forEach(console.say)
    if Console.confirm("The old vault directory will open no more.", word: "restore") {
      return plan.digest
    }
    try console.answer(
      try RestoreText.members(plan) + [("confirm", .string(plan.digest))],
      lines: ["nothing was restored; to do exactly this, add --confirm \(plan.digest)"])
    return nil
  }

  private func requester() throws -> Requester {
    let environment = ProcessInfo.processInfo.environment
    guard let name = operatorName ?? environment["LETHE_OPERATOR"], !name.isEmpty else {
      throw UsageError(message: "no operator named; use --as NAME or set LETHE_OPERATOR")
    }
    return Requester(operatorName: name, purpose: purpose)
  }

  private func unsealMethod() throws -> UnsealMethod? {
    guard let unseal else { return nil }
    guard let method = try? UnsealMethod(unseal) else {
      throw UsageError(message: "--unseal is `file:PATH` or `passphrase`")
    }
    if case .file(let path) = method { return .file(path: absolute(path)) }
    return method
  }

  /// The slot, with an absolute path when it is a file.
  private func place(_ text: String) throws -> SlotPlace {
    let place = try SlotPlace(text)
    return place.path.map { .file(path: absolute($0)) } ?? place
  }

  private func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}

/// How a restore is shown.
enum RestoreText {
  static func members(_ plan: RestorePlan) throws -> [(key: String, value: CanonicalJSON)] {
    func counts(_ list: [(name: String, count: Int)]) throws -> CanonicalJSON {
      try .members(list.map { ($0.name, .count($0.count)) })
    }
    return [
      ("backup_ms", .integer(plan.manifest.milliseconds)),
      ("backup", try counts(plan.manifest.counts.members)), ("log_size", .count(plan.logSize)),
      ("key_generation", .integer(Int64(plan.generation))),
      ("since", try counts(plan.since.members)), ("swept", try counts(plan.swept.members)),
      ("suppression_added", .count(plan.suppressed)),
      ("withdrawals_applied", .count(plan.withdrawals)),
      ("withdrawals_unmatched", .count(plan.unmatchedWithdrawals)),
      ("withdrawals_unmatched_entries", .array(plan.unmatchedEntries.map { .count($0) })),
      ("unify_again", .bool(plan.since.hasUnified)),
      ("log_behind_keys", .bool(plan.isLogBehindKeys)),
      ("dropped_entries", .count(plan.droppedEntries)),
    ]
  }

  static func lines(_ plan: RestorePlan) -> [String] {
    let (counts, since, swept) = (plan.manifest.counts, plan.since, plan.swept)
    let day = CivilDate(day: CivilDate.day(ofMilliseconds: plan.manifest.milliseconds)).text
    var lines = [
      "backup of \(day): \(counts.persons) persons, \(counts.subjects) subjects, "
        + "\(counts.records) records; its signature, files and place in the log are right",
      "since then the log has \(since.entries) entries: \(since.erasures) erasures "
        + "(\(since.erasedSubjects) subjects), \(since.expiries) expiries "
        + "(\(since.expiredBuckets) days), \(since.changes) changes of persons",
      "  goes: \(swept.subjects) subjects and \(swept.records) records that the keys do not open",
      "    \(swept.subjectsWithoutKey) subjects erased or changed since, "
        + "\(swept.expiredSubjects) subjects and \(swept.expiredRecords) more records expired, "
        + "\(swept.unknownSubjects + swept.unfitSubjects) without a fitting key",
      "  applied again: \(plan.suppressed) entries of the suppression list, "
        + "\(plan.withdrawals) withdrawn consents",
    ]
    if plan.unmatchedWithdrawals > 0 {
      let entries = plan.unmatchedEntries.map(String.init).joined(separator: ", ")
      lines.append(
        "  \(plan.unmatchedWithdrawals) references of withdrawn consent fit nobody who stays; see "
          + "the log at \(entries), and withdraw again once these persons are back")
    }
    if plan.droppedEntries > 0 {
      lines.append("  gives up \(plan.droppedEntries) entries that were signed and are lost")
    }
    if plan.isLogBehindKeys {
      lines.append(
        "  keys were destroyed that the log does not tell of: its end is missing, and with it "
          + "withdrawn consent; look for a longer copy of the log")
    }
    if since.changes > 0 {
      lines.append(
        "  whoever was changed since the backup is missing, not stale, until ingested again")
    }
    if since.ingested > 0 {
      lines.append("  \(since.ingested) records came in since and are not in it; ingest again")
    }
    return lines + ["plan \(plan.digest)"]
  }

  static func lines(_ report: RestoreReport) -> [String] {
    let counts = report.counts
    var lines = [
      "restored \(report.directory): \(counts.persons) persons, \(counts.subjects) subjects, "
        + "\(counts.records) records, \(report.indexEntries) index entries",
      "  log entry \(report.logSequence)",
      "ingest the sources again" + (report.plan.since.hasUnified ? ", then `lethe unify`" : "")
        + ", then `lethe project`: the analysts' store is empty",
      "policies and settings are those of the backup; compare them with the last ones",
      "the vault directory the keys came from opens no more; remove it",
    ]
    if report.plan.unmatchedWithdrawals > 0 {
      lines.append("withdraw consent again for the log entries named in the plan")
    }
    return lines
  }
}
