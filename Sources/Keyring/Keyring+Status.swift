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
  /// Who keeps the epoch secret.
  public let custodians: [SlotCustodian]
  /// What the destruction of an epoch is worth.
  public var slotAssurance: AssuranceLevel { custodians.map(\.assurance).min() ?? .l0 }
  /// Ended epochs whose secrets still live, because a custodian or a copy is missing; ascending.
  public let pendingEpochs: [UInt64]
  /// Ended epochs that rest, with the time of their destruction in seconds since 1970-01-01 UTC.
  public let restingEpochs: [(epoch: UInt64, untilUnixSeconds: Int64)]
  /// How the copies of the key store stand.
  public let replicas: [ReplicaState]
  /// Copies that must be current before an epoch is destroyed.
  public let replicaQuorum: Int
  /// Counts by subtree.
  public let leaves: [Subtree: Leaves]
}

extension Keyring {
  /// Who keeps the epoch secret.
  public var custodians: [SlotCustodian] { environment.slot.custodians }

  /// Copies of the key store that must be current before an epoch is destroyed.
  public var replicaQuorum: Int { environment.replicas.quorum }

  /// Number of commits that changed keys, as this process last saw it.
  public func generation() throws -> UInt64 {
    try state.withLock { state in
      if let tree = state.tree { return tree.meta.generation }
      return try Self.reading(&state, store, environment) { tree, _ in tree.meta.generation }
    }
  }

  /// Describes the key store as it is now, commits of other processes included.
  ///
  /// - Throws: ``KeyringError`` as ``open(at:unsealKey:slot:random:now:)``.
  public func status() throws -> KeyringStatus {
    let replicas = environment.replicas.synchronise(with: store)
    return try state.withLock { state in
      try Self.reading(&state, store, environment) { tree, _ in
        let slot = environment.slot
        let leaves = zip(Subtree.allCases, tree.counters).map { subtree, counter in
          (subtree, KeyringStatus.Leaves(created: counter.next, destroyed: counter.destroyed))
        }
        return KeyringStatus(
          epoch: tree.meta.epoch, generation: tree.meta.generation,
          unsealKind: UnsealKey.Kind(rawValue: tree.meta.unseal.kind), isDemo: tree.meta.isDemo,
          custodians: slot.custodians,
          pendingEpochs: try slot.read().map(\.epoch).filter { $0 < tree.meta.epoch },
          restingEpochs: try slot.resting().map { ($0.secret.epoch, $0.untilUnixSeconds) },
          replicas: replicas, replicaQuorum: environment.replicas.quorum,
          leaves: Dictionary(uniqueKeysWithValues: leaves))
      }
    }
  }
}
