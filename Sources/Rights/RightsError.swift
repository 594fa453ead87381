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
