/// Reports why a witness cannot do its work.
///
/// Two errors are equal when their codes are equal. The message names places and reasons, never
/// key bytes.
public struct WitnessError: Error, Sendable {
  /// Groups the failures a caller may want to tell apart.
  public enum Code: String, Hashable, Sendable {
    /// What was cosigned before cannot be read or does not verify; the witness must not go on.
    case damaged
    /// A directory, key or list of logs is not in its form, or is not there.
    case malformed
    /// A place is taken already.
    case taken
    /// Others may read the key.
    case permission
    /// A file cannot be written or read.
    case storage
    /// A lock or a network address cannot be had now.
    case unavailable
  }

  /// The kind of failure.
  public let code: Code
  /// A lower-case sentence for people.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension WitnessError: Equatable {
  /// Compares the codes only.
  public static func == (left: WitnessError, right: WitnessError) -> Bool {
    left.code == right.code
  }
}

extension WitnessError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}
