public import Sealing
internal import Synchronization

/// The steps of a roll that a crash may fall between; tests stop at each.
enum RollStep: CaseIterable, Sendable {
  case punctured, prepared, committed, truncated, retired
}

extension Keyring {
  /// Destroys keys and ends the epoch.
  ///
  /// On return the named keys cannot be had from the key store, any older copy of it, the unseal
  /// key and the slot together. Copies of the slot's old content and keys that left this process
  /// before are not covered. Safe to repeat: keys destroyed before are counted, not an error, and
  /// the epoch does not change when nothing is left to destroy.
  ///
  /// - Parameters:
  ///   - subjects: Leaves of subject keys.
  ///   - buckets: Buckets that have a key.
  ///   - domains: Domain epochs that have a key.
  ///   - indexKeys: Index generations that have a key.
  /// - Returns: What was destroyed, and the receipts of the retired epochs.
  /// - Throws: ``KeyringError`` `.unknownKey` for a key that never existed, with nothing destroyed;
  ///   `.limit` above ``maximumEraseCount``; `.storage` when the roll was interrupted: repeat the
  ///   call, which finishes it.
  public func erase(
    subjects: [Int64] = [], buckets: [Bucket] = [], domains: [DomainEpoch] = [],
    indexKeys: [IndexGeneration] = []
  ) throws -> RollReceipt {
    let names =
      buckets.map(DirectoryName.bucket) + domains.map(DirectoryName.domain)
      + indexKeys.map(DirectoryName.index)
    guard subjects.count + names.count <= Self.maximumEraseCount else {
      throw KeyringError(
        .limit, "at most \(Self.maximumEraseCount) keys are destroyed at a time; split the batch")
    }
    return try state.withLock { state in
      let unsealKey = state.unsealKey
      let roll = try Self.writing(&state, store, environment) { tree, rows in
        try Self.puncture(Set(subjects), Set(names), &tree, unsealKey, rows, environment)
      }
      guard roll.newEpoch != roll.oldEpoch else {
        return roll.receipt(walTruncated: try store.truncateLog())
      }
      return try Self.complete(roll, &state, store, environment)
    }
  }

  /// Steps PUNCTURED, PREPARED and COMMITTED; runs under the write lock.
  private static func puncture(
    _ subjects: Set<Int64>, _ names: Set<DirectoryName>, _ tree: inout KeyTree,
    _ unsealKey: HeldKey, _ rows: KeyStoreRows, _ environment: Environment
  ) throws -> Roll {
    var roll = Roll(epoch: tree.meta.epoch, rootBlob: try rows.node(.root) ?? [])
    roll.receipts = try tidySlot(keeping: tree.meta.epoch, environment)
    let targets = try EraseTargets(subjects, names, &tree, rows)
    roll.alreadyDestroyed = targets.alreadyDestroyed
    guard !targets.isEmpty else { return roll }

    var rewrite = try TreeRewrite(tree)
    for subtree in Subtree.allCases {
      let leaves = targets.leaves[subtree.rootSlot]
      try tree.puncture(subtree, leaves, &rewrite, rows)
      roll.destroyed[subtree] = leaves.count
    }
    for name in targets.names { try rows.markDestroyed(name) }
    try environment.hook(.punctured)

    let next = EpochSecret(
      epoch: tree.meta.epoch + 1,
      secret: try SecretBytes(randomCount: EpochSecret.byteCount, from: environment.random))
    try environment.slot.prepare(next)
    try environment.hook(.prepared)

    roll.nodeCount = rewrite.nodeCount
    roll.newEpoch = next.epoch
    let rootKey = try RootKey.derive(unsealKey: unsealKey, epoch: next, vault: tree.vault)
    let blob = try tree.finish(rewrite, epoch: next.epoch, rootKey: rootKey, rows)
    roll.newRootHash = SHA256.hash(blob)
    return roll
  }

  /// Steps after the commit: the log is emptied and the old epoch retired.
  private static func complete(
    _ roll: Roll, _ state: inout State, _ store: KeyStore, _ environment: Environment
  ) throws -> RollReceipt {
    // Nothing opened under the old epoch stays in memory.
    state.tree = nil
    (environment.random as? SystemRandom)?.dropPool()
    try environment.hook(.committed)
    let isTruncated = try store.truncateLog()
    try environment.hook(.truncated)
    // The old secret is destroyed only after the new root has opened with what the slot gives back.
    try reading(&state, store, environment) { _, _ in }
    var roll = roll
    roll.receipts.append(
      try environment.slot.retire(roll.oldEpoch, unixSeconds: environment.now()))
    try environment.hook(.retired)
    return roll.receipt(walTruncated: isTruncated)
  }
}

/// A roll under way.
private struct Roll: Sendable {
  let oldEpoch: UInt64
  var newEpoch: UInt64
  let oldRootHash: [UInt8]
  var newRootHash: [UInt8]
  var destroyed = RollReceipt.Counts()
  var alreadyDestroyed = RollReceipt.Counts()
  var nodeCount = 0
  var receipts: [SlotReceipt] = []

  init(epoch: UInt64, rootBlob: [UInt8]) {
    oldEpoch = epoch
    newEpoch = epoch
    oldRootHash = SHA256.hash(rootBlob)
    newRootHash = oldRootHash
  }

  func receipt(walTruncated: Bool) -> RollReceipt {
    RollReceipt(
      oldEpoch: oldEpoch, newEpoch: newEpoch, oldRootHash: oldRootHash, newRootHash: newRootHash,
      destroyed: destroyed, alreadyDestroyed: alreadyDestroyed, nodeCount: nodeCount,
      walTruncated: walTruncated, slotReceipts: receipts)
  }
}

/// Sorts what is to be destroyed from what already is.
private struct EraseTargets {
  /// Live leaves by subtree, ascending.
  var leaves: [[Int64]] = Array(repeating: [], count: Subtree.allCases.count)
  /// Names of the live bucket, domain and index keys.
  var names: [DirectoryName] = []
  var alreadyDestroyed = RollReceipt.Counts()

  var isEmpty: Bool { leaves.allSatisfy(\.isEmpty) }

  init(
    _ subjects: Set<Int64>, _ names: Set<DirectoryName>, _ tree: inout KeyTree,
    _ rows: KeyStoreRows
  ) throws {
    for leaf in subjects.sorted() {
      if try tree.isDestroyed(.subjects, leaf, rows) {
        alreadyDestroyed[.subjects] += 1
      } else {
        leaves[Subtree.subjects.rootSlot].append(leaf)
      }
    }
    for name in names {
      guard let entry = try rows.directoryEntry(name) else {
        throw KeyringError(.unknownKey, "\(name) never had a key")
      }
      if entry.isDestroyed {
        alreadyDestroyed[name.subtree] += 1
      } else {
        leaves[name.subtree.rootSlot].append(entry.leaf)
        self.names.append(name)
      }
    }
    for subtree in Subtree.allCases { leaves[subtree.rootSlot].sort() }
  }
}
