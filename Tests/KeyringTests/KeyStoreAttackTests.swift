import Foundation
import GRDB
import Sealing
import TestSupport
import Testing

@testable import Keyring

/// What somebody who may write the key store must not achieve.
@Suite struct KeyStoreAttackTests {
  private typealias Nodes = [Int64: Data]
  private static let rootID: Int64 = 127 << 56

  private func nodes(_ vault: TestVault) throws -> Nodes {
    let queue = try DatabaseQueue(path: vault.storePath)
    defer { try? queue.close() }
    return try queue.read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT id, b FROM node")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }
  }

  private func put(_ blob: Data, at id: Int64, _ vault: TestVault) throws {
    try vault.tamper("UPDATE node SET b = ? WHERE id = ?", [blob, id])
  }

  private func record(
    _ name: String, _ tried: String, _ result: String, number: Int = 30
  ) {
    AttackReport.record(number: number, name: name, tried: tried, result: result)
  }

  /// Every node in the place of every other one, and no key comes out.
  @Test func nodesInEachOthersPlacesDoNotOpen() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 130)
    _ = try keyring.bucketKey(.permanent)
    _ = try keyring.domainKey(1, 1)
    _ = try keyring.indexKey(1, 1)
    let nodes = try nodes(vault)
    #expect(nodes.count >= 8)
    var tried = 0
    for (target, own) in nodes {
      for (source, foreign) in nodes where source != target {
        try put(foreign, at: target, vault)
        #expect(throws: KeyringError.self, "node \(source) at \(target)") {
          let reader = try vault.open()
          for leaf in [0, 64, 128] as [Int64] { _ = try reader.subjectKey(leaf) }
          _ = try reader.bucketKey(.permanent, createIfMissing: false)
          _ = try reader.domainKey(1, 1, create: false)
          _ = try reader.indexKey(1, 1, create: false)
        }
        tried += 1
      }
      try put(own, at: target, vault)
    }
    _ = try vault.open().subjectKey(128)
    record("nodes exchanged", "\(tried) pairs of places", "every exchange refused")
  }

  @Test func oneNodeRolledBackGivesNoErasedKey() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 130)
    let before = try nodes(vault)
    _ = try keyring.erase(subjects: [70])
    let after = try nodes(vault)
    let rolled = before.keys.filter { before[$0] != after[$0] }
    #expect(rolled.count == 3)
    for id in rolled {
      try put(try #require(before[id]), at: id, vault)
      expect(id == Self.rootID ? .sealed : .corrupt) { _ = try vault.open().subjectKey(70) }
      try put(try #require(after[id]), at: id, vault)
    }
    expect(.keyDestroyed) { _ = try vault.open().subjectKey(70) }
    record(
      "one node rolled back over an erasure", "\(rolled.count) nodes of the erased key's path",
      "refused; the erased key stays out of reach")
  }

  /// A node gets a fresh key with every change, so that an older one is dead inside its epoch too.
  @Test func oneNodeRolledBackInsideAnEpochDoesNotOpen() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 130)
    let old = try nodes(vault)
    _ = try keyring.createSubjectKeys(count: 5)
    let (before, made) = (try keyring.subjectKey(129), try keyring.subjectKey(131))
    let newest = try nodes(vault)
    let rolled = old.keys.filter { old[$0] != newest[$0] }
    #expect(rolled.count >= 3)
    for id in rolled {
      try put(try #require(old[id]), at: id, vault)
      #expect(throws: KeyringError.self) {
        let reader = try vault.open()
        for leaf in [129, 131] as [Int64] { _ = try reader.subjectKey(leaf) }
      }
      try put(try #require(newest[id]), at: id, vault)
    }
    let reader = try vault.open()
    #expect(try reader.subjectKey(129) == before && reader.subjectKey(131) == made)
    record(
      "one node rolled back inside an epoch", "\(rolled.count) nodes that new keys changed",
      "refused")
  }

  @Test func theWholeFileRolledBackGivesNoErasedKey() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 10)
    let old = try vault.snapshot()
    _ = try keyring.createSubjectKeys(count: 10)
    let sameEpoch = try vault.snapshot()
    _ = try keyring.erase(subjects: [3])
    for copy in [old, sameEpoch] {
      try vault.restore(copy)
      expect(.rollback) { _ = try vault.open() }
    }
    record(
      "file rolled back over an erasure", "two older copies", "refused as rolled back by the slot")
  }

  /// Nothing outside the file counts commits inside an epoch unless copies are kept.
  @Test func theWholeFileRolledBackInsideAnEpochLosesTheNewKeysOnly() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 10)
    let key = try keyring.subjectKey(9)
    let old = try vault.snapshot()
    _ = try keyring.createSubjectKeys(count: 10)
    let lost = try keyring.subjectKey(15)
    try vault.restore(old)
    let reader = try vault.open()
    #expect(try reader.subjectKey(9) == key)
    expect(.unknownKey) { _ = try reader.subjectKey(15) }
    _ = try reader.createSubjectKeys(count: 10)
    #expect(try reader.subjectKey(15) != lost, "the leaf gets another key, never the same")
    record(
      "file rolled back inside an epoch", "one older copy of the same epoch",
      "opens: not found without a copy elsewhere; keys made since are lost, no key comes twice")
  }

  @Test func aRootOfZerosOrOfAnotherVaultDoesNotOpen() throws {
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 200)
    let other = try TestVault(seed: 2)
    _ = try other.create().createSubjectKeys(count: 200)
    let (mine, foreign) = (try nodes(vault), try nodes(other))
    var grafted = 0
    for (id, blob) in foreign where id == Self.rootID || id >> 56 < 0x10 {
      try put(blob, at: id, vault)
      expect(id == Self.rootID ? .sealed : .corrupt) {
        let reader = try vault.open()
        for leaf in [0, 64, 128, 192] as [Int64] { _ = try reader.subjectKey(leaf) }
      }
      try put(try #require(mine[id]), at: id, vault)
      grafted += 1
    }
    #expect(grafted == 6)
    record("node of another vault grafted", "\(grafted) nodes", "none opens")
    try put(Data(count: NodeBlob.byteCount), at: Self.rootID, vault)
    expect(.sealed) { _ = try vault.open() }
    record("root overwritten with zeros", "once", "the vault stays sealed; nothing opens")
  }

  /// Version, algorithm, reserved bytes and version number in the clear header of a node.
  @Test func changedNodeHeadersDoNotOpen() throws {
    let vault = try TestVault()
    _ = try vault.create().createSubjectKeys(count: 1)
    let nodes = try nodes(vault)
    var tried = 0
    for id in [0, Self.rootID] {
      let own = try #require(nodes[id])
      for bit in 0..<(NodeBlob.headerByteCount * 8) {
        var forged = own
        forged[bit / 8] ^= 1 << UInt8(bit % 8)
        try put(forged, at: id, vault)
        expect(id == Self.rootID ? .sealed : .corrupt) { _ = try vault.open().subjectKey(0) }
        tried += 1
      }
      try put(own, at: id, vault)
    }
    _ = try vault.open().subjectKey(0)
    record(
      "header of a node changed", "\(tried) flipped bits of two nodes", "none opens", number: 24)
  }
}

