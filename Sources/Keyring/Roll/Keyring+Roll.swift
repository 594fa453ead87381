internal import Sealing
internal import Synchronization

/// The steps of a roll that a crash may fall between; tests stop at each.
enum RollStep: CaseIterable, Sendable {
  case punctured, prepared, committed, truncated, replicated, retired
}

/// The steps of an erasure, each durable and safe to repeat, for a caller that records every one.
///
/// `count` → PUNCTURED, `prepareEpoch` → PREPARED, `commit` → COMMITTED, `replicate` → REPLICATED,
/// `endEpoch` → RETIRED. Between two of them other processes may work, and may end an epoch of
/// their own; no step depends on what the one before it left in memory.
extension Keyring {
  /// Counts what an erasure would destroy, without changing anything.
  ///
  /// - Returns: Keys that live, and keys that were destroyed before.
  /// - Throws: ``KeyringError`` `.unknownKey` for a key that never existed, `.limit` above
  ///   ``maximumEraseCount``.
  public func count(_ targets: KeyTargets) throws -> (live: KeyCounts, destroyed: KeyCounts) {
    try targets.requireWithinLimit()
    return try state.withLock { state in
      try Self.reading(&state, store, environment) { tree, rows in
        let resolved = try ResolvedTargets(targets, rows)
        var live = KeyCounts()
        var destroyed = resolved.alreadyDestroyed
        for subtree in Subtree.allCases {
          for leaf in resolved.leaves[subtree.rootSlot] {
            let isDestroyed = try tree.isDestroyed(subtree, leaf, rows)
            if isDestroyed { destroyed[subtree] += 1 } else { live[subtree] += 1 }
          }
        }
        return (live, destroyed)
      }
    }
  }

  /// Puts the secret of the next epoch into the slot, with every custodian.
  ///
  /// Nothing is lost when the process dies after it: the secret is dropped at the next opening, and
  /// ``commit(_:tag:)`` puts another one there.
  ///
  /// - Returns: The number of the next epoch.
  /// - Throws: ``KeyringError`` `.unavailable` when a custodian does not answer, `.replica` or
  ///   `.limit` when an earlier epoch cannot end.
  public func prepareEpoch() throws -> UInt64 {
    try state.withLock { state in
      try catchUpIfOldEpochLives()
      return try Self.writing(&state, store, environment) { tree, _ in
        try Self.prepare(tree, environment).epoch
      }
    }
  }

  /// Destroys keys in the tree and makes the new root durable under the next epoch.
  ///
  /// - Parameters:
  ///   - targets: The keys.
  ///   - tag: Names the act; a repeated call with the tag of a roll whose targets are all gone
  ///     returns that roll's record.
  ///   - isForced: Whether the epoch ends also when nothing is left to destroy.
  /// - Returns: What was done.
  /// - Throws: ``KeyringError`` as ``count(_:)`` and ``prepareEpoch()``, with nothing destroyed.
  public func commit(
    _ targets: KeyTargets, tag: RollTag, isForced: Bool = false
  ) throws -> CommittedRoll {
    try targets.requireWithinLimit()
    return try state.withLock { state in
      let unsealKey = state.unsealKey
      try catchUpIfOldEpochLives()
      let (record, already) = try Self.writing(&state, store, environment) { tree, rows in
        let known = try rows.roll(tag)
        let (record, already) = try Self.puncture(
          ResolvedTargets(targets, rows), tag, isForced: isForced && known == nil, &tree, unsealKey,
          rows, environment)
        return try (record ?? known ?? Self.unchanged(tree, rows), already)
      }
      if record.newEpoch == state.tree?.meta.epoch, record.isRoll {
        // Nothing opened under the old epoch stays in memory.
        state.tree = nil
        (environment.random as? SystemRandom)?.dropPool()
        try environment.hook(.committed)
      }
      let isTruncated = try store.truncateLog()
      try environment.hook(.truncated)
      return CommittedRoll(
        record: record, alreadyDestroyed: already, walTruncated: isTruncated)
    }
  }

  /// Brings the copies of the key store up to date.
  ///
  /// - Returns: How they stand.
  /// - Throws: ``KeyringError`` `.replica` when fewer than the quorum are current.
  public func replicate() throws -> [ReplicaState] {
    try environment.replicas.requireQuorum(of: store)
  }

  /// Ends an epoch, and every other one before the current.
  ///
  /// - Parameter epoch: The epoch whose end is wanted.
  /// - Returns: How that epoch ended.
  /// - Throws: ``KeyringError`` `.replica` while too few copies of the key store are current,
  ///   `.unavailable` when a custodian does not answer, `.limit` when no more epochs can rest.
  public func endEpoch(_ epoch: UInt64) throws -> EpochEnd {
    try state.withLock { state in
      try environment.replicas.requireQuorum(of: store)
      try environment.hook(.replicated)
      // The old secret is destroyed only after the new root has opened with what the slot gives
      // back.
      state.tree = nil
      let end = try Self.writing(&state, store, environment) { tree, _ in
        guard epoch < tree.meta.epoch else {
          throw KeyringError(.limit, "epoch \(epoch) is the current one; it has not ended")
        }
        let end = try Self.end(epoch, environment)
        try Self.endOld(before: tree.meta.epoch, environment)
        return end
      }
      try environment.hook(.retired)
      return end
    }
  }
}

