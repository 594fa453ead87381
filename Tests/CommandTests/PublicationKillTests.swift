import Foundation
import GRDB
import TestSupport
import Testing
import Transparency
import Vault
import VaultTesting

#if canImport(Glibc)
  import Glibc
#endif

/// A vault whose entries are old enough to be pruned.
enum OldLog {
  static let entries = 600
  static let keepDays = 30

  /// Makes it in a directory; the day of its clock lies years back.
  static func make() throws -> TestVault {
    let test = try TestVault()
    test.log = LogSettings(keepDays: keepDays)
    let vault = try test.made()
    let digest = CanonicalJSON.string(String(repeating: "0", count: 64))
    _ = try vault.record(
      (0..<entries).map { _ in
        AuditEvent(
          .policyChanged, actor: "test",
          details: [("policy_set", digest), ("policy_set_before", digest)])
      })
    try vault.publishLog()
    return test
  }
}

extension Stage {
  /// A stage in the directory of a vault; the vault is to be kept as long.
  convenience init(_ test: TestVault) { self.init(directory: test.root.path) }

  /// Entries, those below an index, and hashes in the vault's file.
  fileprivate func logRows(below index: Int = 0) throws -> (size: Int, below: Int, nodes: Int) {
    try DatabaseQueue(path: vault + "/vault.sqlite").read { database in
      func number(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      return (
        try number("SELECT coalesce(max(seq) + 1, 0) FROM audit_entry"),
        try number("SELECT count(*) FROM audit_entry WHERE seq < \(index)"),
        try number("SELECT count(*) FROM audit_node")
      )
    }
  }

  /// What must hold whenever the program was killed.
  fileprivate func expectWholeLog(minimumIndex: Int = 0, _ note: String) throws {
    let rows = try logRows()
    #expect(rows.nodes == StoredHashIndex.count(treeSize: rows.size), "\(note): entry without node")
    let report = try logReport(minimumIndex: minimumIndex)
    #expect(report.isValid, "\(note): \(report.findings)")
    #expect(report.checkpoint?.checkpoint.treeSize ?? .max <= rows.size, "\(note)")
    let verified = try lethe("audit", "verify")
    #expect(verified.status == 0, "\(note): \(verified.error)")
  }
}

/// Killed at every sync while it logs, publishes and prunes.
@Suite(.serialized, .enabled(if: Trace.isPossible, "\(Trace.absenceNote)"))
struct PublicationKillTests {
  /// Most syncs of one command that are looked at.
  private static let syncsMaximum = 80

  /// Kills a command at its nth sync of a kind; false when it has come to its end before.
  private func kill(
    _ number: Int, _ call: String, _ words: [String], _ stage: Stage
  ) throws -> Bool {
    let outcome = try Trace.killAtSync(number, words, stage, call: call)
    if outcome.wasKilled || outcome.status == 128 + SIGKILL { return true }
    #expect(outcome.status == 0, "\(outcome.error)")
    return false
  }

  /// The entry and its hashes are one transaction; tiles come before the checkpoint.
  @Test(arguments: ["fdatasync", "fsync"]) func whileItPublishes(call: String) throws {
    let size = try Stage(Template.full).publishedSize()
    var seen: Set<Int> = []
    var kills = 0
    for number in 1...Self.syncsMaximum {
      let stage = try Stage(Template.full)
      let words = ["reveal", stage.token, "--as", "dana", "--purpose", "subject_rights"]
      guard try kill(number, call, words, stage) else { break }
      kills = number
      let note = "\(call) \(number)"
      try stage.expectWholeLog(note)
      seen.insert(try stage.publishedSize() - size)
      try stage.succeed("audit", "publish", "--as", "dana")
      #expect(try stage.publishedSize() == stage.logRows().size, "\(note)")
      try stage.expectWholeLog(note)
    }
    #expect((3..<Self.syncsMaximum).contains(kills))
    #expect(seen.contains(0), "killed before the checkpoint")
    #expect(call == "fdatasync" || seen.count == 2, "and after it")
    AttackReport.record(
      number: 44, name: "kill -9 while publishing, at every \(call)",
      tried: "\(kills) kills between entry, tiles, mark, signature and checkpoint",
      result: "entry and hashes whole each time, published log verified, publishing resumed")
  }

  @Test(arguments: ["fdatasync", "fsync"]) func whileItPrunes(call: String) throws {
    let origin = try OldLog.make()
    let plan = try Stage(origin).ask("audit", "prune", "--as", "dana")
    let digest = try #require(plan["confirm"] as? String)
    #expect(plan["minimum_index"] as? Int == 512)
    var states: Set<String> = []
    var kills = 0
    for number in 1...Self.syncsMaximum {
      let test = try origin.clone()
      let stage = Stage(test)
      let words = ["audit", "prune", "--as", "dana", "--confirm", digest]
      guard try kill(number, call, words, stage) else { break }
      kills = number
      states.insert(try lookAfterPruning(stage, "\(call) \(number)"))
    }
    #expect((3..<Self.syncsMaximum).contains(kills) && states.count >= 2, "\(states)")
    AttackReport.record(
      number: 44, name: "kill -9 while pruning, at every \(call)",
      tried: "\(kills) kills, states \(states.sorted())",
      result: "finished by the next publication or not begun, log verified")
  }

