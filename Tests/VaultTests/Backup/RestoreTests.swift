import Foundation
import GRDB
import Keyring
import Sealing
import TestSupport
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Old data, current keys, current log: everyone who is still there, and nobody else.
@Suite struct RestoreTests {
  private struct Scene {
    let test: TestVault
    let bert: TokenText
    let anna: TokenText
    let annaLeaf: Int64
    let young: TokenText
    let expiredLeaf: Int64
    let bertValues: [String: [String]]
  }

  private static let reader = Requester(operatorName: "dana", purpose: "subject_rights")

  /// A backup, and then all that can happen to a vault.
  private static func scene() throws -> Scene {
    let test = try TestVault()
    let vault = try test.withEverybody()
    _ = try vault.project(.service)
    let bert = try vault.theOne(.email, People.bertEmail)
    let anna = try vault.theOne(.email, People.annaEmail)
    let scene = Scene(
      test: test, bert: bert, anna: anna, annaLeaf: try vault.leaf(TestSources.crm, "K-1"),
      young: try vault.theOne(.cookie, "c-2"),
      expiredLeaf: try vault.leaf(TestSources.dmp, "c-1"), bertValues: try vault.values(bert))
    _ = try vault.backUp(to: test.backup, .keeper)

    try vault.eraseNow(anna, "R-1")
    try vault.changeKey(of: vault.leaf(TestSources.crm, "K-3"), reference: "R-2")
    test.clock.set(day: TestVault.day + 15)
    let plan = try vault.planExpiry(TestSources.classes, .dpo)
    _ = try vault.expire(plan, confirming: plan.digest, reference: "E-1", .dpo)
    try vault.ingest([MorePeople.dora], from: TestSources.crm)
    _ = try vault.assign(
      [(try vault.leaf(TestSources.crm, "K-4"), try vault.leaf(TestSources.crm, "K-2"))],
      .none, .service)
    _ = try vault.openDomain("partner", isMonthly: false, .engineer)
    try vault.publishLog()
    return scene
  }

