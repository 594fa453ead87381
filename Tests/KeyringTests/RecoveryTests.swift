import Foundation
import Sealing
import TestSupport
import Testing

@testable import Keyring

@Suite struct RecoveryTests {
  /// A vault with three subjects whose roll was cut off at a step.
  private func crashed(at step: RollStep) throws -> TestVault {
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 3)
    let keyring = try vault.open(crashAt: step)
    #expect(throws: Crash.self) { _ = try keyring.erase(subjects: [1]) }
    return vault
  }

  @Test(arguments: [RollStep.punctured, .prepared])
  func crashBeforeTheCommitLosesNothing(step: RollStep) throws {
    let vault = try crashed(at: step)
    #expect(try vault.slot().read().map(\.epoch) == (step == .prepared ? [1, 2] : [1]))
    let keyring = try vault.open()
    #expect(keyring.recoveryReceipts.map(\.epoch) == (step == .prepared ? [2] : []))
    #expect(try vault.slot().read().map(\.epoch) == [1])
    for leaf in 0..<Int64(3) { _ = try keyring.subjectKey(leaf) }
    let receipt = try keyring.erase(subjects: [1])
    #expect(receipt.record.newEpoch == 2 && receipt.record.destroyed.subjects == 1)
  }

  @Test(arguments: [RollStep.committed, .truncated, .retired])
  func crashAfterTheCommitIsFinishedAtOpening(step: RollStep) throws {
    let vault = try crashed(at: step)
    #expect(try vault.slot().read().map(\.epoch) == (step == .retired ? [2] : [1, 2]))
    let keyring = try vault.open()
    #expect(keyring.recoveryReceipts.map(\.epoch) == (step == .retired ? [] : [1]))
    #expect(try vault.slot().read().map(\.epoch) == [2])
    expect(.keyDestroyed) { _ = try keyring.subjectKey(1) }
    for leaf in [0, 2] as [Int64] { _ = try keyring.subjectKey(leaf) }
    #expect(try keyring.status().epoch == 2)
  }

  @Test(arguments: RollStep.allCases)
  func repeatedCallFinishesAnInterruptedRoll(step: RollStep) throws {
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 3)
    let keyring = try vault.open(crashAt: step)
    #expect(throws: Crash.self) { _ = try keyring.erase(subjects: [1]) }
    // Another process repeats the call without having been opened anew.
    let other = try vault.open()
    let receipt = try other.erase(subjects: [1])
    #expect(receipt.record.destroyed.total + receipt.alreadyDestroyed.total == 1)
    #expect(try vault.slot().read().map(\.epoch) == [2])
    expect(.keyDestroyed) { _ = try keyring.subjectKey(1) }
    _ = try keyring.subjectKey(0)
  }

  @Test func sameProcessFinishesItsOwnRoll() throws {
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 3)
    let keyring = try vault.open(crashAt: .committed)
    #expect(throws: Crash.self) { _ = try keyring.erase(subjects: [1]) }
    let receipt = try keyring.erase(subjects: [1])
    #expect(receipt.alreadyDestroyed.subjects == 1)
    #expect(receipt.slotReceipts.map(\.epoch) == [1])
    #expect(receipt.slotReceipts.map(\.method) == [.overwrittenTwice])
  }

  @Test func oldKeyStoreIsARollback() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 2)
    let old = try vault.snapshot()
    _ = try keyring.erase(subjects: [0])
    try vault.restore(old)
    let slotBefore = try vault.slotBytes()
    expect(.rollback) { _ = try vault.open() }
    #expect(try vault.slotBytes() == slotBefore)
    AttackReport.record(
      number: 3, name: "old key store with the present slot",
      tried: "keys.sqlite of the epoch before put back",
      result: "refused as a rollback, slot untouched")
  }

  @Test func oldSlotDoesNotOpenANewerKeyStore() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 2)
    let slotFile = try Data(contentsOf: URL(filePath: vault.slotPath))
    _ = try keyring.erase(subjects: [0])
    try slotFile.write(to: URL(filePath: vault.slotPath), options: [])
    expect(.rollback) { _ = try vault.open() }
    #expect(try Data(contentsOf: URL(filePath: vault.slotPath)) == slotFile)
  }

  @Test func epochEditedInTheFileDestroysNothing() throws {
    // The slot holds both epochs; a wrong number must not get the good one retired.
    for step in [RollStep.prepared, .committed] {
      let vault = try crashed(at: step)
      let wrong = step == .prepared ? 2 : 1
      try vault.tamper("UPDATE meta SET epoch = \(wrong)")
      expect(.sealed) { _ = try vault.open() }
      #expect(try vault.slot().read().map(\.epoch) == [1, 2])
      try vault.tamper("UPDATE meta SET epoch = \(3 - wrong)")
      _ = try vault.open().subjectKey(0)
    }
  }

  @Test func tornPreparationIsSwept() throws {
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 1)
    let file = try FileHandle(forUpdating: URL(filePath: vault.slotPath))
    try file.seek(toOffset: UInt64(SlotSector.byteCount))
    try file.write(contentsOf: Data("LTHS".utf8) + Data(repeating: 7, count: 90))
    try file.close()
    _ = try vault.open()
    let second = try vault.slotBytes()[SlotSector.byteCount...]
    #expect(second.allSatisfy { $0 == 0 })
  }

  @Test func interruptedCreationIsRefused() throws {
    let vault = try TestVault()
    _ = try vault.create()
    try vault.tamper("DELETE FROM meta")
    expect(.corrupt) { _ = try vault.open() }
  }
}
