/// Reports why the vault refused or failed; the message says what, where and what to do.
///
/// Two errors are equal when their codes are. No message ever holds personal data or a key.
public struct VaultError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Classifies a refusal or failure.
  public enum Code: String, Sendable {
    /// Marks an input that does not have the expected form.
    case invalidInput
    /// Marks a vault directory that is missing, incomplete or already there.
    case vaultDirectory
    /// Marks a file written by a newer program.
    case newerFormat
    /// Marks a key that is not available: vault sealed, wrong unseal key or slot.
    case sealed
    /// Marks stored bytes that fail their integrity check.
    case integrity
    /// Marks an operator that the policy files do not name.
    case unknownOperator
    /// Marks a purpose that the policy files do not name.
    case unknownPurpose
    /// Marks a policy file that cannot be used.
    case policyFile
    /// Marks a decision of the policy against the request.
    case denied
    /// Marks data that the policy does not show in full, so that a copy would be half an answer.
    case incomplete
    /// Marks a person, token, source or domain the vault does not know.
    case notFound
    /// Marks a person whose erasure has begun.
    case fenced
    /// Marks a match index that is missing or older than the vault.
    case indexMissing
    /// Marks a full disk, a read-only directory or a failing database.
    case storage
    /// Marks a named limit that the request would exceed.
    case limit
    /// Marks a plan or confirmation that no longer fits the vault.
    case stale
    /// Marks an act that is refused because the log has been without witnesses for too long.
    case unwitnessed
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
  public static func == (left: VaultError, right: VaultError) -> Bool { left.code == right.code }

  /// The message and its code.
  public var description: String { "\(message) [\(code.rawValue)]" }
}
