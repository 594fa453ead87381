import Foundation
import GRDB
import Sealing
import TestSupport
import Testing

@testable import Keyring

/// Everything an adversary could reach who has every version of every file and all live secrets.
///
/// Opens each node version ever seen with each key ever obtained for its place, until nothing new
/// opens.
struct Closure {
  private(set) var leafKeys: Set<[UInt8]> = []

  init(_ blobs: [Int64: Set<[UInt8]>], vault: TestVault, epochs: [EpochSecret]) throws {
    let unsealKey = HeldKey(try vault.unsealKey().material.copy())
    let newest = (epochs.last?.epoch ?? 0) + 1
    for secret in epochs {
      // A present secret is tried as that of every epoch.
      for number in 1...newest {
        let epoch = EpochSecret(epoch: number, secret: try secret.secret.copy())
        let key = try RootKey.derive(unsealKey: unsealKey, epoch: epoch, vault: vault.vault)
        try descend(.root, key, blobs, vault.vault)
      }
    }
  }

  private mutating func descend(
    _ address: NodeAddress, _ key: HeldKey, _ blobs: [Int64: Set<[UInt8]>], _ vault: VaultID
  ) throws {
    for blob in blobs[address.id] ?? [] {
      guard let node = try? NodeBlob.open(blob, at: address, vault: vault, key: key.bytes) else {
        continue
      }
      for slot in 0..<64 {
        guard let child = try node.keys.key(slot) else { continue }
        leafKeys.insert(child.bytes.plaintextCopy())
        for next in Self.children(of: address, slot: slot) {
          try descend(next, child, blobs, vault)
        }
      }
    }
  }

  private static func children(of address: NodeAddress, slot: Int) -> [NodeAddress] {
    if address == .root {
      guard let subtree = Subtree(rawValue: UInt8(slot)) else { return [] }
      return (0...3).map { NodeAddress(subtree, height: $0, above: 0) }
    }
    guard address.height > 0, let subtree = Subtree(rawValue: address.level >> 4) else { return [] }
    let child = address.index << 6 | UInt64(slot)
    let height = address.height - 1
    return [NodeAddress(subtree, height: height, above: Int64(child) << (6 * (Int64(height) + 1)))]
  }
}

@Suite struct ClosureTests {
  /// Collects the node versions of a copied file and of its log.
  private func collect(_ copy: URL, into blobs: inout [Int64: Set<[UInt8]>]) throws {
    for withLog in [false, true] {
      let place = copy.appending(path: "read-\(withLog)")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for suffix in withLog ? ["", "-wal"] : [""] {
        try? FileManager.default.copyItem(
          at: copy.appending(path: "keys.sqlite" + suffix),
          to: place.appending(path: "keys.sqlite" + suffix))
      }
      let queue = try DatabaseQueue(path: place.appending(path: "keys.sqlite").path)
      try queue.read { db in
        guard try db.tableExists("node") else { return }
        for row in try Row.fetchAll(db, sql: "SELECT id, b FROM node") {
          let blob: Data = row[1]
          blobs[row[0], default: []].insert(Array(blob))
        }
      }
    }
  }

  @Test func erasedKeysCannotBeReachedFromAnyVersionOfTheFiles() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    var live: [Int64: [UInt8]] = [:]
    var erased: Set<[UInt8]> = []
    var blobs: [Int64: Set<[UInt8]>] = [:]
    var numbers = SeededNumbers(seed: 42)
    for round in 0..<12 {
      for leaf in try keyring.createSubjectKeys(count: round == 3 ? 300 : 7) {
        live[leaf] = try keyring.subjectKey(leaf)
      }
      let bucket = Bucket(retentionClass: 1, day: UInt32(round + 1))
      let bucketKey = try keyring.bucketKey(bucket)
      try collect(vault.snapshot(), into: &blobs)
      let victims = live.keys.sorted().filter { _ in numbers.next() % 5 == 0 }
      let before = try Closure(blobs, vault: vault, epochs: vault.slot().read())
      // The walker itself works: what is about to be erased is still within reach.
      #expect(before.leafKeys.isSuperset(of: victims.compactMap { live[$0] } + [bucketKey]))

      _ = try keyring.erase(subjects: victims, buckets: [bucket])
      erased.formUnion(victims.compactMap { live.removeValue(forKey: $0) } + [bucketKey])
      try collect(vault.snapshot(), into: &blobs)
      let after = try Closure(blobs, vault: vault, epochs: vault.slot().read())
      #expect(after.leafKeys.isDisjoint(with: erased))
      #expect(after.leafKeys.isSuperset(of: live.values))
    }
    #expect(erased.count > 50)
  }

  @Test func oldSlotWouldBringTheKeyBack() throws {
    // Why the slot must not be in a backup, and what its overwriting is worth.
    let vault = try TestVault()
    let keyring = try vault.create()
    let leaf = try keyring.createSubjectKeys(count: 1).lowerBound
    let key = try keyring.subjectKey(leaf)
    var blobs: [Int64: Set<[UInt8]>] = [:]
    try collect(vault.snapshot(), into: &blobs)
    let oldEpochs = try vault.slot().read()
    _ = try keyring.erase(subjects: [leaf])
    #expect(
      try !Closure(blobs, vault: vault, epochs: vault.slot().read()).leafKeys.contains(key))
    #expect(try Closure(blobs, vault: vault, epochs: oldEpochs).leafKeys.contains(key))
  }

  @Test func filesHoldNoKeyInTheClear() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let leaves = try keyring.createSubjectKeys(count: 100)
    let keys = try leaves.map { try keyring.subjectKey($0) }
    for suffix in ["", "-wal", "-shm"] {
      let bytes = try Data(contentsOf: URL(filePath: vault.storePath + suffix))
      for key in keys { #expect(bytes.range(of: Data(key)) == nil) }
    }
  }
}
