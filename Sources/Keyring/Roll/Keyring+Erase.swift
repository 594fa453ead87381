public import Sealing

extension Keyring {
  /// Destroys keys and ends the epoch, all steps in one call.
  ///
  /// On return the named keys cannot be had from the key store, any older copy of it, the unseal
  /// key and the slot together; with a grace window that holds from its end on. Copies of the
  /// slot's old content and keys that left this process before are not covered. Safe to repeat:
  /// keys destroyed before are counted, not an error, and the epoch does not change when nothing is
  /// left to destroy.
  ///
  /// - Parameters:
  ///   - subjects: Leaves of subject keys.
  ///   - buckets: Buckets that have a key.
  ///   - domains: Domain epochs that have a key.
  ///   - indexKeys: Index generations that have a key.
  /// - Returns: What was destroyed, and the receipts of the retired epoch.
  /// - Throws: ``KeyringError`` `.unknownKey` for a key that never existed, with nothing destroyed;
  ///   `.limit` above ``maximumEraseCount``; `.storage`, `.replica` or `.unavailable` when the roll
  ///   was interrupted: repeat the call, which finishes it.
  public func erase(
    subjects: [Int64] = [], buckets: [Bucket] = [], domains: [DomainEpoch] = [],
    indexKeys: [IndexGeneration] = []
  ) throws -> RollReceipt {
    let targets = KeyTargets(
      subjects: subjects, buckets: buckets, domains: domains, indexKeys: indexKeys)
    let random = try environment.random.bytes(count: RollTag.byteCount)
    return try receipt(of: try commit(targets, tag: RollTag(reference: random.hexadecimal)))
  }

  /// Ends the epoch without destroying a key: what earlier, interrupted acts left behind dies.
  ///
  /// - Parameter tag: Names the act.
  /// - Returns: The receipts of the retired epoch.
  /// - Throws: As ``erase(subjects:buckets:domains:indexKeys:)``.
  public func roll(tag: RollTag) throws -> RollReceipt {
    try receipt(of: try commit(KeyTargets(), tag: tag, isForced: true))
  }

  private func receipt(of roll: CommittedRoll) throws -> RollReceipt {
    let record = roll.record
    let replicas = try replicate()
    let unfinished = try environment.slot.read().map(\.epoch).last { $0 < record.newEpoch }
    let ended = record.isRoll ? record.oldEpoch : unfinished
    return RollReceipt(
      record: record, alreadyDestroyed: roll.alreadyDestroyed, walTruncated: roll.walTruncated,
      replicas: replicas, end: try ended.map(endEpoch))
  }
}
