import Foundation
import Testing

/// What keeps a vault shut: each cause has its line and its exit code, and nothing changes.
@Suite struct OpeningTests {
  /// A damage, what is asked then, and what has to be said.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let status: Int32
    let code: String
    let names: [String]
    let words: [String]
    let logged: Int
    let damage: @Sendable (Stage) throws -> Void

    init(
      _ name: String, _ status: Int32, _ code: String, _ names: [String] = [],
      words: [String] = ["status", "--as", "dana"], logged: Int = 0,
      damage: @escaping @Sendable (Stage) throws -> Void = { _ in }
    ) {
      testDescription = name
      self.status = status
      self.code = code
      self.names = names
      self.words = words
      self.logged = logged
      self.damage = damage
    }
  }

  private static func replace(_ old: String, _ new: String) -> @Sendable (Stage) throws -> Void {
    { stage in try stage.edit(stage.settings) { $0.replacingOccurrences(of: old, with: new) } }
  }

  private static func remove(_ name: String) -> @Sendable (Stage) throws -> Void {
    { stage in try FileManager.default.removeItem(atPath: stage.path(name)) }
  }

  private static func overwrite(
    _ name: String, _ bytes: [UInt8]
  ) -> @Sendable (Stage) throws -> Void {
    { stage in
      try Data(bytes).write(to: URL(fileURLWithPath: stage.path(name)))
      try stage.setMode(0o600, stage.path(name))
    }
  }

  static let cases: [Case] = keyCases + fileCases + policyCases

  static let keyCases = [
    Case("key missing", 3, "unavailable", ["PLACE/unseal.key"], damage: remove("unseal.key")),
    Case(
      "key wrong", 3, "sealed", ["unseal key"], logged: 1,
      damage: overwrite("unseal.key", Array(1...32))),
    Case(
      "key short", 3, "permission", ["31 bytes"], damage: overwrite("unseal.key", Array(1...31))),
    Case("key readable by all", 3, "permission", ["unseal.key", "644"]) {
      try $0.setMode(0o644, $0.key)
    },
    Case("key in the vault", 3, "permission", ["vault/unseal.key", "inside the vault"]) { stage in
      try FileManager.default.moveItem(
        atPath: stage.key, toPath: stage.path("vault/unseal.key"))
      try stage.edit(stage.settings) {
        $0.replacingOccurrences(of: "/unseal.key", with: "/vault/unseal.key")
      }
    },
    Case("slot missing", 3, "unavailable", ["PLACE/slot"], damage: remove("slot")),
    Case(
      "slot empty", 3, "sealed", ["epoch slot"], logged: 1,
      damage: overwrite("slot", Array(repeating: 0, count: 8192))),
    Case("slot that is none", 3, "wrong_slot", ["slot"], damage: overwrite("slot", [1, 2, 3])),
    Case("slot of another vault", 3, "wrong_slot", ["PLACE/slot", "another vault"]) { stage in
      try stage.succeed(
        "init", "other", "--unseal", "file:unseal.key", "--slot", "slot2", "--policies",
        "vault/policies")
      try FileManager.default.removeItem(atPath: stage.slot)
      try FileManager.default.moveItem(atPath: stage.path("slot2"), toPath: stage.slot)
    },
    Case("slot readable by all", 3, "permission", ["slot", "644"]) {
      try $0.setMode(0o644, $0.slot)
    },
  ]

  static let fileCases = [
    Case("vault missing", 1, "vault_directory", ["vault"], damage: remove("vault")),
    Case(
      "settings missing", 1, "vault_directory", ["lethe.yaml"], damage: remove("vault/lethe.yaml")),
    Case(
      "settings newer", 1, "newer_format", ["lethe.yaml", "format 2"],
      damage: replace("lethe_vault: 1", "lethe_vault: 2")),
    Case(
      "settings with an unknown key", 1, "invalid_input", ["lethe.yaml", "`dmeo`"],
      damage: replace("\ndemo:", "\ndmeo:")),
    Case(
      "settings that are no YAML", 1, "invalid_input", ["lethe.yaml"],
      damage: overwrite("vault/lethe.yaml", Array("[".utf8))),
    Case(
      "vault.sqlite missing", 1, "vault_directory", ["vault.sqlite"],
      damage: remove("vault/vault.sqlite")),
    Case(
      "keys.sqlite missing", 1, "vault_directory", ["keys.sqlite"],
      damage: remove("vault/keys.sqlite")),
    Case("vault.sqlite newer", 1, "newer_format", ["vault.sqlite", "format 9"]) {
      try $0.execute("PRAGMA user_version = 9", on: "vault.sqlite")
    },
    Case("keys.sqlite newer", 1, "newer_format", ["keys.sqlite", "9"]) {
      try $0.execute("PRAGMA user_version = 9", on: "keys.sqlite")
    },
    Case("index.sqlite newer", 1, "newer_format", ["index.sqlite", "9"]) {
      try $0.execute("PRAGMA user_version = 9", on: "index.sqlite")
    },
    Case("keys.sqlite of another program", 4, "corrupt", ["keys.sqlite"]) {
      try $0.execute("PRAGMA application_id = 7", on: "keys.sqlite")
    },
  ]

  static let policyCases = [
    Case(
      "operator unknown", 1, "unknown_operator", ["`dan`", "did you mean `dana`?"],
      words: ["status", "--as", "dan"], logged: 1),
    Case(
      "purpose unknown", 1, "unknown_purpose", ["did you mean `essential.service`?"],
      words: ["status", "--as", "dana", "--purpose", "esential.service"], logged: 1),
    Case(
      "operators missing", 1, "policy_file", ["operators.yaml"],
      damage: remove("vault/policies/operators.yaml")),
    Case(
      "policy that is none", 1, "policy_file", ["vault.cedar"],
      damage: overwrite("vault/policies/vault.cedar", Array("permit".utf8))),
  ]

  @Test(arguments: cases)
  func isRefused(item: Case) throws {
    let stage = try Stage(Template.bare)
    try item.damage(stage)
    let names = item.names.map { $0.replacingOccurrences(of: "PLACE", with: stage.directory) }
    try stage.expectRefused(
      item.words, item.status, item.code, naming: names, logged: item.logged)
  }

  @Test func theLinesStayAsTheyAre() throws {
    var transcript = ""
    for item in Self.cases {
      let stage = try Stage(Template.bare)
      try item.damage(stage)
      let outcome = try stage.lethe(item.words)
      transcript += "# \(item.testDescription)\n\(stage.transcript(item.words, outcome))\n"
    }
    try Golden.compare(transcript, with: "opening.txt")
  }

  @Test func deletedIndexIsSaidAndCanBeRebuilt() throws {
    let stage = try Stage(Template.full)
    let before = try stage.counts()
    try FileManager.default.removeItem(atPath: stage.path("vault/index.sqlite"))
    try stage.expectRefusedFind("index_missing")
    try stage.succeed("index", "rebuild", "--as", "eve")
    #expect(try stage.counts()["match_entries"] == before["match_entries"])
    try stage.succeed("find", "email", "-", "--as", "dana", input: stage.email)
  }
}

extension Stage {
  fileprivate func expectRefusedFind(_ code: String) throws {
    let outcome = try lethe("find", "email", "-", "--as", "dana", input: email)
    expectRefusal(outcome, 1, code, naming: ["lethe index rebuild"], secrets: secrets)
  }
}
