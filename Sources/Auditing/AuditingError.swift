/// Reports why an auditor's tool refused or failed.
///
/// Two errors are equal when their codes are.
public struct AuditingError: Error, Equatable, Sendable {
  /// Classifies a failure.
  public enum Code: String, Sendable {
    /// Marks a condition, time, cursor or option that cannot be meant.
    case invalidQuery = "invalid_query"
    /// Marks a named limit that the request would exceed.
    case limit
    /// Marks a file that is there already.
    case alreadyExists = "already_exists"
    /// Marks a file that cannot be written.
    case unwritable
    /// Marks a file that cannot be read.
    case unreadable
    /// Marks an entry that is no event; the log has to be verified.
    case malformedEntry = "malformed_entry"
    /// Marks a manifest that is not one of a known format.
    case malformedManifest = "malformed_manifest"
    /// Marks a population that is not what its manifest, its proof or the log says.
    case notComplete = "not_complete"
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
  public static func == (left: AuditingError, right: AuditingError) -> Bool {
    left.code == right.code
  }
}