/// One answer for everything that does not open.
@Suite struct UnsealAttackTests {
  private static let passphrase = "correct horse battery"

  private func key(_ text: String) throws -> UnsealKey {
    try UnsealKey.passphrase(SecretBytes(copying: Array(text.utf8)))
  }

  private func created() throws -> TestVault {
    let vault = try TestVault()
    _ = try Keyring.create(
      at: vault.storePath, vault: vault.vault, unsealKey: key(Self.passphrase),
      slot: FileEpochSlot.create(at: vault.slotPath, vault: vault.vault, random: vault.random),
      scrypt: .minimum, random: vault.random, now: { 0 })
    return vault
  }

  private func answer(_ vault: TestVault, _ text: String) throws -> String {
    do {
      _ = try Keyring.open(
        at: vault.storePath, unsealKey: key(text), slot: vault.slot(), random: vault.random,
        now: { 0 })
      return "opens"
    } catch let error as KeyringError {
      return "\(error.code) \(error.message)"
    }
  }

  @Test func aWrongPassphraseAndAnAlteredStoreAnswerTheSame() throws {
    let changes = [
      "UPDATE node SET b = zeroblob(2088) WHERE id = 127 << 56",
      "UPDATE node SET b = (SELECT b FROM node WHERE id = 0) WHERE id = 127 << 56",
      "UPDATE meta SET scrypt_salt = zeroblob(32)",
      "UPDATE meta SET scrypt_cost = scrypt_cost * 2",
    ]
    var answers: Set<String> = []
    let wrong = [
      "correct horse batterz", "Correct horse battery", "correct horse battery ",
      String(repeating: "x", count: 1000),
    ]
    let untouched = try created()
    #expect(try answer(untouched, Self.passphrase) == "opens")
    for text in wrong { answers.insert(try answer(untouched, text)) }
    for change in changes {
      let vault = try created()
      try vault.tamper(change)
      answers.insert(try answer(vault, Self.passphrase))
      answers.insert(try answer(vault, wrong[0]))
    }
    let vault = try created()
    let blob = try #require(
      try vault.value(Data.self, "SELECT b FROM node WHERE id = 127 << 56"))
    for offset in [0, 5, 12, 24, 1000, 2071, 2087] {
      var altered = blob
      altered[offset] ^= 1
      try vault.tamper("UPDATE node SET b = ? WHERE id = 127 << 56", [altered])
      answers.insert(try answer(vault, Self.passphrase))
    }
    #expect(answers.count == 1, "\(answers)")
    AttackReport.record(
      number: 32, name: "wrong passphrase against altered root",
      tried: "\(wrong.count) passphrases, \(changes.count) changed stores, 7 altered roots",
      result: "one error, to the letter")
  }

  @Test func loweredParametersAreRefusedBeforeAnyWork() throws {
    let vault = try created()
    var tried = 0
    for (column, values) in [
      ("scrypt_cost", ["2", "4", "1024", "16384", "65535", "0", "-2"]),
      ("scrypt_block_size", ["1", "2", "7", "0"]), ("scrypt_parallelism", ["0", "-1"]),
    ] {
      let before = try #require(try vault.value(Int.self, "SELECT \(column) FROM meta"))
      for value in values {
        try vault.tamper("UPDATE meta SET \(column) = \(value)")
        for text in [Self.passphrase, "another passphrase"] {
          #expect(try answer(vault, text).hasPrefix("weakParameters"), "\(column) = \(value)")
        }
        tried += 1
      }
      try vault.tamper("UPDATE meta SET \(column) = \(before)")
    }
    #expect(try answer(vault, Self.passphrase) == "opens")
    AttackReport.record(
      number: 31, name: "parameters of the key derivation lowered", tried: "\(tried) changes",
      result: "refused, with the right passphrase too")
  }
}
