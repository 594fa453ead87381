import COpenSSL

/// scrypt (RFC 7914), the password hash for vaults that are unsealed by a passphrase.
public enum Scrypt {
  /// Memory and time cost of one derivation.
  public struct Parameters: Hashable, Sendable {
    /// CPU and memory cost N; a power of two.
    public let cost: Int
    /// Block size r.
    public let blockSize: Int
    /// Parallelism p.
    public let parallelism: Int

    /// Creates parameters; they are checked when used.
    public init(cost: Int, blockSize: Int, parallelism: Int) {
      self.cost = cost
      self.blockSize = blockSize
      self.parallelism = parallelism
    }

    /// N = 2^17, r = 8, p = 1: 128 MiB and roughly half a second.
    public static let standard = Parameters(cost: 1 << 17, blockSize: 8, parallelism: 1)
    /// The least this program accepts; whoever edits a stored header cannot go below.
    public static let minimum = Parameters(cost: 1 << 15, blockSize: 8, parallelism: 1)
    /// The most this program accepts, so that an edited header cannot exhaust memory: 1 GiB.
    public static let maximum = Parameters(cost: 1 << 20, blockSize: 8, parallelism: 4)

    /// Memory of one derivation in bytes (RFC 7914 §5: 128 · N · r, and some).
    var memoryByteCount: UInt64 {
      128 * UInt64(cost) * UInt64(blockSize) + (1 << 20)
    }

    var isAcceptable: Bool {
      let least = Self.minimum
      let most = Self.maximum
      return cost >= least.cost && cost <= most.cost && cost & (cost - 1) == 0
        && blockSize >= least.blockSize && blockSize <= most.blockSize
        && parallelism >= least.parallelism && parallelism <= most.parallelism
    }
  }

  /// Derives a 32-byte key from a passphrase.
  ///
  /// - Throws: ``SealingError`` `.weakParameters` outside ``Parameters/minimum`` to
  ///   ``Parameters/maximum``, `.internalFailure` when memory is short.
  public static func derive(
    passphrase: borrowing SecretBytes, salt: [UInt8], parameters: Parameters
  ) throws(SealingError) -> SecretBytes {
    guard parameters.isAcceptable else {
      throw SealingError(.weakParameters, "scrypt parameters are outside the accepted range")
    }
    return try deriveUnchecked(
      passphrase: passphrase, salt: salt, parameters: parameters, count: 32)
  }

  /// Derives without the minimum; internal so that the vectors of RFC 7914 can be tested.
  static func deriveUnchecked(
    passphrase: borrowing SecretBytes, salt: [UInt8], parameters: Parameters, count: Int
  ) throws(SealingError) -> SecretBytes {
    var key = try SecretBytes(zeroCount: count)
    let done = unsafe key.withUnsafeMutableBytes { target in
      unsafe passphrase.withUnsafeBytes { secret in
        unsafe EVP_PBE_scrypt(
          secret.baseAddress?.assumingMemoryBound(to: CChar.self), secret.count, salt, salt.count,
          UInt64(parameters.cost), UInt64(parameters.blockSize), UInt64(parameters.parallelism),
          parameters.memoryByteCount,
          target.baseAddress?.assumingMemoryBound(to: UInt8.self), count)
      }
    }
    guard done == 1 else {
      throw SealingError(.internalFailure, "scrypt could not run; it needs 128 MiB of free memory")
    }
    return key
  }
}
