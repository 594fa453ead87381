import COpenSSL

/// An X25519 private key (RFC 7748), held by OpenSSL and cleared with its owner.
@safe
struct X25519Key: ~Copyable {
  /// Length of a scalar, a point and a shared secret in bytes.
  static let byteCount = 32

  private let key: OpaquePointer
  /// The public half.
  let point: [UInt8]

  /// Makes the key of a 32-byte scalar.
  ///
  /// - Throws: ``SealingError`` `.invalidLength` for another length.
  init(scalar: borrowing SecretBytes) throws(SealingError) {
    guard scalar.count == Self.byteCount else {
      throw SealingError(.invalidLength, "an X25519 scalar has 32 bytes")
    }
    let made = unsafe scalar.withUnsafeBytes { bytes in
      unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, bytes.octets, bytes.count)
    }
    guard let made = unsafe made else {
      throw SealingError(.internalFailure, "OpenSSL does not take the X25519 scalar")
    }
    var raw = [UInt8](repeating: 0, count: Self.byteCount)
    var count = raw.count
    guard unsafe EVP_PKEY_get_raw_public_key(made, &raw, &count) == 1 else {
      unsafe EVP_PKEY_free(made)
      throw SealingError(.internalFailure, "OpenSSL does not give the public key")
    }
    unsafe key = made
    point = raw
  }

  deinit {
    unsafe EVP_PKEY_free(key)
  }

  /// Agrees on a secret with the holder of a point; nil when the point is of low order.
  ///
  /// Such a point gives the same secret, zero, whatever the scalar is.
  ///
  /// - Throws: ``SealingError`` `.invalidLength` for a point of another length, `.internalFailure`.
  borrowing func agree(with point: [UInt8]) throws(SealingError) -> SecretBytes? {
    guard point.count == Self.byteCount else {
      throw SealingError(.invalidLength, "an X25519 point has 32 bytes")
    }
    let peer = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, point, point.count)
    guard let peer = unsafe peer else { throw Self.refusal }
    defer { unsafe EVP_PKEY_free(peer) }
    guard let context = unsafe EVP_PKEY_CTX_new(key, nil) else { throw Self.refusal }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    let isPrepared =
      unsafe EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peer) == 1
    guard isPrepared else { throw Self.refusal }
    var shared = try SecretBytes(zeroCount: Self.byteCount)
    let isDerived = unsafe shared.withUnsafeMutableBytes { target in
      var count = target.count
      let octets = unsafe target.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return unsafe EVP_PKEY_derive(context, octets, &count) == 1
    }
    // OpenSSL refuses the zero secret itself; the second look does not depend on its version.
    guard isDerived, !shared.isZero() else { return nil }
    return shared
  }

  private static let refusal = SealingError(.internalFailure, "OpenSSL does not run X25519")
}
