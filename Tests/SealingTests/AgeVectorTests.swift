import TestSupport
import Testing

@testable import Sealing

/// The published vectors of what a sealed file is made of.
@Suite struct AgeVectorTests {
  struct Product: Decodable, Sendable {
    let name: String
    let scalar: Hex
    let point: Hex
    let product: Hex
  }

  struct Text: Decodable, Sendable {
    let text: String
    let prefix: String?
    let groups: [UInt8]?
  }

  @Test(arguments: try VectorFile.load(Vectors<Product>.self, "x25519.json").cases)
  func x25519(_ vector: Product) throws {
    let key = try X25519Key(scalar: SecretBytes(copying: vector.scalar.bytes))
    switch try key.agree(with: vector.point.bytes) {
    case .some(let shared): #expect(shared.plaintextCopy() == vector.product.bytes)
    case .none: Issue.record("no secret")
    }
    let isBasePoint = vector.point.bytes == [9] + [UInt8](repeating: 0, count: 31)
    #expect((key.point == vector.product.bytes) == isBasePoint)
  }

  @Test(
    arguments: try VectorFile.load(
      Vectors<PrimitiveVectorTests.Sealed>.self, "chacha20_poly1305.json"
    ).cases)
  func chaCha20Poly1305(_ vector: PrimitiveVectorTests.Sealed) throws {
    let key = vector.key.bytes
    let expected = vector.ciphertext.bytes + vector.tag.bytes
    let sealed = try unsafe vector.plaintext.bytes.withUnsafeBytes { bytes in
      try unsafe ChaCha20Poly1305.seal(
        bytes, key: SecretBytes(copying: key), nonce: vector.nonce.bytes,
        associatedData: vector.associatedData.bytes)
    }
    #expect(sealed == expected)
    let opened = try ChaCha20Poly1305.open(
      expected, key: SecretBytes(copying: key), nonce: vector.nonce.bytes,
      associatedData: vector.associatedData.bytes)
    #expect(opened.plaintextCopy() == vector.plaintext.bytes)
    for index in expected.indices {
      var changed = expected
      changed[index] ^= 1
      let code = failure { () throws(SealingError) in
        _ = try ChaCha20Poly1305.open(
          changed, key: SecretBytes(copying: key), nonce: vector.nonce.bytes,
          associatedData: vector.associatedData.bytes)
      }
      #expect(code == .authenticationFailure)
    }
  }

  @Test(arguments: try VectorFile.load(Vectors<Text>.self, "bech32.json").cases)
  func bech32(_ vector: Text) throws {
    let parsed = Bech32.parse(vector.text)
    #expect(parsed?.prefix == vector.prefix)
    #expect(parsed?.groups == vector.groups)
  }

  @Test(arguments: [(0, 12), (31, 12), (32, 0), (32, 11), (32, 13), (33, 12)])
  func wrongLengthsAreRefused(keyCount: Int, nonceCount: Int) throws {
    let nonce = [UInt8](repeating: 0, count: nonceCount)
    let code = failure { () throws(SealingError) in
      _ = try ChaCha20Poly1305.open(
        nonce, key: SecretBytes(copying: [UInt8](repeating: 0, count: keyCount)), nonce: nonce)
    }
    #expect(code == .invalidLength)
  }

  @Test(arguments: [0, 31, 33])
  func scalarsAndPointsOfOtherLengthsAreRefused(count: Int) throws {
    let bytes = [UInt8](repeating: 1, count: count)
    let scalar = failure { () throws(SealingError) in
      _ = try X25519Key(scalar: SecretBytes(copying: bytes))
    }
    let point = failure { () throws(SealingError) in
      _ = try X25519Key(scalar: SecretBytes(copying: [UInt8](repeating: 1, count: 32)))
        .agree(with: bytes)
    }
    #expect(scalar == .invalidLength && point == .invalidLength)
  }

  @Test func filesAreWhole() throws {
    #expect(try VectorFile.load(Vectors<Product>.self, "x25519.json").cases.count == 6)
    #expect(try VectorFile.load(Vectors<Text>.self, "bech32.json").cases.count == 19)
    let sealed = try VectorFile.load(
      Vectors<PrimitiveVectorTests.Sealed>.self, "chacha20_poly1305.json")
    #expect(sealed.cases.count == 2)
  }
}
