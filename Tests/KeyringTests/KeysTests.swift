import GRDB
import Sealing
import Testing

@testable import Keyring

@Suite struct KeysTests {
  @Test func subjectKeysAreDistinctStableAndSurviveReopening() throws {
    let vault = try TestVault()
    var keyring: Keyring? = try vault.create()
    let leaves = try #require(try keyring?.createSubjectKeys(count: 10))
    #expect(leaves == 0..<10)
    let keys = try leaves.map { try keyring?.subjectKey($0) }
    #expect(Set(keys).count == 10)
    keyring = nil
    let reopened = try vault.open()
    #expect(try leaves.map { try reopened.subjectKey($0) } == keys)
  }

  @Test func treeGrowsWithoutRenamingOrLosingKeys() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    var known: [Int64: [UInt8]] = [:]
    // Batches that end on, before and after the borders at 64 and 4096.
    for count in [1, 62, 1, 1, 63, 3967, 1, 1, 100] {
      for leaf in try keyring.createSubjectKeys(count: count) {
        known[leaf] = try keyring.subjectKey(leaf)
      }
    }
    #expect(known.count == 4197)
    #expect(Set(known.values).count == 4197)
    let reopened = try vault.open()
    for (leaf, key) in known { #expect(try reopened.subjectKey(leaf) == key) }
    #expect(try vault.value(Int.self, "SELECT count(*) FROM node WHERE id >> 56 = 0") == 66)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM node WHERE id >> 56 = 1") == 2)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM node WHERE id >> 56 = 2") == 1)
  }

