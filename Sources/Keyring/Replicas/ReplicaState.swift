/// How one copy of the key store stands.
public struct ReplicaState: Sendable, Hashable {
  /// What was found.
  public enum Condition: String, Sendable {
    /// As new as the key store.
    case current
    /// Older, and could not be brought up to date.
    case lagging
    /// Not there, or not to be read.
    case missing
  }

  /// The directory.
  public let directory: String
  /// What was found.
  public let condition: Condition
  /// Epoch of the copy; nil when it is missing.
  public let epoch: UInt64?
  /// Generation of the copy; nil when it is missing.
  public let generation: UInt64?
  /// Why it is not current, in words; nil when it is.
  public let reason: String?
}
