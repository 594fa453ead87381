internal import Sealing
internal import Synchronization

/// Describes a key store for operators; holds no key.
public struct KeyringStatus: Sendable {
  /// Counts the leaves of one subtree.
  public struct Leaves: Hashable, Sendable {
    /// Leaves ever handed out.
    public let created: Int64
    /// Leaves whose key was destroyed.
    public let destroyed: Int64
    /// Leaves that hold a key.
    public var live: Int64 { created - destroyed }
  }

  /// Current epoch.
  public let epoch: UInt64
  /// Number of commits that changed keys.
  public let generation: UInt64
  /// How the vault is unsealed.
  public let unsealKind: UnsealKey.Kind?
  /// Whether the demo key may unseal the vault.
  public let isDemo: Bool
  /// Path of the epoch slot, when it is a file.
  public let slotPath: String?
  /// What the slot's destruction of an epoch is worth.
  public let slotAssurance: AssuranceLevel
  /// Counts by subtree.
  public let leaves: [Subtree: Leaves]
}

extension Keyring {
  /// Describes the key store as it is now, commits of other processes included.
  ///
  /// - Throws: ``KeyringError`` as ``open(at:unsealKey:slot:random:now:)``.
  public func status() throws -> KeyringStatus {
    try state.withLock { state in
      try Self.reading(&state, store, environment) { tree, _ in
        let leaves = zip(Subtree.allCases, tree.counters).map { subtree, counter in
          (subtree, KeyringStatus.Leaves(created: counter.next, destroyed: counter.destroyed))
        }
        return KeyringStatus(
          epoch: tree.meta.epoch, generation: tree.meta.generation,
          unsealKind: UnsealKey.Kind(rawValue: tree.meta.unsealKind), isDemo: tree.meta.isDemo,
          slotPath: environment.slot.path, slotAssurance: environment.slot.assurance,
          leaves: Dictionary(uniqueKeysWithValues: leaves))
      }
    }
  }
}