  @Test func batchSharesNodeWrites() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 1000)
    // 16 leaf nodes and the top above them, each written once; the old top is leaf node 0.
    let versions = "SELECT sum(substr(hex(b), 9, 16) + 0) FROM node WHERE id >> 56 < 2"
    #expect(try vault.value(Int.self, versions) == 16 + 1 + 2)
    #expect(try keyring.status().generation == 2)
  }

  @Test func everyCreationGivesThePathFreshKeys() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 1)
    let before = try vault.value(String.self, "SELECT hex(b) FROM node WHERE id = 0")
    _ = try keyring.createSubjectKeys(count: 1)
    #expect(try vault.value(String.self, "SELECT hex(b) FROM node WHERE id = 0") != before)
    // The older leaf node does not open any more, so that it cannot be put back.
    let old = try #require(before.flatMap { [UInt8](hexadecimal: $0) })
    try vault.tamper("UPDATE node SET b = ? WHERE id = 0", [old.data])
    expect(.corrupt) { _ = try vault.open().subjectKey(0) }
  }

  @Test(arguments: [0, -1, Keyring.maximumCreateCount + 1])
  func batchOutOfRangeIsRefused(count: Int) throws {
    let keyring = try TestVault().create()
    expect(.limit) { _ = try keyring.createSubjectKeys(count: count) }
  }

  @Test(arguments: [-1, 3, 64, Int64.max, Int64.min])
  func leafNeverHandedOutIsUnknown(leaf: Int64) throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 3)
    expect(.unknownKey) { _ = try keyring.subjectKey(leaf) }
    expect(.unknownKey) { _ = try vault.open().subjectKey(leaf) }
  }

  @Test func bucketDomainAndIndexKeysAreMadeOnce() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let bucket = Bucket(retentionClass: 2, day: 20_000)
    let keys = [
      try keyring.bucketKey(bucket), try keyring.bucketKey(.permanent),
      try keyring.domainKey(1, 1), try keyring.domainKey(1, 2), try keyring.indexKey(1, 1),
    ]
    #expect(Set(keys).count == 5)
    let reopened = try vault.open()
    #expect(
      try keys == [
        reopened.bucketKey(bucket, createIfMissing: false), reopened.bucketKey(.permanent),
        reopened.domainKey(1, 1, create: false), reopened.domainKey(1, 2),
        reopened.indexKey(1, 1),
      ])
    #expect(try reopened.status().leaves[.domains]?.created == 2)
  }

  @Test func missingKeyIsNotMadeUnlessAsked() throws {
    let keyring = try TestVault().create()
    expect(.unknownKey) { _ = try keyring.bucketKey(.permanent, createIfMissing: false) }
    expect(.unknownKey) { _ = try keyring.domainKey(1, 1, create: false) }
    expect(.unknownKey) { _ = try keyring.indexKey(1, 1, create: false) }
    #expect(try keyring.status().leaves.values.allSatisfy { $0.created == 0 })
  }

  @Test func keysMayBeUsedWithinEachOther() throws {
    let keyring = try TestVault().create()
    let leaf = try keyring.createSubjectKeys(count: 1).lowerBound
    let count = try keyring.withSubjectKey(leaf) { subjectKey in
      try keyring.withBucketKey(.permanent, createIfMissing: true) { bucketKey in
        try SecretBytes(concatenating: subjectKey, bucketKey).count
      }
    }
    #expect(count == 64)
  }

  @Test func singleKeysAreDistinctAndStable() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let message: [UInt8] = [1, 2, 3]
    let export = try keyring.withExportSigningKey { $0.verifyingKey }
    let log = try keyring.withLogSigningKey { $0.verifyingKey }
    let signature = try keyring.withLogSigningKey { try $0.sign(message) }
    #expect(log.isValid(signature: signature, for: message))
    #expect(!export.isValid(signature: signature, for: message))
    let suppression = try keyring.withSuppressionKey { $0.plaintextCopy() }
    #expect(try keyring.withLedgerKey { $0.plaintextCopy() } != suppression)
    let leaf = try keyring.createSubjectKeys(count: 1).lowerBound
    _ = try keyring.erase(subjects: [leaf])
    let reopened = try vault.open()
    #expect(try reopened.withLogSigningKey { $0.verifyingKey } == log)
    #expect(try reopened.withSuppressionKey { $0.plaintextCopy() } == suppression)
  }

  @Test func statusCountsLeaves() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 5)
    _ = try keyring.bucketKey(.permanent)
    _ = try keyring.erase(subjects: [1, 3])
    let status = try keyring.status()
    #expect(status.epoch == 2)
    #expect(status.generation == 4)
    #expect(status.leaves[.subjects]?.live == 3)
    #expect(status.leaves[.subjects]?.destroyed == 2)
    #expect(status.leaves[.buckets]?.created == 1)
    #expect(status.unsealKind == .file)
    #expect(!status.isDemo)
    #expect(status.custodians.map(\.name) == [vault.slotPath])
    #expect(status.slotAssurance == .l1)
  }

  @Test func manyKeysAreLentInOrder() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let leaves = try keyring.createSubjectKeys(count: Keyring.lendingBatchCount + 100)
    var lent: [Int64: [UInt8]] = [:]
    let reopened = try vault.open()
    try reopened.withSubjectKeys(leaves.reversed()) { lent[$0] = $1.plaintextCopy() }
    #expect(lent.count == leaves.count)
    for leaf in leaves { #expect(try keyring.subjectKey(leaf) == lent[leaf]) }
  }

  @Test func destroyedOrUnknownKeyAmongManyIsRefused() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 10)
    _ = try vault.open().erase(subjects: [5])
    var seen: [Int64] = []
    expect(.keyDestroyed) { try keyring.withSubjectKeys(0..<10) { leaf, _ in seen.append(leaf) } }
    expect(.unknownKey) { try keyring.withSubjectKeys([0, 10]) { leaf, _ in seen.append(leaf) } }
    #expect(seen.isEmpty)
    try keyring.withSubjectKeys([]) { leaf, _ in seen.append(leaf) }
    #expect(seen.isEmpty)
  }

  @Test func liveKeysAreListed() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let days: [UInt32] = [20_002, 20_000, 20_001]
    for day in days { _ = try keyring.bucketKey(Bucket(retentionClass: 1, day: day)) }
    for generation in [2, 1] as [UInt32] { _ = try keyring.indexKey(4, generation) }
    _ = try keyring.erase(
      buckets: [Bucket(retentionClass: 1, day: 20_001)],
      indexKeys: [IndexGeneration(field: 4, generation: 1)])
    #expect(
      try vault.open().liveBuckets()
        == [20_000, 20_002].map { Bucket(retentionClass: 1, day: $0) })
    #expect(
      try keyring.liveIndexGenerations() == [IndexGeneration(field: 4, generation: 2)])
  }

  @Test func cacheIsBounded() throws {
    var cache = NodeCache()
    for leaf in 0..<Int64(NodeCache.leafNodeLimit * 2) {
      let address = NodeAddress(.subjects, height: 0, above: leaf * 64)
      cache.insert(HeldNode(try NodeKeys(), version: 1), at: address)
      #expect(cache[address] != nil)
    }
    #expect(cache.count == NodeCache.leafNodeLimit)
    #expect(cache[NodeAddress(.subjects, height: 0, above: 0)] == nil)
  }
}
