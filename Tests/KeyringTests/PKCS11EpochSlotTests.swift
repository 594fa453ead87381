import CPKCS11
import Foundation
import Sealing
import Testing

@testable import Keyring

@Suite(.enabled(if: SoftHSM.isInstalled, SoftHSM.skipped))
struct PKCS11EpochSlotTests {
  private let random = SeededRandom(seed: 50)

  private func vault(_ number: UInt8 = 1) throws -> VaultID {
    try VaultID(rawBytes: [UInt8](repeating: number, count: 16))
  }

  private func slot(_ token: TestToken, vault number: UInt8 = 1) throws -> PKCS11EpochSlot {
    try PKCS11EpochSlot(token: token.open(), vault: vault(number), random: random)
  }

  private func secret(_ epoch: UInt64) throws -> EpochSecret {
    EpochSecret(epoch: epoch, secret: try SecretBytes(randomCount: 32, from: random))
  }

  private func label(_ epoch: Int, vault number: UInt8 = 1) throws -> String {
    "lethe-\(try vault(number).rawBytes.hexadecimal)-\(epoch)"
  }

  /// The value of an epoch's data object.
  private func blob(_ token: TestToken, _ epoch: Int) throws -> [UInt8] {
    let label = try label(epoch)
    return try token.open().perform { session in
      let found = try session.find([
        PKCS11Attribute(CKA_CLASS, CKO_DATA), PKCS11Attribute(CKA_LABEL, label),
      ])
      return try session.attribute(CKA_VALUE, of: #require(found.first))
    }
  }

  /// Puts a data object on the token, as one who has the PIN can.
  private func plant(_ token: TestToken, _ epoch: Int, _ value: [UInt8]) throws {
    let label = try label(epoch)
    try token.open().perform { session in
      try session.create([
        PKCS11Attribute(CKA_CLASS, CKO_DATA), PKCS11Attribute(CKA_TOKEN, true),
        PKCS11Attribute(CKA_PRIVATE, true), PKCS11Attribute(CKA_APPLICATION, "lethe"),
        PKCS11Attribute(CKA_LABEL, label), PKCS11Attribute(CKA_VALUE, value),
      ])
    }
  }

  @Test func epochIsKeptAndReadByAnother() throws {
    let token = try SoftHSM.freshToken()
    let first = try secret(1)
    let writer = try slot(token)
    #expect(try writer.read().isEmpty)
    try writer.prepare(first)
    let read = try slot(token).read()
    #expect(read.map(\.epoch) == [1])
    #expect(read[0].matches(first))
    let listed = try token.tool("--list-objects")
    #expect(try listed.components(separatedBy: label(1)).count == 3)
    #expect(listed.contains("never extractable"))
    #expect(try blob(token, 1).count == 89)
    #expect(try !Data(blob(token, 1)).contains(first.secret.plaintextCopy()))
  }

  @Test func retiredEpochIsGoneForEverybody() throws {
    let token = try SoftHSM.freshToken()
    let slot = try slot(token)
    try slot.prepare(secret(1))
    try slot.prepare(secret(2))
    let before = try blob(token, 1)
    let receipts = try slot.retire(1, unixSeconds: 5)
    #expect(receipts.map(\.method) == [.objectDestroyed])
    #expect(receipts.map(\.epoch) == [1])
    #expect(receipts[0].custodian.assurance == .l1)
    #expect(receipts[0].custodian.weakness == "no_hardware_flag")
    let listed = try token.tool("--list-objects")
    #expect(try !listed.contains(label(1)))
    #expect(try listed.contains(label(2)))
    #expect(try slot.retire(1, unixSeconds: 6).map(\.method) == [.alreadyAbsent])
    #expect(try slot.read().map(\.epoch) == [2])
    // The data object of before, put back: without its key it is nothing.
    try plant(token, 1, before)
    #expect(try slot.read().map(\.epoch) == [2])
    // With a new key of the old name it does not open.
    try token.tool(
      "--keygen", "--key-type", "aes:32", "--label", label(1), "--sensitive")
    expect(.sealed) { _ = try slot.read() }
    _ = try slot.retire(1, unixSeconds: 7)
    #expect(try slot.read().map(\.epoch) == [2])
  }

  @Test func thirdLiveEpochIsRefused() throws {
    let slot = try slot(SoftHSM.freshToken())
    try slot.prepare(secret(1))
    try slot.prepare(secret(2))
    expect(.limit) { try slot.prepare(secret(3)) }
    expect(.limit) { try slot.prepare(secret(2)) }
    #expect(try slot.read().map(\.epoch) == [1, 2])
  }

  @Test func epochRestsUntilItIsRetired() throws {
    let token = try SoftHSM.freshToken()
    let slot = try slot(token)
    let first = try secret(1)
    try slot.prepare(first)
    try slot.prepare(secret(2))
    try slot.rest(1, untilUnixSeconds: 1234)
    try slot.rest(1, untilUnixSeconds: 9999)
    try slot.rest(7, untilUnixSeconds: 9999)
    #expect(try slot.read().map(\.epoch) == [2])
    let resting = try slot.resting()
    #expect(resting.map(\.untilUnixSeconds) == [1234])
    #expect(resting[0].secret.matches(first))
    #expect(try blob(token, 1).count == 97)
    expect(.limit) { try slot.prepare(secret(1)) }
    try slot.prepare(secret(3))
    #expect(try slot.retire(1, unixSeconds: 1235).map(\.method) == [.objectDestroyed])
    #expect(try slot.resting().isEmpty)
    #expect(try !token.tool("--list-objects").contains(label(1)))
  }

  @Test func interruptedRestIsFinishedBySweeping() throws {
    let token = try SoftHSM.freshToken()
    let slot = try slot(token)
    try slot.prepare(secret(1))
    let live = try blob(token, 1)
    try slot.rest(1, untilUnixSeconds: 1234)
    try plant(token, 1, live)
    #expect(try slot.read().isEmpty)
    #expect(try slot.resting().map(\.untilUnixSeconds) == [1234])
    try slot.sweep()
    #expect(try slot.resting().map(\.untilUnixSeconds) == [1234])
    #expect(
      try token.tool("--list-objects", "--type", "data").components(
        separatedBy: label(1)
      ).count == 2)
  }

