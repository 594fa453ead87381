/// Reports why the rights desk could not do its work.
public struct RightsError: Error, Equatable, Sendable {
  /// Classifies a failure.
  public enum Code: String, Sendable {
    /// Marks a file that cannot be written.
    case unwritable
    /// Marks a package that would replace another one.
    case alreadyExists = "already_exists"
    /// Marks data that the policy does not show in full, so that the answer would be incomplete.
    case incomplete
    /// Marks a file that cannot be read, is no regular file or is too large.
    case unreadable
    /// Marks a certificate without a key to verify it by.
    case missingKey = "missing_key"
    /// Marks text that is not a verifier key.
    case malformedKey = "malformed_key"
    /// Marks a certificate that a check has refused.
    case notValid = "not_valid"
    /// Marks a statement that is not a certificate of a known format.
    case malformedStatement = "malformed_statement"
  }

  /// The machine code.
  public let code: Code
  /// The message for people.
  public let message: String

  /// Creates an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Compares by code alone.
  public static func == (left: RightsError, right: RightsError) -> Bool { left.code == right.code }
}
