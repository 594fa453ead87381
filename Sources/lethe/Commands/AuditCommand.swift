import ArgumentParser
import Foundation
import Transparency
import Vault

/// Runs `lethe audit`.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Publish, verify and prove the log.",
    discussion: """
      EXAMPLES
        lethe audit verify --vault my-vault
        lethe audit prove 17 --out receipt --as aude

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed · 4 the log is not whole
      """,
    subcommands: [AuditVerifyCommand.self, AuditPublishCommand.self, AuditProveCommand.self])
}

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

/// The files of a published log.
struct PublishedLogFiles {
  private let directory: String

  init(_ directory: String) throws {
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { throw UsageError(message: "there is no published log at `\(directory)`") }
    self.directory = directory
  }

  /// Verifies the log with a key, or with the one beside it.
  func verify(vkey: String?) throws -> LogReport {
    let text = try vkey ?? keyBesideLog()
    guard let key = try? NoteVerifierKey(encoded: text) else {
      throw vkey == nil
        ? VaultError(.integrity, "`\(directory)/log.vkey` is not a verifier key")
        : UsageError(message: "--vkey is not a verifier key; copy it whole") as any Error
    }
    let paths = try FileManager.default.subpathsOfDirectory(atPath: directory)
    return try LogVerifier(logKey: key).verify(paths: paths) { path in
      FileManager.default.contents(atPath: "\(directory)/\(path)").map { [UInt8]($0) }
    }
  }

  private func keyBesideLog() throws -> String {
    guard let data = FileManager.default.contents(atPath: "\(directory)/log.vkey") else {
      throw UsageError(message: "no `log.vkey` beside the log; give the key with --vkey")
    }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// Runs `lethe audit publish`.
struct AuditPublishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Publish the log up to now with a signed checkpoint.",
    discussion: """
      Every command that changes the vault publishes when it is done; this is for other times.

      EXAMPLES
        lethe audit publish --vault my-vault --as dana

      EXIT CODES
        0 published · 1 refused · 3 vault sealed · 4 the vault was restored to an older state
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let (published, key) = try options.withVault { vault in
      try vault.authorise(.publishLog, requester)
      return (try vault.publishLog(), try vault.logVerifierKey())
    }
    try options.console.answer(
      [
        ("size", .count(published.size)), ("root", .string(published.root.description)),
        ("files", .count(published.files)), ("vkey", .string(key)),
      ],
      lines: [
        "published \(published.size) entries, \(published.files) files written", "key \(key)",
      ])
  }
}

/// Runs `lethe audit prove`.
struct AuditProveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Write an entry of the log and the proof that the log holds it.",
    discussion: """
      EXAMPLES
        lethe audit prove 17 --out receipt --as aude --vault my-vault
        python3 audit/verify.py my-vault/audit --proof receipt/17.tlog-proof --entry receipt/17.json

      EXIT CODES
        0 written · 1 refused or no such entry · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Place of the entry, from 0.")
  var sequence: Int

  @Option(name: .customLong("out"), help: "Directory to write to.")
  var directory: String

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let (entry, proof) = try options.withVault { vault in
      try vault.readLog(sequence, requester)
    }
    let files = [
      ("\(directory)/\(sequence).json", entry), ("\(directory)/\(sequence).tlog-proof", proof),
    ]
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      for (path, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    } catch {
      throw VaultError(
        .storage, "`\(directory)` cannot be written; check space and permissions")
    }
    try options.console.answer(
      [("files", .texts(files.map(\.0)))], lines: files.map { "wrote \($0.0)" })
  }
}
