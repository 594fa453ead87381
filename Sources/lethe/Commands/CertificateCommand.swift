import ArgumentParser
import Foundation
import Rights
import Transparency
import Vault

/// Runs `lethe certificate`.
struct CertificateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate", abstract: "Verify certificates and print them; needs no vault.",
    discussion: """
      EXAMPLES
        lethe certificate verify certs/C-2026-17.certificate
        lethe certificate page certs/C-2026-17.certificate --language ru --out C-2026-17.ru.html

      EXIT CODES
        0 valid · 1 a file cannot be read or written · 2 wrong usage · 4 not valid
      """,
    subcommands: [CertificateVerifyCommand.self, CertificatePageCommand.self])
}

/// A certificate and the keys to verify it by, as both commands take them.
struct CertificateOptions: ParsableArguments {
  @Argument(help: "The certificate; log entry, proof and keys are looked for beside it.")
  var file: String

  @Option(help: "The key of certificates, instead of `certificates.vkey` beside the certificate.")
  var vkey: String?

  @Option(help: "The log's key, instead of `log.vkey` beside the certificate.")
  var logVkey: String?

  @Option(help: "Key of a witness that must have cosigned the log; may be repeated.")
  var witness: [String] = []

  @Flag(name: .customLong("json"), help: "Answer with one JSON document on standard output.")
  var isJSON = false

  var console: Console { Console(isJSON: isJSON) }

  func report() throws -> CertificateReport {
    let witnesses = try witness.map { text in
      guard let key = try? NoteVerifierKey(encoded: text), key.algorithm == .cosignature else {
        throw UsageError(message: "--witness is not the verifier key of a witness; copy it whole")
      }
      return key
    }
    return CertificateVerifier(try evidence(), witnesses: witnesses).report()
  }

  private func evidence() throws -> CertificateEvidence {
    do {
      return try CertificateEvidence(certificateAt: file, key: vkey, logKey: logVkey)
    } catch let error as RightsError where error.code == .missingKey {
      throw UsageError(message: "\(error.message); give the key with --vkey or --log-vkey")
    } catch let error as RightsError where error.code == .malformedKey {
      throw UsageError(message: "--vkey or --log-vkey: \(error.message)")
    }
  }
}

/// Runs `lethe certificate verify`.
struct CertificateVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verify a certificate of erasure; needs no vault.",
    discussion: """
      Checks the signature, the form of the statement, the proof that the log holds the event of the \
      erasure, and that log and certificate tell the same. audit/verify.py and \
      audit/verify-certificate.sh do the same without this program. Give the keys when you have \
      them from elsewhere; keys found beside a certificate prove only that its files fit each other.

      EXAMPLES
        lethe certificate verify certs/C-2026-17.certificate
        lethe certificate verify C-2026-17.certificate --vkey vault.example.org/audit/certificates+4bd9a9c7+AXBE…

      EXIT CODES
        0 valid · 1 the certificate cannot be read · 2 wrong usage or no key · 4 not valid
      """)

  @OptionGroup var options: CertificateOptions

  func run() throws {
    let report = try options.report()
    try options.console.answer(try members(report), lines: lines(report))
    if !report.isValid { throw ExitCode(ExitStatus.integrity.rawValue) }
  }

  /// What an invalid certificate claims is not repeated.
  private func members(
    _ report: CertificateReport
  ) throws -> [(key: String, value: CanonicalJSON)] {
    let checks = try report.checks.map { check in
      try CanonicalJSON.members([
        ("check", .string(check.name.rawValue)), ("outcome", .string(check.outcome.rawValue)),
        ("line", .string(check.line)),
      ])
    }
    let verdict: [(key: String, value: CanonicalJSON)] = [
      ("valid", .bool(report.isValid)), ("checks", .array(checks)), ("notes", .texts(report.notes)),
      ("key_given", .bool(options.vkey != nil)), ("log_key_given", .bool(options.logVkey != nil)),
    ]
    guard let statement = report.statement else { return verdict }
    return verdict + [
      ("reference", .string(statement.reference)), ("kind", .string(statement.kind)),
      ("state", .string(statement.state.rawValue)),
      ("final_ms", .integer(statement.finalMilliseconds)),
      ("assurance", .string(statement.assurance)), ("origin", .string(statement.origin)),
      ("not_covered", .texts(statement.notCovered)),
    ]
  }

  private func lines(_ report: CertificateReport) -> [String] {
    let words: [CertificateCheck.Outcome: String] = [
      .passed: "passed", .failed: "FAILED", .skipped: "skipped",
    ]
    let checks = report.checks.map { check in
      "\((words[check.outcome] ?? "").padding(to: 8)) \(check.name.rawValue.padding(to: 15)) \(check.line)"
    }
    let notes = report.notes.map { "note: \($0)" }
    guard let statement = report.statement else {
      return checks + notes + ["the certificate is NOT valid"]
    }
    return checks + statement.notCovered.map { "not covered: \($0)" } + notes + [
      "the certificate is valid: `\(statement.reference)`, \(statement.kind), "
        + "\(statement.state.rawValue), assurance \(statement.assurance)"
    ]
  }
}

/// Runs `lethe certificate page`.
struct CertificatePageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page", abstract: "Write a certificate as a page to print; needs no vault.",
    discussion: """
      Verifies the certificate first, and writes nothing when it is not valid. The page opens without \
      a network and prints on A4. It is for reading; the evidence is the certificate's own file.

      EXAMPLES
        lethe certificate page certs/C-2026-17.certificate --out C-2026-17.en.html
        lethe certificate page certs/C-2026-17.certificate --language ru --out C-2026-17.ru.html

      EXIT CODES
        0 written · 1 a file cannot be read or written · 2 wrong usage or no key · 4 not valid
      """)

  @OptionGroup var options: CertificateOptions

  @Option(help: "Language of the page: en or ru.")
  var language: PackageLanguage = .english

  @Option(name: .customLong("out"), help: "The page to write; never over another file.")
  var page: String

  func run() throws {
    let report = try options.report()
    guard report.isValid else {
      throw VaultError(
        .integrity,
        "`\(options.file)` is not a valid certificate; "
          + "`lethe certificate verify` says what is wrong")
    }
    try CertificatePage(report, certificateAt: options.file, language: language).write(to: page)
    try options.console.answer(
      [("files", .texts([page])), ("notes", .texts(report.notes))],
      lines: ["wrote \(page)"] + report.notes.map { "note: \($0)" })
  }
}