  @Test(arguments: ["secrkey", "data"])
  func tornEpochIsSweptAndCanBePreparedAgain(missing type: String) throws {
    let token = try SoftHSM.freshToken()
    let slot = try slot(token)
    try slot.prepare(secret(1))
    try slot.prepare(secret(2))
    try token.tool("--delete-object", "--type", type, "--label", label(2))
    #expect(try slot.read().map(\.epoch) == [1])
    try slot.sweep()
    #expect(try !token.tool("--list-objects").contains(label(2)))
    #expect(try slot.read().map(\.epoch) == [1])
    try slot.prepare(secret(2))
    try token.tool("--delete-object", "--type", type, "--label", label(2))
    let again = try secret(2)
    try slot.prepare(again)
    #expect(try slot.read().last?.matches(again) == true)
  }

  @Test func vaultsShareATokenWithoutMeeting() throws {
    let token = try SoftHSM.freshToken()
    let (mine, other) = (try slot(token), try slot(token, vault: 2))
    try token.tool("--keygen", "--key-type", "aes:32", "--label", "lethe-other", "--sensitive")
    try mine.prepare(secret(1))
    try other.prepare(secret(1))
    try other.sweep()
    _ = try other.retire(1, unixSeconds: 0)
    #expect(try other.read().isEmpty)
    #expect(try mine.read().map(\.epoch) == [1])
    #expect(try token.tool("--list-objects").contains("lethe-other"))
  }

  @Test(arguments: [0, 4, 5, 28, 88, 89])
  func objectOfAnotherFormIsRefusedAndKept(change: Int) throws {
    let token = try SoftHSM.freshToken()
    let slot = try slot(token)
    try slot.prepare(secret(1))
    var value = try blob(token, 1)
    try token.tool("--delete-object", "--type", "data", "--label", label(1))
    if change < 88 { value[change] ^= 0x40 }
    if change == 88 { value.removeLast() }
    if change == 89 { value.append(0) }
    try plant(token, 1, value)
    for call in [{ _ = try slot.read() }, { try slot.sweep() }] { expect(.wrongSlot, call) }
    #expect(try token.tool("--list-objects").contains("never extractable"))
  }

