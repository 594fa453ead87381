import Foundation
import TestSupport
import Testing

/// Files for recipients, from the command that writes them to the programs that open them.
@Suite struct SealedFileTests {
  private let stage: Stage
  static let recipient = AgePair.first.recipient

  init() throws {
    stage = try Stage(Template.full)
  }

  private func access(_ words: [String]) -> [String] {
    ["dsr", "access", stage.token, "--case", "C-9", "--out", "sealed", "--as", "dana"] + words
  }

  private func export(_ words: [String]) -> [String] {
    ["dsr", "export", stage.token, "--case", "C-9", "--out", "sealed", "--as", "dana"] + words
  }

  /// The files below the directory that was written to.
  private var written: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: stage.path("sealed")).sorted()
    }
  }

  static let badRecipients: [(name: String, words: [String])] = [
    ("empty", ["--recipient", ""]), ("no key", ["--recipient", "anna@example.org"]),
    ("changed", ["--recipient", String(recipient.dropLast()) + "q"]),
    ("capitals", ["--recipient", recipient.uppercased()]),
    ("secret", ["--recipient", AgePair.first.identity]),
    (
      "zero point",
      ["--recipient", "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"]
    ),
    ("the second one", ["--recipient", recipient, "--recipient", "age1"]),
    ("twice", ["--recipient", recipient, "--recipient", recipient]),
    ("too many", (0..<21).flatMap { _ in ["--recipient", recipient] }),
  ]

  @Test(arguments: badRecipients)
  func badRecipientsAreRefusedBeforeAnything(name: String, words: [String]) throws {
    for line in [access(words), export(words)] {
      try stage.expectRefused(line, 2, "usage", naming: ["--recipient"])
      let outcome = try stage.lethe(line)
      for text in words where text.count > 12 { #expect(!outcome.error.contains(text)) }
    }
    #expect(!stage.exists("sealed"))
  }

  @Test func exportNeedsARecipient() throws {
    try stage.expectRefused(export([]), 2, "usage", naming: ["--recipient"])
  }

  @Test func filesAreNeverWrittenOver() throws {
    let words = ["--recipient", Self.recipient]
    #expect(try stage.lethe(access(words)).status == 0)
    #expect(try stage.lethe(export(words)).status == 0)
    let receipt = ["sealed-C-9.entry.json", "sealed-C-9.tlog-proof"]
    #expect(try written == ["access-C-9.tar.age", "sealed-C-9.age"] + receipt)
    let files = receipt.reversed().map { "sealed/\($0)" }
    try stage.succeed(
      "audit", "verify-proof", files[0], files[1], "--vkey", stage.logKey())
    try stage.expectRefused(access(words), 1, "already_exists", naming: ["access-C-9.tar.age"])
    try stage.expectRefused(export(words), 1, "already_exists", naming: ["sealed-C-9.age"])
  }

  @Test(arguments: ["sam", "eve", "aude", "max"])
  func whoMayNotGetsNothingAndItIsLogged(name: String) throws {
    for words in [access([]), export([])] {
      let line = words.map { $0 == "dana" ? name : $0 } + ["--recipient", Self.recipient]
      try stage.expectRefused(line, 1, "denied", naming: ["`\(name)`", "logged"], logged: 1)
    }
  }

  @Test func nothingOfThePersonIsInTheClear() throws {
    let words = ["--recipient", Self.recipient]
    try stage.lethe(access(words))
    try stage.lethe(export(words))
    for name in try written {
      let path = stage.path("sealed/\(name)")
      let data = try #require(FileManager.default.contents(atPath: path))
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(data.starts(with: Data("age-encryption.org/v1\n".utf8)) == name.hasSuffix(".age"))
      for secret in [stage.email, stage.token] + stage.secrets {
        #expect(data.range(of: Data(secret.utf8)) == nil, "\(name)")
      }
    }
  }

  @Test func anErasedPersonIsNotExported() throws {
    let preview = try stage.ask("dsr", "erase", stage.token, "--case", "C-8", "--as", "dana")
    let digest = try #require(preview["confirm"] as? String)
    try stage.succeed(
      "dsr", "erase", stage.token, "--case", "C-8", "--confirm", digest, "--as", "dana")
    for words in [access([]), export([])] {
      try stage.expectRefused(words + ["--recipient", Self.recipient], 1, "not_found")
    }
  }
}

/// A key made by `age-keygen`, files opened by `age -d`, `tar` and `audit/open_field.py`.
@Suite(
  .enabled(
    if: AgeProgram.isPresent && Tool("age-keygen") != nil,
    Comment(rawValue: AgeProgram.absenceNote)))
struct OpenedFileTests {
  private let stage: Stage
  private let recipient: String

