import Foundation
import TestSupport
import Testing

/// Every command: one JSON document on standard output with `--json`, nothing there without.
@Suite struct JSONTests {
  /// The key of some log.
  private static let logKey =
    "vault.example/audit+77a5f42a+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH"

  /// Every command once, in an order in which each can succeed; `CONFIRM` is the last fingerprint.
  func commandLines(_ stage: Stage) -> [(words: [String], input: String?)] {
    let dana = ["--as", "dana"]
    let withdraw =
      ["dsr", "withdraw", stage.token, "--purpose", "marketing", "--case", "C-8"] + dana
    let erase = ["dsr", "erase", stage.token, "--case", "C-9"] + dana
    let restore = [
      "restore", "backup", "--to", "restored", "--keys", "vault", "--log", "vault/audit", "--as",
      "eve",
    ]
    let key = (try? String(contentsOfFile: stage.vault + "/audit/log.vkey", encoding: .utf8)) ?? ""
    return [
      (
        [
          "init", "new", "--unseal", "file:new.key", "--slot", "new.slot", "--policies",
          Program.repository + "/policies",
        ], nil
      ),
      (["ingest", "crm.csv", "--contract", "crm", "--as", "eve"], nil),
      (["unify", "--as", "lethe"], nil), (["project", "--as", "lethe"], nil),
      (["find", "email", "-"] + dana, stage.email),
      (["reveal", stage.token, "--purpose", "subject_rights"] + dana, nil),
      (["domain", "open", "partner", "--as", "eve"], nil), (["domain", "list"], nil),
      (["token", stage.token, "--domain", "partner", "--purpose", "subject_rights"] + dana, nil),
      (["segment", "count", "vault/policies/segments/travel-prospects.yaml", "--as", "ana"], nil),
      (["dsr", "access", stage.token, "--case", "C-9", "--out", "package"] + dana, nil),
      (
        ["dsr", "export", stage.token, "--case", "C-9", "--out", "sealed"]
          + ["--recipient", AgePair.first.recipient] + dana, nil
      ),
      (withdraw, nil), (withdraw + ["--confirm", "CONFIRM"], nil),
      (erase, nil), (erase + ["--confirm", "CONFIRM", "--certificate", "certs"], nil),
      (["dsr", "certificate", "C-9", "--out", "certs2"], nil),
      (["certificate", "verify", "certs/C-9.certificate"], nil),
      (["certificate", "page", "certs/C-9.certificate", "--out", "C-9.html"], nil),
      (["retention", "plan", "--as", "lethe"], nil),
      (["retention", "apply", "--as", "lethe", "--confirm", "CONFIRM"], nil),
      (["retention", "apply", "--as", "lethe"], nil), (["index", "rebuild", "--as", "eve"], nil),
      (["keys", "status"] + dana, nil), (["keys", "replicas", "--as", "eve"], nil),
      (["keys", "split", "--out", "shares", "--as", "eve"], nil),
      (["keys", "rotate-unseal", "--to", "file:second.key", "--as", "eve"], nil),
      (["keys", "roll", "--as", "eve"], nil),
      (["witness", "init", "w", "--name", "witness.example"], nil),
      (["witness", "trust", "w", Self.logKey], nil), (["witness", "status", "w"], nil),
      (["audit", "publish"] + dana, nil), (["audit", "verify"], nil),
      (["audit", "prove", "3", "--out", "receipt", "--as", "aude"], nil), (["status"] + dana, nil),
      (
        [
          "audit", "verify-proof", "receipt/3.tlog-proof", "receipt/3.json", "--vkey",
          (try? stage.logKey()) ?? "",
        ], nil
      ),
      (["audit", "consistency", "1", "3", "--log", "vault/audit"], nil),
      (["audit", "status"] + dana, nil), (["audit", "prune"] + dana, nil),
      (["audit", "query", "--limit", "3", "--as", "aude"], nil),
      (["audit", "export", "--out", "population", "--as", "aude"], nil),
      (["audit", "verify-export", "population", "--vkey", String(key.dropLast())], nil),
      (["audit", "sample", "--seed", "s", "--size", "3", "--as", "aude"], nil),
      (["audit", "case", "C-9", "--as", "aude"], nil),
      (["audit", "anomalies", "--as", "aude"], nil),
      (["audit", "honeytoken", "list", "--as", "aude"], nil),
      (["backup", "--to", "backup", "--as", "eve"], nil), (restore, nil),
      // The vault opens no more after this.
      (restore + ["--confirm", "CONFIRM"], nil),
    ]
  }

  func prepared() throws -> Stage {
    let stage = try Stage(Template.full)
    try stage.shortenRetention()
    try stage.set("log_keep_days: 30")
    return stage
  }

  @Test func everyAnswerIsOneDocument() throws {
    let stage = try prepared()
    var digest = ""
    var transcript = ""
    for (words, input) in commandLines(stage) {
      let outcome = try stage.lethe(
        words.map { $0.replacing("CONFIRM", digest) } + ["--json"], input: input)
      #expect(outcome.status == 0, "\(words): \(outcome.error)")
      let document = try outcome.document()
      digest = document["confirm"] as? String ?? digest
      let name = words.prefix(2).joined(separator: " ")
      transcript += "\(name): \(document.keys.sorted().joined(separator: " "))\n"
    }
    // The members are what programs rely on.
    try Golden.compare(
      transcript.replacing(stage.token, "TOKEN"), with: "json-members.txt")
  }

  @Test func textForPeopleLeavesAPipeEmpty() throws {
    let stage = try prepared()
    var digest = ""
    for (words, input) in commandLines(stage) {
      let outcome = try stage.lethe(words.map { $0.replacing("CONFIRM", digest) }, input: input)
      #expect(outcome.status == 0, "\(words): \(outcome.error)")
      #expect(outcome.output.isEmpty && !outcome.error.isEmpty, "\(words)")
      let texts = outcome.error.split(whereSeparator: \.isWhitespace).map { String($0) }
      digest = texts.last { $0.count == 16 } ?? digest
      let shows = ["reveal"].contains(words[0])
      #expect(shows || !stage.secrets.contains { outcome.error.contains($0) }, "\(words)")
    }
  }

  @Test func theListIsComplete() throws {
    let stage = try Stage(Template.bare)
    let listed = Set(commandLines(stage).map { $0.words.prefix(2).joined(separator: " ") })
    let help = try stage.lethe("--help").outputText
    let start = try #require(help.range(of: "SUBCOMMANDS:\n")?.upperBound)
    let names = help[start...].split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { !$0.isEmpty }.filter { !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(names.count >= 15)
    for name in names where name != "demo" {
      #expect(listed.contains { $0.hasPrefix(name + " ") || $0 == name }, "\(name)")
    }
  }

  @Test func aFullDiskBehindStandardOutputIsAFailure() throws {
    let stage = try Stage(Template.bare)
    let script = #""$0" status --as dana --json > /dev/full"#
    let outcome = try Program.start(
      ["-c", script, Program.path], executable: "/bin/sh", in: stage.directory,
      environment: ["LETHE_VAULT": stage.vault]
    ).wait()
    expectRefusal(outcome, 1, "unwritable", naming: ["standard output"])
  }
}
