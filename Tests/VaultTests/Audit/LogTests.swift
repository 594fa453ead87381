import Foundation
import GRDB
import Testing
import Transparency
import VaultTesting

@testable import Vault

@Suite struct LogTests {
  private static func report(_ vault: Vault, _ directory: String? = nil) throws -> LogReport {
    let root = directory ?? vault.layout.audit
    return try LogVerifier(logKey: NoteVerifierKey(encoded: vault.logVerifierKey())).verify {
      path in
      FileManager.default.contents(atPath: root + "/" + path).map { [UInt8]($0) }
    }
  }

  private static func busy(_ test: TestVault, events: Int = 300) throws -> Vault {
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    for _ in 0..<events { _ = try vault.disclose(token, fields: ["email"], .dpo) }
    return vault
  }

  @Test func aPublishedLogVerifies() throws {
    let test = try TestVault()
    let vault = try Self.busy(test)
    let published = try vault.publishLog()
    #expect(published.size == (try vault.logEntries().count))
    let report = try Self.report(vault)
    #expect(report.isValid)
    #expect(report.entryCount == published.size)
    #expect(report.checkpoint?.checkpoint.rootHash == published.root)
    let key = try String(contentsOfFile: vault.layout.audit + "/log.vkey", encoding: .utf8)
    #expect(key == (try vault.logVerifierKey()) + "\n")
  }

