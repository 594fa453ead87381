/// HKDF-SHA-256 (RFC 5869), computed as its HMACs: OpenSSL's own KDF costs three times as much.
public enum HKDF {
  /// Largest output in bytes (RFC 5869 §2.3: 255 blocks).
  public static let maximumByteCount = 255 * HMACKey.byteCount

  /// Derives a key.
  ///
  /// - Parameters:
  ///   - inputKey: Key material of any length; two keys are combined by concatenating them here,
  ///     never by putting one into `salt`.
  ///   - salt: Public domain separation, may be empty.
  ///   - info: Public context, may be empty.
  ///   - count: Output length; 1…8,160 bytes.
  /// - Returns: `count` bytes in locked memory.
  /// - Throws: ``SealingError`` `.invalidLength` for a count out of range.
  public static func derive(
    inputKey: borrowing SecretBytes, salt: [UInt8], info: [UInt8], count: Int
  ) throws(SealingError) -> SecretBytes {
    guard (1...maximumByteCount).contains(count) else {
      throw SealingError(.invalidLength, "derived key length is out of range")
    }
    // RFC 5869 §2.2: an absent salt is a block of zeros; HMAC pads a short key with zeros anyway.
    var hmac = try HMACKey(publicKey: salt)
    let extracted = try unsafe inputKey.withUnsafeBytes { (bytes) throws(SealingError) in
      try unsafe hmac.authenticateSecret(bytes)
    }
    try hmac.setKey(extracted)
    if count == HMACKey.byteCount { return try hmac.authenticateSecret(info + [1]) }
    return try expandBlocks(&hmac, info: info, count: count)
  }

  /// Expands to any length; every block is key material, so none leaves locked memory.
  private static func expandBlocks(
    _ expand: inout HMACKey, info: [UInt8], count: Int
  ) throws(SealingError) -> SecretBytes {
    let blockByteCount = HMACKey.byteCount
    var result = try SecretBytes(zeroCount: count)
    // T(i-1) ‖ info ‖ i; the first block has no T(0).
    var input = try SecretBytes(copying: [UInt8](repeating: 0, count: blockByteCount) + info + [0])
    for (index, offset) in stride(from: 0, to: count, by: blockByteCount).enumerated() {
      unsafe input.withUnsafeMutableBytes { unsafe $0[$0.count - 1] = UInt8(index + 1) }
      let start = index == 0 ? blockByteCount : 0
      let block = try unsafe input.withUnsafeBytes { (bytes) throws(SealingError) in
        try unsafe expand.authenticateSecret(UnsafeRawBufferPointer(rebasing: bytes[start...]))
      }
      let taken = min(blockByteCount, count - offset)
      unsafe block.withUnsafeBytes { block in
        unsafe input.withUnsafeMutableBytes { unsafe $0.copyBytes(from: block) }
        unsafe result.withUnsafeMutableBytes { target in
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...])
            .copyBytes(from: UnsafeRawBufferPointer(rebasing: block[..<taken]))
        }
      }
    }
    return result
  }
}
