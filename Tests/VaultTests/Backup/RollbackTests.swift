import Foundation
import GRDB
import Keyring
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Somebody puts old files back; what the vault remembers gives it away.
@Suite struct RollbackTests {
  /// Puts files of an older copy of everything in place of the present ones.
  private static func putBack(_ names: [String], of old: TestVault, into test: TestVault) throws {
    let files = FileManager.default
    for name in names {
      let (source, target) = (
        old.root.path + "/" + name, test.root.path + "/" + name
      )
      for suffix in ["", "-wal", "-shm"] {
        try? files.removeItem(atPath: target + suffix)
        guard suffix != "-shm", files.fileExists(atPath: source + suffix) else { continue }
        try files.copyItem(atPath: source + suffix, toPath: target + suffix)
      }
    }
  }

  /// A vault and how it was before `change`; the copy's files are as they were then.
  private static func scene(
    _ change: (Vault) throws -> Void
  ) throws -> (test: TestVault, old: TestVault) {
    let test = try TestVault()
    let vault = try test.withEverybody()
    try vault.publishLog()
    let old = try test.clone()
    try change(vault)
    try vault.publishLog()
    try vault.queue.close()
    try vault.indexQueue.close()
    return (test, old)
  }

  private static func erase(_ vault: Vault) throws {
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
  }

  private static func ingest(_ vault: Vault) throws {
    try vault.ingest([MorePeople.dora], from: TestSources.crm)
  }

  private static func expectRollback(_ test: TestVault, naming word: String) {
    let error = #expect(throws: KeyringError.self) { _ = try test.open() }
    #expect(error?.code == .rollback, "\(error?.message ?? "")")
    #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
  }

  @Test func anOldKeyStoreOfTheSameEpoch() throws {
    let (test, old) = try Self.scene(Self.ingest)
    let keys = "vault/keys.sqlite"
    #expect(
      try Keyring.mark(at: test.root.path + "/" + keys).epoch
        == Keyring.mark(at: old.root.path + "/" + keys).epoch)
    try Self.putBack([keys], of: old, into: test)
    Self.expectRollback(test, naming: "generation")
  }

  @Test func anOldKeyStoreOfAnEarlierEpoch() throws {
    let (test, old) = try Self.scene(Self.erase)
    let slot = try Data(contentsOf: URL(filePath: test.slotPath))
    try Self.putBack(["vault/keys.sqlite"], of: old, into: test)
    Self.expectRollback(test, naming: "old")
    #expect(try Data(contentsOf: URL(filePath: test.slotPath)) == slot, "nothing was destroyed")
  }

  @Test func anOldSlot() throws {
    let (test, old) = try Self.scene(Self.erase)
    try Self.putBack(["slot/epoch.slot"], of: old, into: test)
    Self.expectRollback(test, naming: "an old slot was put back")
  }

  /// Old keys and old slot fit each other; the vault has seen newer ones.
  @Test func oldKeysAndAnOldSlot() throws {
    let (test, old) = try Self.scene(Self.erase)
    try Self.putBack(["vault/keys.sqlite", "slot/epoch.slot"], of: old, into: test)
    Self.expectRollback(test, naming: "generation")
  }

  /// All three fit each other; the published log goes on beyond them.
  @Test func everythingButTheLog() throws {
    let (test, old) = try Self.scene(Self.erase)
    try Self.putBack(
      ["vault/keys.sqlite", "slot/epoch.slot", "vault/vault.sqlite", "vault/index.sqlite"],
      of: old, into: test)
    let vault = try test.open()
    expect(VaultError.Code.integrity) { try vault.requireLogFits() }
    expect(VaultError.Code.integrity) { try vault.publishLog() }
  }

  /// With the log put back too, only somebody who has seen a later checkpoint can tell.
  @Test func everythingIsToldByAnEarlierReaderAlone() throws {
    let (test, old) = try Self.scene(Self.erase)
    let seen = try #require(try test.open().logReport().checkpoint?.checkpoint)
    try FileManager.default.removeItem(atPath: test.layout.audit)
    try Self.putBack(
      [
        "vault/keys.sqlite", "slot/epoch.slot", "vault/vault.sqlite", "vault/index.sqlite",
        "vault/audit",
      ], of: old, into: test)
    let vault = try test.open()
    try vault.requireLogFits()
    #expect(try vault.logReport().isValid)
    let report = try vault.logReport(known: [seen])
    #expect(report.findings.map(\.kind) == [.historyMismatch])
  }

  @Test func theMarkGrowsWithTheKeysAndNeverShrinks() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    func mark() throws -> UInt64? {
      try vault.queue.read { try MetaStore(database: $0).number(.keyGeneration) }
    }
    // The first look-up makes keys of token domains, the second one notes it.
    for _ in 0..<2 { _ = try vault.count(.email, People.annaEmail) }
    let first = try #require(try mark())
    #expect(first == (try vault.keyring.generation()))
    _ = try vault.count(.email, People.annaEmail)
    #expect(try mark() == first, "looking somebody up makes no key")
    try Self.ingest(vault)
    let second = try #require(try mark())
    #expect(second > first)
    try Self.erase(vault)
    #expect(try #require(try mark()) > second)
    try vault.queue.write { try MetaStore(database: $0).raise(.keyGeneration, to: 1) }
    #expect(try #require(try mark()) > second)
    _ = try test.open()
  }

  /// A vault from before the mark was kept opens and gets one.
  @Test func aVaultWithoutAMarkOpens() throws {
    let test = try TestVault()
    try test.create()
    try test.tamper(test.layout.vault, "DELETE FROM meta WHERE name = 'key_generation'")
    let vault = try test.open()
    try Self.ingest(vault)
    #expect(
      try vault.queue.read { try MetaStore(database: $0).number(.keyGeneration) } != nil)
  }

  /// A newer key store than the vault has seen is no rollback: the vault is the backup.
  @Test func newerKeysOpen() throws {
    let (test, old) = try Self.scene(Self.ingest)
    try FileManager.default.removeItem(atPath: test.layout.audit)
    try Self.putBack(
      ["vault/vault.sqlite", "vault/index.sqlite", "vault/audit"], of: old, into: test)
    #expect(try test.open().count(.email, People.bertEmail) == 1)
  }
}
