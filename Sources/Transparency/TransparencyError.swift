/// Reports why a part of the log was refused.
///
/// Two errors are equal when their codes are equal, so that callers and tests match on `code`. The
/// message is for operators and auditors; it names positions and sizes, never the content of an
/// entry or key bytes.
public struct TransparencyError: Error, Sendable {
  /// Groups the failures a caller may want to tell apart.
  public enum Code: String, Hashable, Sendable {
    /// A size, index, level or width lies outside what the tree or the format allows.
    case outOfRange
    /// A text is not strict, padded base64.
    case malformedBase64
    /// A hash does not have 32 bytes.
    case malformedHash
    /// A proof has the wrong shape.
    case malformedProof
    /// A proof is well formed and does not lead to the root.
    case proofRejected
    /// A tile path or a tile's content breaks the tile format.
    case malformedTile
    /// An entry bundle breaks the bundle format.
    case malformedBundle
    /// An entry or event is larger than its limit.
    case entryTooLarge
    /// A stored hash and the entry it stands for do not belong together.
    case inconsistentStore
    /// A signed note breaks the note format.
    case malformedNote
    /// A verifier or signing key is not in its text form, or its key ID is wrong.
    case malformedKey
    /// A signature by a known key does not verify.
    case signatureRejected
    /// No known key, or not the log's key, has signed.
    case missingSignature
    /// The text of a note is not a checkpoint.
    case malformedCheckpoint
    /// The checkpoint belongs to another log than the key.
    case originMismatch
    /// Bytes are not JSON of the restricted profile.
    case malformedJSON
    /// A number is not an integer within ±(2^53 − 1).
    case unsupportedNumber
    /// An object has the same key twice.
    case duplicateKey
    /// JSON is nested deeper than the limit.
    case tooDeep
    /// JSON is valid and is not in its canonical form.
    case notCanonical
    /// A witness policy breaks its format.
    case malformedPolicy
    /// A request to a witness breaks its format.
    case malformedRequest
  }

  /// The kind of failure.
  public let code: Code

  /// A lower-case sentence for people, without entry content or key bytes.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension TransparencyError: Equatable {
  /// Compares the codes only.
  public static func == (left: TransparencyError, right: TransparencyError) -> Bool {
    left.code == right.code
  }
}

extension TransparencyError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}