  @Test func thePlanSaysWhatWillHappenAndDoesNothing() throws {
    let test = try Self.scene().test
    let before = try FileManager.default.subpathsOfDirectory(atPath: test.root.path)
      .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
    let plan = try test.plan()
    #expect(
      plan.swept
        == SweepCounts(
          expiredSubjects: 1, subjectsWithoutKey: 2, unknownSubjects: 0, unfitSubjects: 0,
          recordsOfSubjects: 3, expiredRecords: 0))
    #expect(plan.since.erasures == 1 && plan.since.erasedSubjects == 1)
    #expect(plan.since.expiries == 1 && plan.since.expiredBuckets == 1)
    #expect(plan.since.changes == 1 && plan.since.changedKeys == 1)
    #expect(plan.since.ingested == 1 && plan.since.hasUnified)
    #expect(plan.suppressed == 4 && plan.withdrawals == 0 && plan.unmatchedWithdrawals == 0)
    #expect(plan.logSize == plan.manifest.logSize + plan.since.entries)
    #expect(try test.plan().digest == plan.digest, "looking changes nothing")
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: test.root.path)
        .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted() == before)
    #expect(try test.open().keyring.status().epoch == plan.since.epoch)
  }

  @Test func whoStaysIsThereAndWhoWentIsNot() throws {
    let scene = try Self.scene()
    let report = try scene.test.restore()
    #expect(report.counts.subjects == 2 && report.counts.records == 2)
    let vault = try scene.test.open(scene.test.restored)
    #expect(try vault.values(scene.bert) == scene.bertValues)
    #expect(try vault.values(scene.young, Self.reader)["dmp.segments"] == ["garden"])
    #expect(try vault.theOne(.email, People.bertEmail) == scene.bert)
    expect(VaultError.Code.notFound) { _ = try vault.disclose(scene.anna, .dpo) }
    for email in [People.annaEmail, "carl@example.com", "dora@example.com"] {
      #expect(try vault.count(.email, email) == 0, "\(email)")
    }
    #expect(try vault.count(.cookie, "c-1") == 0)
    for leaf in [scene.annaLeaf, scene.expiredLeaf] {
      expect(KeyringError.Code.keyDestroyed) {
        try vault.keyring.withSubjectKey(leaf) { _ in }
      }
    }
    #expect(try FileScan.hits(in: scene.test.restored, People.annaNeedles).isEmpty)
    #expect(try vault.queue.read { try DomainStore(database: $0).find("partner")?.number } == 4)
    #expect(try vault.resumeErasures().isEmpty)
  }

  /// Attack 40: who was erased does not come back; who was changed or is new does.
  @Test func ingestingAgainBringsBackWhoMayCome() throws {
    let scene = try Self.scene()
    try scene.test.restore()
    let vault = try scene.test.open(scene.test.restored)
    let report = try vault.ingest(
      [People.anna, People.bert, MorePeople.carl, MorePeople.dora], from: TestSources.crm)
    #expect(report.suppressed == 1 && report.unchanged == 1 && report.added == 2)
    #expect(try vault.count(.email, People.annaEmail) == 0)
    #expect(try vault.count(.email, "carl@example.com") == 1)
    let expired = try vault.ingest([MorePeople.old], from: TestSources.dmp)
    #expect(expired.expired == 1 && expired.added == 0)
    #expect(try vault.project(.service).profiles > 0)
    AttackReport.record(
      number: 40, name: "re-ingest after a restore",
      tried: "the sources of before handed in again to a restored vault",
      result: "who was erased is refused by the list from the key store, what expired stays out")
  }

  /// A row number of the vault is not given again to another value under the same keys.
  @Test func recordNumbersAreNotUsedTwice() throws {
    let scene = try Self.scene()
    try scene.test.restore()
    let vault = try scene.test.open(scene.test.restored)
    try vault.ingest([MorePeople.dora], from: TestSources.crm)
    let last = try #require(try vault.value(Int64.self, "SELECT max(row) FROM record"))
    #expect(last > RestoreStore.recordNumbersPerRestore)
    #expect(try vault.values(try vault.theOne(.email, "dora@example.com")).count > 1)
  }

  @Test func theLogGoesOnAndVerifies() throws {
    let scene = try Self.scene()
    let old = try #require(try scene.test.open().logReport().checkpoint?.checkpoint)
    let report = try scene.test.restore()
    let vault = try scene.test.open(scene.test.restored)
    try vault.requireLogFits()
    let verified = try vault.logReport(known: [old])
    #expect(verified.isValid && verified.findings.isEmpty)
    let entries = try vault.logEntries()
    #expect(verified.entryCount == entries.count && entries.count > old.treeSize)
    let event = entries[report.logSequence]
    #expect(report.logSequence == old.treeSize && event.text("type") == "vault.restored")
    #expect(event.text("manifest") == (try report.plan.manifest.digest.hexadecimal))
    guard case .object(let swept)? = event["swept"], case .object(let counts)? = event["counts"]
    else { throw VaultError(.integrity, "the event lacks its counts") }
    #expect(swept.number("subjects_without_key") == 2 && counts.number("subjects") == 2)
    #expect(entries.last?.text("type") == "key.destroyed")
    #expect(try vault.prove(report.logSequence).entry.isEmpty == false)
    #expect(try vault.status(.dpo).lastBackupMilliseconds == report.plan.manifest.milliseconds)
    let about = try vault.events(about: scene.bert, .dpo)
    #expect(about.contains { $0.type == "person.found" })
  }

  /// The old index is noise and the key store it was copied from is dead.
  @Test func theOldDirectoryOpensNoMore() throws {
    let scene = try Self.scene()
    let before = try scene.test.open()
    let codes = try before.indexQueue.read {
      try Set(Data.fetchAll($0, sql: "SELECT code FROM match"))
    }
    let tree = try FileScan.digests(of: scene.test.directory, besides: ["keys.sqlite"])
    try scene.test.restore()
    let vault = try scene.test.open(scene.test.restored)
    let fresh = try vault.indexQueue.read {
      try Set(Data.fetchAll($0, sql: "SELECT code FROM match"))
    }
    #expect(!fresh.isEmpty && fresh.isDisjoint(with: codes))
    #expect(try Set(vault.keyring.liveIndexGenerations().map(\.generation)).count == 1)
    expect(KeyringError.Code.rollback) { _ = try scene.test.open() }
    #expect(
      try FileScan.digests(of: scene.test.directory, besides: ["keys.sqlite"]) == tree,
      "the old directory is left alone")
  }

  @Test func aRestoredVaultCanBeBackedUpAndRestoredAgain() throws {
    let scene = try Self.scene()
    try scene.test.restore()
    let second = try scene.test.open(scene.test.restored)
    let backup = scene.test.root.path + "/backup-2"
    _ = try second.backUp(to: backup, .keeper)
    try second.eraseNow(scene.bert, "R-9")
    try second.publishLog()
    let third = scene.test.root.path + "/third"
    try scene.test.restore(
      scene.test.request(
        backup: backup, to: third, keys: scene.test.restored,
        log: scene.test.restored + "/audit"))
    let vault = try scene.test.open(third)
    expect(VaultError.Code.notFound) { _ = try vault.disclose(scene.bert, .dpo) }
    #expect(try vault.values(scene.young, Self.reader)["dmp.segments"] == ["garden"])
    #expect(try vault.logTypes().filter { $0 == "vault.restored" }.count == 2)
    #expect(try vault.ingest([People.anna, People.bert], from: TestSources.crm).suppressed == 2)
  }

  /// Nothing happened in between: everybody is there.
  @Test func aBackupOfTodayLosesNothing() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    let manifest = try vault.backUp(to: test.backup, .keeper).manifest
    let report = try test.restore(test.request(keys: test.layout.keys))
    #expect(report.counts == manifest.counts && report.plan.swept == SweepCounts())
    let restored = try test.open(test.restored)
    #expect(try restored.count(.email, "carl@example.com") == 1)
    #expect(restored.settings.slot.path == test.slotPath)
  }

  /// An erasure that was under way in the backup is finished, whatever the log says of it.
  @Test(arguments: [1, 3]) func anErasureUnderWayIsFinished(death: Int) throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    let anna = try vault.theOne(.email, People.annaEmail)
    let digest = try vault.previewErasure(anna, .dpo).digest
    test.random.fail(after: death)
    #expect(throws: (any Error).self) {
      _ = try vault.erase(anna, confirming: digest, reference: "R-1", .dpo)
    }
    test.random.fail(after: nil)
    let manifest = try vault.backUp(to: test.backup, .keeper).manifest
    #expect(manifest.counts.openErasures == 1)
    try vault.resumeErasures()
    try vault.publishLog()
    let report = try test.restore()
    let restored = try test.open(test.restored)
    #expect(report.counts.openErasures == 1)
    #expect(try restored.status(.dpo).openErasures.isEmpty)
    #expect(try restored.value(Int.self, "SELECT count(*) FROM subject WHERE state = 1") == 0)
    #expect(try restored.count(.email, People.annaEmail) == 0)
    #expect(try restored.ingest([People.anna], from: TestSources.crm).suppressed == 1)
    #expect(try restored.logReport().isValid)
  }

  @Test func progressIsTold() throws {
    let test = try Self.scene().test
    var phases: [WorkProgress.Phase] = []
    let digest = try test.plan().digest
    _ = try Vault.restore(
      test.request(), confirming: digest, unsealKey: try test.key(),
      environment: test.environment, .keeper
    ) { phases.append($0.phase) }
    #expect(Set(phases).isSuperset(of: [.copying, .log, .keys, .index]))
  }
}

