import CPKCS11
import Foundation
import Sealing
import Testing

@testable import Keyring

@Suite(.enabled(if: SoftHSM.isInstalled, SoftHSM.skipped))
struct PKCS11KeyWrapTests {
  private static let label = "unseal"
  private let random = SeededRandom(seed: 40)

  private func vault(_ number: UInt8 = 1) throws -> VaultID {
    try VaultID(rawBytes: [UInt8](repeating: number, count: 16))
  }

  private func wrap(_ token: TestToken, vault number: UInt8 = 1) throws -> PKCS11KeyWrap {
    try PKCS11KeyWrap(
      token: token.open(";object=\(Self.label)"), vault: vault(number), random: random)
  }

  private func secret() throws -> SecretBytes { try SecretBytes(copying: Array(1...32)) }

  @Test func keyIsMadeOnceAndWraps() throws {
    let token = try SoftHSM.freshToken()
    let first = try wrap(token)
    #expect(try first.createKeyIfMissing())
    #expect(try !first.createKeyIfMissing())
    let wrapped = try first.wrap(secret())
    #expect(wrapped.count == PKCS11KeyWrap.byteCount)
    #expect(try first.wrap(secret()) != wrapped)
    #expect(try wrap(token).unwrap(wrapped).plaintextCopy() == Array(1...32))
    // The independent tool sees a key that stays where it is.
    let listed = try token.tool("--list-objects", "--type", "secrkey")
    #expect(listed.contains("label:      unseal"))
    #expect(listed.contains("never extractable"))
    #expect(listed.contains("Usage:      encrypt, decrypt\n"))
  }

  @Test func everyFailureToOpenIsOneError() throws {
    let token = try SoftHSM.freshToken()
    let wrap = try wrap(token)
    try wrap.createKeyIfMissing()
    let wrapped = try wrap.wrap(secret())
    var messages: Set<String> = []
    for place in 0..<wrapped.count {
      var changed = wrapped
      changed[place] ^= 1 << (place % 8)
      let error = failure { _ = try wrap.unwrap(changed) }
      #expect(error?.code == .sealed)
      messages.insert(error?.message ?? "")
    }
    for changed in [[], Array(wrapped.dropLast()), wrapped + [0]] {
      let error = failure { _ = try wrap.unwrap(changed) }
      #expect(error?.code == .sealed)
      messages.insert(error?.message ?? "")
    }
    let other = failure { _ = try self.wrap(token, vault: 2).unwrap(wrapped) }
    #expect(other?.code == .sealed)
    messages.insert(other?.message ?? "")
    #expect(messages.count == 1)
    #expect(try wrap.unwrap(wrapped).plaintextCopy() == Array(1...32))
  }

  @Test func keyDeletedUnderUsIsToldFromAMissingToken() throws {
    let token = try SoftHSM.freshToken()
    let wrap = try wrap(token)
    let before = failure { _ = try wrap.wrap(secret()) }
    #expect(before?.code == .unavailable)
    try wrap.createKeyIfMissing()
    let wrapped = try wrap.wrap(secret())
    try token.tool("--delete-object", "--type", "secrkey", "--label", Self.label)
    let gone = failure { _ = try wrap.unwrap(wrapped) }
    #expect(gone?.code == .unavailable)
    #expect(gone?.message.contains("its key `unseal` is not") == true)
    let absent = TestToken(label: "absent", directory: "/")
    let missing = failure { _ = try self.wrap(absent).unwrap(wrapped) }
    #expect(missing?.code == .unavailable)
    #expect(missing?.message.contains("is missing") == true)
    // A new key of the same name opens nothing of the old one.
    try wrap.createKeyIfMissing()
    expect(.sealed) { _ = try wrap.unwrap(wrapped) }
  }

  @Test func lostSessionIsNotSeen() throws {
    let token = try SoftHSM.freshToken()
    let wrap = try wrap(token)
    try wrap.createKeyIfMissing()
    try token.closeAllSessions()
    let wrapped = try wrap.wrap(secret())
    try token.closeAllSessions()
    #expect(try wrap.unwrap(wrapped).plaintextCopy() == Array(1...32))
  }

  @Test func keyThatCanLeaveIsRefused() throws {
    let token = try SoftHSM.freshToken()
    try token.tool(
      "--keygen", "--key-type", "aes:32", "--label", Self.label, "--extractable")
    let wrap = try wrap(token)
    expect(.permission) { try wrap.createKeyIfMissing() }
    expect(.permission) { _ = try wrap.wrap(secret()) }
  }

  @Test func twoKeysOfOneNameAreRefused() throws {
    let token = try SoftHSM.freshToken()
    for _ in 0..<2 {
      try token.tool("--keygen", "--key-type", "aes:32", "--label", Self.label, "--sensitive")
    }
    let wrap = try wrap(token)
    expect(.unavailable) { try wrap.createKeyIfMissing() }
  }

  @Test func addressWithoutAKeyIsRefused() throws {
    let token = try SoftHSM.twins().open()
    expect(.unavailable) {
      _ = try PKCS11KeyWrap(token: token, vault: vault(), random: random)
    }
  }

  @Test func keyringIsUnsealedByTheToken() throws {
    let token = try SoftHSM.freshToken()
    let vault = try TestVault()
    let wrap = try PKCS11KeyWrap(
      token: token.open(";object=k"), vault: vault.vault, random: vault.random)
    try wrap.createKeyIfMissing()
    let slot = try FileEpochSlot.create(
      at: vault.slotPath, vault: vault.vault, acceptsWeakPlace: true, random: vault.random)
    let keyring = try Keyring.create(
      at: vault.storePath, vault: vault.vault, unsealKey: .wrapped(by: wrap), slot: slot,
      random: vault.random, now: { TestVault.time })
    let leaf = try keyring.createSubjectKeys(count: 1).lowerBound
    let key = try keyring.subjectKey(leaf)
    let again = try Keyring.open(
      at: vault.storePath, unsealKey: .wrapped(by: wrap), slot: slot, random: vault.random,
      now: { TestVault.time })
    #expect(try again.subjectKey(leaf) == key)
    try token.tool("--delete-object", "--type", "secrkey", "--label", "k")
    expect(.unavailable) {
      _ = try Keyring.open(
        at: vault.storePath, unsealKey: .wrapped(by: wrap), slot: slot, random: vault.random,
        now: { TestVault.time })
    }
  }
}
