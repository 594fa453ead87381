public import Sealing
internal import CPKCS11

/// Wraps the unseal key under an AES-256 key that never leaves its token.
///
/// The key is found by its label. It can be told to encrypt and to decrypt and nothing else;
/// whoever has the token and its PIN can do the same.
///
/// - SeeAlso: `docs/format.md#token-wrapped-unseal-key`.
public struct PKCS11KeyWrap: KeyWrapper {
  /// Length of a wrapped key in bytes: nonce, ciphertext and tag.
  public static let byteCount =
    AES256GCM.nonceByteCount + HeldKey.byteCount + AES256GCM.tagByteCount
  private static let purpose = Array("lethe1/unseal".utf8)

  private let token: PKCS11Token
  private let label: String
  private let vault: VaultID
  private let random: any RandomSource

  /// Names the key.
  ///
  /// - Parameters:
  ///   - token: The token; its address names the key's label as `object=`.
  ///   - vault: The vault, which the wrapped key is bound to.
  ///   - random: Source of nonces.
  /// - Throws: ``KeyringError`` `.unavailable` when the address names no object.
  public init(token: PKCS11Token, vault: VaultID, random: any RandomSource) throws {
    guard let label = token.address.object else {
      throw KeyringError(
        .unavailable, "the token's address names no key; add `object=` with the key's label")
    }
    self.token = token
    self.label = label
    self.vault = vault
    self.random = random
  }

  /// Makes the key unless the token has it.
  ///
  /// - Returns: Whether it was made.
  /// - Throws: ``KeyringError`` `.permission` when the key at hand could leave the token.
  @discardableResult
  public func createKeyIfMissing() throws -> Bool {
    try token.perform { session in
      if let key = try session.key(label: label) {
        try session.requireLocked(key, label: label)
        return false
      }
      try session.generateKey(PKCS11Attribute.wrappingKey(label: label))
      guard let key = try session.key(label: label) else { throw keyMissing() }
      try session.requireLocked(key, label: label)
      return true
    }
  }

  /// Wraps a key of 32 bytes.
  ///
  /// - Returns: `nonce (12) || ciphertext (32) || tag (16)`.
  /// - Throws: ``KeyringError`` `.unavailable` when the token or its key is not there.
  public func wrap(_ secret: borrowing SecretBytes) throws -> [UInt8] {
    precondition(secret.count == HeldKey.byteCount, "an unseal key has 32 bytes")
    let held = HeldKey(try secret.copy())
    let nonce = try random.bytes(count: AES256GCM.nonceByteCount)
    return try token.perform { session in
      try withKey(session) { key in
        try session.requireLocked(key, label: label)
        return try nonce
          + session.encrypt(held.bytes, key: key, nonce: nonce, associatedData: associatedData)
      }
    }
  }

  /// Unwraps a key.
  ///
  /// - Returns: The 32 bytes, in locked memory.
  /// - Throws: ``KeyringError`` `.sealed` for every reason it does not open, `.unavailable` when
  ///   the token or its key is not there.
  public func unwrap(_ wrapped: [UInt8]) throws -> SecretBytes {
    let opened = try token.perform { session -> HeldKey? in
      try withKey(session) { key in
        guard wrapped.count == Self.byteCount else { return nil }
        return try session.decrypt(
          Array(wrapped.dropFirst(AES256GCM.nonceByteCount)), key: key,
          nonce: Array(wrapped.prefix(AES256GCM.nonceByteCount)), associatedData: associatedData)
      }
    }
    guard let opened else {
      throw KeyringError(
        .sealed, "the wrapped unseal key does not open with key `\(label)` of its token")
    }
    return try opened.bytes.copy()
  }
}

extension PKCS11KeyWrap {
  private var associatedData: [UInt8] { Self.purpose + vault.rawBytes }

  private func withKey<T>(
    _ session: PKCS11Session, _ body: (CK_OBJECT_HANDLE) throws -> T
  ) throws -> T {
    guard let key = try session.key(label: label) else { throw keyMissing() }
    do {
      return try body(key)
    } catch let failure as PKCS11Failure where failure.isGone {
      throw keyMissing()
    }
  }

  private func keyMissing() -> KeyringError {
    KeyringError(
      .unavailable,
      "token `\(token.address.tokenName)` is there, but its key `\(label)` is not: it was deleted, "
        + "or this is another token")
  }
}
