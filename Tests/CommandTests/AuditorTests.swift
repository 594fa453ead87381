import Foundation
import TestSupport
import Testing

/// The auditor's commands, as an auditor runs them, with the kit as the second opinion.
@Suite struct AuditorTests {
  private let stage: Stage
  private let key: String

  init() throws {
    stage = try Stage(Template.full)
    key = try #require(stage.ask("status", "--as", "dana")["log_key"] as? String)
  }

  private func kit(_ file: String) throws -> Outcome {
    try Program.start(
      [
        "python3", Program.repository + "/audit/verify.py", stage.vault + "/audit",
        "--population", stage.path(file), "--vkey", key,
      ],
      executable: "/usr/bin/env", in: stage.directory
    ).wait()
  }

  private func verify(_ file: String, _ more: String...) throws -> Outcome {
    try stage.lethe(["audit", "verify-export", file, "--vkey", key] + more)
  }

  private func bytes(_ file: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: stage.path(file)))
  }

  @Test(arguments: ["jsonl", "csv", "ocsf", "cloudevents"])
  func bothVerifiersTakeAnExportAndNameALineThatIsGone(format: String) throws {
    let answer = try stage.ask(
      "audit", "export", "--out", "p", "--format", format, "--type", "person.found", "--type",
      "source.registered", "--as",
      "aude")
    #expect(answer["count"] as? Int ?? 0 > 1)
    #expect((answer["files"] as? [String])?.count == 4)
    #expect(try verify("p").status == 0)
    let whole = try verify("p", "--log", stage.vault + "/audit")
    #expect(whole.status == 0 && whole.error.contains("nothing else"), "\(whole.error)")
    let second = try kit("p")
    #expect(second.status == 0, "\(second.error)")
    #expect(second.outputText.contains("nothing else"))
    let lines = try bytes("p").split(separator: 0x0A, omittingEmptySubsequences: true)
    let header = format == "csv" ? 1 : 0
    let cut = lines[..<header] + lines[(header + 1)...]
    try Data(cut.flatMap { Array($0) + [0x0A] }).write(
      to: URL(fileURLWithPath: stage.path("p")))
    let found = try verify("p", "--log", stage.vault + "/audit", "--json")
    #expect(found.status == 4)
    let document = try found.document()
    let findings = try #require(document["findings"] as? [String])
    #expect(document["valid"] as? Bool == false)
    #expect(findings.contains { $0.contains("is missing; it belongs before the first line") })
    let refused = try kit("p")
    #expect(refused.status == 1 && refused.error.contains("is missing"), "\(refused.error)")
    #expect(try verify("p").status == 4)
  }

  @Test func bothVerifiersDrawASampleAgain() throws {
    let words = ["--seed", "2026 Q1", "--size", "6", "--stratify", "type", "--as", "aude"]
    let shown = try stage.lethe(["audit", "sample"] + words + ["--json"]).document()
    let size = try #require(shown["tree_size"] as? Int)
    let again = try stage.lethe(
      ["audit", "sample"] + words + ["--tree-size", "\(size)", "--json"]
    ).document()
    func places(_ document: [String: Any]) -> [Int] {
      (document["entries"] as? [[String: Any]] ?? []).compactMap { $0["seq"] as? Int }
    }
    #expect(places(shown).count == 6 && places(shown) == places(again))
    try stage.succeed(
      "audit", "sample", "--seed", "2026 Q1", "--size", "6", "--stratify", "type", "--entries",
      "0-\(size - 1)", "--out", "s", "--as", "aude")
    let lines = try bytes("s").split(separator: 0x0A).map { line in
      try #require(JSONSerialization.jsonObject(with: line) as? [String: Any])["seq"] as? Int
    }
    #expect(lines == places(shown))
    #expect(try kit("s").status == 0)
    #expect(try verify("s", "--log", stage.vault + "/audit").status == 0)
  }

  @Test func pagesOfAQuery() throws {
    var after: [String] = []
    var places: [Int] = []
    var pages = 0
    repeat {
      let page = try stage.lethe(
        ["audit", "query", "--limit", "4", "--as", "aude", "--json"] + after
      ).document()
      let entries = try #require(page["entries"] as? [[String: Any]])
      places += entries.compactMap { $0["seq"] as? Int }
      pages += 1
      after = (page["next"] as? String).map { ["--after", $0] } ?? []
    } while !after.isEmpty && pages < 50
    #expect(pages > 2 && places == Array(0..<places.count))
    let names =
      try stage.lethe("audit", "query", "--actor", "eve", "--json", "--as", "aude")
      .document()["entries"] as? [[String: Any]] ?? []
    #expect(!names.isEmpty && names.allSatisfy { $0["operator"] as? String == "eve" })
  }

  @Test func linesAreTheEntriesToTheByte() throws {
    let outcome = try stage.lethe(
      "audit", "query", "--entries", "2-4", "--lines", "--as", "aude")
    #expect(outcome.status == 0 && outcome.error.contains("3 entries"))
    let lines = outcome.output.split(separator: 0x0A)
    for (place, line) in zip(2...4, lines) {
      try stage.succeed("audit", "prove", "\(place)", "--out", "r", "--as", "aude")
      #expect(try bytes("r/\(place).json") == Data(line))
    }
    #expect(lines.count == 3)
  }

  @Test func whoLookedAtAPerson() throws {
    try stage.succeed("reveal", stage.token, "--purpose", "subject_rights", "--as", "dana")
    let history = try stage.ask("audit", "subject", stage.token, "--as", "aude")
    let lookUps = try #require(history["look_ups"] as? [[String: Any]])
    #expect(lookUps.contains { $0["operator"] as? String == "dana" })
    #expect(lookUps.contains { ($0["fields"] as? [String: String])?["crm.email"] == "plain" })
    for (language, title) in [("en", "Who looked"), ("ru", "Кто обращался")] {
      let own = try stage.lethe(
        "audit", "subject", stage.token, "--for-subject", "--language", language, "--as", "dana")
      #expect(own.status == 0 && own.error.hasPrefix(title), "\(own.error)")
      #expect(own.error.contains("crm.email"))
      for name in ["dana", "aude", "op_", "policies"] { #expect(!own.error.contains(name)) }
    }
    let found = try stage.ask("audit", "case", "NO-SUCH", "--as", "aude")
    #expect((found["look_ups"] as? [Any])?.isEmpty == true)
  }

  @Test func aPlantIsReportedAndNotNamed() throws {
    try stage.succeed("audit", "honeytoken", "add", stage.token, "--as", "aude")
    try stage.succeed(
      "find", "email", "-", "--as", "sam", "--purpose", "essential.service",
      input: stage.email)
    let outcome = try stage.lethe("audit", "anomalies", "--json", "--as", "aude")
    let findings = try #require(outcome.document()["findings"] as? [[String: Any]])
    let touches = findings.filter { $0["code"] as? String == "honeytoken" }
    #expect(touches.map { $0["operator"] as? String } == ["sam"])
    #expect(!outcome.outputText.contains(stage.token))
    let listed = try stage.ask("audit", "honeytoken", "list", "--as", "aude")
    #expect(
      (listed["honeytokens"] as? [[String: Any]])?.first?["token"] as? String == stage.token)
    try stage.succeed("audit", "honeytoken", "remove", stage.token, "--as", "aude")
    let gone = try stage.lethe("audit", "honeytoken", "remove", "--lost", "--as", "aude")
    expectRefusal(gone, 1, "not_found", naming: ["honeytoken list"])
  }

  @Test func whoMayNotReadTheLogGetsNothing() throws {
    for words in [
      ["audit", "query"], ["audit", "export", "--out", "p"], ["audit", "anomalies"],
      ["audit", "sample", "--seed", "s", "--size", "1"], ["audit", "case", "C-1"],
      ["audit", "subject", stage.token], ["audit", "honeytoken", "add", stage.token],
      ["audit", "honeytoken", "list"],
    ] {
      try stage.expectRefused(words + ["--as", "sam"], 1, "denied", naming: ["`sam`"], logged: 1)
    }
  }

  @Test func whatCannotBeMeantIsRefusedBeforeTheVaultIsAsked() throws {
    for words in [
      ["query", "--after", "x"], ["query", "--limit", "0"], ["query", "--from", "yesterday"],
      ["query", "--entries", "9-1"], ["query", "--decision", "maybe"],
      ["query", "--from", "2026-02-02", "--to", "2026-01-01"],
      ["export", "--out", "p", "--format", "xml"], ["export"],
      ["sample", "--seed", "", "--size", "1"],
      [
        "sample", "--seed", "s", "--size", "1",
        "--out", "p", "--tree-size", "5",
      ],
      ["anomalies", "--hours", "20-07"], ["anomalies", "--days", "monday"],
      ["anomalies", "--offset", "3"], ["anomalies", "--denials", "0"],
      ["honeytoken", "remove"], ["verify-export", "p"],
      ["verify-export", "p", "--vkey", "garbage"],
    ] {
      let before = try stage.snapshot()
      let isVerify = words[0] == "verify-export"
      let outcome = try stage.lethe(["audit"] + words + (isVerify ? [] : ["--as", "aude"]))
      let isLimit = words == ["query", "--limit", "0"]
      expectRefusal(
        outcome, isLimit ? 1 : 2,
        isLimit ? "limit" : outcome.error.contains("[usage]") ? "usage" : "invalid_query")
      #expect(try stage.snapshot() == before, "\(words)")
    }
  }

  @Test func anExportReplacesNothing() throws {
    try stage.write("mine", "p.tlog-proof")
    try stage.expectRefused(
      ["audit", "export", "--out", "p", "--as", "aude"], 1, "already_exists",
      naming: ["`p.tlog-proof`"])
  }
}
