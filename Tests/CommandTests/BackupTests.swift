import Foundation
import TestSupport
import Testing

/// `lethe backup` and `lethe restore` as their users run them.
@Suite struct BackupTests {
  private let stage: Stage

  init() throws {
    stage = try Stage(Template.full)
  }

  private func erase() throws {
    let words = ["dsr", "erase", stage.token, "--case", "C-1", "--as", "dana"]
    let digest = try #require(
      try stage.lethe(words + ["--json"]).document()["confirm"] as? String)
    #expect(try stage.lethe(words + ["--confirm", digest]).status == 0)
  }

  private func restore(_ more: String...) -> [String] {
    ["restore", "backup", "--to", "new", "--keys", "vault", "--log", "vault/audit", "--as", "eve"]
      + more
  }

  private func fingerprint() throws -> String {
    try #require(try stage.lethe(restore("--json")).document()["confirm"] as? String)
  }

  @Test func theWholeStory() throws {
    let before = try stage.counts()
    let made = try stage.ask("backup", "--to", "backup", "--as", "lethe")
    let counts = try #require(made["counts"] as? [String: Int])
    #expect(counts["subjects"] == before["subjects"] && counts["records"] == before["records"])
    #expect((made["manifest"] as? String)?.count == 64)
    let status = try stage.ask("status", "--as", "dana")
    #expect(status["last_backup_ms"] as? Int ?? 0 > 0)
    try erase()

    let plan = try stage.lethe(restore("--json")).document()
    let swept = try #require(plan["swept"] as? [String: Int])
    #expect(swept["subjects_without_key"] ?? 0 >= 3 && swept["expired_subjects"] == 0)
    #expect((plan["since"] as? [String: Int])?["erasures"] == 1)
    #expect(!stage.exists("new") && !stage.exists("new.making"))
    let digest = try #require(plan["confirm"] as? String)
    let answer = try stage.lethe(restore("--confirm", digest, "--json")).document()
    let now = try #require(answer["now"] as? [String: Int])
    #expect(now["subjects"] == (before["subjects"] ?? 0) - (swept["subjects_without_key"] ?? 0))

    let new = ["--vault", "new"]
    let found = try stage.lethe(
      ["find", "email", "-", "--as", "dana", "--json"] + new, input: stage.email)
    #expect(found.status == 1)
    let again = try stage.lethe(
      ["ingest", "crm.csv", "--contract", "crm", "--as", "eve", "--json"] + new
    ).document()
    #expect(again["suppressed"] as? Int ?? 0 >= 1 && again["added"] as? Int == 0)
    #expect(try stage.lethe(["project", "--as", "lethe"] + new).status == 0)
    #expect(try stage.lethe(["audit", "verify"] + new).status == 0)
    let kit = try Program.start(
      ["python3", Program.repository + "/audit/verify.py", "new/audit"],
      executable: "/usr/bin/env", in: stage.directory
    ).wait()
    #expect(kit.status == 0 && kit.outputText.contains("vault.restored"), "\(kit.error)")
    let old = try stage.lethe("status", "--as", "dana")
    expectRefusal(old, 4, "rollback", naming: ["key store"], secrets: stage.secrets)
  }

  @Test func aPlanIsShownAndNothingChanges() throws {
    try stage.succeed("backup", "--to", "backup", "--as", "eve")
    try erase()
    let before = try stage.snapshot()
    let text = try stage.lethe(restore())
    let digest = try fingerprint()
    #expect(text.status == 0 && text.output.isEmpty && text.error.contains("--confirm \(digest)"))
    #expect(!stage.secrets.contains { text.error.contains($0) })
    #expect(try stage.snapshot() == before)
  }

  @Test func oneFlippedByteIsOneLineAndExitCodeFour() throws {
    try stage.succeed("backup", "--to", "backup", "--as", "eve")
    var dice = SeededNumbers(seed: 31)
    let names = ["vault.sqlite", "lethe.yaml", "manifest.json", "policies/vault.cedar"]
    for name in names {
      let url = URL(fileURLWithPath: stage.path("backup/\(name)"))
      let good = try Data(contentsOf: url)
      var bad = good
      bad[Int.random(in: 0..<good.count, using: &dice)] ^= 1
      try bad.write(to: url)
      let outcome = try stage.lethe(restore())
      expectRefusal(outcome, 4, "integrity", secrets: stage.secrets)
      #expect(!stage.exists("new") && !stage.exists("new.making"), "\(name)")
      try good.write(to: url)
    }
    #expect(try stage.lethe(restore("--json")).status == 0)
  }

  /// A cause, the words that bring it about, and what has to be said.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let status: Int32
    let code: String
    let names: [String]
    let prepare: @Sendable (Stage) throws -> [String]

    init(
      _ name: String, _ status: Int32, _ code: String, _ names: [String],
      prepare: @escaping @Sendable (Stage) throws -> [String]
    ) {
      testDescription = name
      self.status = status
      self.code = code
      self.names = names
      self.prepare = prepare
    }
  }

  private static func words(
    _ backup: String = "backup", to: String = "new", keys: String = "vault",
    log: String = "vault/audit", who: String = "eve"
  ) -> [String] {
    ["restore", backup, "--to", to, "--keys", keys, "--log", log, "--as", who]
  }

  static let cases = [
    Case("no backup", 1, "vault_directory", ["nowhere"]) { _ in words("nowhere") },
    Case("a vault as backup", 4, "integrity", ["manifest.json"]) { _ in words("vault") },
    Case("place taken", 1, "vault_directory", ["vault"]) { _ in words(to: "vault") },
    Case("inside the backup", 1, "invalid_input", ["inside the backup"]) { _ in
      words(to: "backup/new")
    },
    Case("no keys", 1, "vault_directory", ["key store"]) { _ in words(keys: "backup") },
    Case("no log", 1, "vault_directory", ["published log"]) { _ in words(log: "nowhere") },
    Case("old log", 4, "integrity", ["older than the backup"]) { _ in
      words(log: "backup/audit")
    },
    Case("not allowed", 1, "denied", ["dana"]) { _ in words(who: "dana") },
    Case("unknown operator", 1, "unknown_operator", ["nemo"]) { _ in words(who: "nemo") },
    Case("wrong fingerprint", 1, "stale", ["plan"]) { _ in
      words() + ["--confirm", "0123456789abcdef"]
    },
    Case("other slot", 3, "unavailable", ["noslot"]) { _ in words() + ["--slot", "noslot"] },
    Case("other key", 3, "unavailable", ["nokey"]) { _ in words() + ["--unseal", "file:nokey"] },
    Case("no such method", 2, "usage", ["--unseal"]) { _ in words() + ["--unseal", "key"] },
    Case("keys of another vault", 4, "integrity", ["different vaults"]) { stage in
      try stage.succeed(
        "init", "other", "--unseal", "file:unseal.key", "--slot", "slot2", "--policies",
        "vault/policies")
      return words(keys: "other")
    },
    Case("log of another vault", 4, "integrity", ["checkpoint"]) { stage in
      try stage.succeed(
        "init", "other", "--unseal", "file:unseal.key", "--slot", "slot2", "--policies",
        "vault/policies")
      return words(log: "other/audit")
    },
  ]

  @Test(arguments: cases) func whatCannotBeRestoredIsRefused(example: Case) throws {
    try stage.succeed("backup", "--to", "backup", "--as", "eve")
    let arguments = try example.prepare(stage)
    try stage.expectRefused(arguments, example.status, example.code, naming: example.names)
    #expect(!stage.exists("new.making"))
  }

  @Test(
    arguments: [
      ("vault/backup", "invalid_input", "inside the vault"), ("data", "vault_directory", "data"),
      (".", "invalid_input", "slot"),
    ])
  func placesWhereNoBackupMayLie(place: String, code: String, word: String) throws {
    try FileManager.default.createDirectory(
      atPath: stage.path("data/x"), withIntermediateDirectories: true)
    try stage.expectRefused(
      ["backup", "--to", place, "--as", "eve"], 1, code, naming: [word])
  }

  @Test func notEveryoneMayBackUp() throws {
    try stage.expectRefused(
      ["backup", "--to", "backup", "--as", "dana"], 1, "denied", naming: ["dana"], logged: 1)
    #expect(!stage.exists("backup"))
  }

  /// Vault, slot and key moved to another place, as after a fire.
  @Test func slotAndKeyMayHaveMoved() throws {
    try stage.succeed("backup", "--to", "backup", "--as", "eve")
    let files = FileManager.default
    try files.createDirectory(atPath: stage.path("safe"), withIntermediateDirectories: true)
    for name in ["slot", "unseal.key"] {
      try files.moveItem(atPath: stage.path(name), toPath: stage.path("safe/\(name)"))
    }
    let moved = ["--slot", "safe/slot", "--unseal", "file:safe/unseal.key"]
    let plan = try stage.lethe(restore("--json") + moved).document()
    let digest = try #require(plan["confirm"] as? String)
    #expect(try stage.lethe(restore("--confirm", digest) + moved).status == 0)
    let found = try stage.lethe(
      ["find", "email", "-", "--as", "dana", "--vault", "new"], input: stage.email)
    #expect(found.status == 0, "\(found.error)")
  }
}
