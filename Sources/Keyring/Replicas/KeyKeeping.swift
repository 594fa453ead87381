/// How a key store is kept beside its slot and unseal key.
public struct KeyKeeping: Sendable, Hashable {
  /// Most directories that hold a copy.
  public static let maximumReplicaCount = 16
  /// Longest grace window in days.
  public static let maximumGraceDays = 90

  /// Directories that hold a copy of the key store, always the latest.
  public let replicas: [String]
  /// Copies that must be current before an epoch's secret is destroyed.
  public let quorum: Int
  /// Days for which an ended epoch rests before its secret is destroyed; 0 for none.
  public let graceDays: Int

  var graceSeconds: Int64 { Int64(graceDays) * 86_400 }

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - replicas: Directories; they must exist, outside the vault directory.
  ///   - quorum: 1…number of replicas; nil for more than half of them.
  ///   - graceDays: 0…``maximumGraceDays``.
  /// - Throws: ``KeyringError`` `.limit` for numbers out of range.
  public init(replicas: [String], quorum: Int?, graceDays: Int) throws {
    guard replicas.count <= Self.maximumReplicaCount, Set(replicas).count == replicas.count else {
      throw KeyringError(
        .limit, "at most \(Self.maximumReplicaCount) replicas are kept, each in its own directory")
    }
    let needed = quorum ?? (replicas.isEmpty ? 0 : replicas.count / 2 + 1)
    guard replicas.isEmpty ? needed == 0 : (1...replicas.count).contains(needed) else {
      throw KeyringError(
        .limit, "a quorum of \(needed) cannot be had of \(replicas.count) replicas")
    }
    guard (0...Self.maximumGraceDays).contains(graceDays) else {
      throw KeyringError(
        .limit, "a grace window has 0 to \(Self.maximumGraceDays) days, not \(graceDays)")
    }
    self.replicas = replicas
    self.quorum = needed
    self.graceDays = graceDays
  }

  /// Keeps no copies and no grace window.
  public init() {
    replicas = []
    quorum = 0
    graceDays = 0
  }
}
