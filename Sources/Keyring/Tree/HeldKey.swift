internal import Sealing

/// Shares one secret between the caches and a caller that is using it.
///
/// The bytes are wiped when the last holder lets go, so dropping the caches at an erasure does
/// not pull a key from under an operation that had already fetched it.
final class HeldKey: Sendable {
  /// Length of every key of the tree in bytes.
  static let byteCount = 32

  let bytes: SecretBytes

  init(_ bytes: consuming SecretBytes) {
    self.bytes = bytes
  }

  /// Draws a fresh key.
  convenience init(randomFrom random: any RandomSource) throws {
    self.init(try SecretBytes(randomCount: Self.byteCount, from: random))
  }
}
