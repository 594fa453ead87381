internal import Sealing

/// One of the two sectors of the slot file.
///
/// ```
/// off  len
/// 0    4    "LTHS"
/// 4    1    version 0x01
/// 5    16   vault id
/// 21   8    epoch, big-endian
/// 29   32   epoch secret
/// 61   32   SHA-256 of bytes 0…60
/// 93   4003 zeros
/// ```
///
/// - SeeAlso: `docs/format.md#epoch-slot`.
enum SlotSector {
  static let byteCount = 4096
  private static let label = Array("LTHS".utf8) + [0x01]
  private static let vaultRange = 5..<21
  private static let epochRange = 21..<29
  private static let secretRange = 29..<61
  private static let checksumRange = 61..<93

  /// What a sector holds.
  enum Content {
    /// Zeros: free and clean.
    case free
    /// The secret of one epoch.
    case live(EpochSecret)
    /// Neither: the remains of an interrupted write.
    case torn
    /// A sound sector of another vault.
    case foreign
  }

  /// Builds the sector of an epoch.
  static func encode(_ epoch: EpochSecret, vault: VaultID) throws -> SecretBytes {
    var sector = try SecretBytes(zeroCount: byteCount)
    unsafe sector.withUnsafeMutableBytes { buffer in
      let head = label + vault.rawBytes + epoch.epoch.bigEndianBytes
      for (offset, byte) in head.enumerated() { unsafe buffer[offset] = byte }
      unsafe epoch.secret.withUnsafeBytes { secret in
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[secretRange])
        unsafe part.copyMemory(from: secret)
      }
      let checksum = unsafe checksum(UnsafeRawBufferPointer(buffer))
      for (offset, byte) in zip(checksumRange, checksum) { unsafe buffer[offset] = byte }
    }
    return sector
  }

  /// Reads a sector.
  static func decode(_ sector: borrowing SecretBytes, vault: VaultID) throws -> Content {
    if sector.isZero() { return .free }
    var head: [UInt8] = []
    let isSound = unsafe sector.withUnsafeBytes { buffer in
      unsafe head = Array(buffer[0..<secretRange.lowerBound])
      return unsafe head.starts(with: label)
        && Array(buffer[checksumRange]) == checksum(buffer)
        && buffer[checksumRange.upperBound...].allSatisfy { $0 == 0 }
    }
    guard isSound, let epoch = UInt64(bigEndianBytes: head[epochRange]), epoch > 0,
      epoch <= UInt64(Int64.max)
    else { return .torn }
    guard head[vaultRange].elementsEqual(vault.rawBytes) else { return .foreign }
    return .live(EpochSecret(epoch: epoch, secret: try sector.slice(secretRange)))
  }

  private static func checksum(_ buffer: UnsafeRawBufferPointer) -> [UInt8] {
    var hasher = SHA256.Hasher()
    unsafe hasher.update(
      UnsafeRawBufferPointer(rebasing: buffer[0..<checksumRange.lowerBound]))
    return hasher.finalize()
  }
}
