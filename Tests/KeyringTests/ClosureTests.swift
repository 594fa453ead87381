import Foundation
import GRDB
import Sealing
import Synchronization
import TestSupport
import Testing

@testable import Keyring

/// What an adversary reaches who kept every version of every file and gets all live secrets.
@Suite struct ClosureTests {
  /// Collects files at every step of every roll.
  private final class Watch: Sendable {
    let adversary = Mutex(Adversary())
    func take(_ places: [URL]) {
      adversary.withLock { adversary in
        for place in places { adversary.take(place) }
      }
    }
  }

  private static let replicaNames = ["copy0", "copy1"]

  /// A keyring with two copies whose files are collected at every step of a roll.
  private func watched(_ vault: TestVault, _ watch: Watch) throws -> Keyring {
    _ = try vault.create()
    let replicas = Self.replicaNames.map { vault.directory.appending(path: $0) }
    for replica in replicas {
      try FileManager.default.createDirectory(at: replica, withIntermediateDirectories: true)
    }
    let places = [vault.vaultDirectory] + replicas
    let environment = Keyring.Environment(
      slot: try vault.slot(),
      replicas: ReplicaSet(
        try KeyKeeping(replicas: replicas.map(\.path), quorum: 2, graceDays: 0)),
      random: vault.random, now: { TestVault.time }, hook: { _ in watch.take(places) })
    return try Keyring.open(at: vault.storePath, unsealKey: vault.unsealKey(), environment)
  }

  @Test func erasedKeysCannotBeReachedFromAnyVersionOfAnyFile() throws {
    let vault = try TestVault()
    let watch = Watch()
    let keyring = try watched(vault, watch)
    let places =
      [vault.vaultDirectory] + Self.replicaNames.map { vault.directory.appending(path: $0) }
    var live: [Int64: [UInt8]] = [:]
    var erased: Set<[UInt8]> = []
    var numbers = SeededNumbers(seed: 42)
    let rounds = AttackReport.rounds(short: 12, long: 120)
    for round in 0..<rounds {
      for leaf in try keyring.createSubjectKeys(count: round == 3 ? 300 : 7) {
        live[leaf] = try keyring.subjectKey(leaf)
      }
      let bucket = Bucket(retentionClass: 1, day: UInt32(round + 1))
      let bucketKey = try keyring.bucketKey(bucket)
      watch.take(places)
      let victims = live.keys.sorted().filter { _ in numbers.next() % 5 == 0 }
      // The walker itself works: what is about to be erased is still within reach.
      let before = try vault.closure(watch.adversary.withLock { $0 })
      #expect(before.keys.isSuperset(of: victims.compactMap { live[$0] } + [bucketKey]))

      let receipt = try keyring.erase(subjects: victims, buckets: [bucket])
      #expect(receipt.replicas.map(\.condition) == [.current, .current])
      erased.formUnion(victims.compactMap { live.removeValue(forKey: $0) } + [bucketKey])
      watch.take(places)
      let after = try vault.closure(watch.adversary.withLock { $0 })
      #expect(after.keys.isDisjoint(with: erased))
      #expect(after.keys.isSuperset(of: live.values))
    }
    let kept = watch.adversary.withLock { $0 }
    let versions = kept.blobs.values.reduce(0) { $0 + $1.count }
    // Every commit left a version of the root, and no secret was in any of these files.
    #expect(erased.count > 50 && versions > 10 * rounds && kept.secrets.isEmpty)
    AttackReport.record(
      number: 1, name: "closure over every version of every file",
      tried:
        "\(rounds) rolls; \(kept.fileCount) file images of key store, log and two copies, "
        + "\(versions) node versions, all live secrets",
      result: "0 of \(erased.count) erased keys reached, \(live.count) of \(live.count) live ones")
  }

  @Test func filesHoldNoKeyInTheClear() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let leaves = try keyring.createSubjectKeys(count: 100)
    let keys = try leaves.map { try keyring.subjectKey($0) }
    for suffix in ["", "-wal", "-shm"] {
      let bytes = try Data(contentsOf: URL(filePath: vault.storePath + suffix))
      for key in keys { #expect(bytes.places(of: key).isEmpty) }
    }
  }

  /// The reader of bytes finds what the reader of rows finds; else finding nothing means nothing.
  @Test func bytesAndRowsGiveTheSameNodes() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 5000)
    #expect(try keyring.store.truncateLog())
    var adversary = Adversary()
    adversary.take(vault.vaultDirectory)
    let rows = try DatabaseQueue(path: vault.storePath).read { database in
      try Row.fetchAll(database, sql: "SELECT id, b FROM node").map { row -> (Int64, [UInt8]) in
        let blob: Data = row[1]
        return (row[0], [UInt8](blob))
      }
    }
    #expect(rows.count > 80)
    for (id, blob) in rows { #expect(adversary.blobs[id]?.contains(blob) == true) }
    adversary.take(URL(filePath: vault.slotPath).deletingLastPathComponent())
    #expect(try adversary.secrets == Set(vault.slot().read().map { $0.secret.plaintextCopy() }))
  }
}
