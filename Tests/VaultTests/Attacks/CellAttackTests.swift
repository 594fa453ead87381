import Foundation
import GRDB
import Keyring
import Sealing
import TestSupport
import Testing
import VaultTesting

@testable import Vault

/// What somebody who may write `vault.sqlite` and `keys.sqlite` must not achieve with sealed cells.
@Suite struct CellAttackTests {
  private struct Scene {
    let test: TestVault
    let vault: Vault
    let anna: TokenText
    let leaf: Int64

    init(seed: UInt64 = 1) throws {
      test = try TestVault(seed: seed)
      vault = try test.withPeople()
      try vault.ingest(
        [TestSources.orders.record("B-1", "O-1", ["order": "O-1", "amount": "12.50"])],
        from: TestSources.orders)
      anna = try vault.theOne(.email, People.annaEmail)
      leaf = try vault.leaf(TestSources.crm, "K-1")
    }

    func records() throws -> [RecordRow] {
      try vault.queue.read { database in
        let store = RecordStore(database: database)
        let leaves = try Int64.fetchAll(database, sql: "SELECT leaf FROM subject ORDER BY leaf")
        return try leaves.flatMap(store.ofSubject)
      }
    }

    func seal(_ row: Int64, _ sealed: [UInt8]) throws {
      try vault.queue.write { try RecordStore(database: $0).setSealed(row, sealed) }
    }
  }

  private func record(_ number: Int, _ name: String, _ tried: String, _ result: String) {
    AttackReport.record(number: number, name: name, tried: tried, result: result)
  }

