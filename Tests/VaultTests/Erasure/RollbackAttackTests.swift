import Foundation
import GRDB
import Keyring
import Sealing
import TestSupport
import Testing
import VaultTesting

@testable import Vault

/// Old keys and an old slot are put back together, or in the middle of an erasure.
@Suite struct RollbackAttackTests {
  private struct Scene {
    let test: TestVault
    let anna: TokenText
    let leaf: Int64
    let backup: String
    let slot: Data
    /// Whether the vault's data remembers how new the key store was.
    let isMarked: Bool

    func restoreSlot() throws { try slot.write(to: URL(filePath: test.slotPath), options: []) }
  }

  /// A vault, copies of all its files and of its slot, and then Anna's erasure.
  private static func scene() throws -> Scene {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.publishLog()
    let anna = try vault.theOne(.email, People.annaEmail)
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    let backup = try test.copyDirectory("backup")
    let slot = try Data(contentsOf: URL(filePath: test.slotPath))
    try vault.eraseNow(anna, "R-1")
    try vault.publishLog()
    return Scene(
      test: test, anna: anna, leaf: leaf, backup: backup, slot: slot,
      isMarked: try isMarked(vault))
  }

  private static func isMarked(_ vault: Vault) throws -> Bool {
    try vault.value(Int.self, "SELECT count(*) FROM meta WHERE name = 'key_generation'") == 1
  }

  @Test func oldKeysAndOldSlotWithThePresentData() throws {
    let scene = try Self.scene()
    let mixed = try scene.test.copyDirectory("mixed")
    try BackupAttackTests.bring(["keys.sqlite"], from: scene.backup, to: mixed)
    try scene.restoreSlot()
    let result: String
    if scene.isMarked {
      expect(KeyringError.Code.rollback) { _ = try scene.test.open(mixed) }
      result = "refused as a rollback"
    } else {
      // The key is back; what it opened is not, for the present data holds nothing of her.
      let vault = try scene.test.open(mixed)
      try vault.keyring.withSubjectKey(scene.leaf) { _ in }
      expect(VaultError.Code.notFound) { _ = try vault.disclose(scene.anna, .dpo) }
      #expect(try vault.count(.email, People.annaEmail) == 0)
      #expect(try vault.value(Int.self, "SELECT count(*) FROM subject") == 1)
      result = "not refused; the key is back, and no sealed value of hers is left for it: L0"
    }
    AttackReport.record(
      number: 5, name: "old key store and old slot with the present data",
      tried: "keys.sqlite and slot from before the erasure put back", result: result)
  }

  /// The whole machine set back. Nothing inside can tell; the log published elsewhere can.
  @Test func everythingFromBeforeIsToldByTheLogElsewhereAlone() throws {
    let scene = try Self.scene()
    try scene.restoreSlot()
    let vault = try scene.test.open(scene.backup)
    #expect(try vault.values(scene.anna)["crm.email"] == [People.annaEmail])
    #expect(throws: Never.self) { try vault.requireLogFits() }

    // The same with the published log as others have it.
    let log = scene.backup + "/audit"
    try FileManager.default.removeItem(atPath: log)
    try FileManager.default.copyItem(atPath: scene.test.layout.audit, toPath: log)
    expect(VaultError.Code.integrity) { try vault.requireLogFits() }
    expect(VaultError.Code.integrity) { try vault.publishLog() }
    AttackReport.record(
      number: 5, name: "everything put back, slot and log included",
      tried: "whole vault directory and slot from before the erasure",
      result:
        "undetectable by the program alone, the erased person is back: why a slot is in no backup; "
        + "refused as soon as the log published elsewhere is compared")
  }

  /// Old keys are put back while the slot holds both epochs, so that they open.
  @Test(arguments: ["committed", "replicated"])
  func oldKeysPutBackBeforeRetired(state: String) throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let anna = try vault.theOne(.email, People.annaEmail)
    let bert = try vault.theOne(.email, People.bertEmail)
    let isMarked = try Self.isMarked(vault)
    let old = try test.copyDirectory("old")
    try stop(vault, test, anna, at: state)
    let slot = try FileEpochSlot.open(at: test.slotPath, vault: vault.id, random: test.random)
    #expect(try slot.read().map(\.epoch) == [1, 2])
    try vault.queue.close()
    try vault.indexQueue.close()

    let mixed = try test.copyDirectory("mixed")
    try BackupAttackTests.bring(["keys.sqlite"], from: old, to: mixed)
    if isMarked {
      expect(KeyringError.Code.rollback) { _ = try test.open(mixed) }
      // Refusing has destroyed nothing: with the present keys the erasure comes to its end.
      #expect(try test.open().erasureOutcome("R-1").isFinal)
    } else {
      let opened = try test.open(mixed)
      expect(VaultError.Code.notFound) { _ = try opened.erasureOutcome("R-1") }
      expect(VaultError.Code.notFound) { _ = try opened.certificate("R-1") }
      #expect(throws: (any Error).self) { _ = try opened.disclose(anna, .dpo) }
      #expect(try opened.values(bert)["crm.email"] == [People.bertEmail])
      // The next secret went as that of a roll that never committed, and the present keys with it.
      expect(KeyringError.Code.sealed) { _ = try test.open() }
    }
    AttackReport.record(
      number: 6, name: "old key store put back at \(state), whole vault",
      tried: "key store of the old epoch while the slot holds both secrets",
      result: isMarked
        ? "refused as a rollback; finished with the present key store"
        : "never FINAL, no certificate, person stays fenced; the present key store is lost by it"
    )
  }

  /// Erases Anna in small steps up to a state.
  private func stop(
    _ vault: Vault, _ test: TestVault, _ anna: TokenText, at wanted: String
  ) throws {
    let digest = try vault.previewErasure(anna, .dpo).digest
    var state: String?
    var (epoch, draws) = (try vault.keyring.status().epoch, 0)
    for _ in 0..<200 where state != wanted {
      test.random.fail(after: draws)
      #expect(throws: (any Error).self) {
        if state == nil {
          _ = try vault.erase(anna, confirming: digest, reference: "R-1", .dpo)
        } else {
          _ = try vault.finish("R-1", resumed: true)
        }
      }
      test.random.fail(after: nil)
      let now = try vault.value(String.self, "SELECT state FROM erasure WHERE reference = 'R-1'")
      let nowEpoch = try vault.keyring.status().epoch
      // Never more draws than the next step takes.
      draws = now == state && nowEpoch == epoch ? draws + 1 : 0
      (state, epoch) = (now, nowEpoch)
    }
    #expect(state == wanted)
  }
}
