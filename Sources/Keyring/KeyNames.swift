internal import Sealing

/// Names the key of one pseudonymisation domain in one epoch of that domain.
public struct DomainEpoch: Hashable, Sendable {
  /// Number of the domain.
  public let domain: UInt16
  /// Epoch of the domain; unrelated to the epochs of the root key.
  public let epoch: UInt32

  /// Creates a name.
  public init(domain: UInt16, epoch: UInt32) {
    self.domain = domain
    self.epoch = epoch
  }
}

/// Names the key of one field of the match index in one generation.
public struct IndexGeneration: Hashable, Sendable {
  /// Number of the indexed field.
  public let field: UInt16
  /// Generation of the key; a rebuild of the index starts a new one.
  public let generation: UInt32

  /// Creates a name.
  public init(field: UInt16, generation: UInt32) {
    self.field = field
    self.generation = generation
  }
}

extension DirectoryName {
  private static let label = Array("lethe1/commit".utf8)

  /// Commits to a key under this name, so that no row can be made to point at another's key.
  ///
  /// - SeeAlso: `docs/format.md#commitments`.
  func commitment(to key: HeldKey, vault: VaultID) throws -> [UInt8] {
    let info: [UInt8]
    switch self {
    case .bucket(let bucket):
      return try KeyCommitment.bucket(key: key.bytes, vault: vault, bucket: bucket)
    case .domain(let name):
      info = Array("D".utf8) + name.domain.bigEndianBytes + name.epoch.bigEndianBytes
    case .index(let name):
      info = Array("I".utf8) + name.field.bigEndianBytes + name.generation.bigEndianBytes
    }
    return try HKDF.derive(
      inputKey: key.bytes, salt: Self.label + vault.rawBytes, info: info,
      count: KeyCommitment.byteCount
    ).plaintextCopy()
  }
}
