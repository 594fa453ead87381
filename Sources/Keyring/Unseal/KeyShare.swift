public import Sealing

/// One of `n` shares of an unseal key, of which `k` put it together again.
///
/// Every share names its vault, its split and the threshold, and carries a commitment to the key,
/// so that a wrong combination is noticed and not taken for a key. Fewer shares than the threshold
/// say nothing about the key but this commitment, 16 bytes derived from it by HKDF-SHA-256: nobody
/// finds 32 random bytes by trying.
///
/// - SeeAlso: `docs/format.md#shares`.
public struct KeyShare: Sendable {
  /// How many shares a key may have.
  public static let counts = Shamir.shareCounts
  static let vaultByteCount = 4
  static let setByteCount = 8
  static let commitmentByteCount = 16
  private static let label = Array("lethe1/share".utf8)

  /// How many shares are needed.
  public let threshold: Int
  /// Number of this share, from 1.
  public let index: Int
  /// The first bytes of the vault's id.
  let vaultPrefix: [UInt8]
  /// Random bytes that name the split.
  let set: [UInt8]
  let value: HeldKey
  let commitment: [UInt8]

  /// Splits a key of 32 bytes.
  ///
  /// - Parameters:
  ///   - key: The unseal key.
  ///   - threshold: How many shares are needed, 2…`count`.
  ///   - count: How many shares there are, at most 16.
  ///   - vault: The vault the key belongs to.
  ///   - random: Source of the polynomials and of the split's name.
  /// - Returns: The shares, numbered from 1.
  /// - Throws: ``KeyringError`` `.limit` for counts out of range.
  public static func split(
    _ key: borrowing SecretBytes, threshold: Int, count: Int, vault: VaultID,
    random: any RandomSource
  ) throws -> [KeyShare] {
    guard counts.contains(threshold), counts.contains(count), threshold <= count else {
      throw KeyringError(
        .limit, "a key is split into 2 to 16 shares, of which 2 up to all of them are needed")
    }
    let set = try random.bytes(count: setByteCount)
    let commitment = try commitment(to: key, vault, set, threshold)
    return try Shamir.split(key, threshold: threshold, count: count, random: random).map { point in
      KeyShare(
        threshold: threshold, index: Int(point.index),
        vaultPrefix: Array(vault.rawBytes.prefix(vaultByteCount)), set: set, value: point.value,
        commitment: commitment)
    }
  }

  /// Puts a key together again.
  ///
  /// - Parameters:
  ///   - shares: At least as many as the threshold, in any order.
  ///   - vault: The vault they have to belong to.
  /// - Returns: The 32 bytes, checked.
  /// - Throws: ``KeyringError`` `.unavailable` for too few shares, `.sealed` for shares that do not
  ///   belong together, with a line that says which.
  public static func combine(_ shares: [KeyShare], vault: VaultID) throws -> SecretBytes {
    try requireOneSplit(shares, vault)
    let threshold = shares[0].threshold
    guard shares.count >= threshold else {
      throw KeyringError(
        .unavailable,
        "\(threshold) shares of this split are needed and \(shares.count) given; "
          + "ask another holder for a share")
    }
    let points = shares.map { Shamir.Point(index: UInt8($0.index), value: $0.value) }
    let used = Array(points.prefix(threshold))
    let key = try Shamir.interpolate(used)
    let made = try commitment(to: key, vault, shares[0].set, threshold)
    guard ConstantTime.isEqual(made, shares[0].commitment) else {
      let numbers = used.map { String($0.index) }.joined(separator: ", ")
      throw KeyringError(
        .sealed,
        "the shares number \(numbers) do not give the key: one of them is wrong; try another one")
    }
    for extra in points.dropFirst(threshold) {
      guard try Shamir.interpolate(used, at: extra.index).isEqual(to: extra.value.bytes) else {
        throw KeyringError(
          .sealed, "share number \(extra.index) is wrong; the others give the key without it")
      }
    }
    return key
  }
}

extension KeyShare {
  private static func commitment(
    to key: borrowing SecretBytes, _ vault: VaultID, _ set: [UInt8], _ threshold: Int
  ) throws -> [UInt8] {
    try HKDF.derive(
      inputKey: key, salt: label + vault.rawBytes, info: Array("S".utf8) + set + [UInt8(threshold)],
      count: commitmentByteCount
    ).plaintextCopy()
  }

  private static func requireOneSplit(_ shares: [KeyShare], _ vault: VaultID) throws {
    guard let first = shares.first else {
      throw KeyringError(.unavailable, "no share is given")
    }
    let foreign = shares.first { !vault.rawBytes.starts(with: $0.vaultPrefix) }
    if let foreign {
      throw KeyringError(
        .sealed, "share number \(foreign.index) belongs to another vault; take this vault's shares")
    }
    for (position, share) in shares.enumerated() {
      guard share.set == first.set, share.threshold == first.threshold,
        share.commitment == first.commitment
      else {
        throw KeyringError(
          .sealed,
          "the shares number \(first.index) and \(share.index) come from different splits; take "
            + "shares of one split")
      }
      guard !shares[..<position].contains(where: { $0.index == share.index }) else {
        throw KeyringError(
          .sealed, "share number \(share.index) is given twice; ask another holder for a share")
      }
    }
  }
}
