import Foundation
import Sealing
import Testing

@testable import Keyring

@Suite(.enabled(if: SoftHSM.isInstalled, SoftHSM.skipped))
struct PKCS11KeyringTests {
  private func create(_ vault: TestVault, _ slot: any EpochSlot) throws -> Keyring {
    let key = try UnsealKey.createFile(
      at: vault.keyPath, outside: vault.vaultDirectory.path, random: vault.random)
    return try Keyring.create(
      at: vault.storePath, vault: vault.vault, unsealKey: key, slot: slot, random: vault.random,
      now: { TestVault.time })
  }

  @Test func keyringIsCreatedOpenedAndRolled() throws {
    let token = try SoftHSM.freshToken()
    let vault = try TestVault()
    let slot = try PKCS11EpochSlot(token: token.open(), vault: vault.vault, random: vault.random)
    let keyring = try create(vault, slot)
    _ = try keyring.createSubjectKeys(count: 4)
    let kept = try keyring.subjectKey(0)
    let copy = try vault.snapshot()
    let receipt = try keyring.erase(subjects: [1])
    #expect(receipt.record.newEpoch == 2)
    #expect(receipt.slotReceipts.map(\.method) == [.objectDestroyed])
    #expect(receipt.slotReceipts.map(\.custodian.kind) == [.pkcs11])
    // Another process, with a session of its own.
    let other = try PKCS11EpochSlot(token: token.open(), vault: vault.vault, random: vault.random)
    let again = try vault.open(slot: other)
    #expect(try again.subjectKey(0) == kept)
    expect(.keyDestroyed) { _ = try again.subjectKey(1) }
    let listed = try token.tool("--list-objects", "--type", "secrkey")
    #expect(listed.contains("-2\n") && !listed.contains("-1\n"))
    // The key store of before the erasure has nothing left that would open it.
    try vault.restore(copy)
    expect(.rollback) { _ = try vault.open(slot: other) }
  }

  @Test(arguments: RollStep.allCases)
  func interruptedRollIsFinished(step: RollStep) throws {
    let token = try SoftHSM.freshToken()
    let vault = try TestVault()
    let slot = try PKCS11EpochSlot(token: token.open(), vault: vault.vault, random: vault.random)
    _ = try create(vault, slot).createSubjectKeys(count: 2)
    do {
      _ = try vault.open(slot: slot, crashAt: step).erase(subjects: [1])
      // A step that this roll does not have.
    } catch is Crash {}
    let keyring = try vault.open(slot: slot)
    _ = try keyring.erase(subjects: [1])
    expect(.keyDestroyed) { _ = try keyring.subjectKey(1) }
    _ = try keyring.subjectKey(0)
    #expect(try slot.read().map(\.epoch) == [keyring.status().epoch])
  }

  @Test func fileAndTokenMirrorEachOther() throws {
    let token = try SoftHSM.freshToken()
    let vault = try TestVault()
    let file = try FileEpochSlot.create(
      at: vault.slotPath, vault: vault.vault, acceptsWeakPlace: true, random: vault.random)
    let device = try PKCS11EpochSlot(token: token.open(), vault: vault.vault, random: vault.random)
    let keyring = try create(vault, MirroredEpochSlot([file, device]))
    _ = try keyring.createSubjectKeys(count: 2)
    let receipts = try keyring.erase(subjects: [1]).slotReceipts
    #expect(receipts.map(\.custodian.kind) == [.file, .pkcs11])
    #expect(receipts.map(\.method) == [.overwrittenTwice, .objectDestroyed])
    #expect(try file.read()[0].matches(device.read()[0]))
    // Either one opens the vault while the other is away; ending an epoch takes both.
    let absent = try PKCS11EpochSlot(
      token: TestToken(label: "absent", directory: "/").open(), vault: vault.vault,
      random: vault.random)
    for members: [any EpochSlot] in [[file, absent], [absent, device]] {
      let slot = MirroredEpochSlot(members)
      #expect(try slot.read().map(\.epoch) == [2])
      let error = failure { _ = try slot.retire(2, unixSeconds: 0) }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("pkcs11:token=absent") == true)
      if members.first is FileEpochSlot { try file.prepare(device.read()[0]) }
    }
  }
}
