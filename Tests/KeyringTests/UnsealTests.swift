import Foundation
import Sealing
import Testing

@testable import Keyring

@Suite struct UnsealTests {
  private func write(_ bytes: [UInt8], mode: Int, to path: String) throws {
    try? FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  private let someKey = [UInt8](repeating: 0x5A, count: 32)
  private let demoKey = Array("lethe demo key - never use it !!".utf8)

  @Test(arguments: [0o600, 0o400])
  func privateFileIsAccepted(mode: Int) throws {
    let vault = try TestVault()
    try write(someKey, mode: mode, to: vault.keyPath)
    #expect(try vault.unsealKey().material.plaintextCopy() == someKey)
  }

  @Test(arguments: [0o644, 0o640, 0o660, 0o604, 0o601, 0o620])
  func fileOfOthersIsRefused(mode: Int) throws {
    let vault = try TestVault()
    try write(someKey, mode: mode, to: vault.keyPath)
    expect(.permission) { _ = try vault.unsealKey() }
  }

  @Test(arguments: [0, 31, 33, 64])
  func keyOfAnotherLengthIsRefused(count: Int) throws {
    let vault = try TestVault()
    try write(Array(repeating: 1, count: count), mode: 0o600, to: vault.keyPath)
    expect(.permission) { _ = try vault.unsealKey() }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
  func fileOfAnotherOwnerIsRefused() throws {
    let vault = try TestVault()
    try write(someKey, mode: 0o600, to: vault.keyPath)
    try FileManager.default.setAttributes(
      [.ownerAccountID: 12_345, .groupOwnerAccountID: 12_345], ofItemAtPath: vault.keyPath)
    expect(.permission) { _ = try vault.unsealKey() }
  }

  @Test func keyInsideTheVaultDirectoryIsRefused() throws {
    let vault = try TestVault()
    let inside = vault.vaultDirectory.appending(path: "unseal.key").path
    try write(someKey, mode: 0o600, to: inside)
    try FileManager.default.createSymbolicLink(
      atPath: vault.keyPath, withDestinationPath: inside)
    expect(.permission) { _ = try vault.unsealKey() }
    expect(.permission) {
      _ = try UnsealKey.file(at: inside, outside: vault.vaultDirectory.path)
    }
    expect(.permission) {
      _ = try UnsealKey.createFile(
        at: vault.vaultDirectory.appending(path: "new.key").path,
        outside: vault.vaultDirectory.path, random: vault.random)
    }
    // A caller who names the wrong directory is stopped by the keyring itself.
    let slot = try FileEpochSlot.create(
      at: vault.slotPath, vault: vault.vault, random: vault.random)
    let key = try UnsealKey.file(at: inside, outside: vault.directory.path + "/slot")
    expect(.permission) {
      _ = try Keyring.create(
        at: vault.storePath, vault: vault.vault, unsealKey: key, slot: slot,
        random: vault.random, now: { 0 })
    }
  }

  @Test func linkThatStaysOutsideIsFollowed() throws {
    let vault = try TestVault()
    let target = vault.directory.appending(path: "mounted.key").path
    try write(someKey, mode: 0o600, to: target)
    try FileManager.default.createSymbolicLink(
      atPath: vault.keyPath, withDestinationPath: target)
    #expect(try vault.unsealKey().material.count == 32)
  }

  @Test func missingFileAndDirectoryAreReported() throws {
    let vault = try TestVault()
    expect(.unavailable) { _ = try vault.unsealKey() }
    try FileManager.default.createDirectory(
      atPath: vault.keyPath, withIntermediateDirectories: false)
    expect(.permission) { _ = try vault.unsealKey() }
  }

  @Test func newKeyNeverReplacesAFile() throws {
    let vault = try TestVault()
    try write(someKey, mode: 0o600, to: vault.keyPath)
    expect(.storage) {
      _ = try UnsealKey.createFile(
        at: vault.keyPath, outside: vault.vaultDirectory.path, random: vault.random)
    }
    #expect(try vault.unsealKey().material.plaintextCopy() == someKey)
  }

  @Test func wrongKeyOpensNothing() throws {
    let vault = try TestVault()
    _ = try vault.create()
    let slotBefore = try vault.slotBytes()
    try write(someKey, mode: 0o600, to: vault.keyPath)
    expect(.sealed) { _ = try vault.open() }
    #expect(try vault.slotBytes() == slotBefore)
  }

  @Test func demoKeyOpensDemoVaultsOnly() throws {
    let vault = try TestVault()
    try write(demoKey, mode: 0o600, to: vault.keyPath)
    let slot = try FileEpochSlot.create(
      at: vault.slotPath, vault: vault.vault, random: vault.random)
    expect(.demoKey) {
      _ = try Keyring.create(
        at: vault.storePath, vault: vault.vault, unsealKey: vault.unsealKey(), slot: slot,
        random: vault.random, now: { 0 })
    }
    #expect(!FileManager.default.fileExists(atPath: vault.storePath))
    _ = try Keyring.create(
      at: vault.storePath, vault: vault.vault, unsealKey: vault.unsealKey(), slot: slot,
      isDemo: true, random: vault.random, now: { 0 })
    #expect(try vault.open().status().isDemo)
    try vault.tamper("UPDATE meta SET demo = 0")
    expect(.demoKey) { _ = try vault.open() }
  }

  @Test func demoKeyIsRefusedAtAnotherVault() throws {
    let vault = try TestVault()
    _ = try vault.create()
    try write(demoKey, mode: 0o600, to: vault.keyPath)
    expect(.demoKey) { _ = try vault.open() }
  }

  @Test func publishedDemoKeyIsTheOneRefused() throws {
    var directory = URL(filePath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent()
    while directory.path != "/" {
      let file = directory.appending(path: "keys-example/demo-unseal.key")
      if FileManager.default.fileExists(atPath: file.path) {
        let bytes = Array(try Data(contentsOf: file))
        #expect(bytes.count == UnsealKey.byteCount)
        #expect(SHA256.hash(bytes).hexadecimal == UnsealKey.demoKeyDigest)
        return
      }
      directory.deleteLastPathComponent()
    }
    Issue.record("keys-example/demo-unseal.key is missing")
  }
}

@Suite struct PassphraseTests {
  private func passphrase(_ text: String) throws -> UnsealKey {
    try UnsealKey.passphrase(SecretBytes(copying: Array(text.utf8)))
  }

  private func create(_ vault: TestVault, _ parameters: Scrypt.Parameters) throws -> Keyring {
    try Keyring.create(
      at: vault.storePath, vault: vault.vault, unsealKey: passphrase("correct horse battery"),
      slot: FileEpochSlot.create(at: vault.slotPath, vault: vault.vault, random: vault.random),
      scrypt: parameters, random: vault.random, now: { 0 })
  }

  private func open(_ vault: TestVault, _ text: String) throws -> Keyring {
    try Keyring.open(
      at: vault.storePath, unsealKey: passphrase(text), slot: vault.slot(),
      random: vault.random, now: { 0 })
  }

  @Test func passphraseUnsealsAndAnotherDoesNot() throws {
    let vault = try TestVault()
    let leaf = try create(vault, .minimum).createSubjectKeys(count: 1).lowerBound
    let keyring = try open(vault, "correct horse battery")
    _ = try keyring.subjectKey(leaf)
    #expect(try keyring.status().unsealKind == .passphrase)
    expect(.sealed) { _ = try open(vault, "correct horse batterz") }
  }

  @Test func otherKindOfKeyIsRefused() throws {
    let vault = try TestVault()
    _ = try create(vault, .minimum)
    let key = try UnsealKey.createFile(
      at: vault.keyPath, outside: vault.vaultDirectory.path, random: vault.random)
    expect(.sealed) {
      _ = try Keyring.open(
        at: vault.storePath, unsealKey: key, slot: vault.slot(), random: vault.random,
        now: { 0 })
    }
  }

  @Test(arguments: ["", "eleven char"])
  func shortPassphraseIsRefused(text: String) {
    expect(.weakParameters) { _ = try passphrase(text) }
  }

  @Test func weakParametersAreRefusedAtCreation() throws {
    let vault = try TestVault()
    expect(.weakParameters) {
      _ = try create(vault, Scrypt.Parameters(cost: 2, blockSize: 8, parallelism: 1))
    }
    #expect(!FileManager.default.fileExists(atPath: vault.storePath))
  }

  @Test(arguments: [
    "scrypt_cost = 2", "scrypt_cost = 1024", "scrypt_cost = 32769", "scrypt_cost = 1 << 40",
    "scrypt_cost = -1", "scrypt_block_size = 1", "scrypt_parallelism = 0",
    "scrypt_parallelism = 1 << 30",
  ])
  func tamperedParametersAreRefused(change: String) throws {
    let vault = try TestVault()
    _ = try create(vault, .minimum)
    try vault.tamper("UPDATE meta SET \(change)")
    expect(.weakParameters) { _ = try open(vault, "correct horse battery") }
  }

  @Test func tamperedSaltOpensNothing() throws {
    let vault = try TestVault()
    _ = try create(vault, .minimum)
    try vault.tamper("UPDATE meta SET scrypt_salt = zeroblob(32)")
    expect(.sealed) { _ = try open(vault, "correct horse battery") }
  }
}
