/// Reports why a sealing operation failed, without saying anything about keys or plaintext.
///
/// Two errors are equal when their codes are; the message is for people and may change.
public struct SealingError: Error, Equatable, Sendable {
  /// Classifies a failure of this module.
  public enum Code: String, Sendable {
    /// Marks a sealed value that does not open: wrong key, wrong place or changed bytes.
    ///
    /// There is one code for all three on purpose: telling them apart would be an oracle.
    case authenticationFailure
    /// Marks an input of a length that the format does not allow.
    case invalidLength
    /// Marks a version or algorithm this program does not know.
    case unsupported
    /// Marks key-derivation parameters below the enforced minimum.
    case weakParameters
    /// Marks a random generator that could not deliver.
    case entropyUnavailable
    /// Marks a text that is not the recipient of a sealed file, or too few or too many of them.
    case invalidRecipient
    /// Marks an unexpected failure of the cryptographic library or of secure memory.
    case internalFailure
  }

  /// The machine code.
  public let code: Code
  /// The message for people: lower case, no final stop, no secret.
  public let message: String

  /// Creates an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Compares by code alone.
  public static func == (left: SealingError, right: SealingError) -> Bool {
    left.code == right.code
  }
}
