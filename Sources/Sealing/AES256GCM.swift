/// AES-256 in Galois/Counter Mode (NIST SP 800-38D) for whole blobs such as key nodes.
///
/// The caller supplies a random nonce: at most 2^32 messages a key. GCM does not commit to its
/// key; where that matters a ``KeyCommitment`` is stored beside.
public enum AES256GCM {
  /// Length of a key in bytes.
  public static let keyByteCount = 32
  /// Length of a nonce in bytes.
  public static let nonceByteCount = 12
  /// Length of the tag in bytes.
  public static let tagByteCount = 16

  /// Seals a secret.
  ///
  /// - Returns: Ciphertext of the plaintext's length, then the 16-byte tag.
  /// - Throws: ``SealingError`` `.invalidLength` for a wrong key or nonce length.
  public static func seal(
    _ plaintext: borrowing SecretBytes, key: borrowing SecretBytes, nonce: [UInt8],
    associatedData: [UInt8]
  ) throws(SealingError) -> [UInt8] {
    try check(key: key, nonce: nonce)
    let context = CipherContext()
    var output = [UInt8](repeating: 0, count: plaintext.count + tagByteCount)
    let sealed = unsafe output.withUnsafeMutableBytes { target in
      unsafe plaintext.withUnsafeBytes { input in
        unsafe key.withUnsafeBytes { key in
          unsafe nonce.withUnsafeBytes { nonce in
            unsafe associatedData.withUnsafeBytes { data in
              unsafe context.encrypt(
                key: key, nonce: nonce, associatedData: data, input: input, output: target)
            }
          }
        }
      }
    }
    guard sealed else { throw SealingError(.internalFailure, "AES-GCM does not seal") }
    return output
  }

  /// Opens what ``seal(_:key:nonce:associatedData:)`` made.
  ///
  /// - Throws: ``SealingError`` `.authenticationFailure` for every reason a value does not open.
  public static func open(
    _ sealed: [UInt8], key: borrowing SecretBytes, nonce: [UInt8], associatedData: [UInt8]
  ) throws(SealingError) -> SecretBytes {
    try check(key: key, nonce: nonce)
    guard sealed.count >= tagByteCount else { throw SealingError.doesNotOpen }
    let context = CipherContext()
    var output = try SecretBytes(zeroCount: sealed.count - tagByteCount)
    let opened = unsafe output.withUnsafeMutableBytes { target in
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
    guard opened else { throw SealingError.doesNotOpen }
    return output
  }

  private static func check(
    key: borrowing SecretBytes, nonce: [UInt8]
  ) throws(SealingError) {
    guard key.count == keyByteCount, nonce.count == nonceByteCount else {
      throw SealingError(.invalidLength, "AES-256-GCM takes a 32-byte key and a 12-byte nonce")
    }
  }
}

extension SealingError {
  /// The one failure of decryption.
  static let doesNotOpen = SealingError(.authenticationFailure, "sealed value does not open")
}
