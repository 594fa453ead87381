public import Sealing

/// Signs notes as one named key; the key of a log.
///
/// The text form of the secret is `PRIVATE+KEY+<name>+<8 hex digits>+<base64 of type and seed>`,
/// as Go's note package writes it. The key ID in it is that of the public key. Both text and seed
/// stay in ``SecretBytes``; this type never puts them into an array or a string.
public struct NoteSigningKey: ~Copyable {
  /// The public half, to be handed to auditors.
  public let verifierKey: NoteVerifierKey
  private let key: SigningKey

  /// Makes a signing key from its seed.
  ///
  /// - Parameters:
  ///   - name: Name of the key; for a log its origin.
  ///   - seed: 32 secret bytes.
  /// - Throws: ``TransparencyError`` `.malformedKey` for an unfit name or seed.
  public init(name: String, seed: borrowing SecretBytes) throws {
    guard let key = try? SigningKey(seed: seed) else {
      throw TransparencyError(.malformedKey, "the seed is not one of an Ed25519 key")
    }
    verifierKey = try NoteVerifierKey(
      name: name, algorithm: .ed25519, publicKey: key.verifyingKey)
    self.key = key
  }

  /// Reads the text form.
  ///
  /// - Parameter encoded: The text, without line end.
  /// - Throws: ``TransparencyError`` `.malformedKey` for every other text; `SealingError` when
  ///   secret memory is exhausted.
  public init(encoded: borrowing SecretBytes) throws {
    let text = try SigningKeyText(encoded, of: .ed25519)
    let read = try NoteSigningKey(name: text.name, seed: text.seed)
    guard read.verifierKey.keyID == text.keyID else {
      throw TransparencyError(.malformedKey, "the key ID is not that of the signing key")
    }
    self = read
  }

  /// Writes the text form of a seed.
  ///
  /// - Parameters:
  ///   - name: Name of the key.
  ///   - seed: 32 secret bytes.
  /// - Returns: The text, in secret memory.
  /// - Throws: As ``init(name:seed:)``; `SealingError` when secret memory is exhausted.
  public static func encode(name: String, seed: borrowing SecretBytes) throws -> SecretBytes {
    let key = try NoteSigningKey(name: name, seed: seed)
    return try SigningKeyText.encode(key.verifierKey, seed: seed)
  }

  /// Signs the text of a note.
  ///
  /// - Parameter text: The text with its final newline.
  /// - Returns: The signature line to add.
  /// - Throws: `SealingError` when signing fails.
  public borrowing func sign(_ text: [UInt8]) throws -> NoteSignature {
    try NoteSignature(
      name: verifierKey.name, keyID: verifierKey.keyID, payload: key.sign(text))
  }
}
