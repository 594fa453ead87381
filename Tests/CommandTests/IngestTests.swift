import Foundation
import Testing

/// Small CRM files of the tests' own.
enum Rows {
  static let header = "customer_number,email,first_name,note,updated_at\n"

  static func crm(_ numbers: ClosedRange<Int>) -> String {
    numbers.map { number in
      "K\(20_000_000 + number),person\(number)@example.org,Name\(number),,2024-01-02T03:04:05Z\n"
    }.joined()
  }

  /// What no message may repeat of them.
  static let secrets = ["person1@", "Name1", "K20000"]
}

/// Data files that are refused as a whole, whatever stands in them.
@Suite struct RefusedFileTests {
  private let stage: Stage

  init() throws {
    stage = try Stage(Template.bare)
  }

  private func expectRefused(
    _ text: String, _ code: String, naming names: [String], contract: String = "crm",
    file: String = "data.csv", more: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try stage.write(text, file)
    let words = ["ingest", file, "--contract", contract, "--as", "eve"] + more
    try stage.expectRefused(
      words, 1, code, naming: names + [file], sourceLocation: sourceLocation)
    let piped = ["ingest", "-", "--contract", contract, "--as", "eve"] + more
    let outcome = try stage.lethe(piped, input: text)
    expectRefusal(outcome, 1, code, secrets: Rows.secrets, sourceLocation: sourceLocation)
  }

  @Test func headers() throws {
    try expectRefused("", "empty_file", naming: [])
    try expectRefused(
      "customer_number,email,email,updated_at\n", "duplicate_header", naming: ["columns 2 and 3"])
    try expectRefused("customer_number,email\n", "missing_column", naming: ["updated_at"])
    try expectRefused(Rows.crm(1...3), "missing_column", naming: [])
    #expect(try stage.snapshot().rows["vault/vault.sqlite.source"] == 0)
  }

  @Test func cutOffFilesGoInWholeOrNotAtAll() throws {
    let whole = Rows.header + Rows.crm(1...2500)
    try expectRefused(whole + "K1,\"person1@", "truncated_file", naming: ["line 2502"])
    let order = #"{"order_id":"o-1","buyer_id":"b-1","amount":"1.00","#
    try expectRefused(
      order, "truncated_file", naming: ["line 1"], contract: "orders", file: "orders.jsonl")
  }

  @Test func encodings() throws {
    let bytes = Data([0xFF, 0xFE]) + Data(Rows.header.utf8)
    try bytes.write(to: URL(fileURLWithPath: stage.path("utf16.csv")))
    let words = ["ingest", "utf16.csv", "--contract", "crm", "--as", "eve"]
    try stage.expectRefused(words, 1, "wrong_encoding", naming: ["utf16.csv", "UTF-16"])
  }

  @Test func filesThatCannotBeRead() throws {
    for name in ["none.csv", "vault"] {
      let words = ["ingest", name, "--contract", "crm", "--as", "eve"]
      try stage.expectRefused(words, 1, "unreadable", naming: [name])
    }
  }

  @Test func aNameWithControlCharactersStaysOneLine() throws {
    let name = "a\nb\u{1B}[31m.csv"
    let words = ["ingest", name, "--contract", "crm", "--as", "eve"]
    try stage.expectRefused(words, 1, "unreadable", naming: ["a\\u{a}b\\u{1b}[31m.csv"])
  }

  @Test func identifiersThatAreNone() throws {
    let header = "customer_number,email,branch,updated_at\n"
    let rows = (1...300).map { "K\(20_000_000 + $0),,B\($0 % 3)00,2024-01-02T03:04:05Z\n" }
    try stage.write(try contract { $0 + branch }, "branch.yaml")
    try expectRefused(
      header + rows.joined(), "low_cardinality_data", naming: ["branch"], contract: "branch.yaml")
  }

  private let branch =
    "  branch: {type: customer_number, category: user, identifier: customer_number}\n"

