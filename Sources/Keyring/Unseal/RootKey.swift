internal import Sealing

/// Derives the root key of an epoch.
///
/// `RK_e = HKDF(UK ‖ ES_e, salt "lethe1/root" ‖ vault id, info "R" ‖ epoch)`. Both inputs have 32
/// bytes, so their concatenation is unambiguous; the output is random if either one is.
///
/// - SeeAlso: draft-wang-cfrg-key-combiners, `docs/format.md#root-key`.
enum RootKey {
  private static let salt = Array("lethe1/root".utf8)
  private static let info = Array("R".utf8)

  static func derive(
    unsealKey: HeldKey, epoch: EpochSecret, vault: VaultID
  ) throws -> HeldKey {
    let joined = try SecretBytes(concatenating: unsealKey.bytes, epoch.secret)
    return HeldKey(
      try HKDF.derive(
        inputKey: joined, salt: salt + vault.rawBytes, info: info + epoch.epoch.bigEndianBytes,
        count: HeldKey.byteCount))
  }
}
