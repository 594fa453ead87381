internal import Sealing
internal import Synchronization

/// One entry of the list of who must not come back: a keyed code, no identifier.
public struct SuppressionEntry: Hashable, Sendable {
  /// 64 bits of an HMAC under the suppression key.
  public let code: Int64
  /// Why, as a number of `docs/format.md#suppression-list`.
  public let reason: Int
  /// Day of the entry in days since 1970-01-01.
  public let sinceDay: Int

  /// Creates an entry.
  public init(code: Int64, reason: Int, sinceDay: Int) {
    self.code = code
    self.reason = reason
    self.sinceDay = sinceDay
  }
}

/// The list lives in `vault.sqlite`, where ingestion asks it, and once more here: an old backup of
/// the vault lacks the newest entries, the key store never does.
extension Keyring {
  /// Keeps entries of the suppression list; durable on return.
  public func keep(_ entries: [SuppressionEntry]) throws {
    guard !entries.isEmpty else { return }
    try state.withLock { state in
      try Self.writing(&state, store, environment) { tree, rows in
        try rows.insert(entries)
        // A generation of its own, so that the copies follow.
        let rewrite = try TreeRewrite(tree)
        try Self.finish(&tree, rewrite, rows)
      }
    }
  }

  /// Every entry kept here.
  public func suppressionEntries() throws -> [SuppressionEntry] {
    try state.withLock { state in
      try Self.reading(&state, store, environment) { _, rows in try rows.suppression() }
    }
  }
}
