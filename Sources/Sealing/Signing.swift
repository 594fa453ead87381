import COpenSSL

/// An Ed25519 signing key (RFC 8032), held by OpenSSL and freed with its owner.
@safe
public struct SigningKey: ~Copyable, @unchecked Sendable {
  /// Length of a seed in bytes.
  public static let seedByteCount = 32
  /// Length of a signature in bytes.
  public static let signatureByteCount = 64

  private let key: OpaquePointer
  /// The public half.
  public let verifyingKey: VerifyingKey

  /// Makes the key of a 32-byte seed.
  ///
  /// - Throws: ``SealingError`` `.invalidLength` for another length.
  public init(seed: borrowing SecretBytes) throws(SealingError) {
    guard seed.count == Self.seedByteCount else {
      throw SealingError(.invalidLength, "an Ed25519 seed has 32 bytes")
    }
    let made = unsafe seed.withUnsafeBytes { bytes in
      unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, bytes.octets, bytes.count)
    }
    guard let made = unsafe made else {
      throw SealingError(.internalFailure, "OpenSSL does not take the Ed25519 seed")
    }
    var raw = [UInt8](repeating: 0, count: VerifyingKey.byteCount)
    var count = raw.count
    guard unsafe EVP_PKEY_get_raw_public_key(made, &raw, &count) == 1 else {
      unsafe EVP_PKEY_free(made)
      throw SealingError(.internalFailure, "OpenSSL does not give the public key")
    }
    unsafe key = made
    verifyingKey = VerifyingKey(checked: raw)
  }

  deinit {
    unsafe EVP_PKEY_free(key)
  }

  /// Signs a message; the signature is deterministic.
  public borrowing func sign(_ message: [UInt8]) throws(SealingError) -> [UInt8] {
    guard let context = unsafe EVP_MD_CTX_new() else {
      throw SealingError(.internalFailure, "out of memory")
    }
    defer { unsafe EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: Self.signatureByteCount)
    var count = signature.count
    let signed =
      unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1
      && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
    guard signed else { throw SealingError(.internalFailure, "Ed25519 does not sign") }
    return signature
  }
}

/// An Ed25519 public key.
public struct VerifyingKey: Hashable, Sendable {
  /// Length of a public key in bytes.
  public static let byteCount = 32

  /// The 32 bytes of the key.
  public let rawBytes: [UInt8]

  /// Takes the 32 bytes of a public key.
  ///
  /// - Throws: ``SealingError`` `.invalidLength` for another length.
  public init(rawBytes: [UInt8]) throws(SealingError) {
    guard rawBytes.count == Self.byteCount else {
      throw SealingError(.invalidLength, "an Ed25519 public key has 32 bytes")
    }
    self.rawBytes = rawBytes
  }

  fileprivate init(checked rawBytes: [UInt8]) {
    self.rawBytes = rawBytes
  }

  /// Says whether a signature fits the message; false for every kind of misfit.
  public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
    guard signature.count == SigningKey.signatureByteCount else { return false }
    let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, rawBytes, rawBytes.count)
    guard let key = unsafe key else { return false }
    defer { unsafe EVP_PKEY_free(key) }
    guard let context = unsafe EVP_MD_CTX_new() else { return false }
    defer { unsafe EVP_MD_CTX_free(context) }
    return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}
