import Foundation
import Sealing
import Synchronization
import TestSupport
import Testing

@testable import Keyring

/// Attacks on a roll under way and on what is kept beside the key store.
@Suite struct RollAttackTests {
  // MARK: - An epoch that was prepared and not retired

  /// Between PREPARED and RETIRED both secrets are in the slot: nothing is forgotten yet, nobody
  /// has a receipt, and the next opening ends it.
  @Test(arguments: [RollStep.prepared, .committed, .truncated, .replicated])
  func aRollThatWasNotRetiredHasForgottenNothingUntilItIsFinished(step: RollStep) throws {
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 200)
    let key = try vault.open().subjectKey(5)
    var adversary = Adversary()
    adversary.take(vault.vaultDirectory)
    #expect(throws: Crash.self) { _ = try vault.open(crashAt: step).erase(subjects: [5]) }
    adversary.take(vault.vaultDirectory)
    #expect(try vault.slot().read().map(\.epoch) == [1, 2])
    #expect(try vault.closure(adversary).keys.contains(key))

    let isCommitted = step != .prepared
    let opened = try vault.open()
    #expect(opened.recoveryReceipts.map(\.epoch) == (isCommitted ? [1] : [2]))
    let receipt = try opened.erase(subjects: [5])
    #expect(receipt.alreadyDestroyed.subjects == (isCommitted ? 1 : 0))
    adversary.take(vault.vaultDirectory)
    #expect(try vault.slot().read().map(\.epoch) == [2])
    #expect(try !vault.closure(adversary).keys.contains(key))
    AttackReport.record(
      number: 6, name: "slot prepared but not retired (\(step))",
      tried: "roll cut off, all file versions and both secrets; then the next opening",
      result: "no receipt and key in reach before, 0 keys in reach after it was finished")
  }

  /// The old key store is put back while the slot holds both secrets.
  @Test func anOldKeyStorePutBackInTheWindowGivesNoReceipt() throws {
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 3)
    let old = try vault.snapshot()
    #expect(throws: Crash.self) { _ = try vault.open(crashAt: .committed).erase(subjects: [1]) }
    try vault.restore(old)
    let opened = try vault.open()
    // To the keyring alone this is a roll that never committed; the erasure is done again.
    #expect(opened.recoveryReceipts.map(\.epoch) == [2])
    expect(.limit) { _ = try opened.endEpoch(1) }
    #expect(try opened.erase(subjects: [1]).slotReceipts.map(\.epoch) == [1])
    expect(.keyDestroyed) { _ = try opened.subjectKey(1) }
    AttackReport.record(
      number: 6, name: "old key store put back between COMMITTED and RETIRED",
      tried: "key store of the old epoch with a slot that holds both",
      result: "no receipt of the old epoch until the keys are destroyed again")
  }

  // MARK: - Copies and custodians

  private func replicated() throws -> (vault: TestVault, keyring: Keyring, keeping: KeyKeeping) {
    let vault = try TestVault()
    _ = try vault.create()
    let places = ["copy0", "copy1"].map { vault.directory.appending(path: $0) }
    for place in places {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    }
    let keeping = try KeyKeeping(replicas: places.map(\.path), quorum: 1, graceDays: 0)
    let keyring = try Keyring.open(
      at: vault.storePath, unsealKey: vault.unsealKey(), slot: vault.slot(), keeping: keeping,
      random: vault.random, now: { TestVault.time })
    _ = try keyring.createSubjectKeys(count: 200)
    return (vault, keyring, keeping)
  }

  @Test func aCopyThatMissedTheRollIsDead() throws {
    let (vault, keyring, keeping) = try replicated()
    let key = try keyring.subjectKey(5)
    let away = vault.directory.appending(path: "away")
    try FileManager.default.moveItem(atPath: keeping.replicas[1], toPath: away.path)
    let receipt = try keyring.erase(subjects: [5])
    #expect(receipt.replicas.map(\.condition) == [.current, .missing])
    #expect(receipt.slotReceipts.map(\.epoch) == [1])

    var adversary = Adversary()
    for place in [vault.vaultDirectory, away, URL(filePath: keeping.replicas[0])] {
      adversary.take(place)
    }
    #expect(try !vault.closure(adversary).keys.contains(key))
    expect(.rollback) {
      _ = try Keyring.open(
        at: away.appending(path: "keys.sqlite").path, unsealKey: vault.unsealKey(),
        slot: vault.slot(), random: vault.random, now: { TestVault.time })
    }
    try FileManager.default.moveItem(atPath: away.path, toPath: keeping.replicas[1])
    #expect(try keyring.status().replicas.map(\.condition) == [.current, .current])
    AttackReport.record(
      number: 9, name: "copy of the key store that missed the roll",
      tried: "the copy with the present slot and unseal key, by the program and by the closure",
      result: "refused as a rollback, 0 erased keys in reach; brought up to date when it is back")
  }

  /// Key store and slot of one moment are the whole of the keyring's memory; only what lies
  /// elsewhere can tell that they are old.
  @Test func keyStoreAndSlotFromBeforeAreToldByACopyAlone() throws {
    let (vault, keyring, keeping) = try replicated()
    let old = try vault.snapshot(withSlot: true)
    _ = try keyring.erase(subjects: [5])
    try vault.restore(old)
    expect(.rollback) {
      _ = try Keyring.open(
        at: vault.storePath, unsealKey: vault.unsealKey(), slot: vault.slot(), keeping: keeping,
        random: vault.random, now: { TestVault.time })
    }
    // Without the copy the keyring cannot know, and the key is back: why a slot is in no backup.
    _ = try vault.open().subjectKey(5)
    AttackReport.record(
      number: 5, name: "key store and slot from one snapshot, keyring alone",
      tried: "both put back, with and without a copy of the key store elsewhere",
      result:
        "rollback with a copy; without one undetectable by the keyring, the erased key is back: L0")
  }
}
