import TestSupport
import Testing

@testable import Sealing

/// Project Wycheproof. A case is checked or refused; none is skipped, and the counts are pinned.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absenceNote)))
struct WycheproofTests {
  struct File<Group: Decodable & Sendable>: Decodable, Sendable {
    let numberOfTests: Int
    let testGroups: [Group]
  }

  enum Verdict: String, Decodable, Sendable { case valid, invalid, acceptable }

  struct AEADGroup: Decodable, Sendable {
    let keySize: Int
    let ivSize: Int
    let tagSize: Int
    let tests: [AEADCase]
    var isOurs: Bool { keySize == 256 && ivSize == 96 && tagSize == 128 }
  }

  struct AEADCase: Decodable, Sendable {
    let tcId: Int
    let key: Hex
    let iv: Hex
    let aad: Hex
    let msg: Hex
    let ct: Hex
    let tag: Hex
    let result: Verdict
  }

  struct MACGroup: Decodable, Sendable {
    let tagSize: Int
    let tests: [MACCase]
  }

  struct MACCase: Decodable, Sendable {
    let tcId: Int
    let key: Hex
    let msg: Hex
    let tag: Hex
    let result: Verdict
  }

  struct HKDFGroup: Decodable, Sendable { let tests: [HKDFCase] }

  struct HKDFCase: Decodable, Sendable {
    let tcId: Int
    let ikm: Hex
    let salt: Hex
    let info: Hex
    let size: Int
    let okm: Hex
    let result: Verdict
  }

  struct SignatureGroup: Decodable, Sendable {
    struct Key: Decodable, Sendable { let pk: Hex }
    let publicKey: Key
    let tests: [SignatureCase]
  }

  struct SignatureCase: Decodable, Sendable {
    let tcId: Int
    let msg: Hex
    let sig: Hex
    let result: Verdict
  }

  /// What became of the cases of one file.
  struct Tally: Equatable {
    var valid = 0
    var invalid = 0
    /// Cases for other key, nonce or tag lengths; each was seen to be refused.
    var refused = 0
  }

  @Test func aesGCM() throws {
    let file = try Self.load(AEADGroup.self, "aes_gcm")
    var tally = Tally()
    for group in file.testGroups {
      for test in group.tests {
        if group.isOurs {
          try Self.check(test, &tally)
        } else {
          let code = Self.openFailure(test)
          #expect(code == .invalidLength, "case \(test.tcId) is not for 256/96/128 bits")
          tally.refused += 1
        }
      }
    }
    #expect(tally == Tally(valid: 39, invalid: 27, refused: 250))
    #expect(tally.valid + tally.invalid + tally.refused == file.numberOfTests)
    record("AES-GCM", file.numberOfTests)
  }

  private func record(_ name: String, _ count: Int) {
    AttackReport.record(
      number: 28, name: "Project Wycheproof, \(name)", tried: "\(count) cases",
      result: "every case as expected, none skipped")
  }

  private static func openFailure(_ test: AEADCase) -> SealingError.Code? {
    failure { () throws(SealingError) in
      _ = try AES256GCM.open(
        test.ct.bytes + test.tag.bytes, key: SecretBytes(copying: test.key.bytes),
        nonce: test.iv.bytes, associatedData: test.aad.bytes)
    }
  }

  private static func check(_ test: AEADCase, _ tally: inout Tally) throws {
    guard test.result == .valid else {
      #expect(openFailure(test) == .authenticationFailure, "case \(test.tcId)")
      tally.invalid += 1
      return
    }
    let sealed = try AES256GCM.seal(
      SecretBytes(copying: test.msg.bytes), key: SecretBytes(copying: test.key.bytes),
      nonce: test.iv.bytes, associatedData: test.aad.bytes)
    #expect(sealed == test.ct.bytes + test.tag.bytes, "case \(test.tcId)")
    let opened = try AES256GCM.open(
      sealed, key: SecretBytes(copying: test.key.bytes), nonce: test.iv.bytes,
      associatedData: test.aad.bytes)
    #expect(opened.plaintextCopy() == test.msg.bytes, "case \(test.tcId)")
    tally.valid += 1
  }

  @Test func hmac() throws {
    let file = try Self.load(MACGroup.self, "hmac_sha256")
    var tally = Tally()
    for group in file.testGroups {
      for test in group.tests {
        var key = try HMACKey(SecretBytes(copying: test.key.bytes))
        let computed = Array(key.authenticate(test.msg.bytes).prefix(group.tagSize / 8))
        #expect(computed.count == group.tagSize / 8)
        let equal = ConstantTime.isEqual(computed, test.tag.bytes)
        #expect(equal == (test.result == .valid), "case \(test.tcId)")
        if test.result == .valid { tally.valid += 1 } else { tally.invalid += 1 }
      }
    }
    #expect(tally == Tally(valid: 66, invalid: 108, refused: 0))
    #expect(tally.valid + tally.invalid == file.numberOfTests)
    record("HMAC-SHA-256", file.numberOfTests)
  }

  @Test func hkdf() throws {
    let file = try Self.load(HKDFGroup.self, "hkdf_sha256")
    var tally = Tally()
    for test in file.testGroups.flatMap(\.tests) {
      if test.result == .valid {
        let derived = try HKDF.derive(
          inputKey: SecretBytes(copying: test.ikm.bytes), salt: test.salt.bytes,
          info: test.info.bytes, count: test.size)
        #expect(derived.plaintextCopy() == test.okm.bytes, "case \(test.tcId)")
        tally.valid += 1
      } else {
        let code = failure { () throws(SealingError) in
          _ = try HKDF.derive(
            inputKey: SecretBytes(copying: test.ikm.bytes), salt: test.salt.bytes,
            info: test.info.bytes, count: test.size)
        }
        #expect(code == .invalidLength, "case \(test.tcId)")
        tally.invalid += 1
      }
    }
    #expect(tally == Tally(valid: 83, invalid: 3, refused: 0))
    #expect(tally.valid + tally.invalid == file.numberOfTests)
    record("HKDF-SHA-256", file.numberOfTests)
  }

  @Test func ed25519() throws {
    let file = try Self.load(SignatureGroup.self, "ed25519")
    var tally = Tally()
    for group in file.testGroups {
      let key = try VerifyingKey(rawBytes: group.publicKey.pk.bytes)
      for test in group.tests {
        let valid = key.isValid(signature: test.sig.bytes, for: test.msg.bytes)
        #expect(valid == (test.result == .valid), "case \(test.tcId)")
        if test.result == .valid { tally.valid += 1 } else { tally.invalid += 1 }
      }
    }
    #expect(tally == Tally(valid: 88, invalid: 63, refused: 0))
    #expect(tally.valid + tally.invalid == file.numberOfTests)
    record("Ed25519", file.numberOfTests)
  }

  private static func load<Group: Decodable & Sendable>(
    _ group: Group.Type, _ name: String
  ) throws -> File<Group> {
    try SharedData.load(File<Group>.self, "wycheproof/\(name)_test.json")
  }
}
