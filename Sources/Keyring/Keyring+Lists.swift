public import Sealing
internal import Synchronization

extension Keyring {
  /// Lists the buckets whose keys live, in ascending order.
  ///
  /// - Throws: ``KeyringError`` as for every reading access.
  public func liveBuckets() throws -> [Bucket] {
    try state.withLock { state in
      try Self.reading(&state, store, environment) { _, rows in try rows.liveBuckets() }
    }
  }

  /// Lists the index keys that live.
  ///
  /// - Throws: ``KeyringError`` as for every reading access.
  public func liveIndexGenerations() throws -> [IndexGeneration] {
    try state.withLock { state in
      try Self.reading(&state, store, environment) { _, rows in try rows.liveIndexGenerations() }
    }
  }
}
