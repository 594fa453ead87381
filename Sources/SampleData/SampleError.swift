/// Describes why a sample cannot be made with the parameters given.
public struct SampleError: Error, Equatable, Sendable {
  /// Names the kind of failure.
  public enum Code: Sendable {
    /// The number of people is zero, negative or above ``SampleGenerator/peopleLimit``.
    case peopleOutOfRange
    /// The number of third-party rows is negative or above ``SampleGenerator/thirdPartyRowLimit``.
    case rowsOutOfRange
    /// The day is outside ``SampleGenerator/dayRange``.
    case dayOutOfRange
  }

  /// The kind of failure; two errors are equal when their codes are.
  public let code: Code
  /// What was wrong, for people; holds numbers only.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Compares two errors by their code.
  public static func == (left: SampleError, right: SampleError) -> Bool {
    left.code == right.code
  }
}
