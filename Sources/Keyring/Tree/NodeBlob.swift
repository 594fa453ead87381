internal import Sealing

/// The sealed form of a node, as it lies in the key store.
///
/// ```
/// off  len
/// 0    1    version 0x01
/// 1    1    algorithm 0x01 (AES-256-GCM)
/// 2    2    zero
/// 4    8    node version, big-endian, grows by one at every write
/// 12   12   nonce
/// 24   2048 ciphertext of the 64 child keys
/// 2072 16   tag
/// ```
///
/// The associated data names vault, level and index, so that a node opens in its place only.
///
/// - SeeAlso: `docs/format.md#key-node`.
enum NodeBlob {
  static let byteCount = 2088
  static let headerByteCount = 12
  private static let format: [UInt8] = [0x01, 0x01, 0x00, 0x00]
  private static let label = Array("LTHN".utf8) + [0x01]

  /// Seals a node.
  ///
  /// - Returns: 2,088 bytes.
  static func seal(
    _ keys: borrowing NodeKeys, at address: NodeAddress, version: UInt64, vault: VaultID,
    key: borrowing SecretBytes, random: any RandomSource
  ) throws -> [UInt8] {
    let header = format + version.bigEndianBytes
    let nonce = try random.bytes(count: AES256GCM.nonceByteCount)
    let sealed = try AES256GCM.seal(
      keys.bytes, key: key, nonce: nonce,
      associatedData: associatedData(vault, address, header[...]))
    return header + nonce + sealed
  }

  /// Opens a node.
  ///
  /// - Throws: ``KeyringError`` `.corrupt` for an unknown form, and for a node that was altered,
  ///   moved, rolled back or sealed under another key.
  static func open(
    _ blob: [UInt8], at address: NodeAddress, vault: VaultID, key: borrowing SecretBytes
  ) throws -> HeldNode {
    let nonceEnd = headerByteCount + AES256GCM.nonceByteCount
    guard blob.count == byteCount, blob[0..<4].elementsEqual(format),
      let version = UInt64(bigEndianBytes: blob[4..<12])
    else { throw KeyringError(.corrupt, "node `\(address)` has an unknown form") }
    do {
      let plaintext = try AES256GCM.open(
        Array(blob[nonceEnd...]), key: key, nonce: Array(blob[headerByteCount..<nonceEnd]),
        associatedData: associatedData(vault, address, blob[0..<headerByteCount]))
      return HeldNode(NodeKeys(plaintext), version: version)
    } catch {
      guard error.code == .authenticationFailure else { throw error }
      throw KeyringError(
        .corrupt, "node `\(address)` does not open: it was altered, moved or rolled back")
    }
  }

  private static func associatedData(
    _ vault: VaultID, _ address: NodeAddress, _ header: ArraySlice<UInt8>
  ) -> [UInt8] {
    label + vault.rawBytes + [address.level] + address.index.bigEndianBytes + header
  }
}

/// Shares one opened node between the cache and its readers.
final class HeldNode: Sendable {
  let keys: NodeKeys
  let version: UInt64

  init(_ keys: consuming NodeKeys, version: UInt64) {
    self.keys = keys
    self.version = version
  }
}
