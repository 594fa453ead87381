public import Sealing
internal import Synchronization

/// What a key store says of itself without being opened; not authenticated until it is.
public struct KeyStoreMark: Sendable, Hashable {
  /// The vault it belongs to.
  public let vault: VaultID
  /// Its epoch.
  public let epoch: UInt64
  /// Number of commits that changed keys.
  public let generation: UInt64
  /// How far the vault has signed its log; nil before the first signature.
  public let log: LogMark?
}

extension KeyStoreMark {
  fileprivate init(_ rows: KeyStoreRows) throws {
    let meta = try rows.meta()
    vault = meta.vault
    epoch = meta.epoch
    generation = meta.generation
    log = try rows.logMark()
  }
}

/// What a restore needs of a key store before it may destroy anything.
extension Keyring {
  /// Reads what a key store says of itself, without opening any key.
  ///
  /// - Throws: ``KeyringError`` `.newerFormat`, `.corrupt` or `.storage`.
  public static func mark(at path: String) throws -> KeyStoreMark {
    try KeyStore.open(at: path).read { try KeyStoreMark($0) }
  }

  /// Copies a key store as one transaction shows it, also while a vault uses it.
  ///
  /// - Parameters:
  ///   - path: The key store.
  ///   - directory: Where the copy goes, as `keys.sqlite`.
  /// - Throws: ``KeyringError`` `.newerFormat`, `.corrupt` or `.storage`.
  public static func copy(from path: String, into directory: String) throws {
    try KeyStore.open(at: path).copy(into: directory, as: ReplicaSet.fileName)
  }

  /// Runs a body while nobody can commit to a key store, if it still is as it was.
  ///
  /// - Parameters:
  ///   - path: The key store.
  ///   - mark: What it was when it was copied.
  ///   - body: Puts the copy to use.
  /// - Returns: False when it has changed; the body did not run then.
  /// - Throws: ``KeyringError`` `.storage` or `.corrupt`; whatever the body throws.
  public static func holding(
    _ path: String, at mark: KeyStoreMark, _ body: () throws -> Void
  ) throws -> Bool {
    try KeyStore.open(at: path).write(nil) { rows in
      guard try KeyStoreMark(rows) == mark else { return false }
      try body()
      return true
    }
  }

  /// Opens a key store for a look: an interrupted roll is not finished, so nothing is destroyed.
  ///
  /// - Parameters:
  ///   - path: A key store outside the slot's and the unseal key's directories.
  ///   - unsealKey: The vault's unseal key.
  ///   - slot: The vault's epoch slot.
  ///   - random: Source of keys and nonces.
  ///   - now: The time in seconds since 1970-01-01 UTC.
  /// - Returns: The opened keyring, without copies of the key store.
  /// - Throws: ``KeyringError`` as ``open(at:unsealKey:slot:keeping:random:now:)``.
  public static func inspect(
    at path: String, unsealKey: borrowing UnsealKey, slot: any EpochSlot,
    random: any RandomSource, now: @escaping @Sendable () -> Int64
  ) throws -> Keyring {
    let keyring = try open(
      at: path, unsealKey: unsealKey, Environment(slot: slot, random: random, now: now),
      isFinishing: false)
    // Opening is what authenticates the root.
    _ = try keyring.generation()
    return keyring
  }

  /// Moves the write-ahead log into the file, so that the file alone is the key store.
  ///
  /// - Returns: False when a reader prevented it.
  public func settle() throws -> Bool { try store.truncateLog() }

  /// The epoch the key store is in.
  public func epoch() throws -> UInt64 {
    try state.withLock { state in
      try Self.reading(&state, store, environment) { tree, _ in tree.meta.epoch }
    }
  }

  /// Whether the slot still holds the epoch that the key store is in.
  public func isInSlot() throws -> Bool {
    let present = try epoch()
    return try environment.slot.read().contains { $0.epoch == present }
  }

  /// Epochs in the slot that are newer than the key store: prepared by a roll that was interrupted,
  /// or made by a newer key store than this one.
  public func epochsAhead() throws -> [UInt64] {
    let present = try epoch()
    return try environment.slot.read().map(\.epoch).filter { $0 > present }
  }
}