  private func contract(_ change: (String) -> String) throws -> String {
    change(
      try String(contentsOfFile: stage.vault + "/policies/sources/crm.yaml", encoding: .utf8))
  }

  @Test func contracts() throws {
    try stage.write(Rows.header + Rows.crm(1...3), "data.csv")
    let cases: [(code: String, names: [String], change: (String) -> String)] = [
      ("unknown_key", ["colour"], { $0 + "colour: red\n" }),
      (
        "unknown_key", ["line", "identifer"],
        { $0.replacing("identifier: email", "identifer: email") }
      ),
      (
        "low_cardinality_identifier", ["city"],
        { $0.replacing("city: {type: city,", "city: {type: city, identifier: email,") }
      ),
      (
        "unknown_purpose", ["did you mean"],
        { $0.replacing("essential.service", "esential.service") }
      ),
      ("unsupported_version", ["lethe_contract"], { $0.replacing("contract: 1", "contract: 2") }),
      ("yaml_syntax", [], { $0 + "  - [\n" }),
      ("unknown_retention_class", [], { $0.replacing("retention: customer", "retention: never") }),
    ]
    for item in cases {
      try stage.write(try contract(item.change), "mine.yaml")
      let words = ["ingest", "data.csv", "--contract", "mine.yaml", "--as", "eve"]
      try stage.expectRefused(words, 1, item.code, naming: ["mine.yaml"] + item.names)
    }
    for name in ["nosuch", "nosuch.yaml"] {
      let words = ["ingest", "data.csv", "--contract", name, "--as", "eve"]
      try stage.expectRefused(words, 1, "unreadable", naming: ["nosuch.yaml"])
    }
  }

  @Test func aChangedContractKeepsStoredFieldsReadable() throws {
    try stage.write(Rows.header + Rows.crm(1...3), "data.csv")
    try stage.succeed("ingest", "data.csv", "--contract", "crm", "--as", "eve")
    try stage.write(try contract { $0.replacing("  phone:", "  telephone:") }, "mine.yaml")
    let words = ["ingest", "data.csv", "--contract", "mine.yaml", "--as", "eve"]
    try stage.expectRefused(words, 1, "invalid_input", naming: ["crm", "append"])
  }

  @Test func aDenialComesBeforeTheFile() throws {
    let words = ["ingest", "none.csv", "--contract", "nosuch", "--as", "ana"]
    try stage.expectRefused(words, 1, "denied", naming: ["`ana`", "ingest"], logged: 1)
  }
}

/// Files of which some rows do not fit.
@Suite struct QuarantineTests {
  private let stage: Stage

  init() throws {
    stage = try Stage(Template.bare)
  }

  private func ingest(_ more: String...) throws -> Outcome {
    try stage.lethe(["ingest", "data.csv", "--contract", "crm", "--as", "eve"] + more)
  }

  private func writeWithBadRows() throws {
    var bytes = Data((Rows.header + Rows.crm(1...2)).utf8)
    bytes += Data("K20000003,person3@example.org,Na".utf8) + [0xC3, 0x28]
    bytes += Data("me,,2024-01-02T03:04:05Z\n".utf8)
    bytes += Data("K20000004,person4@example.org\n".utf8) + Data(Rows.crm(5...6).utf8)
    try bytes.write(to: URL(fileURLWithPath: stage.path("data.csv")))
  }

