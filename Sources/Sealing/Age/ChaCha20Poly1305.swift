/// ChaCha20-Poly1305 (RFC 8439), for sealed files alone; values in the vault are under AES-256-GCM.
enum ChaCha20Poly1305 {
  /// Length of a key in bytes.
  static let keyByteCount = 32
  /// Length of a nonce in bytes.
  static let nonceByteCount = 12
  /// Length of the tag in bytes.
  static let tagByteCount = 16

  /// Seals a buffer; gives ciphertext and tag.
  ///
  /// - Throws: ``SealingError`` `.invalidLength` for a wrong key or nonce length.
  static func seal(
    _ plaintext: UnsafeRawBufferPointer, key: borrowing SecretBytes, nonce: [UInt8],
    associatedData: [UInt8] = []
  ) throws(SealingError) -> [UInt8] {
    try check(key, nonce)
    let context = CipherContext(.chaCha20Poly1305)
    var output = [UInt8](repeating: 0, count: plaintext.count + tagByteCount)
    let isSealed = unsafe output.withUnsafeMutableBytes { target in
      unsafe key.withUnsafeBytes { key in
        unsafe nonce.withUnsafeBytes { nonce in
          unsafe associatedData.withUnsafeBytes { data in
            unsafe context.encrypt(
              key: key, nonce: nonce, associatedData: data, input: plaintext, output: target)
          }
        }
      }
    }
    guard isSealed else {
      throw SealingError(.internalFailure, "ChaCha20-Poly1305 does not seal")
    }
    return output
  }

  /// Opens ciphertext and tag.
  ///
  /// - Throws: ``SealingError`` `.authenticationFailure` for every reason a value does not open.
  static func open(
    _ sealed: [UInt8], key: borrowing SecretBytes, nonce: [UInt8], associatedData: [UInt8] = []
  ) throws(SealingError) -> SecretBytes {
    try check(key, nonce)
    guard sealed.count >= tagByteCount else { throw SealingError.doesNotOpen }
    let context = CipherContext(.chaCha20Poly1305)
    var output = try SecretBytes(zeroCount: sealed.count - tagByteCount)
    let isOpen = unsafe output.withUnsafeMutableBytes { target in
      unsafe sealed.withUnsafeBytes { input in
        unsafe key.withUnsafeBytes { key in
          unsafe nonce.withUnsafeBytes { nonce in
            unsafe associatedData.withUnsafeBytes { data in
              unsafe context.decrypt(
                key: key, nonce: nonce, associatedData: data, sealed: input, output: target)
            }
          }
        }
      }
    }
    guard isOpen else { throw SealingError.doesNotOpen }
    return output
  }

  private static func check(
    _ key: borrowing SecretBytes, _ nonce: [UInt8]
  ) throws(SealingError) {
    guard key.count == keyByteCount, nonce.count == nonceByteCount else {
      throw SealingError(
        .invalidLength, "ChaCha20-Poly1305 takes a 32-byte key and a 12-byte nonce")
    }
  }
}
