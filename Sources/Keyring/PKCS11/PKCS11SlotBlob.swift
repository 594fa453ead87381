internal import Sealing

/// The data object that keeps one epoch's wrapped secret on a token.
///
/// ```
/// off  len
/// 0    4    "LTHP"
/// 4    1    0x01 live, 0x02 resting
/// 5    16   vault id
/// 21   8    epoch, big-endian
/// 29   8    end of the rest in seconds since 1970-01-01, big-endian; resting only
/// 29   12   nonce; at 37 when resting
/// 41   32   ciphertext of the epoch secret
/// 73   16   tag
/// ```
///
/// - SeeAlso: `docs/format.md#epoch-slot-on-a-token`.
struct PKCS11SlotBlob: Equatable {
  private static let magic = Array("LTHP".utf8)
  private static let liveVersion: UInt8 = 0x01
  private static let restingVersion: UInt8 = 0x02
  private static let headByteCount = 29
  private static let untilByteCount = 8
  private static let sealedByteCount =
    AES256GCM.nonceByteCount + EpochSecret.byteCount + AES256GCM.tagByteCount
  private static let purpose = Array("lethe1/slot".utf8)

  let vault: VaultID
  let epoch: UInt64
  /// When the epoch is to be destroyed; nil while it is live.
  var untilUnixSeconds: Int64?
  let nonce: [UInt8]
  let sealed: [UInt8]

  /// What a secret of an epoch is bound to.
  static func associatedData(_ vault: VaultID, _ epoch: UInt64) -> [UInt8] {
    purpose + vault.rawBytes + epoch.bigEndianBytes
  }

  /// The object's value.
  var bytes: [UInt8] {
    let until = untilUnixSeconds.map { UInt64(bitPattern: $0).bigEndianBytes } ?? []
    let version = untilUnixSeconds == nil ? Self.liveVersion : Self.restingVersion
    return Self.magic + [version] + vault.rawBytes + epoch.bigEndianBytes + until + nonce + sealed
  }

  init(vault: VaultID, epoch: UInt64, nonce: [UInt8], sealed: [UInt8]) {
    self.vault = vault
    self.epoch = epoch
    self.nonce = nonce
    self.sealed = sealed
  }

  /// Parses a value; nil for any other form.
  init?(_ bytes: [UInt8]) {
    let isResting = bytes.count == Self.headByteCount + Self.untilByteCount + Self.sealedByteCount
    guard isResting || bytes.count == Self.headByteCount + Self.sealedByteCount,
      bytes.starts(with: Self.magic),
      bytes[4] == (isResting ? Self.restingVersion : Self.liveVersion),
      let vault = try? VaultID(rawBytes: Array(bytes[5..<21])),
      let epoch = UInt64(bigEndianBytes: bytes[21..<29]), epoch > 0, epoch <= UInt64(Int64.max)
    else { return nil }
    self.vault = vault
    self.epoch = epoch
    var rest = bytes[Self.headByteCount...]
    if isResting {
      guard let until = UInt64(bigEndianBytes: rest.prefix(Self.untilByteCount)) else { return nil }
      untilUnixSeconds = Int64(bitPattern: until)
      rest = rest.dropFirst(Self.untilByteCount)
    }
    nonce = Array(rest.prefix(AES256GCM.nonceByteCount))
    sealed = Array(rest.dropFirst(AES256GCM.nonceByteCount))
  }
}
