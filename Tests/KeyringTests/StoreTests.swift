import Foundation
import GRDB
import Sealing
import Testing

@testable import Keyring

@Suite struct StoreTests {
  @Test func settingsHold() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let found = try keyring.store.run { rows in
      try [
        "secure_delete", "synchronous", "temp_store", "trusted_schema", "cell_size_check",
        "foreign_keys", "journal_size_limit", "page_size", "mmap_size",
      ]
      .map { try Int.fetchOne(rows.db, sql: "PRAGMA \($0)") }
    }
    #expect(found == [1, 2, 2, 0, 1, 1, 0, 16_384, 0])
    #expect(try vault.value(String.self, "PRAGMA journal_mode") == "wal")
    let mode = try FileManager.default.attributesOfItem(atPath: vault.storePath)
    #expect((mode[.posixPermissions] as? NSNumber)?.intValue == 0o600)
  }

  @Test func settingThatDoesNotReadBackIsRefused() {
    expect(.storage) { try KeyStore.requireSetting("secure_delete", is: "1", found: "0") }
    expect(.storage) { try KeyStore.requireSetting("secure_delete", is: "1", found: nil) }
    #expect(throws: Never.self) {
      try KeyStore.requireSetting("secure_delete", is: "1", found: "1")
    }
  }

  /// Shipped migrations never change; this hash is pinned on purpose.
  @Test func shippedMigrationIsUnchanged() {
    #expect(Migration.all.map(\.number) == [1, 2, 3])
    #expect(
      SHA256.hash(Array(Migration.initial.sql.utf8)).hexadecimal
        == "791a55620d41ccc2e4f99b968d086cbfb89a1a08ffdcab0d8b40d65c466dd0f0")
  }

  @Test func rowsHaveAFixedForm() throws {
    let vault = try TestVault()
    _ = try vault.create()
    let refused = [
      "INSERT INTO node VALUES (5, zeroblob(2087))", "INSERT INTO node VALUES (5, 'text')",
      "INSERT INTO bucket VALUES (1, 0, zeroblob(31), 1)",
      "INSERT INTO bucket VALUES (1, 0, zeroblob(32), 3)",
      "INSERT INTO domain VALUES (65536, 0, 0, zeroblob(32), 1)",
      "INSERT INTO index_key VALUES (1, 0, -1, zeroblob(32), 1)",
      "INSERT INTO log_mark VALUES (2, 1, zeroblob(32))",
      "INSERT INTO log_mark VALUES (1, -1, zeroblob(32))",
      "INSERT INTO log_mark VALUES (1, 1, zeroblob(31))",
      "UPDATE counter SET destroyed = 1", "UPDATE meta SET vault = zeroblob(15)",
    ]
    for sql in refused { #expect(throws: DatabaseError.self) { try vault.tamper(sql) } }
  }

  @Test func newerFormIsRefused() throws {
    let vault = try TestVault()
    _ = try vault.create()
    try vault.tamper("PRAGMA user_version = 4")
    expect(.newerFormat) { _ = try vault.open() }
    expect(.newerFormat) { _ = try Keyring.vaultID(at: vault.storePath) }
  }

  @Test func vaultIDIsReadWithoutAnyKey() throws {
    let vault = try TestVault()
    _ = try vault.create()
    #expect(try Keyring.vaultID(at: vault.storePath) == vault.vault)
  }

  @Test func otherFilesAreNoKeyStore() throws {
    let vault = try TestVault()
    _ = try vault.create()
    let other = vault.directory.appending(path: "other.sqlite").path
    expect(.storage) { _ = try Keyring.vaultID(at: other) }
    #expect(!FileManager.default.fileExists(atPath: other))
    try DatabaseQueue(path: other).write { try $0.execute(sql: "CREATE TABLE t (a)") }
    expect(.corrupt) { _ = try Keyring.vaultID(at: other) }
    try Data(repeating: 0x41, count: 20_000).write(to: URL(filePath: other))
    expect(.corrupt) { _ = try Keyring.vaultID(at: other) }
  }

  @Test func keyStoreIsNeverCreatedOverAnother() throws {
    let vault = try TestVault()
    _ = try vault.create()
    expect(.storage) { _ = try KeyStore.create(at: vault.storePath) }
    _ = try vault.open()
  }

  /// Changes of a db writer that must not go unnoticed, and the code they give at `use`.
  @Test(
    arguments: [
      ("UPDATE node SET b = zeroblob(2088) WHERE id = 127 << 56", .sealed),
      ("DELETE FROM node WHERE id = 127 << 56", .corrupt),
      ("DELETE FROM node WHERE id = 1", .corrupt),
      ("UPDATE node SET b = zeroblob(2088) WHERE id = 1", .corrupt),
      ("UPDATE node SET b = (SELECT b FROM node WHERE id = 2) WHERE id = 1", .corrupt),
      ("UPDATE node SET b = (SELECT b FROM node WHERE id = 1) WHERE id = 1 << 56", .corrupt),
      ("UPDATE meta SET generation = generation - 1", .corrupt),
      ("UPDATE meta SET epoch = 2", .rollback),
      ("UPDATE meta SET vault = zeroblob(16)", .sealed),
      ("UPDATE counter SET next = 5, destroyed = 0 WHERE subtree = 0", .unknownKey),
      ("DELETE FROM counter WHERE subtree = 0", .corrupt),
      ("UPDATE counter SET next = 5000 WHERE subtree = 0", .corrupt),
    ] as [(String, KeyringError.Code)])
  func tamperedStoreIsRefused(sql: String, code: KeyringError.Code) throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 200)
    try vault.tamper(sql)
    expect(code) { _ = try vault.open(slot: vault.slot()).subjectKey(100) }
    // The running process notices as well.
    expect(code) { _ = try keyring.subjectKey(100) }
  }

  @Test func leafCounterSetBackOverwritesNothing() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 10)
    let key = try keyring.subjectKey(9)
    try vault.tamper("UPDATE counter SET next = 5 WHERE subtree = 0")
    expect(.corrupt) { _ = try keyring.createSubjectKeys(count: 1) }
    try vault.tamper("UPDATE counter SET next = 10 WHERE subtree = 0")
    #expect(try keyring.subjectKey(9) == key)
  }

  @Test func nodeOfAnEarlierEpochIsRefused() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 200)
    let old = try #require(try vault.value(Data.self, "SELECT b FROM node WHERE id = 1"))
    _ = try keyring.erase(subjects: [100])
    try vault.tamper("UPDATE node SET b = ? WHERE id = 1", [old])
    expect(.corrupt) { _ = try keyring.subjectKey(100) }
    expect(.corrupt) { _ = try vault.open().subjectKey(101) }
    _ = try vault.open().subjectKey(0)
  }

  @Test func nodeOfAnotherVaultIsRefused() throws {
    let mine = try TestVault(seed: 1)
    let other = try TestVault(seed: 2)
    let keyring = try mine.create()
    _ = try keyring.createSubjectKeys(count: 1)
    _ = try other.create().createSubjectKeys(count: 1)
    for (id, code) in [(Int64(0), KeyringError.Code.corrupt), (127 << 56, .sealed)] {
      let foreign = try other.value(Data.self, "SELECT b FROM node WHERE id = \(id)")
      try mine.tamper("UPDATE node SET b = ? WHERE id = ?", [foreign, id])
      expect(code) { _ = try mine.open().subjectKey(0) }
    }
  }

  @Test func rowPointingAtAnotherKeyIsRefused() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let first = Bucket(retentionClass: 1, day: 1)
    let second = Bucket(retentionClass: 1, day: 2)
    _ = try keyring.bucketKey(first)
    _ = try keyring.bucketKey(second)
    _ = try keyring.domainKey(1, 1)
    _ = try keyring.domainKey(2, 1)
    _ = try keyring.indexKey(1, 1)
    try vault.tamper("DELETE FROM bucket WHERE leaf = 0")
    try vault.tamper("UPDATE bucket SET leaf = 0")
    expect(.corrupt) { _ = try keyring.bucketKey(second) }
    try vault.tamper("UPDATE domain SET leaf = 1 - leaf + 10")
    try vault.tamper("UPDATE domain SET leaf = leaf - 10")
    expect(.corrupt) { _ = try keyring.domainKey(1, 1) }
    try vault.tamper("UPDATE index_key SET commitment = zeroblob(32)")
    expect(.corrupt) { _ = try vault.open().indexKey(1, 1) }
  }
}