  @Test func sealedCellsOpenInTheirPlaceOnly() throws {
    let scene = try Scene()
    let foreign = try Scene(seed: 2)
    let records = try scene.records()
    let anna = try #require(records.first { $0.subject == scene.leaf })
    let fields = try SealedFields.decode(anna.sealed)
    let system = try #require(
      try scene.vault.queue.read { try SubjectStore(database: $0).find(scene.leaf) })
    let envelopes = try SealedFields.decode(system.sealed).map(\.envelope)
    var forged = records.filter { $0.row != anna.row }.map(\.sealed)
    forged += try foreign.records().map(\.sealed)
    for (place, field) in fields.enumerated() {
      for (other, _) in fields.enumerated() where other != place {
        var moved = fields
        moved[place].envelope = fields[other].envelope
        forged.append(SealedFields.encode(moved))
      }
      for envelope in envelopes {
        var moved = fields
        moved[place] = (field.number, envelope)
        forged.append(SealedFields.encode(moved))
      }
    }
    #expect(try scene.vault.values(scene.anna)["crm.email"] == [People.annaEmail])
    let opener = SubjectOpener(scene.vault)
    let subject = try opener.open(system)
    for sealed in forged {
      try scene.seal(anna.row, sealed)
      let moved = try #require(try scene.records().first { $0.row == anna.row })
      #expect(throws: (any Error).self) { try opener.open(moved, of: subject) { _, _ in } }
      // The identifiers are in a cell that is never shown: with it alone exchanged, the rest is
      // still right.
      guard let values = try? scene.vault.values(scene.anna) else { continue }
      #expect(values["crm.email"] == [People.annaEmail] && values.count == People.anna.fields.count)
      #expect(throws: (any Error).self) { _ = try opener.identifiers(of: moved, subject) }
    }
    try scene.seal(anna.row, anna.sealed)
    #expect(try scene.vault.values(scene.anna)["crm.email"] == [People.annaEmail])
    record(
      20, "sealed cells of the vault exchanged",
      "\(forged.count) moves between subjects, fields, tables, rows and vaults",
      "none is released; the vault answers again once they are put back")
  }

  /// An older value of one profile: put into the newer row, and put back as the row it was.
  @Test func anOlderValueComesBackInsideAGenerationOnly() throws {
    let scene = try Scene()
    let vault = scene.vault
    let old = try #require(try scene.records().first { $0.subject == scene.leaf })
    let newer = TestSources.crm.record(
      "K-1", day: TestVault.day + 1, ["number": "K-1", "email": "anna2@example.com"])
    #expect(try vault.ingest([newer], from: TestSources.crm).replaced == 1)
    let new = try #require(try scene.records().first { $0.subject == scene.leaf })
    #expect(new.row != old.row)

    try scene.seal(new.row, old.sealed)
    #expect(throws: (any Error).self) { _ = try vault.disclose(scene.anna, .dpo) }
    try scene.seal(new.row, new.sealed)
    try putBack(old, insteadOf: new.row, vault)
    #expect(try vault.values(scene.anna)["crm.email"] == [People.annaEmail])
    try putBack(new, insteadOf: old.row, vault)
    record(
      21, "older row of the same profile put back", "one whole row in one generation",
      "not detected: the older value is released; the sealed part alone, in the newer row, is not")

    let change = SubjectChange.rectify([
      RectifiedField(
        path: "crm.email", stored: Array("a3@example.com".utf8),
        matched: Array("a3@example.com".utf8))
    ])
    let digest = try vault.previewChange(change, of: scene.anna, .dpo).digest
    _ = try vault.apply(change, to: scene.anna, confirming: digest, reference: "R-1", .dpo)
    let rectified = try #require(try scene.records().first { $0.subject == scene.leaf })
    for earlier in [old, new] {
      try putBack(earlier, insteadOf: rectified.row, vault)
      #expect(throws: (any Error).self) { _ = try vault.disclose(scene.anna, .dpo) }
      try putBack(rectified, insteadOf: earlier.row, vault)
    }
    #expect(try vault.values(scene.anna)["crm.email"] == ["a3@example.com"])
    record(
      21, "older row put back after a rectification", "two older rows, whole",
      "refused: the generation has changed and the old key is destroyed")
  }

  private func putBack(_ record: RecordRow, insteadOf row: Int64, _ vault: Vault) throws {
    try vault.queue.write { database in
      try RecordStore(database: database).delete(row: row)
      try RecordStore(database: database).insert(record)
    }
  }

  /// What would let one ciphertext be opened under another key than the one it was stored with.
  @Test func keysThatDoNotFitTheirCommitmentAreNotUsed() throws {
    let scene = try Scene()
    let bert = try scene.vault.leaf(TestSources.crm, "K-2")
    let forgeries = [
      "UPDATE subject SET key_leaf = \(bert) WHERE leaf = \(scene.leaf)",
      "UPDATE subject SET generation = 2 WHERE leaf = \(scene.leaf)",
      "UPDATE subject SET commitment = zeroblob(32) WHERE leaf = \(scene.leaf)",
      """
      UPDATE subject SET commitment = (SELECT commitment FROM subject WHERE leaf = \(bert))
      WHERE leaf = \(scene.leaf)
      """,
      "UPDATE subject SET id = zeroblob(16) WHERE leaf = \(scene.leaf)",
    ]
    for forgery in forgeries {
      try scene.vault.queue.write { database in
        try database.inSavepoint {
          try database.execute(sql: forgery)
          let row = try #require(try SubjectStore(database: database).find(scene.leaf))
          expect(VaultError.Code.integrity) { _ = try SubjectOpener(scene.vault).open(row) }
          return .rollback
        }
      }
    }
    #expect(try scene.vault.values(scene.anna)["crm.email"] == [People.annaEmail])
    record(
      26, "subject key exchanged for another", "\(forgeries.count) forged rows",
      "the vault refuses by the commitment before anything is opened")

    let count = try DatabaseQueue(path: scene.test.layout.keys).read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM bucket WHERE leaf IN (0, 1)")
    }
    #expect(count == 2)
    // The two keys exchanged; the number in between keeps the rows unique meanwhile.
    try scene.test.tamper(
      scene.test.layout.keys,
      """
      UPDATE bucket SET leaf = 1000 WHERE leaf = 0; UPDATE bucket SET leaf = 0 WHERE leaf = 1;
      UPDATE bucket SET leaf = 1 WHERE leaf = 1000
      """)
    let reader = try scene.test.open()
    expect(KeyringError.Code.corrupt) { _ = try reader.disclose(scene.anna, .dpo) }
    record(
      26, "bucket keys exchanged", "two buckets", "refused by the commitment of the bucket key")
  }

  /// Two lives of one vault from one backup: the same keys, the same rows, no nonce in common.
  @Test func aRestoredVaultRepeatsNoNonce() throws {
    let test = try TestVault()
    try test.create()
    func open(_ directory: String) throws -> Vault {
      try Vault.open(
        directory: directory, unsealKey: try UnsealKey.file(at: test.keyPath, outside: directory),
        environment: VaultEnvironment(clock: test.clock.clock, random: SystemRandom()))
    }
    let origin = try open(test.directory)
    try origin.ingest([People.anna, People.bert], from: TestSources.crm)
    let lives = AttackReport.rounds(short: 3, long: 20)
    let directories = try (0..<lives).map { try test.copyDirectory("life-\($0)") }
    let before = try Self.nonces(test.directory)
    var all = before
    var drawn = 0
    for directory in directories {
      let vault = try open(directory)
      let renamed = TestSources.crm.record(
        "K-1", day: TestVault.day + 1, ["number": "K-1", "email": "again@example.com"])
      try vault.ingest([renamed], from: TestSources.crm)
      try vault.ingest(
        (0..<50).map { TestSources.crm.record("N-\($0)", ["number": "N-\($0)"]) },
        from: TestSources.crm)
      let fresh = try Self.nonces(directory).subtracting(before)
      #expect(fresh.count > 150)
      drawn += fresh.count
      all.formUnion(fresh)
    }
    #expect(all.count == before.count + drawn)
    record(
      27, "nonce repeated after a restore",
      "\(lives) lives of one backup with the same keys, \(drawn) nonces", "no nonce twice")
  }

  /// The nonces of every envelope and every node of a vault directory.
  private static func nonces(_ directory: String) throws -> Set<[UInt8]> {
    let data = try DatabaseQueue(path: directory + "/vault.sqlite")
    let keys = try DatabaseQueue(path: directory + "/keys.sqlite")
    let sealed = try data.read {
      try Data.fetchAll(
        $0, sql: "SELECT sealed FROM subject UNION ALL SELECT sealed FROM record")
    }
    let nodes = try keys.read { try Data.fetchAll($0, sql: "SELECT b FROM node") }
    try data.close()
    try keys.close()
    var nonces: Set<[UInt8]> = []
    for blob in sealed {
      for field in try SealedFields.decode([UInt8](blob)) {
        nonces.insert([UInt8](field.envelope[8..<20]))
      }
    }
    for node in nodes { nonces.insert([UInt8]([UInt8](node)[12..<24])) }
    return nonces
  }
}
