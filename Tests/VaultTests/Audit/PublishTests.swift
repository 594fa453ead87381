import Foundation
import GRDB
import Keyring
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Where the log is published, in which order, and when not.
@Suite struct PublishTests {
  @Test func filesAreForEverybodyToReadAndNothingUnfinishedIsLeft() throws {
    let test = try TestVault()
    let vault = try test.busy(600)
    try vault.publishLog()
    var counts = (files: 0, directories: 0)
    for name in try FileManager.default.subpathsOfDirectory(atPath: vault.layout.audit) {
      let path = "\(vault.layout.audit)/\(name)"
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      let isDirectory = DurableFiles.isDirectory(path)
      #expect(mode == (isDirectory ? 0o755 : 0o644), "\(name)")
      #expect(!name.hasSuffix(PublishedDirectory.makingName))
      if isDirectory { counts.directories += 1 } else { counts.files += 1 }
    }
    #expect(counts.files >= 8 && counts.directories >= 4)
  }

  @Test func furtherDirectoriesGetTheSameFiles() throws {
    let test = try TestVault()
    try FileManager.default.createDirectory(
      atPath: test.place("mirror"), withIntermediateDirectories: true)
    test.log = LogSettings(publishTo: [test.place("mirror")])
    let vault = try test.busy(300)
    try vault.publishLog(to: [test.place("other/deep")])
    try vault.addEntries(300)
    // A directory that is named this once is caught up later, past what it has missed.
    try vault.publishLog()
    try vault.addEntries(5)
    let published = try vault.publishLog(to: [test.place("other/deep")])
    #expect(published.problems.isEmpty)
    for directory in [vault.layout.audit, test.place("mirror"), test.place("other/deep")] {
      let report = try vault.report(in: directory)
      #expect(report.isValid && report.entryCount == published.size, "\(directory)")
    }
    #expect(
      try vault.publishedNote() == vault.publishedNote(in: test.place("other/deep")))
  }

  @Test func aDirectoryThatIsNotThereIsNamedAndTheOthersArePublished() throws {
    let test = try TestVault()
    test.log = LogSettings(publishTo: [test.place("unmounted")])
    let vault = try test.withPeople()
    let published = try vault.publishLog()
    #expect(published.problems.count == 1)
    #expect(published.problems.first?.contains(test.place("unmounted")) == true)
    #expect(!test.exists(test.place("unmounted")), "a mount point is not made")
    #expect(try vault.report().isValid)
    #expect(try vault.published()?.treeSize == published.size)
    try FileManager.default.createDirectory(
      atPath: test.place("unmounted"), withIntermediateDirectories: true)
    #expect(try vault.publishLog().problems.isEmpty)
    #expect(try vault.report(in: test.place("unmounted")).isValid)
  }

  static let strangers: [(name: String, bytes: String)] = [
    ("text", "hello\n"), ("nothing", ""),
    (
      "unsigned",
      "test.lethe.invalid/audit\n1\n\(Base64.encode([UInt8](repeating: 7, count: 32)))\n"
    ),
  ]

  @Test(arguments: strangers.indices) func aDirectoryOfOthersIsLeftAlone(index: Int) throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let other = test.place("other")
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    let bytes = Data(Self.strangers[index].bytes.utf8)
    try bytes.write(to: URL(filePath: other + "/checkpoint"))
    let published = try vault.publishLog(to: [other])
    #expect(published.problems.count == 1)
    #expect(published.problems.first?.contains("`\(other)/checkpoint`") == true)
    #expect(try Data(contentsOf: URL(filePath: other + "/checkpoint")) == bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: other) == ["checkpoint"])
    #expect(try vault.published()?.treeSize == published.size)
  }

  @Test func aDirectoryOfAnotherLogIsLeftAlone() throws {
    let (test, second) = (try TestVault(seed: 1), try TestVault(seed: 2))
    let (vault, other) = (try test.withPeople(), try second.withPeople())
    try other.publishLog()
    let before = try other.publishedNote()
    let published = try vault.publishLog(to: [other.layout.audit])
    #expect(published.problems.first?.contains(other.layout.audit) == true)
    #expect(try other.publishedNote() == before && other.report().isValid)
  }

  /// A directory that is ahead was signed by this vault: it, not the directory, was set back.
  @Test func aDirectoryThatIsAheadRefusesEverything() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let mirror = test.place("mirror")
    try vault.publishLog(to: [mirror])
    let old = try test.clone()
    try vault.addEntries(3)
    try vault.publishLog(to: [mirror])
    let ahead = try old.open()
    let before = try ahead.publishedNote()
    try ahead.addEntries(10)
    let error = #expect(throws: VaultError.self) { try ahead.publishLog(to: [mirror]) }
    #expect(error?.code == .integrity && error?.message.contains("`\(mirror)`") == true)
    #expect(try ahead.publishedNote() == before)
    // Commands stop before they act where the settings name the directory.
    try old.configure(LogSettings(publishTo: [mirror]))
    expect(VaultError.Code.integrity) { try old.open().requireLogFits() }
  }

  @Test(arguments: [nil, "", "no note", "replaced"] as [String?])
  func aCheckpointThatWasReplacedIsNamed(text: String?) throws {
    let (test, second) = (try TestVault(seed: 1), try TestVault(seed: 2))
    let (vault, other) = (try test.withPeople(), try second.withPeople())
    try vault.publishLog()
    let path = vault.layout.audit + "/checkpoint"
    guard let text else {
      // One that is missing is published anew.
      try FileManager.default.removeItem(atPath: path)
      #expect(try vault.publishLog().files > 0)
      #expect(try vault.report().isValid)
      return
    }
    let bytes = text == "replaced" ? try other.publishedNote().encoded : Array(text.utf8)
    try Data(bytes).write(to: URL(filePath: path))
    try vault.addEntries(1)
    for body in [{ try vault.requireLogFits() }, { _ = try vault.publishLog() }] {
      let error = #expect(throws: VaultError.self) { try body() }
      #expect(error?.code == .integrity && error?.message.contains("`\(path)`") == true)
    }
    #expect(FileManager.default.contents(atPath: path) == Data(bytes), "left for people to see")
  }

  /// Wherever a publication stops, what is published verifies and the next one goes on.
  @Test(arguments: PublishStep.allCases.filter { ![.witnessed, .pruned].contains($0) })
  func stoppingAtEveryStep(step: PublishStep) throws {
    let test = try TestVault()
    let vault = try test.busy(250)
    let mirror = test.place("mirror")
    try vault.publishLog(to: [mirror])
    let before = try #require(try vault.published()).treeSize
    try vault.addEntries(40)
    #expect(throws: Death.self) {
      try vault.publishLog(to: [mirror]) { if $0 == step { throw Death() } }
    }
    let size = try vault.queue.read { try AuditStore(database: $0).size() }
    let mark = try #require(try vault.keyring.logMark())
    let signed = try vault.queue.read { try AuditStore(database: $0).lastCheckpoint()?.size }
    #expect(mark.size == (step == .tiles ? before : size))
    #expect(signed == ([.tiles, .marked].contains(step) ? before : size))
    for directory in [vault.layout.audit, mirror] {
      let size = try #require(try vault.published(in: directory)).treeSize
      #expect(size <= mark.size && size <= signed ?? 0, "nothing is out that was not noted")
      let files = try vault.impliedReport(in: directory)
      #expect(files.isValid && files.entryCount == size)
    }
    // Another process goes on, and later too.
    let next = try test.open()
    try next.requireLogFits()
    try next.publishLog(to: [mirror])
    try next.addEntries(300)
    let last = try next.publishLog(to: [mirror])
    for directory in [next.layout.audit, mirror] {
      let report = try next.report(in: directory)
      #expect(report.isValid && report.entryCount == last.size)
    }
  }

  @Test func processesPublishOneAfterTheOther() async throws {
    let test = try TestVault()
    try test.create()
    let vaults = try (0..<4).map { _ in try test.open() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for vault in vaults {
        group.addTask {
          for _ in 0..<10 {
            try vault.addEntries(30)
            try vault.publishLog()
          }
        }
      }
      try await group.waitForAll()
    }
    let report = try vaults[0].report()
    let count = try vaults[0].logEntries().count
    #expect(report.isValid && report.entryCount == count)
  }
}

