internal import Sealing

/// How UK is had from what the operator holds; no secret.
struct UnsealRecord: Sendable {
  /// Length of the scrypt salt in bytes.
  static let saltByteCount = 32

  /// Number of ``UnsealKey/Kind``.
  let kind: Int64
  /// For a passphrase; drawn for the other kinds too.
  let scryptSalt: [UInt8]
  let scrypt: Scrypt.Parameters
  /// UK as the key of a token wraps it: nonce, ciphertext, tag, 60 bytes; nil for other kinds.
  let wrapped: [UInt8]?
}

/// The one row that describes a key store.
struct KeyStoreMeta: Sendable {
  let vault: VaultID
  var epoch: UInt64
  /// Grows by one with every commit that changes keys; equals the root node's version.
  var generation: UInt64
  var unseal: UnsealRecord
  let isDemo: Bool
}

/// What is known of the leaves of one subtree.
struct LeafCounter: Sendable {
  /// The next leaf to hand out; leaves are never handed out twice.
  var next: Int64 = 0
  /// Leaves whose key was destroyed.
  var destroyed: Int64 = 0
}

/// Finds a key of the bucket, domain or index subtree.
enum DirectoryName: Hashable, Sendable {
  case bucket(Bucket)
  case domain(DomainEpoch)
  case index(IndexGeneration)

  var subtree: Subtree {
    switch self {
    case .bucket: .buckets
    case .domain: .domains
    case .index: .indexKeys
    }
  }
}

/// What the key store records of such a key.
struct DirectoryEntry: Sendable {
  let leaf: Int64
  /// Pins the key: it is checked whenever the key is loaded.
  let commitment: [UInt8]
  let isDestroyed: Bool
}