  /// Looks at a log whose pruning was cut off, and lets the next command go on.
  ///
  /// - Returns: Entries below the line that were left, and whether their last bundle was.
  private func lookAfterPruning(_ stage: Stage, _ note: String) throws -> String {
    try stage.expectWholeLog(minimumIndex: 512, note)
    let rows = try stage.logRows(below: 512)
    // No bundle is gone before the event that says so is published.
    if !stage.exists("vault/audit/tile/entries/000") {
      #expect(try stage.publishedSize() == rows.size && rows.below == 0, "\(note)")
    }
    let state = "\(rows.below) \(stage.exists("vault/audit/tile/entries/001"))"
    try stage.succeed("audit", "publish", "--as", "dana")
    let answer = try stage.ask("audit", "prune", "--as", "dana")
    let isDone = answer["minimum_index"] as? Int == 512 && answer["entries"] as? Int == 0
    let after = try stage.logRows(below: 512)
    #expect(after.below == (isDone ? 0 : 512), "\(note)")
    #expect(stage.exists("vault/audit/tile/entries/001") == !isDone, "\(note)")
    try stage.expectWholeLog(minimumIndex: isDone ? 512 : 0, note)
    return state
  }
}

/// `lethe audit prune` as its users run it.
@Suite struct PruneCommandTests {
  private let test: TestVault
  private let stage: Stage

  init() throws {
    test = try OldLog.make()
    stage = Stage(test)
  }

  @Test func theWholeStory() throws {
    let words = ["audit", "prune", "--as", "dana"]
    let shown = try stage.lethe(words)
    let plan = try stage.lethe(words + ["--json"]).document()
    let digest = try #require(plan["confirm"] as? String)
    #expect(shown.status == 0 && shown.error.contains("--confirm \(digest)"))
    #expect(plan["entries"] as? Int == 512 && plan["keep_days"] as? Int == OldLog.keepDays)
    #expect(stage.exists("vault/audit/tile/entries/000"), "nothing has gone")
    try stage.succeed("audit", "prove", "5", "--out", "before", "--as", "dana")

    expectRefusal(
      try stage.lethe(words + ["--confirm", "0000"]), 1, "stale", naming: [digest])
    let answer = try stage.lethe(words + ["--confirm", digest, "--json"]).document()
    #expect(answer["deleted"] as? Bool == true && answer["entries"] as? Int == 512)
    #expect(!stage.exists("vault/audit/tile/entries/000"))
    #expect(try stage.text("vault/audit/retention").contains("minimum_index 512\n"))
    let status = try stage.ask("audit", "status", "--as", "dana")
    #expect(status["minimum_index"] as? Int == 512 && status["keep_days"] as? Int == 30)

    // Both verifiers take it from the log that bundles are gone.
    let whole = try stage.ask("audit", "verify")
    #expect(whole["valid"] as? Bool == true)
    let kit = try Program.start(
      ["python3", Program.repository + "/audit/verify.py", stage.vault + "/audit"],
      executable: "/usr/bin/env", in: stage.directory
    ).wait()
    #expect(kit.status == 0, "\(kit.outputText) \(kit.error)")

    // The proof outlives the entry, and proves the one that was kept.
    let proof = try stage.ask("audit", "prove", "5", "--out", "after", "--as", "dana")
    #expect(proof["pruned"] as? Bool == true && !stage.exists("after/5.json"))
    let verified = try stage.lethe(
      "audit", "verify-proof", "after/5.tlog-proof", "before/5.json", "--vkey", stage.logKey())
    #expect(verified.status == 0, "\(verified.error)")
    let consistent = try stage.lethe("audit", "consistency", "5", "600", "--log", "vault/audit")
    #expect(consistent.status == 0, "\(consistent.error)")
    #expect(try stage.ask("audit", "prune", "--as", "dana")["entries"] as? Int == 0)
  }

  @Test func whatTheRuleKeepsCannotGo() throws {
    for words in [["--older-than", "29"], ["--below", "100000"]] {
      let outcome = try stage.lethe(["audit", "prune", "--as", "dana"] + words)
      expectRefusal(outcome, 1, "invalid_input", naming: ["log_keep_days"])
    }
    expectRefusal(
      try stage.lethe("audit", "prune", "--as", "dana", "--older-than", "40", "--below", "5"), 2,
      "usage")
    for name in ["aude", "eve"] {
      expectRefusal(try stage.lethe("audit", "prune", "--as", name), 1, "denied")
    }
    try stage.edit(stage.settings) { $0.replacing("log_keep_days: 30\n", with: "") }
    expectRefusal(
      try stage.lethe("audit", "prune", "--as", "dana"), 1, "invalid_input",
      naming: ["log_keep_days"])
    #expect(stage.exists("vault/audit/tile/entries/000"))
  }
}
