/// Holds a checkpoint that its log has signed.
///
/// Only verification makes one.
public struct VerifiedCheckpoint: Hashable, Sendable {
  /// What the log states.
  public let checkpoint: Checkpoint
  /// The signed note that carries it.
  public let note: SignedNote
  /// Known witnesses that cosigned it.
  public let cosigners: [NoteSigner]

  /// Verifies a signed checkpoint.
  ///
  /// - Parameters:
  ///   - note: The note.
  ///   - logKey: The log's key, got from elsewhere than the log.
  ///   - witnesses: Known witness keys; lines of others are passed over.
  /// - Throws: ``TransparencyError`` `.signatureRejected` for a bad signature by a known key,
  ///   `.missingSignature` when the log's key has not signed, `.originMismatch` when the checkpoint
  ///   is that of another log, `.malformedCheckpoint`, `.malformedKey` when `logKey` is a
  ///   witness's.
  public init(
    verifying note: SignedNote, logKey: NoteVerifierKey, witnesses: [NoteVerifierKey] = []
  ) throws {
    guard logKey.algorithm == .ed25519 else {
      throw TransparencyError(.malformedKey, "the key `\(logKey.name)` is not a log's key")
    }
    let verified = try note.verified(by: [logKey] + witnesses)
    guard verified.signers.contains(where: { $0.key == logKey }) else {
      throw TransparencyError(.missingSignature, "the log `\(logKey.name)` has not signed")
    }
    let checkpoint = try Checkpoint(text: verified.text)
    guard checkpoint.origin.utf8.elementsEqual(logKey.name.utf8) else {
      throw TransparencyError(
        .originMismatch, "the checkpoint is not one of the log `\(logKey.name)`")
    }
    self.checkpoint = checkpoint
    self.note = note
    cosigners = verified.signers.filter { $0.key.algorithm == .cosignature }
  }
}
