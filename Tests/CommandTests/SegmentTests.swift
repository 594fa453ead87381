import Foundation
import Testing

/// What the analysts' command refuses, and that it never tells a small number.
@Suite struct SegmentTests {
  private let stage: Stage
  private let rule = "vault/policies/segments/travel-prospects.yaml"

  init() throws {
    stage = try Stage(Template.full)
  }

  private func count(_ rule: String) -> [String] { ["segment", "count", rule, "--as", "ana"] }

  @Test func rulesThatAreNone() throws {
    let head = "lethe_segment: 1\nname: mine\ntitle: Mine\nwhere: "
    let cases = [
      ("[", "malformed"), (head + "{attribute: shoe_size, is: 44}\n", "unknown_attribute"),
      (head + "{atribute: interest, is: travel}\n", "unknown_key"),
      ("lethe_segment: 2\nname: mine\ntitle: Mine\n", "unsupported_format"),
    ]
    for (text, code) in cases {
      try stage.write(text, "mine.yaml")
      let outcome = try stage.lethe(count("mine.yaml"))
      expectRefusal(outcome, 1, code, secrets: stage.secrets)
    }
    try stage.expectRefused(count("none.yaml"), 1, "unreadable", naming: ["none.yaml"])
  }

  @Test func storesThatCannotBeUsed() throws {
    try stage.execute(
      "INSERT INTO grdb_migrations (identifier) VALUES ('9999-later')", on: "analytics.sqlite")
    try stage.expectRefused(count(rule), 1, "newer_format", naming: ["analytics.sqlite"])
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: stage.vault + "/analytics.sqlite" + suffix)
    }
    try stage.expectRefused(count(rule), 1, "not_found", naming: ["analytics.sqlite"])
    try stage.write("no database at all, but long enough to look at", "vault/analytics.sqlite")
    try stage.expectRefused(count(rule), 1, "not_analytics", naming: ["analytics"])
  }

  @Test func aSmallGroupIsNotCounted() throws {
    let text = """
      lethe_segment: 1
      name: one
      title: One
      where: {all: [{attribute: country, is: DE}, {attribute: language, is: fr}]}
      """
    try stage.write(text, "one.yaml")
    let answer = try stage.ask("segment", "count", "one.yaml", "--as", "ana")
    #expect(answer["count"] as? String == "suppressed" && answer["threshold"] as? Int == 20)
  }
}
