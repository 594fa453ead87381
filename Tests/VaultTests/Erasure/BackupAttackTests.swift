import Foundation
import GRDB
import Keyring
import Sealing
import TestSupport
import Testing
import VaultTesting

@testable import Vault

/// Somebody kept copies: what was erased or expired must be gone from them too.
@Suite struct BackupAttackTests {
  /// Copies over single files of a vault directory, their logs included.
  static func bring(_ names: [String], from source: String, to target: String) throws {
    for name in names {
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: "\(target)/\(name)\(suffix)")
        guard suffix != "-shm",
          FileManager.default.fileExists(atPath: "\(source)/\(name)\(suffix)")
        else { continue }
        try FileManager.default.copyItem(
          atPath: "\(source)/\(name)\(suffix)", toPath: "\(target)/\(name)\(suffix)")
      }
    }
  }

  private struct Scene {
    let test: TestVault
    let anna: TokenText
    let bert: TokenText
    let leaf: Int64
    let backup: String
  }

  /// A vault, a backup of all its files, and then Anna's erasure.
  private static func scene() throws -> Scene {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.project(.service)
    let anna = try vault.theOne(.email, People.annaEmail)
    let bert = try vault.theOne(.email, People.bertEmail)
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    let backup = try test.copyDirectory("backup")
    try vault.eraseNow(anna, "R-1")
    try vault.publishLog()
    return Scene(test: test, anna: anna, bert: bert, leaf: leaf, backup: backup)
  }

  @Test func theWholeBackupDoesNotOpen() throws {
    let scene = try Self.scene()
    let error = #expect(throws: KeyringError.self) { _ = try scene.test.open(scene.backup) }
    #expect(error?.code == .rollback || error?.code == .sealed)
    #expect(try scene.test.open().values(scene.bert)["crm.email"] == [People.bertEmail])
    AttackReport.record(
      number: 4, name: "old data and old key store with the present slot",
      tried: "every file of the vault directory from before the erasure put back",
      result: "does not open")
  }

  /// The backup opened before the erasure: without this the test above would prove nothing.
  @Test func theBackupOpenedBefore() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let anna = try vault.theOne(.email, People.annaEmail)
    let backup = try test.copyDirectory("backup")
    #expect(try test.open(backup).values(anna)["crm.email"] == [People.annaEmail])
  }

  static let mixes = [
    ["vault.sqlite"], ["vault.sqlite", "index.sqlite"],
    ["vault.sqlite", "index.sqlite", "analytics.sqlite"],
  ]

  @Test(arguments: mixes) func oldDataWithPresentKeysHoldsOnlyTheOthers(files: [String]) throws {
    let scene = try Self.scene()
    let mixed = try scene.test.copyDirectory("mixed")
    try Self.bring(files, from: scene.backup, to: mixed)
    let vault = try scene.test.open(mixed)
    #expect(try vault.values(scene.bert)["crm.email"] == [People.bertEmail])
    let row = try #require(
      try vault.queue.read { try SubjectStore(database: $0).find(scene.leaf) })
    #expect(!row.isFenced, "the old file knows nothing of the erasure")
    expect(KeyringError.Code.keyDestroyed) { _ = try SubjectOpener(vault).open(row) }
    expect(KeyringError.Code.keyDestroyed) {
      try vault.keyring.withSubjectKey(scene.leaf) { _ in }
    }
    #expect(throws: (any Error).self) { _ = try vault.disclose(scene.anna, .dpo) }
    expect(VaultError.Code.integrity) { try vault.publishLog() }
    AttackReport.record(
      number: 2, name: "old data with the present keys: \(files.joined(separator: ", "))",
      tried: "data files from before the erasure put back",
      result: "erased key destroyed, everyone else readable, the log refuses to go on")
  }

  @Test func oldKeysWithThePresentSlotDoNotOpen() throws {
    let scene = try Self.scene()
    let mixed = try scene.test.copyDirectory("mixed")
    try Self.bring(["keys.sqlite"], from: scene.backup, to: mixed)
    #expect(throws: KeyringError.self) { _ = try scene.test.open(mixed) }
    AttackReport.record(
      number: 3, name: "old key store in the present vault",
      tried: "keys.sqlite from before the erasure with the present data and slot",
      result: "does not open")
  }

  /// Moves the old row of Anna's key into the present key store.
  @Test func anOldNodeGraftedIntoThePresentTreeDoesNotOpen() throws {
    let scene = try Self.scene()
    let old = try DatabaseQueue(path: scene.backup + "/keys.sqlite")
    let nodes = try old.read { try Row.fetchAll($0, sql: "SELECT id, b FROM node ORDER BY id") }
    let mixed = try scene.test.copyDirectory("mixed")
    let present = try DatabaseQueue(path: mixed + "/keys.sqlite")
    try present.write { database in
      // All but the root, which the present epoch alone opens.
      for node in nodes.dropFirst() {
        let id: Int64 = node["id"]
        let blob: Data = node["b"]
        try database.execute(
          sql: "UPDATE node SET b = ? WHERE id = ?", arguments: [blob, id])
      }
    }
    try present.close()
    #expect(throws: KeyringError.self) {
      let vault = try scene.test.open(mixed)
      try vault.keyring.withSubjectKey(scene.leaf) { _ in }
    }
  }

  @Test func noByteOfThePersonIsLeftInAnyFile() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.project(.service)
    let anna = try vault.theOne(.email, People.annaEmail)
    let analytics = try vault.token(for: anna, in: "analytics", .dpo)
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    let row = try #require(try vault.queue.read { try SubjectStore(database: $0).find(leaf) })
    let record = try #require(
      try vault.queue.read { try RecordStore(database: $0).ofSubject(leaf) }.first)
    let codes = try vault.indexQueue.read { try IndexStore(database: $0).rows(subject: leaf) }
    let nodes = try Self.nodeBlobs(test.layout.keys)
    // Metadata and envelopes are there before, or finding nothing afterwards would prove nothing.
    let before = [row.id.rawBytes, record.sealed, codes[0].code] + nodes
    #expect(try FileScan.hits(in: test.directory, before.map { Array($0.prefix(64)) }).count >= 4)
    let slot = Array(try Data(contentsOf: URL(filePath: test.slotPath)))

    try vault.eraseNow(anna, "R-1")
    try vault.publishLog()
    #expect(try FileScan.hits(in: test.directory, People.annaNeedles).isEmpty)
    var gone = [row.id.rawBytes, row.commitment, row.sealed, record.sealed, record.idCode]
    gone += [record.contentCode, anna.token, Array(analytics.text.utf8)]
    // A code that another subject has too, such as a household's phone, rightly stays.
    gone += try codes.map(\.code).filter { code in
      try vault.indexQueue.read { try IndexStore(database: $0).subjects(code: code) }.isEmpty
    }
    // The wrapped keys on the path from the root to the erased leaf, as they were.
    let path = Set(nodes).subtracting(try Self.nodeBlobs(test.layout.keys))
    #expect(path.count >= 2)
    gone += path.map { Array($0.dropFirst(8)) }
    #expect(try FileScan.hits(in: test.directory, gone) == [])
    let present = Array(try Data(contentsOf: URL(filePath: test.slotPath)))
    #expect(present.count == slot.count)
    let secret = slot.indices.filter { slot[$0] != 0 }
    #expect(secret.count > 32 && !secret.allSatisfy { slot[$0] == present[$0] })
    AttackReport.record(
      number: 12, name: "rows, logs and side files after an erasure",
      tried: "\(People.annaNeedles.count + gone.count) needles in every file of the vault",
      result: "0 hits: plaintext, identifiers, sealed rows, codes, tokens, wrapped keys")
  }

  private static func nodeBlobs(_ path: String) throws -> [[UInt8]] {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read { try Data.fetchAll($0, sql: "SELECT b FROM node") }.map { [UInt8]($0) }
  }

  @Test func anExpiredDayInAnOldBackupDoesNotOpen() throws {
    let test = try TestVault()
    let vault = try test.made()
    let old = TestSources.dmp.record(
      "c-1", day: TestVault.day - 20, ["cookie": "c-1", "segments": "travel"])
    let young = TestSources.dmp.record("c-2", ["cookie": "c-2", "segments": "garden"])
    try vault.ingest([old, young], from: TestSources.dmp)
    let reader = Requester(operatorName: "dana", purpose: "subject_rights")
    let tokens = try ["c-1", "c-2"].map { try vault.theOne(.cookie, $0) }
    let backup = try test.copyDirectory("backup")

    test.clock.set(day: TestVault.day + 15)
    let plan = try vault.planExpiry(TestSources.classes, .dpo)
    _ = try vault.expire(plan, confirming: plan.digest, reference: "E-1", .dpo)
    let mixed = try test.copyDirectory("mixed")
    try Self.bring(["vault.sqlite", "index.sqlite"], from: backup, to: mixed)
    let restored = try test.open(mixed)
    #expect(try restored.values(tokens[1], reader)["dmp.segments"] == ["garden"])
    #expect(throws: KeyringError.self) { _ = try restored.disclose(tokens[0], reader) }
    expect(KeyringError.Code.keyDestroyed) {
      try restored.keyring.withBucketKey(
        Bucket(retentionClass: 2, day: UInt32(TestVault.day - 20)), createIfMissing: true
      ) { _ in }
    }
    AttackReport.record(
      number: 17, name: "expired bucket in an old backup",
      tried: "data from before the expiry with the present keys; the bucket's key asked for anew",
      result: "expired value does not open and its key cannot be made again, the younger one opens")
  }
}