/// Withdrawn consent is no matter of keys; it comes back from the log.
@Suite struct RestoredWithdrawalTests {
  /// Logs a withdrawal as the vault will.
  private static func withdraw(
    _ vault: Vault, _ leaves: [Int64], _ purpose: String, key: String = "withdrawn"
  ) throws {
    let rows = try vault.queue.read { database in
      try leaves.compactMap(SubjectStore(database: database).find)
    }
    let opener = SubjectOpener(vault)
    let references = try vault.references(rows.map(opener.open))
    let entry: (String, CanonicalJSON) =
      key == "withdrawn" ? (key, .string(purpose)) : (key, .array([.string(purpose)]))
    let sequence = try vault.queue.read { try AuditStore(database: $0).size() }
    let event = try CanonicalJSON.members([
      ("actor", .string("op_x")), ("id", .string("00")), ("seq", .count(sequence)),
      ("time", .integer(vault.clock.milliseconds)), ("type", .string("consent.withdrawn")),
      ("subjects", .array(references.map { .string(AuditEvent.reference($0)) })), entry,
    ]).canonicalBytes()
    try vault.queue.write {
      try AuditStore(database: $0).append([(event, references)], at: sequence)
    }
  }

  @Test(arguments: ["withdrawn", "purposes"]) func theyAreAppliedAgain(key: String) throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    _ = try vault.backUp(to: test.backup, .keeper)
    let bert = try vault.leaf(TestSources.crm, "K-2")
    let anna = try vault.leaf(TestSources.crm, "K-1")
    try Self.withdraw(vault, [bert], "analytics", key: key)
    // Two months on the references are others.
    test.clock.set(day: TestVault.day + 61)
    try Self.withdraw(vault, [bert, anna], "marketing", key: key)
    try Self.withdraw(vault, [bert], "marketing", key: key)
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    try vault.publishLog()
    let plan = try test.plan()
    #expect(plan.withdrawals == 2 && plan.unmatchedWithdrawals == 1)
    #expect(plan.unmatchedEntries.count == 1)
    try test.restore()
    let restored = try test.open(test.restored)
    let rows = try restored.queue.read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM withdrawal ORDER BY purpose").map {
        "\($0["subject"] as Int64) \($0["purpose"] as String) \($0["day"] as Int)"
      }
    }
    #expect(
      rows == [
        "\(bert) analytics \(TestVault.day)", "\(bert) marketing \(TestVault.day + 61)",
      ])
  }

  @Test func withoutWithdrawalsNobodyIsAsked() throws {
    let test = try TestVault()
    _ = try test.withEverybody().backUp(to: test.backup, .keeper)
    let plan = try test.plan()
    #expect(plan.withdrawals == 0 && plan.unmatchedEntries.isEmpty)
  }
}

extension FileScan {
  /// SHA-256 of every file but SQLite's side files and those named.
  static func digests(
    of directory: String, besides names: Set<String> = []
  ) throws -> [String: [UInt8]] {
    var digests: [String: [UInt8]] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: directory) {
      guard !path.hasSuffix("-wal"), !path.hasSuffix("-shm"), !names.contains(path),
        let data = FileManager.default.contents(atPath: "\(directory)/\(path)")
      else { continue }
      digests[path] = SHA256.hash([UInt8](data))
    }
    #expect(digests.count > 5)
    return digests
  }
}
