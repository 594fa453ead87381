import Foundation
import Sealing
import Testing

@testable import Keyring

/// What a restore asks of the keyring; none of it may destroy anything.
@Suite struct RestoreTests {
  private static func mark(_ vault: TestVault) throws -> KeyStoreMark {
    try Keyring.mark(at: vault.storePath)
  }

  private static func inspect(_ path: String, _ vault: TestVault) throws -> Keyring {
    try Keyring.inspect(
      at: path, unsealKey: vault.unsealKey(), slot: vault.slot(), random: vault.random,
      now: { TestVault.time })
  }

  @Test func theMarkIsReadWithoutAKey() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let first = try Self.mark(vault)
    #expect(first.vault == vault.vault && first.epoch == 1)
    #expect(first.generation == (try keyring.generation()))
    _ = try keyring.createSubjectKeys(count: 2)
    let second = try Self.mark(vault)
    #expect(second.epoch == 1 && second.generation == first.generation + 1)
    _ = try keyring.erase(subjects: [0])
    #expect(try Self.mark(vault).epoch == 2 && keyring.epoch() == 2)
    expect(.storage) { _ = try Keyring.mark(at: vault.storePath + "x") }
    expect(.corrupt) { _ = try Keyring.mark(at: try Self.notAStore(vault)) }
  }

  private static func notAStore(_ vault: TestVault) throws -> String {
    let path = vault.directory.appending(path: "text").path
    try Data(repeating: 65, count: 4096).write(to: URL(filePath: path))
    return path
  }

  @Test func aCopyOfAStoreInUseIsWhole() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let leaves = try keyring.createSubjectKeys(count: 100)
    let target = vault.directory.appending(path: "copy").path
    try FileManager.default.createDirectory(
      atPath: target, withIntermediateDirectories: true)
    try Keyring.copy(from: vault.storePath, into: target)
    let copy = try Self.inspect(target + "/keys.sqlite", vault)
    #expect(try copy.generation() == keyring.generation())
    for leaf in leaves {
      let first = try keyring.withSubjectKey(leaf) { try $0.copy().plaintextCopy() }
      #expect(try copy.withSubjectKey(leaf) { try $0.copy().plaintextCopy() } == first)
    }
    #expect(try copy.settle())
  }

  @Test func lookingFinishesNothing() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 2)
    #expect(try keyring.prepareEpoch() == 2)
    let slot = try vault.slotBytes()
    let look = try Self.inspect(vault.storePath, vault)
    #expect(try look.epochsAhead() == [2] && look.recoveryReceipts.isEmpty)
    #expect(try vault.slotBytes() == slot)
    // Opening for use does finish it.
    let open = try vault.open()
    #expect(try open.epochsAhead().isEmpty && vault.slotBytes() != slot)
  }

  @Test func lookingAtAnOldCopyIsARollback() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 2)
    let target = vault.directory.appending(path: "copy").path
    try FileManager.default.createDirectory(
      atPath: target, withIntermediateDirectories: true)
    try Keyring.copy(from: vault.storePath, into: target)
    _ = try keyring.erase(subjects: [0])
    expect(.rollback) { _ = try Self.inspect(target + "/keys.sqlite", vault) }
  }

  @Test func holdingRunsOnlyIfNothingChanged() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    let mark = try Self.mark(vault)
    var runs = 0
    #expect(try Keyring.holding(vault.storePath, at: mark) { runs += 1 })
    _ = try keyring.createSubjectKeys(count: 1)
    #expect(try !Keyring.holding(vault.storePath, at: mark) { runs += 1 })
    #expect(runs == 1)
    #expect(throws: Crash.self) {
      _ = try Keyring.holding(vault.storePath, at: Self.mark(vault)) { throw Crash() }
    }
    _ = try keyring.createSubjectKeys(count: 1)
  }
}