  init() throws {
    stage = try Stage(Template.full)
    let key = try Self.run(["age-keygen", "-o", "key.txt"], stage)
    #expect(key.status == 0)
    recipient = String(
      try Self.run(["age-keygen", "-y", "key.txt"], stage).outputText.dropLast())
  }

  private static func run(
    _ words: [String], _ stage: Stage, input: String? = nil
  ) throws -> Outcome {
    try Program.start(words, executable: "/usr/bin/env", in: stage.directory, input: input).wait()
  }

  /// Every plain value of the person, by source, from the program itself.
  private func revealed() throws -> [String] {
    let dossier = try stage.ask(
      "reveal", stage.token, "--as", "dana", "--purpose", "subject_rights")
    let records = try #require(dossier["records"] as? [[String: Any]])
    return records.flatMap { record in
      (record["fields"] as? [[String: Any]] ?? []).map {
        "\(record["source"] ?? "") \($0["field"] ?? "")"
      }
    }.sorted()
  }

  @Test func theSealedPackageIsTheFilesWithTheirReceipt() throws {
    let answer = try stage.ask(
      "dsr", "access", stage.token, "--case", "C-9", "--recipient", recipient, "--out", "sealed",
      "--as", "dana")
    #expect(answer["files"] as? [String] == ["sealed/access-C-9.tar.age"])
    let opened = try Self.run(
      ["age", "-d", "-i", "key.txt", "-o", "package.tar", "sealed/access-C-9.tar.age"], stage)
    #expect(opened.status == 0, "\(opened.error)")
    let list = try Self.run(["tar", "-tf", "package.tar"], stage)
    let names = [
      "data.json", "index.html", "manifest.json", "log-entry.json", "log-entry.tlog-proof",
    ]
    #expect(list.outputText == names.map { "\($0)\n" }.joined())
    #expect(try Self.run(["tar", "-xf", "package.tar"], stage).status == 0)
    let data = try Data(contentsOf: URL(fileURLWithPath: stage.path("data.json")))
    let package = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(package["reference"] as? String == "C-9")
    #expect(package["lethe_access_package"] as? Int == 1)
    #expect(data.range(of: Data(stage.email.lowercased().utf8)) != nil)
    let entry = try #require(answer["log_entry"] as? Int)
    let manifest = try String(contentsOfFile: stage.path("manifest.json"), encoding: .utf8)
    #expect(manifest.contains("\"log_entry\": \(entry)"))
    let proved = try stage.ask(
      "audit", "verify-proof", "log-entry.tlog-proof", "log-entry.json", "--vkey", stage.logKey())
    #expect(proved["valid"] as? Bool == true && proved["entry"] as? Int == entry)
  }

  /// The reader is called as its own page says, through a pipe.
  @Test(.enabled(if: Python.hasCryptography, Comment(rawValue: Python.absenceNote)))
  func theIndependentReaderOpensTheExport() throws {
    let answer = try stage.ask(
      "dsr", "export", stage.token, "--case", "C-9", "--recipient", recipient, "--recipient",
      AgePair.first.recipient, "--out", "sealed", "--as", "dana")
    #expect(answer["file"] as? String == "sealed/sealed-C-9.age")
    let reader = Program.repository + "/audit/open_field.py"
    let opened = try Self.run(
      [
        "sh", "-c", #"age -d -i key.txt sealed/sealed-C-9.age | python3 "$0" --package -"#, reader,
      ], stage)
    #expect(opened.status == 0 && opened.error.isEmpty, "\(opened.error)")
    let lines = try opened.outputText.split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let names = lines.map { "\($0["source"] ?? "") \($0["field"] ?? "")" }.sorted()
    #expect(try names == revealed() && names.count > 5)
    #expect(lines.contains { ($0["value"] as? String)?.lowercased() == stage.email.lowercased() })
    let rows = Set(lines.compactMap { $0["row"] as? Int })
    #expect(rows.count == answer["records"] as? Int)
    let plain = try Self.run(["age", "-d", "-i", "key.txt", "sealed/sealed-C-9.age"], stage)
    let changed = plain.outputText.replacing("\"generation\":1,", "\"generation\":2,")
    #expect(changed != plain.outputText)
    let refused = try Self.run(["python3", reader, "--package", "-"], stage, input: changed)
    #expect(refused.status == 1 && refused.output.isEmpty)
    #expect(refused.error == "refused: the value does not open\n")
  }
}

/// The interpreter that `audit/open_field.py` runs in.
enum Python {
  static let absenceNote = "python3 has no package `cryptography`; test skipped"

  static let hasCryptography: Bool = {
    let outcome = try? Program.start(
      ["python3", "-c", "import cryptography"], executable: "/usr/bin/env", in: "/"
    ).wait()
    return outcome?.status == 0
  }()
}
