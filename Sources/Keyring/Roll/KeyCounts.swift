/// Counts keys by kind.
public struct KeyCounts: Hashable, Sendable {
  /// Subject keys.
  public var subjects = 0
  /// Bucket keys.
  public var buckets = 0
  /// Domain keys.
  public var domains = 0
  /// Index keys.
  public var indexKeys = 0

  /// Creates counts of zero.
  public init() {}

  /// The sum of all kinds.
  public var total: Int { subjects + buckets + domains + indexKeys }

  subscript(subtree: Subtree) -> Int {
    get {
      switch subtree {
      case .subjects: subjects
      case .buckets: buckets
      case .domains: domains
      case .indexKeys: indexKeys
      }
    }
    set {
      switch subtree {
      case .subjects: subjects = newValue
      case .buckets: buckets = newValue
      case .domains: domains = newValue
      case .indexKeys: indexKeys = newValue
      }
    }
  }
}
