import COpenSSL

/// A key prepared for many HMAC-SHA-256 computations (RFC 2104, FIPS 198-1).
///
/// The prepared state holds the key schedule on the ordinary heap; it is cleared when the
/// value is destroyed, so keep it no longer than a batch.
@safe
public struct HMACKey: ~Copyable, @unchecked Sendable {
  /// Length of a code in bytes.
  public static let byteCount = 32

  private let context: OpaquePointer

  /// Prepares a key of any length.
  ///
  /// - Throws: ``SealingError`` `.internalFailure` when OpenSSL refuses.
  public init(_ key: borrowing SecretBytes) throws(SealingError) {
    let made = unsafe key.withUnsafeBytes { unsafe HMACKey.makeContext($0) }
    guard let made = unsafe made else { throw SealingError.hmacRefuses }
    unsafe context = made
  }

  /// Prepares a key that is public, such as the salt of HKDF.
  init(publicKey key: [UInt8]) throws(SealingError) {
    let made = unsafe key.withUnsafeBytes { unsafe HMACKey.makeContext($0) }
    guard let made = unsafe made else { throw SealingError.hmacRefuses }
    unsafe context = made
  }

  deinit {
    unsafe EVP_MAC_CTX_free(context)
  }

  /// Replaces the key, which costs half of a new context.
  mutating func setKey(_ key: borrowing SecretBytes) throws(SealingError) {
    let accepted = unsafe key.withUnsafeBytes { unsafe HMACKey.start(context, $0) }
    guard accepted else { throw SealingError.hmacRefuses }
  }

  /// Computes the 32-byte code of a message.
  public mutating func authenticate(_ message: [UInt8]) -> [UInt8] {
    unsafe message.withUnsafeBytes { unsafe authenticate($0) }
  }

  /// Computes the 32-byte code of a raw buffer.
  public mutating func authenticate(_ message: UnsafeRawBufferPointer) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
      let done = unsafe compute(message, buffer.baseAddress)
      precondition(done, "HMAC does not compute")
      count = Self.byteCount
    }
  }

  /// Computes the code of a public message into a secret, for keys derived from keys.
  mutating func authenticateSecret(_ message: [UInt8]) throws(SealingError) -> SecretBytes {
    var result = try SecretBytes(zeroCount: Self.byteCount)
    let done = unsafe message.withUnsafeBytes { unsafe compute($0, into: &result) }
    guard done else { throw SealingError.hmacRefuses }
    return result
  }

  /// Computes the code of a raw buffer into a secret.
  mutating func authenticateSecret(
    _ message: UnsafeRawBufferPointer
  ) throws(SealingError) -> SecretBytes {
    var result = try SecretBytes(zeroCount: Self.byteCount)
    guard unsafe compute(message, into: &result) else { throw SealingError.hmacRefuses }
    return result
  }

  private func compute(_ message: UnsafeRawBufferPointer, into secret: inout SecretBytes) -> Bool {
    unsafe secret.withUnsafeMutableBytes { target in
      unsafe compute(message, target.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
  }

  private func compute(
    _ message: UnsafeRawBufferPointer, _ target: UnsafeMutablePointer<UInt8>?
  ) -> Bool {
    var written = 0
    return unsafe EVP_MAC_init(context, nil, 0, nil) == 1
      && EVP_MAC_update(context, message.octets, message.count) == 1
      && EVP_MAC_final(context, target, &written, Self.byteCount) == 1
  }

  private static func makeContext(_ key: UnsafeRawBufferPointer) -> OpaquePointer? {
    guard let made = unsafe EVP_MAC_CTX_dup(template) else { return nil }
    if unsafe start(made, key) { return unsafe made }
    unsafe EVP_MAC_CTX_free(made)
    return nil
  }

  private static func start(_ context: OpaquePointer, _ key: UnsafeRawBufferPointer) -> Bool {
    // An empty key still needs an address: a null key means "keep the last one" to OpenSSL.
    var placeholder: UInt8 = 0
    return unsafe withUnsafePointer(to: &placeholder) { empty in
      unsafe EVP_MAC_init(context, key.octets ?? empty, key.count, nil) == 1
    }
  }

  /// A context that knows its digest and no key.
  ///
  /// Naming the digest makes OpenSSL look it up, which costs more than the duplicate that every
  /// key starts from.
  nonisolated(unsafe) private static let template: OpaquePointer? = {
    guard let made = unsafe EVP_MAC_CTX_new(Fetched.hmac) else { return nil }
    var name = [CChar]("SHA256".utf8CString)
    let named = unsafe name.withUnsafeMutableBufferPointer { digest in
      let parameters = unsafe [
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.baseAddress, 0),
        OSSL_PARAM_construct_end(),
      ]
      return unsafe EVP_MAC_CTX_set_params(made, parameters) == 1
    }
    return unsafe named ? made : nil
  }()
}

extension SealingError {
  fileprivate static let hmacRefuses = SealingError(.internalFailure, "HMAC does not compute")
}
