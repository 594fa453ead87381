import Dispatch
import Foundation
import Sealing
import Synchronization
import Testing

@testable import Keyring

/// Two keyrings on one path stand for two processes: each has its own connection and caches.
@Suite struct ProcessTests {
  @Test func allocationsAreSeenAndNeverCollide() throws {
    let vault = try TestVault()
    let first = try vault.create()
    let second = try vault.open()
    var known: [Int64: [UInt8]] = [:]
    for round in 0..<6 {
      let writer = round % 2 == 0 ? first : second
      for leaf in try writer.createSubjectKeys(count: 30) {
        #expect(known[leaf] == nil)
        known[leaf] = try writer.subjectKey(leaf)
      }
    }
    #expect(known.count == 180)
    for (leaf, key) in known {
      #expect(try first.subjectKey(leaf) == key)
      #expect(try second.subjectKey(leaf) == key)
    }
  }

  @Test func erasureIsSeenDespiteCaches() throws {
    let vault = try TestVault()
    let first = try vault.create()
    _ = try first.createSubjectKeys(count: 5)
    let bucketKey = try first.bucketKey(.permanent)
    let second = try vault.open()
    for leaf in 0..<Int64(5) { _ = try second.subjectKey(leaf) }
    #expect(try second.bucketKey(.permanent, createIfMissing: false) == bucketKey)
    _ = try first.erase(subjects: [2], buckets: [.permanent])
    expect(.keyDestroyed) { _ = try second.subjectKey(2) }
    expect(.keyDestroyed) { _ = try second.bucketKey(.permanent) }
    _ = try second.subjectKey(3)
    #expect(try second.status().epoch == 2)
  }

  @Test func processesTakeTurnsEndingEpochs() throws {
    let vault = try TestVault()
    let keyrings = [try vault.create(), try vault.open(), try vault.open()]
    _ = try keyrings[0].createSubjectKeys(count: 9)
    for leaf in 0..<9 {
      let receipt = try keyrings[leaf % 3].erase(subjects: [Int64(leaf)])
      #expect(receipt.record.newEpoch == UInt64(leaf) + 2)
      #expect(receipt.slotReceipts.map(\.epoch) == [UInt64(leaf) + 1])
    }
    #expect(try vault.slot().read().map(\.epoch) == [10])
    for keyring in keyrings { expect(.keyDestroyed) { _ = try keyring.subjectKey(8) } }
  }

  @Test func bucketKeyIsMadeByOneOfThem() throws {
    let vault = try TestVault()
    let first = try vault.create()
    let second = try vault.open()
    expect(.unknownKey) { _ = try second.bucketKey(.permanent, createIfMissing: false) }
    let key = try first.bucketKey(.permanent)
    #expect(try second.bucketKey(.permanent) == key)
    #expect(try second.status().leaves[.buckets]?.created == 1)
  }

  /// A keyring opened on a thread of its own, for the tests' threads may all be blocked.
  private final class Opening: Sendable {
    private let result = Mutex<Result<Keyring, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    func start(_ open: @escaping @Sendable () throws -> Keyring) {
      Thread.detachNewThread {
        let opened = Result { try open() }
        self.result.withLock { $0 = opened }
        self.done.signal()
      }
    }

    func keyring() throws -> Keyring {
      done.wait()
      return try #require(try result.withLock { try $0?.get() })
    }
  }

  @Test func openingDuringARollElsewhereWaitsForIt() throws {
    // A prepared epoch of a living process must not be dropped by one that opens.
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 2)
    let slot = try vault.slot()
    let (storePath, keyPath, random) = (vault.storePath, vault.keyPath, vault.random)
    let directory = vault.vaultDirectory.path
    let opening = Opening()
    let environment = Keyring.Environment(
      slot: slot, random: random, now: { TestVault.time },
      hook: { step in
        guard step == .prepared else { return }
        opening.start {
          try Keyring.open(
            at: storePath, unsealKey: UnsealKey.file(at: keyPath, outside: directory),
            slot: slot, random: random, now: { TestVault.time })
        }
        // Time enough for the other one to do harm, if it did not wait.
        Thread.sleep(forTimeInterval: 0.2)
        let alive = try slot.read().map(\.epoch)
        #expect(alive == [1, 2])
      })
    let writer = try Keyring.open(at: storePath, unsealKey: vault.unsealKey(), environment)
    _ = try writer.erase(subjects: [1])
    let opened = try opening.keyring()
    #expect(try opened.status().epoch == 2)
    _ = try opened.subjectKey(0)
    expect(.keyDestroyed) { _ = try opened.subjectKey(1) }
    #expect(try slot.read().map(\.epoch) == [2])
  }

  @Test func readerUnderTheOldEpochIsNotDisturbed() throws {
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 2)
    let reader = try vault.open()
    let slot = try vault.slot()
    let environment = Keyring.Environment(
      slot: slot, random: vault.random, now: { TestVault.time },
      hook: { step in
        guard step == .prepared else { return }
        // The other process still reads under the old epoch while this one is about to commit.
        _ = try reader.subjectKey(0)
        #expect(try slot.read().map(\.epoch) == [1, 2])
      })
    let writer = try Keyring.open(
      at: vault.storePath, unsealKey: vault.unsealKey(), environment)
    _ = try writer.erase(subjects: [1])
    #expect(try slot.read().map(\.epoch) == [2])
    _ = try reader.subjectKey(0)
    expect(.keyDestroyed) { _ = try reader.subjectKey(1) }
  }

  @Test func threadsAndProcessesAtOnce() async throws {
    let vault = try TestVault()
    let keyrings = [try vault.create(), try vault.open()]
    let leaves = try await withThrowingTaskGroup(of: [Int64].self) { group in
      for worker in 0..<4 {
        let keyring = keyrings[worker % 2]
        group.addTask {
          var mine: [Int64] = []
          for _ in 0..<8 {
            let made = Array(try keyring.createSubjectKeys(count: 5))
            _ = try keyring.erase(subjects: [made[0]])
            expect(.keyDestroyed) { _ = try keyring.subjectKey(made[0]) }
            for leaf in made.dropFirst() { _ = try keyring.subjectKey(leaf) }
            mine += made.dropFirst()
          }
          return mine
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(leaves).count == 4 * 8 * 4)
    #expect(try vault.slot().read().map(\.epoch) == [33])
    for keyring in keyrings + [try vault.open()] {
      #expect(Set(try leaves.map { try keyring.subjectKey($0) }).count == leaves.count)
    }
  }
}
