internal import Sealing

/// One sector of the slot file.
///
/// ```
/// off  len
/// 0    4    "LTHS"
/// 4    1    0x01 live, 0x02 resting
/// 5    16   vault id
/// 21   8    epoch, big-endian
/// 29   32   epoch secret
/// 61   8    end of the rest in seconds since 1970-01-01, big-endian; resting only
/// 61   32   SHA-256 of all bytes before it; at 69 when resting
///           zeros
/// ```
///
/// - SeeAlso: `docs/format.md#epoch-slot`.
enum SlotSector {
  static let byteCount = 4096
  private static let label = Array("LTHS".utf8)
  private static let liveVersion: UInt8 = 0x01
  private static let restingVersion: UInt8 = 0x02
  private static let vaultRange = 5..<21
  private static let epochRange = 21..<29
  private static let secretRange = 29..<61
  private static let untilRange = 61..<69
  private static let checksumByteCount = 32

  /// What a sector holds.
  enum Content {
    /// Zeros: free and clean.
    case free
    /// The secret of one epoch.
    case live(EpochSecret)
    /// The secret of an ended epoch, kept for a while.
    case resting(RestingEpoch)
    /// Neither: the remains of an interrupted write.
    case torn
    /// A sound sector of another vault.
    case foreign
  }

  /// Builds the sector of a live epoch.
  static func encode(_ epoch: EpochSecret, vault: VaultID) throws -> SecretBytes {
    try encode(epoch, liveVersion, vault, rest: [])
  }

  /// Builds the sector of a resting epoch.
  static func encode(_ epoch: RestingEpoch, vault: VaultID) throws -> SecretBytes {
    try encode(
      epoch.secret, restingVersion, vault,
      rest: UInt64(bitPattern: epoch.untilUnixSeconds).bigEndianBytes)
  }

  private static func encode(
    _ epoch: EpochSecret, _ version: UInt8, _ vault: VaultID, rest: [UInt8]
  ) throws -> SecretBytes {
    var sector = try SecretBytes(zeroCount: byteCount)
    unsafe sector.withUnsafeMutableBytes { buffer in
      let head = label + [version] + vault.rawBytes + epoch.epoch.bigEndianBytes
      for (offset, byte) in head.enumerated() { unsafe buffer[offset] = byte }
      unsafe epoch.secret.withUnsafeBytes { secret in
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[secretRange])
        unsafe part.copyMemory(from: secret)
      }
      for (offset, byte) in zip(untilRange, rest) { unsafe buffer[offset] = byte }
      let end = secretRange.upperBound + rest.count
      let checksum = unsafe checksum(UnsafeRawBufferPointer(buffer), end)
      for (offset, byte) in checksum.enumerated() { unsafe buffer[end + offset] = byte }
    }
    return sector
  }

  /// Reads a sector.
  static func decode(_ sector: borrowing SecretBytes, vault: VaultID) throws -> Content {
    if sector.isZero() { return .free }
    var head: [UInt8] = []
    var until: UInt64?
    let isSound = unsafe sector.withUnsafeBytes { buffer in
      unsafe head = Array(buffer[0..<secretRange.lowerBound])
      let isResting = head[label.count] == restingVersion
      guard head.starts(with: label), isResting || head[label.count] == liveVersion else {
        return false
      }
      if isResting { unsafe until = UInt64(bigEndianBytes: buffer[untilRange]) }
      let end = isResting ? untilRange.upperBound : secretRange.upperBound
      let stored = unsafe Array(buffer[end..<end + checksumByteCount])
      return unsafe stored == checksum(buffer, end)
        && buffer[(end + checksumByteCount)...].allSatisfy { $0 == 0 }
    }
    guard isSound, let epoch = UInt64(bigEndianBytes: head[epochRange]), epoch > 0,
      epoch <= UInt64(Int64.max)
    else { return .torn }
    guard head[vaultRange].elementsEqual(vault.rawBytes) else { return .foreign }
    let secret = EpochSecret(epoch: epoch, secret: try sector.slice(secretRange))
    guard let until else { return .live(secret) }
    return .resting(
      RestingEpoch(secret: secret, untilUnixSeconds: Int64(bitPattern: until)))
  }

  private static func checksum(_ buffer: UnsafeRawBufferPointer, _ end: Int) -> [UInt8] {
    var hasher = SHA256.Hasher()
    unsafe hasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<end]))
    return hasher.finalize()
  }
}
