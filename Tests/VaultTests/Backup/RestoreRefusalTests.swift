import Foundation
import GRDB
import Keyring
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// What must not be restored: each cause is named, and nothing is left behind.
@Suite struct RestoreRefusalTests {
  /// A vault with a backup and one erasure after it.
  private static func scene() throws -> TestVault {
    let test = try TestVault()
    let vault = try test.withEverybody()
    _ = try vault.backUp(to: test.backup, .keeper)
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    try vault.publishLog()
    return test
  }

  private static func expectRefused(
    _ test: TestVault, _ code: String, naming word: String, _ request: RestoreRequest? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var found = ""
    var message = ""
    do {
      _ = try test.plan(request)
    } catch let error as VaultError {
      (found, message) = (error.code.rawValue, error.message)
    } catch let error as KeyringError {
      (found, message) = (error.code.rawValue, error.message)
    }
    #expect(found == code, "\(message)", sourceLocation: sourceLocation)
    #expect(message.contains(word), "\(message)", sourceLocation: sourceLocation)
    #expect(!message.contains("\n"), sourceLocation: sourceLocation)
    #expect(
      !test.exists(test.restored) && !test.exists(test.restored + ".making"),
      sourceLocation: sourceLocation)
    #expect(
      try test.open().count(.email, People.bertEmail) == 1, "the vault itself is unharmed",
      sourceLocation: sourceLocation)
  }

  /// Attack: one byte of any file of the backup.
  @Test func oneFlippedByteOfAnyFileIsFound() throws {
    let test = try Self.scene()
    let paths = try FileManager.default.subpathsOfDirectory(atPath: test.backup)
      .filter { !DurableFiles.isDirectory("\(test.backup)/\($0)") }
    #expect(paths.count > 10)
    for path in paths {
      for place in 0..<3 {
        let size = try Data(contentsOf: URL(filePath: "\(test.backup)/\(path)")).count
        guard size > 0 else { continue }
        let offset = [0, size / 2, size - 1][place]
        try test.flip("\(test.backup)/\(path)", at: offset)
        let error = #expect(throws: VaultError.self, "\(path) at \(offset)") {
          _ = try test.plan()
        }
        #expect(error?.code == .integrity, "\(path) at \(offset): \(error?.message ?? "")")
        try test.flip("\(test.backup)/\(path)", at: offset)
      }
    }
    _ = try test.plan()
    #expect(!test.exists(test.restored + ".making"))
  }

  @Test(arguments: ["vault.sqlite", "lethe.yaml", "policies/vault.cedar", "audit/checkpoint"])
  func aMissingFileIsFound(path: String) throws {
    let test = try Self.scene()
    try FileManager.default.removeItem(atPath: "\(test.backup)/\(path)")
    try Self.expectRefused(test, "integrity", naming: path)
  }

  @Test(arguments: ["manifest.json", "backup.note"]) func aMissingManifestIsFound(
    path: String
  ) throws {
    let test = try Self.scene()
    try FileManager.default.removeItem(atPath: "\(test.backup)/\(path)")
    try Self.expectRefused(test, "integrity", naming: path)
  }

  /// Whoever alters a file and its line in the manifest does not have the key that signs it.
  @Test func aManifestThatTheVaultDidNotSignIsRefused() throws {
    let test = try Self.scene()
    let path = test.backup + "/policies/operators.yaml"
    let text = try String(contentsOfFile: path, encoding: .utf8) + "# more\n"
    try Data(text.utf8).write(to: URL(filePath: path))
    let old = try BackupManifest(
      bytes: [UInt8](Data(contentsOf: URL(filePath: test.backup + "/manifest.json"))))
    let forged = BackupManifest(
      vault: old.vault, origin: old.origin, milliseconds: old.milliseconds, logSize: old.logSize,
      logRoot: old.logRoot, epoch: old.epoch, generation: old.generation, counts: old.counts,
      files: old.files.map { file in
        file.path != "policies/operators.yaml"
          ? file
          : BackupManifest.File(
            path: file.path, byteCount: text.utf8.count, digest: SHA256.hash(Array(text.utf8)))
      })
    try Data(try forged.bytes).write(to: URL(filePath: test.backup + "/manifest.json"))
    try Self.expectRefused(test, "integrity", naming: "backup.note")
    // Signed by another key of the same name.
    let seed = try SecretBytes(copying: [UInt8](repeating: 7, count: 32))
    let key = try NoteSigningKey(name: "test.lethe.invalid/audit/certificates", seed: seed)
    let note = try SignedNote(
      text: forged.noteText, signatures: [try key.sign(forged.noteText)])
    try Data(note.encoded).write(to: URL(filePath: test.backup + "/backup.note"))
    try Self.expectRefused(test, "integrity", naming: "backup.note")
  }

  /// A signed manifest that the log never heard of, as an interrupted backup would leave it.
  @Test func aBackupTheLogDoesNotKnowIsRefused() throws {
    struct Death: Error {}
    let test = try Self.scene()
    let kept = test.root.path + "/kept"
    #expect(throws: Death.self) {
      _ = try test.open().backUp(
        to: test.root.path + "/second",
        stopping: { step in
          guard step == .signed else { return }
          try FileManager.default.copyItem(
            atPath: test.root.path + "/second.making", toPath: kept)
          throw Death()
        })
    }
    let vault = try test.open()
    _ = try vault.count(.email, People.bertEmail)
    try vault.publishLog()
    try Self.expectRefused(
      test, "integrity", naming: "does not know this backup", test.request(backup: kept))
  }

  @Test func noBackup() throws {
    let test = try Self.scene()
    try Self.expectRefused(
      test, "vaultDirectory", naming: "no backup",
      test.request(backup: test.root.path + "/nowhere"))
    try Self.expectRefused(
      test, "integrity", naming: "manifest.json", test.request(backup: test.directory))
  }

  @Test func noKeyStore() throws {
    let test = try Self.scene()
    try Self.expectRefused(
      test, "vaultDirectory", naming: "no key store",
      test.request(keys: test.root.path + "/slot"))
    try Self.expectRefused(
      test, "corrupt", naming: "not a key store", test.request(keys: test.layout.vault))
  }

  @Test func keysOfAnotherVault() throws {
    let test = try Self.scene()
    let other = try TestVault(seed: 2)
    try other.create()
    try Self.expectRefused(
      test, "integrity", naming: "different vaults", test.request(keys: other.directory))
  }

  @Test func keysFromBeforeTheErasure() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    _ = try vault.backUp(to: test.backup, .keeper)
    let old = try test.copyDirectory("old")
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    try vault.publishLog()
    try Self.expectRefused(test, "rollback", naming: "old", test.request(keys: old))
  }

  /// Of the same epoch, so that only the numbers of commits tell.
  @Test func keysFromBeforeTheBackup() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    let old = try test.copyDirectory("old")
    try vault.ingest([MorePeople.dora], from: TestSources.crm)
    _ = try vault.backUp(to: test.backup, .keeper)
    #expect(try vault.keyring.epoch() == Keyring.mark(at: old + "/keys.sqlite").epoch)
    try Self.expectRefused(test, "rollback", naming: "generation", test.request(keys: old))
  }

  @Test func noLog() throws {
    let test = try Self.scene()
    for log in ["nowhere", "slot"] {
      try Self.expectRefused(
        test, "vaultDirectory", naming: "no published log",
        test.request(log: test.root.path + "/" + log))
    }
  }

  /// The log as the backup holds it ends before the backup's own event.
  @Test func aLogFromBeforeTheBackup() throws {
    let test = try Self.scene()
    try Self.expectRefused(
      test, "integrity", naming: "older than the backup",
      test.request(log: test.backup + "/audit"))
  }

  @Test func anotherVaultsLog() throws {
    let test = try Self.scene()
    let other = try TestVault(seed: 2)
    let vault = try other.withEverybody()
    for _ in 0..<20 { _ = try vault.count(.email, People.bertEmail) }
    try vault.publishLog()
    try Self.expectRefused(
      test, "integrity", naming: "checkpoint", test.request(log: other.layout.audit))
  }

  /// The same vault, set back to before the backup, with another history since.
  @Test func anotherHistory() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    try vault.publishLog()
    let fork = try test.clone()
    _ = try vault.count(.email, People.annaEmail)
    _ = try vault.backUp(to: test.backup, .keeper)
    try vault.publishLog()
    let other = try fork.open()
    for _ in 0..<10 { _ = try other.count(.email, People.bertEmail) }
    try other.publishLog()
    try Self.expectRefused(
      test, "integrity", naming: "another history", test.request(log: fork.layout.audit))
  }

  /// A log cut back to an older checkpoint of its own.
  @Test func aTruncatedLog() throws {
    let test = try Self.scene()
    let kept = test.root.path + "/mirror"
    let audit = URL(filePath: test.layout.audit)
    try FileManager.default.copyItem(at: audit, to: URL(filePath: kept))
    func width(_ path: String) -> Int { Int(path.split(separator: "/").last ?? "") ?? 0 }
    let tiles = try FileManager.default.subpathsOfDirectory(atPath: kept)
      .filter { $0.hasPrefix("tile/entries/") && $0.contains(".p/") }
      .sorted { width($0) < width($1) }
    let last = try #require(tiles.last)
    try FileManager.default.removeItem(atPath: "\(kept)/\(last)")
    try Self.expectRefused(test, "integrity", naming: "not whole", test.request(log: kept))
  }

  @Test func aFlippedByteOfTheLog() throws {
    let test = try Self.scene()
    let kept = test.root.path + "/mirror"
    try FileManager.default.copyItem(
      at: URL(filePath: test.layout.audit), to: URL(filePath: kept))
    let size = try #require(try test.open().logReport().checkpoint?.checkpoint.treeSize)
    try test.flip("\(kept)/tile/entries/000.p/\(size)")
    try Self.expectRefused(test, "integrity", naming: "not whole", test.request(log: kept))
  }

  @Test(arguments: ["taken", "file", "backup/inside"]) func wrongPlaces(name: String) throws {
    let test = try Self.scene()
    let place = test.root.appending(path: name)
    if name == "taken" {
      try FileManager.default.createDirectory(
        at: place.appending(path: "x"), withIntermediateDirectories: true)
    } else if name == "file" {
      try Data([1]).write(to: place)
    }
    let error = #expect(throws: VaultError.self) {
      _ = try test.plan(test.request(to: place.path))
    }
    #expect(error?.code == (name.contains("/") ? .invalidInput : .vaultDirectory))
    #expect(!test.exists(place.path + ".making"))
    #expect(test.exists(place.path) != name.contains("/"))
  }

  @Test func anotherPlanThanTheConfirmedOne() throws {
    let test = try Self.scene()
    let digest = try test.plan().digest
    let vault = try test.open()
    try vault.eraseNow(try vault.theOne(.email, People.bertEmail), "R-2")
    try vault.publishLog()
    for wrong in [digest, "", "0123456789abcdef"] {
      expect(VaultError.Code.stale) {
        _ = try Vault.restore(
          test.request(), confirming: wrong, unsealKey: try test.key(),
          environment: test.environment, .keeper)
      }
      #expect(!test.exists(test.restored) && !test.exists(test.restored + ".making"))
    }
  }

  @Test(arguments: [Requester.dpo, .service, .support, .analyst]) func notEveryoneMay(
    who: Requester
  ) throws {
    let test = try Self.scene()
    expect(VaultError.Code.denied) { _ = try test.plan(nil, who) }
    #expect(!test.exists(test.restored + ".making"))
  }

  @Test func anUnknownOperatorOrPurpose() throws {
    let test = try Self.scene()
    expect(VaultError.Code.unknownOperator) {
      _ = try test.plan(nil, Requester(operatorName: "nobody", purpose: "essential.service"))
    }
    expect(VaultError.Code.unknownPurpose) {
      _ = try test.plan(nil, Requester(operatorName: "eve", purpose: "fun"))
    }
  }

  @Test func theWrongUnsealKey() throws {
    let test = try Self.scene()
    try FileManager.default.removeItem(atPath: test.keyPath)
    _ = try UnsealKey.createFile(at: test.keyPath, outside: test.directory, random: test.random)
    expect(KeyringError.Code.sealed) { _ = try test.plan() }
    #expect(!test.exists(test.restored + ".making"))
  }

  /// A slot with a prepared epoch may belong to a newer key store; it is not given up unasked.
  @Test func aPreparedEpochIsNotDropped() throws {
    let test = try Self.scene()
    let epoch = try test.open().keyring.prepareEpoch()
    let slot = try Data(contentsOf: URL(filePath: test.slotPath))
    let error = #expect(throws: KeyringError.self) { _ = try test.plan() }
    #expect(error?.code == .rollback && error?.message.contains("epoch \(epoch)") == true)
    #expect(try Data(contentsOf: URL(filePath: test.slotPath)) == slot, "nothing was destroyed")
    let request = test.request(isDroppingPreparedEpoch: true)
    _ = try test.plan(request)
    #expect(try Data(contentsOf: URL(filePath: test.slotPath)) == slot)
    try test.restore(request)
    #expect(try test.open(test.restored).count(.email, People.bertEmail) == 1)
  }

  /// Rows that nobody but a writer of the file can have made go as well, and are counted apart.
  @Test(
    arguments: [
      ("UPDATE subject SET commitment = zeroblob(32) WHERE leaf = 1", \SweepCounts.unfitSubjects),
      ("UPDATE subject SET generation = 2 WHERE leaf = 1", \.unfitSubjects),
      ("UPDATE subject SET key_leaf = 2 WHERE leaf = 1", \.unfitSubjects),
      ("UPDATE subject SET key_leaf = 5000 WHERE leaf = 1", \.unknownSubjects),
      ("UPDATE record SET bucket = 33554433 WHERE subject = 1", \.expiredRecords),
    ] as [(String, any KeyPath<SweepCounts, Int> & Sendable)])
  func rowsThatNoKeyFitsGo(sql: String, count: any KeyPath<SweepCounts, Int> & Sendable) throws {
    let test = try Self.scene()
    let place = try NewPlace(test.restored)
    try place.begin()
    let run = try RestoreRun(
      test.request(), try test.key(), .keeper, place,
      RestoreRun.Context(environment: test.environment, progress: { _ in }) { step in
        guard step == .copied else { return }
        try test.tamper(place.making + "/vault.sqlite", sql)
      })
    #expect(run.plan.swept[keyPath: count] == 1 && run.plan.swept.subjectsWithoutKey == 1)
    let report = try run.apply()
    #expect(report.counts.records == 3)
    place.discard()
  }

  /// The end of the log is cut off, but the keys know of more.
  @Test func aLogWithoutItsEndIsTold() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    _ = try vault.backUp(to: test.backup, .keeper)
    let mirror = test.root.path + "/mirror"
    try FileManager.default.copyItem(atPath: test.layout.audit, toPath: mirror)
    #expect(try !test.plan().isLogBehindKeys)
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    try vault.publishLog()
    #expect(try !test.plan().isLogBehindKeys)
    // The key store has seen more of it signed.
    expect(VaultError.Code.integrity) { _ = try test.plan(test.request(log: mirror)) }
    let plan = try test.plan(test.request(log: mirror, isDroppingSignedEnd: true))
    #expect(plan.isLogBehindKeys && plan.swept.subjectsWithoutKey == 1 && plan.suppressed == 4)
    #expect(plan.droppedEntries > 0)
  }
}
