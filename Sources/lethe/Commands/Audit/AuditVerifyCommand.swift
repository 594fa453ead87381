import ArgumentParser
import Transparency
import Vault

/// Runs `lethe audit verify`.
struct AuditVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verify a published log; needs no key of the vault.",
    discussion: """
      Checks the checkpoint's signature, every entry, every tile, the root. audit/verify.py does the \
      same without this program. Give the log's key with --vkey when you have it from elsewhere; the key \
      beside the log proves only that the log fits itself.

      EXAMPLES
        lethe audit verify --vault my-vault
        lethe audit verify --log /srv/audit --vkey vault.example.org/audit+77a5f42a+AdPg…

      EXIT CODES
        0 the log is whole · 2 wrong usage · 4 it is not
      """)

  @OptionGroup var options: VaultOptions

  @Option(name: .customLong("log"), help: "Directory of the published log, instead of the vault's.")
  var directory: String?

  @Option(help: "The log's verifier key.")
  var vkey: String?

  func run() throws {
    let log = try PublishedLogFiles(
      directory ?? VaultLayout(directory: options.requireDirectory()).audit)
    let report = try log.verify(vkey: vkey)
    let checkpoint = report.checkpoint?.checkpoint
    let findings = report.findings.map { finding in
      "\(finding.path)\(finding.index.map { ", index \($0)" } ?? ""): \(finding.message)"
    }
    try options.console.answer(
      [
        ("valid", .bool(report.isValid)), ("entries", .count(report.entryCount)),
        ("size", .count(checkpoint?.treeSize ?? 0)),
        ("root", .string(checkpoint?.rootHash.description ?? "")),
        ("key_given", .bool(vkey != nil)), ("findings", .texts(findings)),
      ],
      lines: report.isValid
        ? [
          "the log is whole: \(report.entryCount) entries, root \(checkpoint?.rootHash.description ?? "")",
          vkey == nil
            ? "the key was found beside the log; compare it with one you have from elsewhere"
            : "signed by the given key",
        ] : findings)
    if !report.isValid { throw ExitCode(ExitStatus.integrity.rawValue) }
  }
}