/// A vault is set back, with everything but its keys.
@Suite struct SetBackTests {
  /// `vault.sqlite` and the published log fit each other; the key store has seen more.
  private static func setBack(growing count: Int) throws -> (test: TestVault, vault: Vault) {
    let test = try TestVault()
    var vault: Vault? = try test.withPeople()
    try vault?.publishLog()
    let old = try test.copyDirectory("old")
    try vault?.addEntries(20)
    try vault?.publishLog()
    vault = nil
    try test.setBack(to: old)
    let opened = try test.open()
    try opened.addEntries(count)
    return (test, opened)
  }

  @Test(arguments: [0, 5, 20, 100]) func theKeyStoreTells(count: Int) throws {
    let (_, vault) = try Self.setBack(growing: count)
    let before = try vault.publishedNote()
    #expect(try vault.report().isValid, "on its own the published log shows nothing")
    for body in [{ try vault.requireLogFits() }, { _ = try vault.publishLog() }] {
      let error = #expect(throws: VaultError.self) { try body() }
      #expect(error?.code == .integrity)
      let mark = try #require(try vault.keyring.logMark())
      #expect(error?.message.contains("\(mark.size)") == true, "\(error?.message ?? "")")
    }
    #expect(try vault.publishedNote() == before)
    #expect(
      try vault.value(Int.self, "SELECT max(size) FROM audit_checkpoint") == before.checkpointSize)
  }

  /// A vault from before marks were kept gets one with its next publication.
  @Test func aKeyStoreWithoutAMarkGetsOne() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let published = try vault.publishLog()
    try test.tamper(test.layout.keys, "DELETE FROM log_mark")
    #expect(try vault.keyring.logMark() == nil)
    try vault.requireLogFits()
    #expect(try vault.publishLog().files == 0)
    #expect(try vault.keyring.logMark()?.size == published.size)
  }

  @Test func anotherHistoryOfTheSameSizeIsTold() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let size = try vault.publishLog().size
    try test.tamper(test.layout.keys, "UPDATE log_mark SET root = zeroblob(32)")
    for body in [{ try vault.requireLogFits() }, { _ = try vault.publishLog() }] {
      let error = #expect(throws: VaultError.self) { try body() }
      #expect(error?.code == .integrity)
      #expect(error?.message.contains("another history than the \(size) entries") == true)
    }
  }
}

extension SignedNote {
  fileprivate var checkpointSize: Int? { try? Checkpoint(text: text).treeSize }
}