  @Test func lostSessionsAreNotSeen() throws {
    let token = try SoftHSM.freshToken()
    let slot = try slot(token)
    let first = try secret(1)
    try slot.prepare(first)
    for _ in 0..<2 {
      try token.closeAllSessions()
      #expect(try slot.read()[0].matches(first))
    }
    try token.closeAllSessions()
    try slot.prepare(secret(2))
    try token.closeAllSessions()
    try slot.rest(1, untilUnixSeconds: 5)
    try token.closeAllSessions()
    #expect(try slot.retire(1, unixSeconds: 5).map(\.method) == [.objectDestroyed])
    try token.closeAllSessions()
    try slot.sweep()
    #expect(try slot.read().map(\.epoch) == [2])
  }

  @Test func deviceIsWorthMoreThanSoftware() throws {
    let fresh = try SoftHSM.freshToken()
    let token = try fresh.open(changing: { list in
      unsafe list.C_GetSlotInfo = { _, info in
        unsafe info?.pointee = CK_SLOT_INFO()
        unsafe info?.pointee.flags = CKF_HW_SLOT
        return CKR_OK
      }
    })
    let slot = try PKCS11EpochSlot(token: token, vault: vault(), random: random)
    #expect(slot.assurance == .l1)
    try slot.prepare(secret(1))
    #expect(slot.assurance == .l2)
    let receipt = try slot.retire(1, unixSeconds: 9)[0]
    #expect(receipt.custodian.kind == .pkcs11)
    #expect(receipt.custodian.assurance == .l2)
    #expect(receipt.custodian.weakness == nil)
    #expect(receipt.unixSeconds == 9)
    let name = receipt.custodian.name
    #expect(name.hasPrefix("pkcs11:token=token%20") && !name.contains("?"))
  }

  @Test func tokenThatKeepsWhatItDestroysGivesNoReceipt() throws {
    let fresh = try SoftHSM.freshToken()
    try slot(fresh).prepare(secret(1))
    let token = try fresh.open(changing: { list in
      list.C_DestroyObject = { _, _ in CKR_OK }
    })
    let lying = try PKCS11EpochSlot(token: token, vault: vault(), random: random)
    expect(.storage) { _ = try lying.retire(1, unixSeconds: 0) }
    let forbidding = try fresh.open(changing: { list in
      list.C_DestroyObject = { _, _ in CKR_ACTION_PROHIBITED }
    })
    let strict = try PKCS11EpochSlot(token: forbidding, vault: vault(), random: random)
    expect(.unavailable) { _ = try strict.retire(1, unixSeconds: 0) }
    #expect(try slot(fresh).read().map(\.epoch) == [1])
  }

  @Test func failedPreparationLeavesNothing() throws {
    let fresh = try SoftHSM.freshToken()
    let full = try fresh.open(changing: { list in
      unsafe list.C_CreateObject = { _, _, _, _ in CKR_DEVICE_MEMORY }
    })
    let slot = try PKCS11EpochSlot(token: full, vault: vault(), random: random)
    expect(.limit) { try slot.prepare(secret(1)) }
    #expect(try !fresh.tool("--list-objects").contains("lethe-"))
  }

  @Test func missingTokenAndObjectInTheAddressAreReported() throws {
    _ = try SoftHSM.twins()
    let absent = try slot(TestToken(label: "absent", directory: "/"))
    for call in [
      { _ = try absent.read() }, { _ = try absent.resting() }, { try absent.sweep() },
      { _ = try absent.retire(1, unixSeconds: 0) },
    ] { expect(.unavailable, call) }
    expect(.unavailable) { try absent.prepare(secret(1)) }
    let named = try TestToken(label: "absent", directory: "/").open(";object=x")
    expect(.unavailable) {
      _ = try PKCS11EpochSlot(token: named, vault: vault(), random: random)
    }
  }

  @Test func threadsTakeTurns() async throws {
    let token = try SoftHSM.freshToken()
    let slots = [try slot(token), try slot(token)]
    try slots[0].prepare(secret(1))
    let secrets = try (2...9).map { try secret(UInt64($0)) }
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for (number, secret) in secrets.enumerated() {
        group.addTask { (try? slots[number % 2].prepare(secret)) != nil }
        group.addTask { (try? slots[number % 2].sweep()) != nil && false }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(outcomes == 1)
    #expect(try slots[1].read().count == 2)
  }
}
