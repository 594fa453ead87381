import Testing

@testable import Sealing

/// Derivation, codes and signatures beyond their vectors.
@Suite struct KeyTests {
  static let seed = (0..<32).map { UInt8($0) }

  @Test(arguments: [.min, -1, 0, 8161, .max])
  func hkdfRefusesLengthsOutOfRange(count: Int) throws {
    let key = try SecretBytes(copying: Self.seed)
    let code = failure { () throws(SealingError) in
      _ = try HKDF.derive(inputKey: key, salt: [], info: [], count: count)
    }
    #expect(code == .invalidLength)
  }

  /// A shorter output is the start of the longer one (RFC 5869 §2.3).
  @Test(arguments: [1, 31, 32, 33, 63, 64, 65, 1000, 8159, 8160])
  func hkdfOutputsArePrefixes(count: Int) throws {
    let key = try SecretBytes(copying: Self.seed)
    let longest = try HKDF.derive(inputKey: key, salt: [1], info: [2], count: 8160).plaintextCopy()
    let derived = try HKDF.derive(inputKey: key, salt: [1], info: [2], count: count)
    #expect(derived.plaintextCopy() == Array(longest.prefix(count)))
  }

  /// All 255 blocks, against the output of pyca/cryptography 48.0.0.
  @Test func longestHKDFOutputIsRight() throws {
    let key = try SecretBytes(copying: Self.seed)
    let longest = try HKDF.derive(inputKey: key, salt: [1], info: [2], count: 8160).plaintextCopy()
    #expect(
      SHA256.hash(longest).hexadecimal
        == "90efa176d9617ac064e83d9dd3ab891a3efb129092beeb93c12a8b19a61a9d0d")
  }

  /// Keys start from one shared template; making them in parallel must not mix them up.
  @Test func parallelKeysDoNotMix() async throws {
    let codes = try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<4 {
        group.addTask {
          let bytes = [UInt8](repeating: UInt8(task), count: 32)
          var reference = try HMACKey(SecretBytes(copying: bytes))
          let expected = reference.authenticate([1, 2, 3])
          return try (0..<2000).allSatisfy { _ in
            var key = try HMACKey(SecretBytes(copying: bytes))
            return key.authenticate([1, 2, 3]) == expected
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(codes == [true, true, true, true])
  }

  @Test func hashingAgainWithOneContextIsHashing() {
    var repeater = SHA256.Repeater()
    for count in [0, 1, 31, 54, 55, 56, 63, 64, 65, 400, 70_000] {
      let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      var digests: [UInt8] = [9]
      for prefix: UInt8 in [0, 1] {
        repeater.hash(prefix: prefix, message.span, appendingTo: &digests)
      }
      let expected = SHA256.hash([0] + message) + SHA256.hash([1] + message)
      #expect(digests == [9] + expected, "\(count) bytes")
    }
  }

  @Test(arguments: [0, 1, 55, 56, 63, 64, 65, 1000])
  func hashInPartsEqualsHashAtOnce(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    var hasher = SHA256.Hasher()
    for byte in bytes { hasher.update([byte]) }
    let digest = hasher.finalize()
    #expect(digest == SHA256.hash(bytes))
    #expect(digest != SHA256.hash(bytes + [0]))
  }

  @Test(arguments: [0, 31, 33, 64])
  func signingWantsASeedOf32Bytes(count: Int) {
    let code = failure { () throws(SealingError) in
      _ = try SigningKey(seed: SecretBytes(zeroCount: count))
    }
    #expect(code == .invalidLength)
    let publicCode = failure { () throws(SealingError) in
      _ = try VerifyingKey(rawBytes: [UInt8](repeating: 1, count: count))
    }
    #expect(publicCode == .invalidLength)
  }

  @Test func everyBitOfASignatureCounts() throws {
    let key = try SigningKey(seed: SecretBytes(copying: Self.seed))
    let verifying = key.verifyingKey
    let message = Array("checkpoint".utf8)
    let signature = try key.sign(message)
    #expect(try key.sign(message) == signature, "Ed25519 is deterministic")
    #expect(verifying.isValid(signature: signature, for: message))
    for bit in 0..<512 {
      var forged = signature
      forged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!verifying.isValid(signature: forged, for: message), "bit \(bit)")
    }
    for forged in [[], Array(signature.dropLast()), signature + [0]] {
      #expect(!verifying.isValid(signature: forged, for: message))
    }
    let other = try SigningKey(seed: SecretBytes(copying: Self.seed.reversed()))
    let otherVerifying = other.verifyingKey
    #expect(!otherVerifying.isValid(signature: signature, for: message))
  }

  @Test(arguments: [(0, 12), (31, 12), (33, 12), (16, 12), (32, 0), (32, 11), (32, 13), (32, 16)])
  func aesRefusesOtherLengths(keyByteCount: Int, nonceByteCount: Int) throws {
    let key = try SecretBytes(zeroCount: keyByteCount)
    let nonce = [UInt8](repeating: 0, count: nonceByteCount)
    let sealing = failure { () throws(SealingError) in
      _ = try AES256GCM.seal(
        SecretBytes(zeroCount: 4), key: key, nonce: nonce, associatedData: [])
    }
    let opening = failure { () throws(SealingError) in
      _ = try AES256GCM.open(
        [UInt8](repeating: 0, count: 20), key: key, nonce: nonce, associatedData: [])
    }
    #expect(sealing == .invalidLength)
    #expect(opening == .invalidLength)
  }

  @Test(arguments: 0..<16)
  func sealedShorterThanATagDoesNotOpen(count: Int) throws {
    let key = try SecretBytes(zeroCount: 32)
    let code = failure { () throws(SealingError) in
      _ = try AES256GCM.open(
        [UInt8](repeating: 0, count: count), key: key,
        nonce: [UInt8](repeating: 0, count: 12), associatedData: [])
    }
    #expect(code == .authenticationFailure)
  }
}
