import Foundation
import GRDB
import Keyring
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Vault

@Suite struct BackupTests {
  private static func files(_ directory: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: directory)
      .filter { !DurableFiles.isDirectory("\(directory)/\($0)") }.sorted()
  }

  @Test func itHoldsWhatItShouldAndNothingElse() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    let report = try vault.backUp(to: test.backup, .keeper)
    let found = try Self.files(test.backup)
    let listed = report.manifest.files.map(\.path)
    #expect(found == (listed + ["backup.note", "manifest.json"]).sorted())
    #expect(listed.contains("vault.sqlite") && listed.contains("lethe.yaml"))
    #expect(listed.contains("audit/checkpoint") && listed.contains("audit/log.vkey"))
    #expect(listed.contains("policies/vault.cedar"))
    #expect(listed.contains { $0.hasPrefix("policies/sources/") })
    for name in ["keys", "index", "analytics", "slot", "unseal"] {
      #expect(!found.contains { $0.contains(name) })
    }
    #expect(!test.exists(test.backup + ".making"))
    let counts = report.manifest.counts
    #expect(counts.subjects == 5 && counts.records == 5 && counts.persons == 5)
    #expect(counts.suppressed == 0 && counts.withdrawals == 0 && counts.openErasures == 0)
    #expect(report.manifest.generation == (try vault.keyring.generation()))
  }

  @Test func itIsSignedAndInTheLog() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    let report = try vault.backUp(to: test.backup, .keeper)
    let bytes = [UInt8](
      try Data(contentsOf: URL(filePath: test.backup + "/manifest.json")))
    let manifest = try BackupManifest(bytes: bytes)
    #expect(try manifest.bytes == bytes && manifest.files == report.manifest.files)
    let note = try SignedNote(
      encoded: [UInt8](Data(contentsOf: URL(filePath: test.backup + "/backup.note"))))
    let key = try NoteVerifierKey(encoded: vault.certificateVerifierKey())
    #expect(try note.verified(by: [key]).text == manifest.noteText)
    let entry = try vault.logEntries()[report.logSequence]
    #expect(entry.text("type") == "backup.made")
    #expect(entry.text("manifest") == SHA256.hash(bytes).hexadecimal)
    #expect(entry.number("backup_log_size") == Int64(manifest.logSize))
    #expect(entry.number("subjects") == 5)
    let checkpoint = try #require(try vault.logReport().checkpoint?.checkpoint)
    #expect(checkpoint.treeSize == report.logSequence + 1)
    #expect(
      try vault.status(.dpo).lastBackupMilliseconds == report.manifest.milliseconds)
    #expect(try TestVault(seed: 3).made().status(.dpo).lastBackupMilliseconds == nil)
  }

  /// Every file's length and digest, and the log position in the copy, read independently.
  @Test func theManifestIsRight() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    let manifest = try vault.backUp(to: test.backup, .keeper).manifest
    for file in manifest.files {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(test.backup)/\(file.path)")))
      #expect(bytes.count == file.byteCount && SHA256.hash(bytes) == file.digest, "\(file.path)")
    }
    let queue = try DatabaseQueue(path: test.backup + "/vault.sqlite")
    let size = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM audit_entry") }
    #expect(size == manifest.logSize)
    #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
  }

  /// Rows, not pages: what was deleted before is not in the copy.
  @Test func deletedRowsAreNotInIt() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    let row = try #require(try vault.queue.read { try SubjectStore(database: $0).find(leaf) })
    let record = try #require(
      try vault.queue.read { try RecordStore(database: $0).ofSubject(leaf) }.first)
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    _ = try vault.backUp(to: test.backup, .keeper)
    let needles = [row.id.rawBytes, row.sealed, row.commitment, record.sealed]
    #expect(try FileScan.hits(in: test.backup, needles).isEmpty)
    #expect(try FileScan.hits(in: test.backup, People.annaNeedles).isEmpty)
  }

  @Test func noKeyIsInIt() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    _ = try vault.backUp(to: test.backup, .keeper)
    let slot = [UInt8](try Data(contentsOf: URL(filePath: test.slotPath)))
    let key = [UInt8](try Data(contentsOf: URL(filePath: test.keyPath)))
    let nodes = try DatabaseQueue(path: test.layout.keys).read {
      try Data.fetchAll($0, sql: "SELECT b FROM node")
    }
    let codes = try vault.indexQueue.read { try Data.fetchAll($0, sql: "SELECT code FROM match") }
    #expect(nodes.count > 3 && codes.count > 5)
    var needles = nodes.map { [UInt8]($0.prefix(64)) } + codes.map { [UInt8]($0) }
    let secrets = stride(from: 0, to: slot.count, by: 16).map { Array(slot[$0..<$0 + 16]) }
    needles += [key] + secrets.filter { Set($0).count > 4 }
    #expect(try FileScan.hits(in: test.backup, needles).isEmpty)
  }

  @Test func ingestGoesOnMeanwhile() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    let report = try vault.backUp(
      to: test.backup,
      stopping: { step in
        guard step == .snapshot else { return }
        try vault.ingest([MorePeople.dora], from: TestSources.crm)
      })
    #expect(report.manifest.counts.subjects == 5)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM subject") == 6)
    #expect(report.logSequence > report.manifest.logSize)
    #expect(try test.restore().counts.subjects == 5)
  }

  @Test func progressIsTold() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    var phases: [WorkProgress.Phase] = []
    _ = try vault.backUp(to: test.backup, .keeper) { phases.append($0.phase) }
    #expect(phases.contains(.checking))
  }

  @Test(arguments: [Requester.dpo, .support, .analyst]) func notEveryoneMay(who: Requester) throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    expect(VaultError.Code.denied) { _ = try vault.backUp(to: test.backup, who) }
    #expect(!test.exists(test.backup))
    #expect(try vault.logTypes().last == "operation.denied")
  }

  /// Places where a backup must not lie, relative to the test's directory.
  @Test(
    arguments: [
      ("vault", .vaultDirectory), ("vault/backup", .invalidInput),
      ("vault/deep/er/backup", .invalidInput), ("slot", .invalidInput), ("key", .invalidInput),
      (".", .invalidInput), ("link-to-slot", .invalidInput),
      ("link-to-vault/backup", .invalidInput), ("taken", .vaultDirectory),
      ("file", .vaultDirectory), ("file/below", .storage),
    ] as [(String, VaultError.Code)])
  func wrongPlacesAreRefused(place: String, code: VaultError.Code) throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    let files = FileManager.default
    for (name, target) in [("link-to-slot", "slot"), ("link-to-vault", "vault")] {
      try files.createSymbolicLink(
        at: test.root.appending(path: name),
        withDestinationURL: test.root.appending(path: target))
    }
    try files.createDirectory(
      at: test.root.appending(path: "taken/x"), withIntermediateDirectories: true)
    try Data([1]).write(to: test.root.appending(path: "file"))
    try vault.publishLog()
    let before = try files.subpathsOfDirectory(atPath: test.root.path).sorted()
    let types = try vault.logTypes()
    expect(code) {
      _ = try vault.backUp(to: test.root.path + "/" + place, .keeper)
    }
    #expect(try files.subpathsOfDirectory(atPath: test.root.path).sorted() == before)
    #expect(try vault.logTypes() == types)
  }

  @Test func anEmptyDirectoryIsTaken() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    try FileManager.default.createDirectory(
      atPath: test.backup, withIntermediateDirectories: true)
    _ = try vault.backUp(to: test.backup, .keeper)
    #expect(test.exists(test.backup + "/manifest.json"))
    expect(VaultError.Code.vaultDirectory) { _ = try vault.backUp(to: test.backup, .keeper) }
  }

  /// A process that dies leaves no directory with the backup's name; the next attempt makes it.
  @Test(arguments: BackupStep.allCases) func dyingLeavesNothingThatLooksLikeABackup(
    step: BackupStep
  ) throws {
    struct Death: Error {}
    let test = try TestVault()
    let vault = try test.withEverybody()
    let leftover = test.root.appending(path: "leftover")
    #expect(throws: Death.self) {
      _ = try vault.backUp(
        to: test.backup,
        stopping: { reached in
          guard reached == step else { return }
          // What a killed process leaves: the caller's tidying up does not run then.
          if test.exists(test.backup + ".making") {
            try FileManager.default.copyItem(
              at: URL(filePath: test.backup + ".making"), to: leftover)
          }
          throw Death()
        })
    }
    #expect(!test.exists(test.backup) && !test.exists(test.backup + ".making"))
    if FileManager.default.fileExists(atPath: leftover.path) {
      try FileManager.default.moveItem(
        at: leftover, to: URL(filePath: test.backup + ".making"))
    }
    let report = try vault.backUp(to: test.backup, .keeper)
    #expect(!test.exists(test.backup + ".making"))
    #expect(try test.restore().counts == report.manifest.counts)
  }

  @Test func dyingAtEveryDraw() throws {
    let test = try TestVault()
    let vault = try test.withEverybody()
    var failures = 0
    for draws in 0..<20 {
      test.random.fail(after: draws)
      let made = try? vault.backUp(to: test.backup, .keeper)
      test.random.fail(after: nil)
      if made != nil { break }
      failures += 1
      #expect(!test.exists(test.backup) && !test.exists(test.backup + ".making"))
    }
    #expect((1..<20).contains(failures))
    #expect(try test.restore().counts.subjects == 5)
  }
}

