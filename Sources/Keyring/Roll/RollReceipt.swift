/// Records what one roll did to the key tree; kept in the key store, so that a crash loses none.
public struct RollRecord: Sendable, Hashable {
  /// Epoch that ended.
  public let oldEpoch: UInt64
  /// Epoch that began; equal to ``oldEpoch`` when there was nothing left to destroy.
  public let newEpoch: UInt64
  /// SHA-256 of the sealed root node before.
  public let oldRootHash: [UInt8]
  /// SHA-256 of the sealed root node after.
  public let newRootHash: [UInt8]
  /// Keys destroyed.
  public let destroyed: KeyCounts
  /// Nodes sealed anew, without the root.
  public let nodeCount: Int

  /// Whether an epoch ended.
  public var isRoll: Bool { newEpoch != oldEpoch }
}

/// A roll whose new root is durable and whose old epoch is not destroyed yet.
public struct CommittedRoll: Sendable {
  /// What was done to the tree.
  public let record: RollRecord
  /// Keys named in the call that had been destroyed before.
  public let alreadyDestroyed: KeyCounts
  /// Whether the write-ahead log was emptied; false when a reader held an old state.
  public let walTruncated: Bool
}

/// How an epoch ended.
public enum EpochEnd: Sendable {
  /// Its secret is destroyed; a receipt of every custodian.
  case retired([SlotReceipt])
  /// Its secret rests until a time in seconds since 1970-01-01 UTC.
  case resting(untilUnixSeconds: Int64)
}

/// Reports what one erasure did from its first step to its last.
public struct RollReceipt: Sendable {
  /// What was done to the tree.
  public let record: RollRecord
  /// Keys named in the call that had been destroyed before.
  public let alreadyDestroyed: KeyCounts
  /// Whether the write-ahead log was emptied; false when a reader held an old state.
  public let walTruncated: Bool
  /// How the copies of the key store stood when the old epoch ended.
  public let replicas: [ReplicaState]
  /// How the old epoch ended; nil when no epoch had to.
  public let end: EpochEnd?

  /// Receipts of the custodians, when the old epoch's secret is destroyed.
  public var slotReceipts: [SlotReceipt] {
    if case .retired(let receipts) = end { receipts } else { [] }
  }
}
