import ArgumentParser
import Auditing
import Transparency
import Vault

/// Runs `lethe audit verify-export`.
struct AuditVerifyExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-export",
    abstract: "Verify an exported population or sample; needs no key of the vault.",
    discussion: """
      Without --log the files are checked against each other and the log's signature: that this is \
      what was exported. With --log the query is run again over the published log: that it is all \
      there is. audit/verify.py --population does the same without this program.

      EXAMPLES
        lethe audit verify-export all.jsonl --vkey vault.example.org/audit+77a5f42a+AdPg…
        lethe audit verify-export all.jsonl --log /srv/audit --vkey vault.example.org/audit+…

      EXIT CODES
        0 everything is right · 2 wrong usage · 4 something is wrong
      """)

  @Flag(name: .customLong("json"), help: "Answer with one JSON document on standard output.")
  var isJSON = false

  @Argument(help: "The exported file.")
  var file: String

  @Option(help: "The log's verifier key, got from elsewhere than the files.")
  var vkey: String

  @Option(help: "Key of a witness that must have cosigned; repeatable.")
  var witness: [String] = []

  @Option(name: .customLong("log"), help: "Directory of the published log.")
  var directory: String?

  func run() throws {
    let verifier = PopulationVerifier(
      logKey: try Self.key(vkey, "--vkey"),
      witnesses: try witness.map { try Self.key($0, "--witness") })
    let log = try directory.map { try PublishedLogFiles($0).entries }
    let report = try Progress.counting("reading the log") { progress in
      try verifier.verify(PopulationFiles(file), log: log, progress: progress)
    }
    let checks = PopulationReport.Check.allCases.map { check in
      (check.rawValue, report.outcomes[check] ?? .skipped)
    }
    try Console(isJSON: isJSON).answer(
      [
        ("valid", .bool(report.isValid)),
        ("checks", try .members(checks.map { ($0.0, .string($0.1.rawValue)) })),
        ("findings", .texts(report.findings)), ("notes", .texts(report.notes)),
        ("count", report.manifest.map { .count($0.content.count) } ?? .null),
      ],
      lines: checks.map { "\($0.0.padding(to: 14)) \($0.1.rawValue)" } + report.findings
        + report.notes.map { "note: \($0)" } + [Self.conclusion(report, hasLog: log != nil)])
    if !report.isValid { throw ExitCode(ExitStatus.integrity.rawValue) }
  }

  private static func conclusion(_ report: PopulationReport, hasLog: Bool) -> String {
    guard report.isValid else { return "WRONG: do not rely on this file" }
    return hasLog
      ? "the file is what was exported, and the log has nothing else that the query means"
      : "the file is what was exported; give --log to see that it is complete"
  }

  private static func key(_ text: String, _ option: String) throws -> NoteVerifierKey {
    guard let key = try? NoteVerifierKey(encoded: text) else {
      throw UsageError(message: "\(option) is not a verifier key; copy it whole")
    }
    return key
  }
}