extension Keyring {
  /// Steps PUNCTURED, PREPARED and COMMITTED; runs under the write lock.
  ///
  /// - Returns: What was done, nil when nothing was left to destroy, and what was gone before.
  private static func puncture(
    _ targets: ResolvedTargets, _ tag: RollTag, isForced: Bool, _ tree: inout KeyTree,
    _ unsealKey: HeldKey, _ rows: KeyStoreRows, _ environment: Environment
  ) throws -> (RollRecord?, KeyCounts) {
    let old = (epoch: tree.meta.epoch, root: SHA256.hash(try rows.node(.root) ?? []))
    var destroyed = KeyCounts()
    var already = targets.alreadyDestroyed
    var rewrite = try TreeRewrite(tree)
    for subtree in Subtree.allCases {
      let leaves = targets.leaves[subtree.rootSlot]
      destroyed[subtree] = try tree.puncture(subtree, leaves, &rewrite, rows)
      already[subtree] += leaves.count - destroyed[subtree]
    }
    guard rewrite.puncturedCount > 0 || isForced else { return (nil, already) }
    for name in targets.names { try rows.markDestroyed(name) }
    try environment.hook(.punctured)

    let next = try prepare(tree, environment)
    try environment.hook(.prepared)

    let nodeCount = rewrite.nodeCount
    let rootKey = try RootKey.derive(unsealKey: unsealKey, epoch: next, vault: tree.vault)
    let blob = try tree.finish(rewrite, epoch: next.epoch, rootKey: rootKey, rows)
    let record = RollRecord(
      oldEpoch: old.epoch, newEpoch: next.epoch, oldRootHash: old.root,
      newRootHash: SHA256.hash(blob), destroyed: destroyed, nodeCount: nodeCount)
    try rows.insert(record, tag)
    return (record, already)
  }

  private static func unchanged(_ tree: KeyTree, _ rows: KeyStoreRows) throws -> RollRecord {
    let root = SHA256.hash(try rows.node(.root) ?? [])
    return RollRecord(
      oldEpoch: tree.meta.epoch, newEpoch: tree.meta.epoch, oldRootHash: root, newRootHash: root,
      destroyed: KeyCounts(), nodeCount: 0)
  }

  /// Makes room for the next epoch and gives its secret, which another call may have left there.
  private static func prepare(
    _ tree: KeyTree, _ environment: Environment
  ) throws -> EpochSecret {
    let slot = environment.slot
    let next = tree.meta.epoch + 1
    try slot.sweep()
    if try slot.read().contains(where: { $0.epoch < tree.meta.epoch }) {
      try environment.replicas.requireQuorum(holding: tree.meta.epoch)
      try endOld(before: tree.meta.epoch, environment)
    }
    _ = try retireRested(environment)
    for stray in try slot.read() where stray.epoch > next {
      _ = try slot.retire(stray.epoch, unixSeconds: environment.now())
    }
    let present = try slot.read().first { $0.epoch == next }
    let secret =
      try present
      ?? EpochSecret(
        epoch: next,
        secret: try SecretBytes(randomCount: EpochSecret.byteCount, from: environment.random))
    // Asked again also when one custodian has it: all of them must.
    if present == nil || slot.custodians.count > 1 { try slot.prepare(secret) }
    return secret
  }
}

extension Keyring {
  /// Copies cannot be made inside the transaction that needs them to be current.
  private func catchUpIfOldEpochLives() throws {
    guard try environment.slot.read().count > 1 else { return }
    environment.replicas.synchronise(with: store)
  }

  /// Ends every live epoch before `current`; the caller holds the write lock and has seen to the
  /// replicas.
  @discardableResult
  static func endOld(
    before current: UInt64, _ environment: Environment
  ) throws -> [SlotReceipt] {
    var receipts: [SlotReceipt] = []
    for old in try environment.slot.read() where old.epoch < current {
      if case .retired(let made) = try end(old.epoch, environment) { receipts += made }
    }
    return receipts
  }

  /// Retires an epoch, or lets it rest for the grace window.
  private static func end(_ epoch: UInt64, _ environment: Environment) throws -> EpochEnd {
    let slot = environment.slot
    let now = environment.now()
    if let resting = try slot.resting().first(where: { $0.secret.epoch == epoch }) {
      guard resting.untilUnixSeconds <= now else {
        return .resting(untilUnixSeconds: resting.untilUnixSeconds)
      }
    } else if environment.graceSeconds > 0, try slot.read().contains(where: { $0.epoch == epoch }) {
      let until = now + environment.graceSeconds
      try slot.rest(epoch, untilUnixSeconds: until)
      return .resting(untilUnixSeconds: until)
    }
    return .retired(try slot.retire(epoch, unixSeconds: now))
  }

  /// Destroys the secrets of resting epochs whose time has come.
  static func retireRested(_ environment: Environment) throws -> [SlotReceipt] {
    let now = environment.now()
    return try environment.slot.resting().filter { $0.untilUnixSeconds <= now }.flatMap {
      try environment.slot.retire($0.secret.epoch, unixSeconds: now)
    }
  }
}