  @Test func publishingNothingNewWritesNothing() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let first = try vault.publishLog()
    let checkpoint = try Data(contentsOf: URL(filePath: vault.layout.audit + "/checkpoint"))
    let second = try vault.publishLog()
    #expect(first.files > 0 && second.files == 0 && second.size == first.size)
    #expect(try Data(contentsOf: URL(filePath: vault.layout.audit + "/checkpoint")) == checkpoint)
  }

  @Test func publishingPieceByPieceIsPublishingAtOnce() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    for _ in 0..<5 {
      for _ in 0..<70 { _ = try vault.disclose(token, fields: ["email"], .dpo) }
      try vault.publishLog()
      #expect(try Self.report(vault).isValid)
    }
    try FileManager.default.removeItem(atPath: vault.layout.audit)
    try vault.publishLog()
    #expect(try Self.report(vault).isValid)
  }

  /// Names that were not durable yet are lost with the power, though what was signed was kept.
  @Test func whatWasSignedAndLostIsPublishedAgain() throws {
    let test = try TestVault()
    let vault = try Self.busy(test, events: 100)
    try vault.publishLog()
    let old = test.root.appending(path: "old-audit").path
    try FileManager.default.copyItem(atPath: vault.layout.audit, toPath: old)
    let token = try vault.theOne(.email, People.annaEmail)
    // Past the end of a full tile, which a later partial one does not hold.
    for _ in 0..<300 { _ = try vault.disclose(token, fields: ["email"], .dpo) }
    let lost = try vault.publishLog()
    try FileManager.default.removeItem(atPath: vault.layout.audit)
    try FileManager.default.moveItem(atPath: old, toPath: vault.layout.audit)
    let again = try vault.publishLog()
    #expect(again.size == lost.size && again.root == lost.root && again.files > 0)
    #expect(try Self.report(vault).isValid)
    #expect(try Self.report(vault).entryCount == lost.size)
  }

  /// Every file of the log, one flipped bit in its middle.
  @Test func oneFlippedBitIsFoundInEveryFile() throws {
    let test = try TestVault()
    let vault = try Self.busy(test, events: 260)
    try vault.publishLog()
    let root = URL(filePath: vault.layout.audit)
    let files = try #require(
      FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    // Only what the present checkpoint implies is checked; older partial tiles are leftovers.
    var wanted: Set<String> = []
    _ = try LogVerifier(logKey: NoteVerifierKey(encoded: vault.logVerifierKey())).verify { path in
      wanted.insert(path)
      return FileManager.default.contents(atPath: vault.layout.audit + "/" + path)
        .map { [UInt8]($0) }
    }
    var flipped = 0
    for case let file as URL in files {
      let path = file.path.replacingOccurrences(of: root.path + "/", with: "")
      guard wanted.contains(path) else { continue }
      let good = try Data(contentsOf: file)
      var bad = good
      bad[bad.count / 2] ^= 1
      try bad.write(to: file)
      #expect(try !Self.report(vault).isValid, "\(path)")
      try good.write(to: file)
      flipped += 1
    }
    #expect(flipped >= 5)
    #expect(try Self.report(vault).isValid)
  }

  @Test func anotherKeyDoesNotVerify() throws {
    let (test, other) = (try TestVault(seed: 1), try TestVault(seed: 2))
    let (vault, second) = (try test.made(), try other.made())
    #expect(try !Self.report(vault, second.layout.audit).isValid)
  }

  @Test func aRestoredOlderVaultSignsNothing() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.publishLog()
    let old = try test.copyDirectory("old")
    _ = try vault.theOne(.email, People.annaEmail)
    try vault.publishLog()
    let mixed = try test.copyDirectory("mixed")
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: mixed + "/vault.sqlite" + suffix)
    }
    try FileManager.default.copyItem(atPath: old + "/vault.sqlite", toPath: mixed + "/vault.sqlite")
    if FileManager.default.fileExists(atPath: old + "/vault.sqlite-wal") {
      try FileManager.default.copyItem(
        atPath: old + "/vault.sqlite-wal", toPath: mixed + "/vault.sqlite-wal")
    }
    let restored = try test.open(mixed)
    let checkpoint = try Data(contentsOf: URL(filePath: mixed + "/audit/checkpoint"))
    expect(VaultError.Code.integrity) { try restored.publishLog() }
    // Growing past the published size with another history does not help.
    for _ in 0..<5 { _ = try restored.theOne(.email, People.bertEmail) }
    expect(VaultError.Code.integrity) { try restored.publishLog() }
    #expect(try Data(contentsOf: URL(filePath: mixed + "/audit/checkpoint")) == checkpoint)
  }

  static let tampering = [
    "DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)",
    "UPDATE audit_node SET hash = zeroblob(32) WHERE position = 2",
    "DELETE FROM audit_node WHERE position = 3",
    "UPDATE audit_checkpoint SET root = zeroblob(32)",
  ]

  @Test(arguments: tampering) func aTamperedLogSignsNothing(sql: String) throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.publishLog()
    try test.tamper(test.layout.vault, sql)
    #expect(throws: (any Error).self) { try vault.publishLog() }
  }

  @Test func everyEntryCanBeProved() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.publishLog()
    let key = try NoteVerifierKey(encoded: vault.logVerifierKey())
    for sequence in 0..<3 {
      let (entry, proof) = try vault.prove(sequence)
      let parsed = try LogProof(encoded: proof)
      _ = try parsed.verify(entry: entry, logKey: key)
      #expect(throws: (any Error).self) {
        _ = try parsed.verify(entry: entry + [0x20], logKey: key)
      }
    }
    for sequence in [-1, try vault.logEntries().count, 1_000_000] {
      expect(VaultError.Code.notFound) { _ = try vault.prove(sequence) }
    }
  }

  @Test func readingTheLogIsAnEvent() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.publishLog()
    let auditor = Requester(operatorName: "aude", purpose: "essential.legal_obligation")
    _ = try vault.readLog(0, auditor)
    let entry = try #require(try vault.logEntries().last)
    #expect(entry.text("type") == "log.read" && entry.number("entry") == 0)
    expect(VaultError.Code.notFound) { _ = try vault.readLog(99, auditor) }
  }

  @Test func anUnwritableAuditDirectoryIsToldAndSignsNothing() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let before = try vault.value(Int.self, "SELECT count(*) FROM audit_checkpoint")
    try FileManager.default.removeItem(atPath: vault.layout.audit)
    try Data().write(to: URL(filePath: vault.layout.audit))
    expect(VaultError.Code.storage) { try vault.publishLog() }
    #expect(try vault.value(Int.self, "SELECT count(*) FROM audit_checkpoint") == before)
    try FileManager.default.removeItem(atPath: vault.layout.audit)
    try vault.publishLog()
    #expect(try Self.report(vault).isValid)
  }
}
