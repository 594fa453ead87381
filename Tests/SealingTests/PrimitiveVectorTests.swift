import TestSupport
import Testing

@testable import Sealing

/// The published vectors that are committed here and always run.
@Suite struct PrimitiveVectorTests {
  struct Digest: Decodable, Sendable {
    let name: String
    let message: Hex
    let digest: Hex
  }

  struct Code: Decodable, Sendable {
    let name: String
    let key: Hex
    let message: Hex
    let tag: Hex
  }

  struct Derivation: Decodable, Sendable {
    let name: String
    let ikm: Hex
    let salt: Hex
    let info: Hex
    let count: Int
    let okm: Hex
  }

  struct Signature: Decodable, Sendable {
    let name: String
    let seed: Hex
    let publicKey: Hex
    let message: Hex
    let signature: Hex
  }

  struct Sealed: Decodable, Sendable {
    let name: String
    let key: Hex
    let nonce: Hex
    let associatedData: Hex
    let plaintext: Hex
    let ciphertext: Hex
    let tag: Hex
  }

  struct Passphrase: Decodable, Sendable {
    let name: String
    let passphrase: String
    let salt: String
    let cost: Int
    let blockSize: Int
    let parallelism: Int
    let key: Hex
  }

  @Test(arguments: try VectorFile.load(Vectors<Digest>.self, "sha256.json").cases)
  func sha256(_ vector: Digest) {
    #expect(SHA256.hash(vector.message.bytes) == vector.digest.bytes)
    let parts = vector.message.bytes
    let (a, b) = (parts.count / 3, parts.count / 2)
    #expect(
      SHA256.hash(Array(parts[..<a]), Array(parts[a..<b]), Array(parts[b...]))
        == vector.digest.bytes)
  }

  @Test(arguments: try VectorFile.load(Vectors<Code>.self, "hmac.json").cases)
  func hmac(_ vector: Code) throws {
    var key = try HMACKey(SecretBytes(copying: vector.key.bytes))
    let first = key.authenticate(vector.message.bytes)
    let other = key.authenticate(vector.message.bytes + [0])
    let second = key.authenticate(vector.message.bytes)
    #expect(Array(first.prefix(vector.tag.bytes.count)) == vector.tag.bytes)
    #expect(first == second, "the key schedule is good for more than one message")
    #expect(first != other)
    #expect(first.count == HMACKey.byteCount)
  }

  @Test(arguments: try VectorFile.load(Vectors<Derivation>.self, "hkdf.json").cases)
  func hkdf(_ vector: Derivation) throws {
    let derived = try HKDF.derive(
      inputKey: SecretBytes(copying: vector.ikm.bytes), salt: vector.salt.bytes,
      info: vector.info.bytes, count: vector.count)
    #expect(derived.plaintextCopy() == vector.okm.bytes)
    // One block takes a path of its own; it must be the start of the longer output.
    let block = try HKDF.derive(
      inputKey: SecretBytes(copying: vector.ikm.bytes), salt: vector.salt.bytes,
      info: vector.info.bytes, count: HMACKey.byteCount)
    #expect(block.plaintextCopy() == Array(vector.okm.bytes.prefix(HMACKey.byteCount)))
  }

  @Test(arguments: try VectorFile.load(Vectors<Signature>.self, "ed25519.json").cases)
  func ed25519(_ vector: Signature) throws {
    let key = try SigningKey(seed: SecretBytes(copying: vector.seed.bytes))
    let signature = try key.sign(vector.message.bytes)
    let verifying = key.verifyingKey
    #expect(verifying.rawBytes == vector.publicKey.bytes)
    #expect(signature == vector.signature.bytes)
    #expect(verifying.isValid(signature: signature, for: vector.message.bytes))
    #expect(!verifying.isValid(signature: signature, for: vector.message.bytes + [0]))
  }

  @Test(arguments: try VectorFile.load(Vectors<Sealed>.self, "aes_gcm.json").cases)
  func aesGCM(_ vector: Sealed) throws {
    let expected = vector.ciphertext.bytes + vector.tag.bytes
    let sealed = try AES256GCM.seal(
      SecretBytes(copying: vector.plaintext.bytes), key: SecretBytes(copying: vector.key.bytes),
      nonce: vector.nonce.bytes, associatedData: vector.associatedData.bytes)
    #expect(sealed == expected)
    let opened = try AES256GCM.open(
      expected, key: SecretBytes(copying: vector.key.bytes), nonce: vector.nonce.bytes,
      associatedData: vector.associatedData.bytes)
    #expect(opened.plaintextCopy() == vector.plaintext.bytes)
  }

  @Test(arguments: try VectorFile.load(Vectors<Passphrase>.self, "scrypt.json").cases)
  func scrypt(_ vector: Passphrase) throws {
    let key = try Scrypt.deriveUnchecked(
      passphrase: SecretBytes(copying: Array(vector.passphrase.utf8)),
      salt: Array(vector.salt.utf8),
      parameters: Scrypt.Parameters(
        cost: vector.cost, blockSize: vector.blockSize, parallelism: vector.parallelism),
      count: vector.key.bytes.count)
    #expect(key.plaintextCopy() == vector.key.bytes)
  }

  /// A file cut short would otherwise pass with fewer cases.
  @Test func everyFileIsWhole() throws {
    #expect(try VectorFile.load(Vectors<Digest>.self, "sha256.json").cases.count == 3)
    #expect(try VectorFile.load(Vectors<Code>.self, "hmac.json").cases.count == 7)
    #expect(try VectorFile.load(Vectors<Derivation>.self, "hkdf.json").cases.count == 3)
    #expect(try VectorFile.load(Vectors<Signature>.self, "ed25519.json").cases.count == 3)
    #expect(try VectorFile.load(Vectors<Sealed>.self, "aes_gcm.json").cases.count == 4)
    #expect(try VectorFile.load(Vectors<Passphrase>.self, "scrypt.json").cases.count == 3)
  }
}
