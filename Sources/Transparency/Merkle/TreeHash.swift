import Sealing

/// Holds one 32-byte hash of the log's Merkle tree (SHA-256, RFC 6962 section 2.1).
///
/// Leaf and node hashes have different prefixes, so no entry can be passed off as an inner node.
public struct TreeHash: Hashable, Sendable {
  /// Length of a hash in bytes.
  public static let byteCount = SHA256.byteCount

  /// First byte of what is hashed for an entry.
  static let leafPrefix: UInt8 = 0x00
  /// First byte of what is hashed for an inner node.
  static let nodePrefix: UInt8 = 0x01

  /// The 32 bytes.
  public let bytes: [UInt8]

  /// Takes 32 bytes as a hash.
  ///
  /// - Parameter bytes: Exactly ``byteCount`` bytes.
  /// - Throws: ``TransparencyError`` `.malformedHash` for any other length.
  public init(bytes: [UInt8]) throws {
    guard bytes.count == Self.byteCount else {
      throw TransparencyError(.malformedHash, "a hash has \(bytes.count) bytes instead of 32")
    }
    self.bytes = bytes
  }

  /// Takes bytes that are known to be one hash.
  init(checked digest: [UInt8]) {
    bytes = digest
  }

  /// The root of the tree without leaves, SHA-256 of nothing.
  public static let emptyRoot = TreeHash(checked: SHA256.hash([]))

  /// Computes the hash of an entry: SHA-256(0x00 || entry).
  ///
  /// - Parameter entry: The entry's bytes as they are published.
  /// - Returns: The leaf hash.
  public static func leaf(_ entry: [UInt8]) -> TreeHash {
    TreeHash(checked: SHA256.hash([leafPrefix], entry, []))
  }

  /// Computes the hash of an inner node: SHA-256(0x01 || left || right).
  ///
  /// - Parameters:
  ///   - left: The hash of the left subtree.
  ///   - right: The hash of the right subtree.
  /// - Returns: The node hash.
  public static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
    TreeHash(checked: SHA256.hash([nodePrefix], left.bytes, right.bytes))
  }
}

extension TreeHash: CustomStringConvertible {
  /// The hash in base64, as checkpoints and proofs write it.
  public var description: String { Base64.encode(bytes) }
}
