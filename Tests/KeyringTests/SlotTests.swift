import Foundation
import Sealing
import Testing

@testable import Keyring

@Suite struct SlotTests {
  @Test func epochsAreWrittenInPlaceAndLeaveNothing() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 8)
    let number = try #require(try inode(vault.slotPath))
    var secrets: [[UInt8]] = []
    for leaf in 0..<Int64(6) {
      secrets += try vault.slot().read().map { $0.secret.plaintextCopy() }
      _ = try keyring.erase(subjects: [leaf])
      let bytes = try vault.slotBytes()
      #expect(bytes.count == 2 * 4096)
      for secret in secrets { #expect(Data(bytes).range(of: Data(secret)) == nil) }
      // One sector is live, the other one clean.
      let sectors = [bytes.prefix(4096), bytes.suffix(4096)]
      #expect(sectors.count { $0.allSatisfy { $0 == 0 } } == 1)
    }
    #expect(Set(secrets).count == 6)
    #expect(try inode(vault.slotPath) == number)
  }

  @Test func retirementIsRepeatable() throws {
    let (vault, slot) = try empty()
    try slot.prepare(secret(1, vault))
    #expect(try slot.retire(1, unixSeconds: 5).map(\.method) == [.overwrittenTwice])
    #expect(try slot.retire(1, unixSeconds: 6).map(\.method) == [.alreadyAbsent])
    #expect(try slot.read().isEmpty)
    #expect(try vault.slotBytes().allSatisfy { $0 == 0 })
  }

  @Test func thirdEpochIsRefused() throws {
    let (vault, slot) = try empty()
    try slot.prepare(secret(1, vault))
    try slot.prepare(secret(2, vault))
    expect(.limit) { try slot.prepare(secret(3, vault)) }
    expect(.limit) { try slot.prepare(secret(2, vault)) }
    #expect(try slot.read().map(\.epoch) == [1, 2])
  }

  @Test func retirementKeepsTheOtherEpoch() throws {
    let (vault, slot) = try empty()
    let second = try secret(2, vault)
    try slot.prepare(secret(1, vault))
    try slot.prepare(second)
    _ = try slot.retire(1, unixSeconds: 0)
    let left = try slot.read()
    #expect(left.map(\.epoch) == [2])
    #expect(left.first?.secret.plaintextCopy() == second.secret.plaintextCopy())
  }

  @Test func slotOfAnotherVaultIsRefused() throws {
    let mine = try TestVault(seed: 1)
    let other = try TestVault(seed: 2)
    _ = try mine.create()
    _ = try other.create()
    try Data(other.slotBytes()).write(to: URL(filePath: mine.slotPath), options: [])
    expect(.wrongSlot) { _ = try mine.open() }
    expect(.wrongSlot) {
      _ = try FileEpochSlot.open(at: mine.slotPath, vault: mine.vault, random: mine.random)
    }
  }

  @Test(arguments: [0, 4096, 8191, 8193, 12_287])
  func fileOfAnotherLengthIsNoSlot(count: Int) throws {
    let vault = try TestVault()
    _ = try vault.create()
    let bytes = Array((try vault.slotBytes() + Array(repeating: 0, count: 8192)).prefix(count))
    try Data(bytes).write(to: URL(filePath: vault.slotPath), options: [])
    expect(.wrongSlot) { _ = try vault.open() }
  }

  @Test(arguments: [0o644, 0o640, 0o606])
  func slotOthersCanReadIsRefused(mode: Int) throws {
    let vault = try TestVault()
    _ = try vault.create()
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: vault.slotPath)
    expect(.permission) { _ = try vault.open() }
  }

  @Test func slotUnderASecondNameIsRefused() throws {
    let vault = try TestVault()
    _ = try vault.create()
    try FileManager.default.linkItem(
      atPath: vault.slotPath, toPath: vault.directory.appending(path: "second").path)
    expect(.wrongSlot) { _ = try vault.open() }
  }

  @Test func symbolicLinkIsRefused() throws {
    let vault = try TestVault()
    _ = try vault.create()
    let link = vault.directory.appending(path: "link").path
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: vault.slotPath)
    expect(.permission) {
      _ = try FileEpochSlot.open(at: link, vault: vault.vault, random: vault.random)
    }
  }

  @Test func slotInsideTheVaultDirectoryIsRefused() throws {
    let vault = try TestVault()
    let key = try UnsealKey.createFile(
      at: vault.keyPath, outside: vault.vaultDirectory.path, random: vault.random)
    let inside = vault.vaultDirectory.appending(path: "epoch.slot").path
    let slot = try FileEpochSlot.create(at: inside, vault: vault.vault, random: vault.random)
    expect(.permission) {
      _ = try Keyring.create(
        at: vault.storePath, vault: vault.vault, unsealKey: key, slot: slot,
        random: vault.random, now: { 0 })
    }
    #expect(!FileManager.default.fileExists(atPath: vault.storePath))
  }

  @Test func usedSlotIsNotTakenForANewVault() throws {
    let (vault, slot) = try empty()
    try slot.prepare(secret(4, vault))
    let key = try UnsealKey.createFile(
      at: vault.keyPath, outside: vault.vaultDirectory.path, random: vault.random)
    expect(.wrongSlot) {
      _ = try Keyring.create(
        at: vault.storePath, vault: vault.vault, unsealKey: key, slot: slot,
        random: vault.random, now: { 0 })
    }
    #expect(try slot.read().map(\.epoch) == [4])
  }

  @Test func slotIsNeverCreatedOverAnother() throws {
    let (vault, slot) = try empty()
    try slot.prepare(secret(1, vault))
    expect(.storage) {
      _ = try FileEpochSlot.create(
        at: vault.slotPath, vault: vault.vault, random: vault.random)
    }
    #expect(try slot.read().map(\.epoch) == [1])
  }

  @Test func missingSlotIsReported() throws {
    let vault = try TestVault()
    _ = try vault.create()
    try FileManager.default.removeItem(atPath: vault.slotPath)
    expect(.unavailable) { _ = try vault.open() }
  }

  static let mounts = """
    /dev/vda / ext4 rw,relatime 0 0
    /dev/vdb /srv btrfs rw 0 0
    /dev/vdc /srv/slot xfs rw 0 0
    /dev/vdd /journal ext4 rw,data=journal 0 0
    tank /tank zfs rw 0 0
    /dev/vde /with\\040space bcachefs rw 0 0
    """

  @Test(
    arguments: [
      ("/epoch.slot", nil), ("/srv/epoch.slot", "btrfs"), ("/srv/slot/epoch.slot", nil),
      ("/srv/slots/epoch.slot", "btrfs"), ("/journal/epoch.slot", "ext4 with data=journal"),
      ("/tank/a/b", "zfs"), ("/with space/epoch.slot", "bcachefs"), ("/tanker/a", nil),
    ] as [(String, String?)])
  func fileSystemsThatKeepOverwrittenBytesAreTold(path: String, reason: String?) {
    #expect(MountTable(Self.mounts).objection(toOverwritingAt: path) == reason)
  }

  private func empty() throws -> (TestVault, FileEpochSlot) {
    let vault = try TestVault()
    let slot = try FileEpochSlot.create(
      at: vault.slotPath, vault: vault.vault, random: vault.random)
    return (vault, slot)
  }

  private func secret(_ epoch: UInt64, _ vault: TestVault) throws -> EpochSecret {
    EpochSecret(
      epoch: epoch,
      secret: try SecretBytes(randomCount: EpochSecret.byteCount, from: vault.random))
  }
}
