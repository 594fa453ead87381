import Foundation
import Testing

@Suite struct HelpTests {
  private let directory = Workshop.root

  /// The words of every command, found as a person would: by asking for help.
  private func commands(below words: [String] = []) throws -> [[String]] {
    let help = try Program.start(words + ["--help"], in: directory).wait()
    let lines = help.outputText.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "SUBCOMMANDS:") else { return [words] }
    let names = lines[(start + 1)...].prefix { !$0.isEmpty }
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    return try [words] + names.flatMap { try commands(below: words + [$0]) }
  }

  @Test func everyCommandEndsWithExamplesAndExitCodes() throws {
    let commands = try commands()
    #expect(commands.count >= 28)
    var transcript = ""
    for words in commands {
      let outcome = try Program.start(words + ["--help"], in: directory).wait()
      let text = outcome.outputText
      #expect(outcome.status == 0 && outcome.error.isEmpty)
      let usage = text.range(of: "\nUSAGE: lethe \(words.joined(separator: " "))")
      let examples = text.range(of: "\nEXAMPLES\n  ")
      let codes = text.range(of: "\nEXIT CODES\n  0 ")
      let places = [usage, examples, codes].compactMap(\.?.lowerBound)
      #expect(places.count == 3 && places == places.sorted(), "\(words)")
      #expect(text.components(separatedBy: "EXAMPLES").count == 2, "\(words)")
      let ending = codes.map { text[$0.upperBound...] } ?? ""
      #expect(!ending.contains("\n\n"), "\(words): something follows the exit codes")
      transcript += "$ lethe \((words + ["--help"]).joined(separator: " "))\n\(text)\n"
    }
    try Golden.compare(transcript, with: "help.txt")
  }

  @Test func otherWaysToHelpAndTheVersion() throws {
    let long = try Program.start(["ingest", "--help"], in: directory).wait().outputText
    for words in [["help", "ingest"], ["ingest", "-h"]] {
      #expect(try Program.start(words, in: directory).wait().outputText == long)
    }
    let version = try Program.start(["--version"], in: directory).wait()
    #expect(version.status == 0 && version.outputText.split(separator: ".").count == 3)
  }
}

@Suite struct UsageTests {
  static let commandLines: [[String]] = [
    ["ingst"], ["ingest"], ["ingest", "a.csv"], ["find", "mail", "x"], ["status", "--vault"],
    ["status", "--nope"], ["audit", "prove", "x", "--out", "y"], ["demo", "--people", "x"],
    ["demo", "--people", "0"], ["init", "v", "--unseal", "key", "--slot", "s"],
    ["reveal", "t1_desk_x", "--as", "dana"], ["dsr", "access", "x", "--case", "1"],
    ["dsr", "access", "x", "--case", "1", "--out", "o", "--language", "xx"],
    ["status", "--vault", "v"], ["unify"], ["find", "phone", "-", "--as", "x", "--region", "XX"],
    ["find", "email", "-", "--as", "dana"], ["audit", "verify", "--log", "nowhere"],
    ["segment", "count", "--as", "ana"], ["retention", "later"], ["certificate", "verify"],
    ["certificate", "page", "c.certificate"],
    ["certificate", "page", "c.certificate", "--out", "p.html", "--language", "de"],
  ]

  @Test func everyMistakeIsOneLineAndExitCodeTwo() throws {
    let stage = try Stage(Template.bare)
    var transcript = ""
    for words in Self.commandLines {
      let before = try stage.snapshot()
      let outcome = try stage.lethe(words)
      expectRefusal(outcome, 2, "usage")
      #expect(try stage.snapshot() == before, "\(words)")
      transcript += stage.transcript(words, outcome) + "\n"
    }
    try Golden.compare(transcript, with: "usage.txt")
  }

  @Test func noVaultNamed() throws {
    let outcome = try Program.start(["status", "--as", "dana"], in: Workshop.root).wait()
    expectRefusal(outcome, 2, "usage", naming: ["--vault", "LETHE_VAULT"])
  }

  @Test(arguments: [
    ["find", "anna.berg@example.org"], ["find", "email", "x", "anna.berg@example.org"],
    ["reveal", "x", "+4930123456"], ["anna.berg@example.org"],
  ])
  func whatLooksLikeAnIdentifierIsNotRepeated(words: [String]) throws {
    let outcome = try Program.start(words, in: Workshop.root).wait()
    expectRefusal(outcome, 2, "usage", secrets: ["anna.berg", "4930123456"])
  }

  @Test func theEnvironmentNamesVaultAndOperator() throws {
    let stage = try Stage(Template.bare)
    let outcome = try stage.lethe(
      "status", "--json", environment: ["LETHE_OPERATOR": "dana"])
    #expect(try outcome.document()["demo"] as? Bool == false)
  }
}
