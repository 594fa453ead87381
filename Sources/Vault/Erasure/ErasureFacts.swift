internal import Keyring
internal import Sealing

/// What an erasure destroyed, in numbers; free of personal data, kept for its certificate.
public struct ErasureFacts: Sendable, Hashable, Codable {
  /// Subjects erased.
  public var subjects = 0
  /// Retention buckets destroyed, as numbers of the envelope header.
  public var buckets: [UInt32] = []
  /// Sealed records by source.
  public var records: [String: Int] = [:]
  /// Entries added to the suppression list.
  public var suppressed = 0
  /// Identifiers not put on the suppression list because many people share them.
  public var shared = 0
  /// Epoch that ended.
  public var oldEpoch: UInt64 = 0
  /// Epoch that began.
  public var newEpoch: UInt64 = 0
  /// SHA-256 of the root node before, hexadecimal.
  public var oldRoot = ""
  /// SHA-256 of the root node after, hexadecimal.
  public var newRoot = ""
  /// Nodes of the key tree that got a fresh key.
  public var nodes = 0
  /// How the slot destroyed the old epoch secret.
  public var slotMethod = ""
  /// Assurance level 0…3.
  public var assurance = 0
  /// Whether the key store's write-ahead log was emptied; a reader can delay that.
  public var walTruncated = false
  /// Keys that were asked for after the erasure and could not be had.
  public var verifiedUnreadable = 0
  /// Whether an interrupted process had to be resumed.
  public var resumed = false
  /// When the epoch secret was destroyed, in milliseconds since 1970-01-01 UTC.
  public var finalMilliseconds: Int64 = 0
  /// Records deleted by the sweep.
  public var sweptRecords = 0
  /// Place of the final event in the log.
  public var finalSequence = 0

  /// Creates empty facts.
  public init() {}

  /// Takes over what the keyring reports.
  ///
  /// When a process was killed after the keys had gone and before that was on record, the repeated
  /// call finds nothing to destroy and has no receipt: the epoch that ended is the one before, and
  /// the slot holds only the present one.
  mutating func take(_ receipt: RollReceipt, slotAssurance: AssuranceLevel) {
    let record = receipt.record
    guard record.isRoll else {
      (oldEpoch, newEpoch) = (max(record.newEpoch, 1) - 1, record.newEpoch)
      newRoot = record.newRootHash.hexadecimal
      slotMethod = SlotReceipt.Method.alreadyAbsent.rawValue
      assurance = slotAssurance.rawValue
      walTruncated = receipt.walTruncated
      return
    }
    oldEpoch = record.oldEpoch
    newEpoch = record.newEpoch
    oldRoot = record.oldRootHash.hexadecimal
    newRoot = record.newRootHash.hexadecimal
    nodes = record.nodeCount
    slotMethod = receipt.slotReceipts.map(\.method.rawValue).joined(separator: ",")
    assurance = receipt.slotReceipts.map(\.custodian.assurance.rawValue).min() ?? 0
    walTruncated = receipt.walTruncated
  }
}
