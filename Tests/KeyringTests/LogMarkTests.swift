import Foundation
import GRDB
import Testing

@testable import Keyring

/// How far the log was signed, where no backup of the data reaches it.
@Suite struct LogMarkTests {
  private static func mark(_ size: Int, _ byte: UInt8 = 1) -> LogMark {
    LogMark(size: size, root: [UInt8](repeating: byte, count: LogMark.rootByteCount))
  }

  @Test func itGrowsAndNeverShrinks() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    #expect(try keyring.logMark() == nil)
    try keyring.raise(Self.mark(0))
    try keyring.raise(Self.mark(10, 2))
    try keyring.raise(Self.mark(10, 2))
    for refused in [Self.mark(9, 2), Self.mark(10, 3), Self.mark(0, 1)] {
      expect(.rollback) { try keyring.raise(refused) }
    }
    #expect(try keyring.logMark() == Self.mark(10, 2))
    #expect(try vault.open().logMark() == Self.mark(10, 2))
    #expect(try Keyring.mark(at: vault.storePath).log == Self.mark(10, 2))
  }

  /// A copy of the key store that was taken before stays good: no key has changed.
  @Test func itChangesNoGeneration() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let before = try keyring.generation()
    try keyring.raise(Self.mark(10))
    #expect(try keyring.generation() == before && vault.open().generation() == before)
  }

  @Test func itOutlivesTheEndOfAnEpoch() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let leaves = try keyring.createSubjectKeys(count: 2)
    try keyring.raise(Self.mark(10))
    _ = try keyring.erase(subjects: [leaves.lowerBound])
    #expect(try keyring.logMark() == Self.mark(10))
  }

  @Test func aWrongMarkIsRefusedByTheFile() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    for wrong in [LogMark(size: -1, root: Self.mark(0).root), LogMark(size: 1, root: [1])] {
      expect(.corrupt) { try keyring.raise(wrong) }
    }
    #expect(try keyring.logMark() == nil)
  }

  @Test func copiesFollow() throws {
    let vault = try TestVault()
    let copy = vault.directory.appending(path: "copy").path
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    _ = try vault.create()
    let keyring = try Keyring.open(
      at: vault.storePath, unsealKey: vault.unsealKey(), slot: vault.slot(),
      keeping: KeyKeeping(replicas: [copy], quorum: 1, graceDays: 0), random: vault.random,
      now: { TestVault.time })
    try keyring.raise(Self.mark(5))
    #expect(try Keyring.mark(at: copy + "/keys.sqlite").log == Self.mark(5))
    // One that is gone is made anew with it.
    try FileManager.default.removeItem(atPath: copy + "/keys.sqlite")
    try keyring.raise(Self.mark(6))
    #expect(try Keyring.mark(at: copy + "/keys.sqlite").log == Self.mark(6))
  }

  @Test func aStoreThatWasMarkedMeanwhileIsNotHeld() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let before = try Keyring.mark(at: vault.storePath)
    #expect(try Keyring.holding(vault.storePath, at: before) {})
    try keyring.raise(Self.mark(5))
    #expect(try !Keyring.holding(vault.storePath, at: before) { Issue.record("held") })
  }

  @Test func somebodyCanDecideThatTheEndIsLost() throws {
    let keyring = try TestVault().create()
    try keyring.raise(Self.mark(10))
    try keyring.lowerLogMark(to: Self.mark(4, 7))
    #expect(try keyring.logMark() == Self.mark(4, 7))
    try keyring.raise(Self.mark(5))
  }

  /// A key store from before marks were kept opens and has none.
  @Test func anOlderFormIsBroughtUpToDate() throws {
    let vault = try TestVault()
    _ = try vault.create()
    try vault.tamper("DROP TABLE log_mark; PRAGMA user_version = 2")
    let keyring = try vault.open()
    #expect(try keyring.logMark() == nil)
    try keyring.raise(Self.mark(1))
    #expect(try keyring.logMark() == Self.mark(1))
  }
}
