internal import Synchronization

/// Size and root of the largest log a vault has signed.
public struct LogMark: Hashable, Sendable {
  /// Length of a root hash in bytes.
  public static let rootByteCount = 32

  /// Number of entries.
  public let size: Int
  /// Root hash of these entries, 32 bytes.
  public let root: [UInt8]

  /// Creates a mark.
  public init(size: Int, root: [UInt8]) {
    self.size = size
    self.root = root
  }
}

/// The mark is no secret and is not sealed: it is against setting files back, not against somebody
/// who edits them.
extension Keyring {
  /// How far the log was signed; nil before the first signature.
  public func logMark() throws -> LogMark? {
    try state.withLock { state in
      try Self.reading(&state, store, environment) { _, rows in try rows.logMark() }
    }
  }

  /// Notes that a log is about to be signed; durable on return, also on the copies of the key
  /// store that are current.
  ///
  /// - Throws: ``KeyringError`` `.rollback` when a larger log was signed before, or another of the
  ///   same size.
  public func raise(_ mark: LogMark) throws {
    try state.withLock { state in
      try Self.writing(&state, store, environment) { _, rows in
        if let last = try rows.logMark() {
          guard last != mark else { return }
          guard last.size < mark.size else {
            throw KeyringError(
              .rollback,
              "the vault has signed a log of \(last.size) entries, this one has \(mark.size) or is "
                + "another: old data was put back; use the current one")
          }
        }
        try rows.setLogMark(mark)
      }
    }
  }

  /// Takes back what was signed and is lost, after somebody has decided so.
  ///
  /// - Parameter mark: How far the log goes that is left.
  /// - Throws: ``KeyringError`` `.storage` or `.corrupt`.
  public func lowerLogMark(to mark: LogMark) throws {
    try state.withLock { state in
      try Self.writing(&state, store, environment) { _, rows in try rows.setLogMark(mark) }
    }
  }
}