@Suite struct ManifestTests {
  private static func manifest() throws -> BackupManifest {
    let test = try TestVault()
    return try test.withEverybody().backUp(to: test.backup, .keeper).manifest
  }

  private static func damages() throws -> [(name: String, text: String)] {
    let text = String(decoding: try manifest().bytes, as: UTF8.self)
    return [
      ("empty", ""), ("no newline", String(text.dropLast())), ("half", String(text.prefix(100))),
      ("spaces", text.replacing("\"files\":", with: "\"files\": ")),
      ("twice", text + text), ("no counts", text.replacing("\"counts\":", with: "\"county\":")),
      ("negative", text.replacing("\"subjects\":5", with: "\"subjects\":-5")),
      ("no data", text.replacing("\"vault.sqlite\"", with: "\"vault.sqlita\"")),
      ("a key store", text.replacing("\"vault.sqlite\"", with: "\"keys.sqlite\"")),
      ("out of it", text.replacing("\"policies/vault.cedar\"", with: "\"policies/../../x\"")),
      ("absolute", text.replacing("\"policies/vault.cedar\"", with: "\"/policies/vault\"")),
      ("dot", text.replacing("\"policies/vault.cedar\"", with: "\"policies/./vault\"")),
      ("double", text.replacing("\"policies/vault.cedar\"", with: "\"policies//vault\"")),
    ]
  }

  @Test func damagedOnesAreRefused() throws {
    let whole = try Self.manifest()
    #expect(try BackupManifest(bytes: whole.bytes).digest == whole.digest)
    for (name, text) in try Self.damages() {
      #expect(throws: VaultError(.integrity, ""), "\(name)") {
        _ = try BackupManifest(bytes: Array(text.utf8))
      }
    }
    let newer = String(decoding: try whole.bytes, as: UTF8.self)
      .replacing("\"lethe_backup\":1", with: "\"lethe_backup\":2")
    expect(VaultError.Code.newerFormat) { _ = try BackupManifest(bytes: Array(newer.utf8)) }
  }

  @Test(
    arguments: [
      ("vault.sqlite", true), ("lethe.yaml", true), ("policies/a", true),
      ("audit/tile/0/000", true),
      ("keys.sqlite", false), ("index.sqlite", false), ("policies", false), ("audit", false),
      ("", false), ("..", false), ("policies/..", false), ("audit/../keys.sqlite", false),
      ("/vault.sqlite", false), ("vault.sqlite/x", false), ("Policies/x", false),
    ])
  func pathsThatMayBeInABackup(path: String, isFit: Bool) {
    #expect(BackupLayout.isFit(path) == isFit)
  }
}