  @Test func badRowsAreListedWithoutTheirValues() throws {
    try writeWithBadRows()
    let answer = try ingest("--json").document()
    #expect(answer["rows"] as? Int == 6 && answer["added"] as? Int == 4)
    #expect(answer["quarantined"] as? Int == 2)
    let list = try String(contentsOfFile: stage.path("data.csv.quarantine.jsonl"), encoding: .utf8)
    let lines = try list.split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.map { $0["line"] as? Int } == [4, 5])
    #expect(lines.map { $0["code"] as? String } == ["not_utf8", "wrong_column_count"])
    #expect(!Rows.secrets.contains { list.contains($0) } && !list.contains("person"))
  }

  @Test func theSameFileAgainChangesNothing() throws {
    try writeWithBadRows()
    _ = try ingest("--json").document()
    let before = try stage.snapshot().withoutLog
    let again = try ingest("--json").document()
    #expect(again["added"] as? Int == 0 && again["unchanged"] as? Int == 4)
    #expect(try stage.snapshot().withoutLog == before)
  }

  @Test func theListOfAnotherFileIsKept() throws {
    try writeWithBadRows()
    let answer = try ingest("--json").document()
    #expect(answer["quarantine_file"] as? String == "data.csv.quarantine.jsonl")
    let kept = try Data(contentsOf: URL(fileURLWithPath: stage.path("data.csv.quarantine.jsonl")))
    try stage.write(Rows.header + Rows.crm(7...9) + "K1\n", "data.csv")
    for _ in 1...2 {
      let other = try ingest("--json").document()
      #expect(other["quarantine_file"] as? String == "data.csv.quarantine-2.jsonl")
    }
    #expect(try ingest().error.contains("see data.csv.quarantine-2.jsonl"))
    #expect(stage.exists("data.csv.quarantine-2.jsonl"))
    #expect(!stage.exists("data.csv.quarantine-3.jsonl"))
    let list = FileManager.default.contents(atPath: stage.path("data.csv.quarantine.jsonl"))
    #expect(list == kept)
    try stage.write(Rows.header + Rows.crm(7...9), "data.csv")
    #expect(try ingest("--json").document()["quarantine_file"] as? String == "")
  }

  @Test func aPipeReadTwiceHasTwoLists() throws {
    for name in ["stdin.quarantine.jsonl", "stdin.quarantine-2.jsonl"] {
      let words = ["ingest", "-", "--contract", "crm", "--as", "eve", "--json"]
      let answer = try stage.lethe(words, input: Rows.header + "K1\n").document()
      #expect(answer["quarantine_file"] as? String == name && stage.exists(name))
    }
  }

  @Test func aPlaceThatIsNamedMustBeFree() throws {
    try writeWithBadRows()
    try stage.write("", "empty")
    try stage.write("mine\n", "full")
    let link = stage.path("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere")
    for place in ["empty", "full", "vault", "link", "/dev/null"] {
      // Before anything is read: not even that there is no such file is noticed.
      for file in ["data.csv", "none.csv"] {
        let words = ["ingest", file, "--contract", "crm", "--as", "eve", "--quarantine", place]
        try stage.expectRefused(words, 1, "already_exists", naming: [place, "--quarantine"])
      }
    }
    let answer = try ingest("--quarantine", "free", "--json").document()
    #expect(answer["quarantine_file"] as? String == "free" && stage.exists("free"))
  }

  @Test func aPlaceForTheListIsLookedForFirst() throws {
    try writeWithBadRows()
    let words = [
      "ingest", "data.csv", "--contract", "crm", "--as", "eve", "--quarantine", "no/list",
    ]
    try stage.expectRefused(words, 1, "unwritable", naming: ["no/list"])
  }

  @Test func strictlyOneBadRowKeepsAllOut() throws {
    try writeWithBadRows()
    let words = ["ingest", "data.csv", "--contract", "crm", "--as", "eve", "--strict"]
    try stage.expectRefused(words, 1, "bad_record", naming: ["data.csv", "line 4"])
    try stage.write(Rows.header + Rows.crm(1...2000) + "K1\n", "data.csv")
    try stage.expectRefused(words, 1, "bad_record", naming: ["line 2002"])
  }

  @Test func repeatedKeysOfJSON() throws {
    let good =
      #""order_id":"o-1","buyer_id":"b-1","placed_at":"2024-01-02T03:04:05Z","amount":"1.00""#
    let text = "{\(good)}\n{\(good),\"buyer_id\":\"b-2\"}\n"
    try stage.write(text, "orders.jsonl")
    let answer = try stage.ask("ingest", "orders.jsonl", "--contract", "orders", "--as", "eve")
    #expect(answer["added"] as? Int == 1 && answer["quarantined"] as? Int == 1)
    let list = try String(
      contentsOfFile: stage.path("orders.jsonl.quarantine.jsonl"), encoding: .utf8)
    #expect(list.contains("\"json_duplicate_key\"") && list.contains("\"line\":2"))
  }

  @Test func aLineOf100MegabytesTakesNoMemory() throws {
    var bytes = Data((Rows.header + Rows.crm(1...1)).utf8)
    bytes += Data(repeating: UInt8(ascii: "x"), count: 100_000_000)
    bytes += Data(("\n" + Rows.crm(2...2)).utf8)
    try bytes.write(to: URL(fileURLWithPath: stage.path("data.csv")))
    let script = """
      import resource, subprocess, sys
      code = subprocess.run(sys.argv[1:]).returncode
      print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
      sys.exit(code)
      """
    let outcome = try Program.start(
      [
        "python3", "-c", script, Program.path, "ingest", "data.csv", "--contract", "crm", "--as",
        "eve", "--json",
      ],
      executable: "/usr/bin/env", in: stage.directory, environment: ["LETHE_VAULT": stage.vault]
    ).wait()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.outputText.contains("\"added\":2") && outcome.outputText.contains("\"quarantined\":1")
    )
    let list = try String(contentsOfFile: stage.path("data.csv.quarantine.jsonl"), encoding: .utf8)
    #expect(list.contains("\"record_too_long\"") && list.contains("\"line\":3"))
    let peakKiB = try #require(Int(outcome.complaints.last ?? ""))
    #expect(peakKiB < 100 * 1024, "\(peakKiB) KiB")
  }
}

