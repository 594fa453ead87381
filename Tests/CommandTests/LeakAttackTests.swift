import Foundation
import TestSupport
import Testing

/// Looks for the people of the sample in everything that is written about them.
@Suite struct LeakAttackTests {
  /// A place where text was found, and the text.
  private typealias Said = (place: String, bytes: Data)

  /// The one command whose answer is the data, and the files whose content is the data.
  private static let shows = ["reveal"]
  private static let holdsData = ["package/", ".csv", ".jsonl", "unseal.key", "new.key"]

  private func expectNobody(_ said: [Said], _ stage: Stage) {
    for (place, bytes) in said {
      let isNamed = stage.secrets.contains { bytes.range(of: Data($0.utf8)) != nil }
      #expect(!isNamed, "\(place) names somebody")
    }
  }

  /// Runs every command once and collects what it says.
  private func tell(_ stage: Stage, _ more: [String]) throws -> [Said] {
    var digest = ""
    var said: [Said] = []
    for (words, input) in JSONTests().commandLines(stage) {
      let outcome = try stage.lethe(
        words.map { $0.replacing("CONFIRM", digest) } + more, input: input)
      #expect(outcome.status == 0, "\(words): \(outcome.error)")
      let text = outcome.error + outcome.outputText
      digest =
        text.split { !$0.isHexDigit || $0.isUppercase }.map { String($0) }
        .last { $0.count == 16 } ?? digest
      guard !Self.shows.contains(words[0]) else {
        #expect(stage.secrets.contains { text.contains($0) }, "the search finds what is there")
        continue
      }
      said.append((words.joined(separator: " "), Data(text.utf8)))
    }
    return said
  }

  private func files(_ stage: Stage) throws -> [Said] {
    try FileManager.default.subpathsOfDirectory(atPath: stage.directory).sorted()
      .filter { path in !Self.holdsData.contains { path.contains($0) } }
      .compactMap { path in
        FileManager.default.contents(atPath: stage.path(path)).map { (path, $0) }
      }
  }

  @Test(arguments: [[], ["--json"]])
  func aWholeStoryNamesNobody(more: [String]) throws {
    let stage = try JSONTests().prepared()
    let said = try tell(stage, more)
    let files = try files(stage)
    for part in ["vault/audit/", "certs/C-9.certificate", "C-9.html", "vault/vault.sqlite"] {
      #expect(files.contains { $0.place.hasPrefix(part) }, "\(part)")
    }
    #expect(said.count > 20 && stage.secrets.count > 400)
    expectNobody(said + files, stage)
    AttackReport.record(
      number: 42,
      name: "personal data in what is written: \(more.isEmpty ? "text" : "JSON") answers",
      tried: "\(said.count) commands, \(files.count) files of vault, log and certificates, "
        + "\(stage.secrets.count) names, e-mails and phones", result: "none found")
  }

  @Test func refusalsRepeatNoIdentifier() throws {
    let stage = try Stage(Template.full)
    let (email, dana) = (stage.email, ["--as", "dana"])
    let cases: [(words: [String], input: String?)] = [
      (["reveal", email, "--purpose", "subject_rights"] + dana, nil),
      (["token", email, "--domain", "analytics", "--purpose", "subject_rights"] + dana, nil),
      (["dsr", "erase", email, "--case", "C-1"] + dana, nil),
      (["dsr", "access", email, "--case", "C-1", "--out", "package"] + dana, nil),
      (["find", "email", "-"] + dana, "Mr \(email) <\(email)>"),
      (["find", "email", "-"] + dana, "nobody.\(email)"),
      (["find", "phone", "-"] + dana, email), (["find", "customer_number", "-"] + dana, email),
      (["find", "cookie", "-"] + dana, email), (["find", "email", "-"] + ["--as", "ana"], email),
      (["ingest", "crm.csv", "--contract", "crm", "--as", "ana"], nil),
    ]
    var said: [Said] = []
    for (words, input) in cases {
      let outcome = try stage.lethe(words, input: input)
      #expect(outcome.status != 0, "\(words)")
      said.append((words[0], Data((outcome.error + outcome.outputText).utf8)))
    }
    #expect(try stage.lethe(["audit", "publish"] + dana).status == 0)
    expectNobody(said + (try files(stage)), stage)
    AttackReport.record(
      number: 42, name: "personal data in refusals", tried: "\(cases.count) refused commands",
      result: "none repeats what it was given, nor does the log")
  }
}
