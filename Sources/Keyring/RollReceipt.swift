/// Reports what one erasure did to the key tree.
public struct RollReceipt: Sendable {
  /// Counts of keys by kind.
  public struct Counts: Hashable, Sendable {
    /// Subject keys.
    public var subjects = 0
    /// Bucket keys.
    public var buckets = 0
    /// Domain keys.
    public var domains = 0
    /// Index keys.
    public var indexKeys = 0

    /// Creates counts of zero.
    public init() {}

    /// The sum of all kinds.
    public var total: Int { subjects + buckets + domains + indexKeys }

    subscript(subtree: Subtree) -> Int {
      get {
        switch subtree {
        case .subjects: subjects
        case .buckets: buckets
        case .domains: domains
        case .indexKeys: indexKeys
        }
      }
      set {
        switch subtree {
        case .subjects: subjects = newValue
        case .buckets: buckets = newValue
        case .domains: domains = newValue
        case .indexKeys: indexKeys = newValue
        }
      }
    }
  }

  /// Epoch before the call.
  public let oldEpoch: UInt64
  /// Epoch after the call; equal to ``oldEpoch`` when there was nothing left to destroy.
  public let newEpoch: UInt64
  /// SHA-256 of the sealed root node before the call.
  public let oldRootHash: [UInt8]
  /// SHA-256 of the sealed root node after the call.
  public let newRootHash: [UInt8]
  /// Keys destroyed by this call.
  public let destroyed: Counts
  /// Keys named in the call that had been destroyed before.
  public let alreadyDestroyed: Counts
  /// Nodes sealed anew, without the root.
  public let nodeCount: Int
  /// Whether the write-ahead log was emptied; false when a reader held an old state.
  public let walTruncated: Bool
  /// Receipts of every epoch retired in this call, those of an interrupted earlier roll included.
  public let slotReceipts: [SlotReceipt]
}
