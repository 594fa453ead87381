import Foundation
import Testing

@Suite struct PersonTests {
  private let stage: Stage

  init() throws {
    stage = try Stage(Template.full)
  }

  @Test func anIdentifierAsArgumentWarns() throws {
    let typed = try stage.lethe("find", "email", stage.email, "--as", "dana")
    #expect(typed.status == 0 && typed.complaints.first?.contains("shell's history") == true)
    #expect(typed.complaints.count == 2 && !typed.error.contains(stage.email))
    let json = try stage.lethe("find", "email", stage.email, "--as", "dana", "--json")
    #expect(json.status == 0 && json.complaints.count == 1)
    #expect(try JSONSerialization.jsonObject(with: json.output) is [String: Any])
    let piped = try stage.lethe("find", "email", "-", "--as", "dana", input: stage.email + "\n")
    #expect(piped.status == 0 && !piped.error.contains("history"))
    #expect(piped.error.contains(stage.token))
  }

  @Test func nobodyIsAnAnswerWithExitCodeOne() throws {
    let nobody = try stage.lethe(
      "find", "email", "-", "--as", "dana", "--json", input: "nobody@example.net")
    #expect(nobody.status == 1)
    #expect((try nobody.document()["persons"] as? [Any])?.isEmpty == true)
  }

  @Test(arguments: [
    ("email", "not.an.address"), ("phone", "030 1234567"), ("phone", "abc"), ("cookie", "\u{1}"),
    ("email", "a@b@c.example"),
  ])
  func whatIsNoIdentifierIsNotRepeated(kind: String, text: String) throws {
    try stage.expectRefused(
      ["find", kind, "-", "--as", "dana"], 1, "invalid_value", naming: [kind], input: text)
    let outcome = try stage.lethe("find", kind, "-", "--as", "dana", input: text)
    #expect(!outcome.error.contains(text))
  }

  @Test(arguments: [
    ("dana", "subject_rights", "plain"), ("sam", "essential.service", "masked"),
    ("ana", "analytics.reporting", "generalised"), ("eve", "essential.service", "existence"),
  ])
  func eachRoleSeesItsRung(name: String, purpose: String, rung: String) throws {
    let dossier = try stage.ask("reveal", stage.token, "--as", name, "--purpose", purpose)
    let fields = try #require(dossier["records"] as? [[String: Any]])
      .flatMap { $0["fields"] as? [[String: Any]] ?? [] }
    let order = ["denied", "existence", "tokenised", "generalised", "masked", "plain"]
    let rungs = fields.compactMap { $0["rung"] as? String }.compactMap(order.firstIndex)
    #expect(rungs.max() == order.firstIndex(of: rung) && rungs.count == fields.count)
    let values = fields.compactMap { $0["value"] as? String }
    #expect(values.contains { $0.lowercased() == stage.email.lowercased() } == (rung == "plain"))
    let seen = values.filter { value in stage.secrets.contains { value.contains($0) } }
    #expect(seen.isEmpty == (rung != "plain"))
  }

  @Test func tokensThatLeadNowhere() throws {
    let unknown = "t1_desk_" + String(repeating: "a", count: 26)
    for (token, code) in [
      (unknown, "not_found"), ("t1_desk_x", "invalid_input"), ("", "invalid_input"),
    ] {
      let words = [
        ["reveal", token, "--purpose", "subject_rights"],
        ["token", token, "--domain", "analytics", "--purpose", "subject_rights"],
        ["dsr", "access", token, "--case", "1", "--out", "package"],
        ["dsr", "erase", token, "--case", "1"],
      ]
      for line in words { try stage.expectRefused(line + ["--as", "dana"], 1, code) }
    }
    try stage.expectRefused(
      ["reveal", stage.token, "--field", "nosuch", "--as", "dana", "--purpose", "subject_rights"],
      1, "not_found", naming: ["field"])
    try stage.expectRefused(
      ["token", stage.token, "--domain", "nosuch", "--as", "dana", "--purpose", "subject_rights"],
      1, "not_found", naming: ["`nosuch`"])
  }

  static let denied: [[String]] = [
    ["find", "email", "-", "--as", "ana", "--purpose", "analytics.reporting"],
    ["find", "email", "-", "--as", "eve"],
    ["reveal", "TOKEN", "--as", "max", "--purpose", "essential.service"],
    ["token", "TOKEN", "--domain", "analytics", "--as", "sam", "--purpose", "essential.service"],
    ["dsr", "access", "TOKEN", "--case", "1", "--out", "package", "--as", "sam"],
    ["dsr", "erase", "TOKEN", "--case", "1", "--as", "eve"], ["unify", "--as", "dana"],
    ["project", "--as", "aude"], ["index", "rebuild", "--as", "dana"],
    ["domain", "open", "partner", "--as", "dana"], ["retention", "plan", "--as", "eve"],
    ["retention", "apply", "--as", "eve"], ["audit", "prove", "0", "--out", "x", "--as", "ana"],
    ["audit", "publish", "--as", "ana"], ["status", "--as", "max"],
    ["segment", "count", "vault/policies/segments/travel-prospects.yaml", "--as", "eve"],
  ]

  @Test(arguments: denied)
  func whatThePolicyRefusesIsInTheLog(words: [String]) throws {
    let words = words.map { $0.replacing("TOKEN", stage.token) }
    let name = words[(words.firstIndex(of: "--as") ?? 0) + 1]
    try stage.expectRefused(
      words, 1, "denied", naming: ["`\(name)`", "logged"], logged: 1, input: stage.email)
  }

  @Test func whatIsShownCannotSteerTheTerminal() throws {
    let note = "line one\nline two\u{9B}31m\u{202E}txt.\u{85}end"
    let row = "K29999999,steer@example.org,Zo\u{200B}e,\"\(note)\",2024-01-02T03:04:05Z\n"
    try stage.write(Rows.header + row, "steer.csv")
    try stage.succeed("ingest", "steer.csv", "--contract", "crm", "--as", "eve")
    let found = try stage.ask("find", "email", "-", "--as", "dana", input: "steer@example.org")
    let token = try #require((found["persons"] as? [[String: Any]])?.first?["token"] as? String)
    let shown = try stage.lethe("reveal", token, "--as", "dana", "--purpose", "subject_rights")
    #expect(
      shown.status == 0
        && shown.error.contains("line one\u{FFFD}line two\u{FFFD}31m\u{FFFD}txt.\u{FFFD}end"))
    for scalar in ["\u{9B}", "\u{202E}", "\u{85}", "\u{200B}"] as [Unicode.Scalar] {
      #expect(!shown.error.unicodeScalars.contains(scalar))
    }
    let json = try stage.ask("reveal", token, "--as", "dana", "--purpose", "subject_rights")
    let fields = (json["records"] as? [[String: Any]])?.first?["fields"] as? [[String: Any]]
    #expect(fields?.contains { $0["value"] as? String == note } == true)
  }
}