/// Ways in besides a plain file, and several at once.
@Suite struct IngestPathTests {
  private func shell(_ script: String, _ stage: Stage) throws -> Outcome {
    try Program.start(
      ["-c", script, Program.path], executable: "/bin/sh", in: stage.directory,
      environment: ["LETHE_VAULT": stage.vault, "LETHE_OPERATOR": "eve"]
    ).wait()
  }

  @Test(arguments: [
    #"cat data.csv | "$0" ingest - --contract crm --json"#,
    #"cat data.csv | "$0" ingest /dev/stdin --contract crm --quarantine q --json"#,
    #""$0" ingest - --contract crm --json < data.csv"#,
    #"mkfifo pipe; cat data.csv > pipe & "$0" ingest pipe --contract crm --json"#,
  ])
  func pipes(script: String) throws {
    let stage = try Stage(Template.bare)
    try stage.write(Rows.header + Rows.crm(1...1500), "data.csv")
    let answer = try shell(script, stage).document()
    #expect(answer["added"] as? Int == 1500 && answer["quarantined"] as? Int == 0)
    #expect(try stage.counts()["records"] == 1500)
  }

  @Test func twoProcessesBringInTwoFilesAtOnce() throws {
    let stage = try Stage(Template.bare)
    try stage.write(Rows.header + Rows.crm(1...3000), "a.csv")
    try stage.write(Rows.header + Rows.crm(2001...5000), "b.csv")
    let running = try ["a.csv", "b.csv"].map {
      try stage.start(["ingest", $0, "--contract", "crm", "--as", "eve", "--json"])
    }
    let answers = try running.map { try $0.wait().document() }
    let sum = { (name: String) in answers.reduce(0) { $0 + ($1[name] as? Int ?? 0) } }
    #expect(sum("rows") == 6000 && sum("added") == 5000 && sum("unchanged") == 1000)
    let counts = try stage.counts()
    #expect(counts["records"] == 5000 && counts["subjects"] == 5000)
    #expect(try stage.ask("audit", "verify")["valid"] as? Bool == true)
  }
}

extension String {
  func replacing(_ old: String, _ new: String) -> String {
    replacingOccurrences(of: old, with: new)
  }
}
