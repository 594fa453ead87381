import Foundation
import GRDB
import Sealing
import TestSupport
import Testing

@testable import Keyring

@Suite struct EraseTests {
  @Test func erasedKeyIsGoneAndTheOthersStay() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let leaves = try keyring.createSubjectKeys(count: 200)
    let keys = try leaves.map { try keyring.subjectKey($0) }
    let receipt = try keyring.erase(subjects: [70])
    #expect(receipt.record.oldEpoch == 1 && receipt.record.newEpoch == 2)
    #expect(receipt.record.destroyed.subjects == 1 && receipt.record.destroyed.total == 1)
    #expect(receipt.alreadyDestroyed.total == 0)
    #expect(receipt.record.nodeCount == 2)
    #expect(receipt.walTruncated)
    #expect(receipt.record.oldRootHash != receipt.record.newRootHash)
    #expect(
      receipt.slotReceipts == [
        SlotReceipt(
          custodian: SlotCustodian(
            name: vault.slotPath, kind: .file, assurance: .l1, weakness: "software_slot"),
          epoch: 1, method: .overwrittenTwice, unixSeconds: TestVault.time)
      ])
    for reader in [keyring, try vault.open()] {
      expect(.keyDestroyed) { _ = try reader.subjectKey(70) }
      for leaf in leaves where leaf != 70 {
        #expect(try reader.subjectKey(leaf) == keys[Int(leaf)])
      }
    }
  }

  @Test func receiptHashesTheSealedRoots() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let leaf = try keyring.createSubjectKeys(count: 1).lowerBound
    let query = "SELECT hex(b) FROM node WHERE id = 127 << 56"
    let before = try #require(try vault.value(String.self, query))
    let receipt = try keyring.erase(subjects: [leaf])
    let after = try #require(try vault.value(String.self, query))
    #expect(receipt.record.oldRootHash == [UInt8](hexadecimal: before).map { SHA256.hash($0) })
    #expect(receipt.record.newRootHash == [UInt8](hexadecimal: after).map { SHA256.hash($0) })
  }

  @Test func pathGetsFreshNodesAndNothingElseIsTouched() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 5000)
    let before = try nodes(vault)
    let receipt = try keyring.erase(subjects: [4500])
    let after = try nodes(vault)
    let path = [
      NodeAddress(.subjects, height: 0, above: 4500), .init(.subjects, height: 1, above: 4500),
      .init(.subjects, height: 2, above: 4500), .root,
    ]
    #expect(receipt.record.nodeCount == 3)
    #expect(Set(after.keys.filter { before[$0] != after[$0] }) == Set(path.map(\.id)))
  }

  @Test func batchSharesPaths() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 5000)
    let victims = Array(Int64(64)..<256) + [4999, 64, 65]
    let receipt = try keyring.erase(subjects: victims)
    // Three whole leaf nodes and one more, two nodes above them, the top.
    #expect(receipt.record.nodeCount == 4 + 2 + 1)
    #expect(receipt.record.destroyed.subjects == 193)
    let reopened = try vault.open()
    for leaf in victims { expect(.keyDestroyed) { _ = try reopened.subjectKey(leaf) } }
    for leaf in [0, 63, 256, 4998] as [Int64] { _ = try reopened.subjectKey(leaf) }
    #expect(try reopened.createSubjectKeys(count: 1) == 5000..<5001)
  }

  @Test func kindsAreErasedTogetherAndNeverMadeAgain() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let subject = try keyring.createSubjectKeys(count: 1).lowerBound
    let bucket = Bucket(retentionClass: 2, day: 20_000)
    let other = Bucket(retentionClass: 2, day: 20_001)
    _ = try keyring.bucketKey(bucket)
    let kept = try keyring.bucketKey(other)
    _ = try keyring.domainKey(1, 7)
    _ = try keyring.indexKey(2, 9)
    let receipt = try keyring.erase(
      subjects: [subject], buckets: [bucket], domains: [DomainEpoch(domain: 1, epoch: 7)],
      indexKeys: [IndexGeneration(field: 2, generation: 9)])
    #expect(receipt.record.destroyed.total == 4)
    for reader in [keyring, try vault.open()] {
      expect(.keyDestroyed) { _ = try reader.bucketKey(bucket, createIfMissing: true) }
      expect(.keyDestroyed) { _ = try reader.bucketKey(bucket, createIfMissing: false) }
      expect(.keyDestroyed) { _ = try reader.domainKey(1, 7) }
      expect(.keyDestroyed) { _ = try reader.indexKey(2, 9) }
      #expect(try reader.bucketKey(other) == kept)
    }
  }

  @Test func erasingAgainIsReportedAndEndsNoEpoch() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 3)
    _ = try keyring.bucketKey(.permanent)
    _ = try keyring.erase(subjects: [1], buckets: [.permanent])
    let again = try keyring.erase(subjects: [1, 1], buckets: [.permanent])
    #expect(again.record.oldEpoch == 2 && again.record.newEpoch == 2)
    #expect(again.record.destroyed.total == 0)
    #expect(again.alreadyDestroyed.subjects == 1 && again.alreadyDestroyed.buckets == 1)
    #expect(again.slotReceipts.isEmpty)
    #expect(again.record.oldRootHash == again.record.newRootHash)
    let mixed = try keyring.erase(subjects: [1, 2])
    #expect(mixed.record.destroyed.subjects == 1 && mixed.alreadyDestroyed.subjects == 1)
    #expect(try keyring.status().leaves[.subjects]?.destroyed == 2)
  }

  @Test func leafDestroyedBeforeIsPassedOver() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 5000)
    _ = try keyring.erase(subjects: [0, 64, 4500])
    let before = try nodes(vault)
    let receipt = try keyring.erase(subjects: [0, 64, 65, 4500])
    #expect(receipt.record.destroyed.subjects == 1 && receipt.alreadyDestroyed.subjects == 3)
    // Only the path of the one live leaf: its siblings' nodes stay as they are.
    #expect(receipt.record.nodeCount == 3)
    let after = try nodes(vault)
    for leaf in [0, 4500] as [Int64] {
      let id = NodeAddress(.subjects, height: 0, above: leaf).id
      #expect(before[id] != nil && before[id] == after[id])
    }
    for leaf in [0, 64, 65, 4500] as [Int64] {
      expect(.keyDestroyed) { _ = try keyring.subjectKey(leaf) }
    }
    #expect(try keyring.status().leaves[.subjects]?.destroyed == 4)
    _ = try vault.open().subjectKey(66)
  }

  @Test func unknownKeyDestroysNothing() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 2)
    let before = try nodes(vault)
    let epochs = try vault.slotBytes()
    expect(.unknownKey) { _ = try keyring.erase(subjects: [0, 2]) }
    expect(.unknownKey) { _ = try keyring.erase(subjects: [0, -1]) }
    expect(.unknownKey) { _ = try keyring.erase(subjects: [0], buckets: [.permanent]) }
    expect(.unknownKey) {
      _ = try keyring.erase(domains: [DomainEpoch(domain: 1, epoch: 1)])
    }
    expect(.unknownKey) {
      _ = try keyring.erase(indexKeys: [IndexGeneration(field: 1, generation: 1)])
    }
    #expect(try nodes(vault) == before)
    #expect(try vault.slotBytes() == epochs)
    _ = try keyring.subjectKey(0)
  }

  @Test func tooLargeABatchIsRefused() throws {
    let keyring = try TestVault().create()
    expect(.limit) {
      _ = try keyring.erase(
        subjects: Array(repeating: 0, count: Keyring.maximumEraseCount + 1))
    }
  }

  @Test func readerThatBlocksTheLogIsReported() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 2)
    let reader = try DatabaseQueue(path: vault.storePath)
    try reader.writeWithoutTransaction { db in
      try db.inTransaction(.deferred) {
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM node")
        let receipt = try keyring.erase(subjects: [0])
        #expect(!receipt.walTruncated)
        #expect(receipt.slotReceipts.map(\.epoch) == [1])
        return .commit
      }
    }
    expect(.keyDestroyed) { _ = try keyring.subjectKey(0) }
    #expect(try keyring.erase(subjects: [0]).walTruncated)
    AttackReport.record(
      number: 13, name: "reader blocks the checkpoint of the key store",
      tried: "a reader with an open transaction during a roll",
      result: "told as not emptied, epoch retired all the same; emptied once the reader is gone")
  }

  @Test func slotMayBeElsewhereThanInAFile() throws {
    let vault = try TestVault()
    let slot = MemorySlot()
    let keyring = try Keyring.create(
      at: vault.storePath, vault: vault.vault,
      unsealKey: UnsealKey.createFile(
        at: vault.keyPath, outside: vault.vaultDirectory.path, random: vault.random),
      slot: slot, random: vault.random, now: { TestVault.time })
    _ = try keyring.createSubjectKeys(count: 1)
    #expect(try keyring.erase(subjects: [0]).slotReceipts.map(\.custodian.assurance) == [.l0])
    expect(.keyDestroyed) { _ = try vault.open(slot: slot).subjectKey(0) }
    expect(.sealed) { _ = try vault.open(slot: MemorySlot()) }
  }

  private func nodes(_ vault: TestVault) throws -> [Int64: String] {
    let queue = try DatabaseQueue(path: vault.storePath)
    return try queue.read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT id, hex(b) FROM node")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }
  }
}
