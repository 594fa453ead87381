public import Sealing

/// Cosigns checkpoints as one named witness (C2SP tlog-cosignature, Ed25519).
///
/// What it signs begins with other words than a log's checkpoint does, and its key is of another
/// type; so a cosignature is never a log's signature, also under one seed.
public struct WitnessSigningKey: ~Copyable, Sendable {
  /// The public half, to be put into policies.
  public let verifierKey: NoteVerifierKey
  private let key: SigningKey

  /// Makes a witness's key from its seed.
  ///
  /// - Parameters:
  ///   - name: Name of the key, mostly the host of the witness.
  ///   - seed: 32 secret bytes.
  /// - Throws: ``TransparencyError`` `.malformedKey` for an unfit name or seed.
  public init(name: String, seed: borrowing SecretBytes) throws {
    guard let key = try? SigningKey(seed: seed) else {
      throw TransparencyError(.malformedKey, "the seed is not one of an Ed25519 key")
    }
    verifierKey = try NoteVerifierKey(
      name: name, algorithm: .cosignature, publicKey: key.verifyingKey)
    self.key = key
  }

  /// Reads the text form.
  ///
  /// - Parameter encoded: The text, without line end.
  /// - Throws: ``TransparencyError`` `.malformedKey` for every other text, also for the key of a
  ///   log; `SealingError` when secret memory is exhausted.
  public init(encoded: borrowing SecretBytes) throws {
    let text = try SigningKeyText(encoded, of: .cosignature)
    let read = try WitnessSigningKey(name: text.name, seed: text.seed)
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
    let key = try WitnessSigningKey(name: name, seed: seed)
    return try SigningKeyText.encode(key.verifierKey, seed: seed)
  }

  /// Cosigns a checkpoint.
  ///
  /// A witness must not cosign what does not continue what it cosigned before. This function cannot
  /// know; ``WitnessDecision`` does.
  ///
  /// - Parameters:
  ///   - checkpoint: The checkpoint.
  ///   - timeSeconds: The time, in POSIX seconds.
  /// - Returns: The line to add to the note.
  /// - Throws: `SealingError` when signing fails.
  public borrowing func cosign(
    _ checkpoint: Checkpoint, timeSeconds: UInt64
  ) throws -> NoteSignature {
    let message = NoteSigner.cosignedMessage(checkpoint.text, timeSeconds: timeSeconds)
    return try NoteSignature(
      name: verifierKey.name, keyID: verifierKey.keyID,
      payload: timeSeconds.bigEndianBytes + key.sign(message))
  }
}
