import COpenSSL

/// Holds key material or plaintext in locked memory and wipes it when its owner lets go.
///
/// The value cannot be copied by assignment, has no description and compares in constant time.
/// It does not protect against a reader of this process's memory while the value lives.
///
/// - SeeAlso: NIST SP 800-57 part 1 r5 §8.3.4 (destruction of keys), `docs/threat-model.md`.
@safe
public struct SecretBytes: ~Copyable, @unchecked Sendable {
  /// Number of bytes.
  public let count: Int
  private let pointer: UnsafeMutableRawPointer

  /// Creates `zeroCount` zero bytes.
  ///
  /// - Throws: ``SealingError`` `.internalFailure` when locked memory is exhausted.
  public init(zeroCount: Int) throws(SealingError) {
    precondition(zeroCount >= 0)
    unsafe pointer = try SecureHeap.allocate(zeroCount)
    count = zeroCount
  }

  /// Creates a secret from bytes that the caller still has to forget.
  public init(copying bytes: [UInt8]) throws(SealingError) {
    try self.init(zeroCount: bytes.count)
    let target = unsafe pointer
    unsafe bytes.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      unsafe target.copyMemory(from: base, byteCount: source.count)
    }
  }

  /// Creates a secret from a raw buffer.
  public init(copying buffer: UnsafeRawBufferPointer) throws(SealingError) {
    try self.init(zeroCount: buffer.count)
    if let base = buffer.baseAddress {
      unsafe pointer.copyMemory(from: base, byteCount: buffer.count)
    }
  }

  /// Draws a fresh secret.
  public init(randomCount: Int, from random: any RandomSource) throws(SealingError) {
    var drawn = try SecretBytes(zeroCount: randomCount)
    try unsafe drawn.withUnsafeMutableBytes { (buffer) throws(SealingError) in
      try unsafe random.fill(buffer)
    }
    self = drawn
  }

  /// Joins two secrets; used for `CK ‖ BK`, whose parts have fixed lengths.
  public init(
    concatenating first: borrowing SecretBytes, _ second: borrowing SecretBytes
  ) throws(SealingError) {
    try self.init(zeroCount: first.count + second.count)
    unsafe pointer.copyMemory(from: first.pointer, byteCount: first.count)
    unsafe (pointer + first.count).copyMemory(from: second.pointer, byteCount: second.count)
  }

  deinit {
    unsafe SecureHeap.free(pointer, count)
  }

  /// Lends the bytes for reading.
  public borrowing func withUnsafeBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(start: pointer, count: count))
  }

  /// Lends the bytes for writing.
  public mutating func withUnsafeMutableBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(UnsafeMutableRawBufferPointer(start: pointer, count: count))
  }

  /// Copies a part into a secret of its own.
  public borrowing func slice(_ range: Range<Int>) throws(SealingError) -> SecretBytes {
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw SealingError(.invalidLength, "slice lies outside the secret")
    }
    return try unsafe SecretBytes(
      copying: UnsafeRawBufferPointer(start: pointer + range.lowerBound, count: range.count))
  }

  /// Makes a second, separately wiped copy.
  public borrowing func copy() throws(SealingError) -> SecretBytes {
    try slice(0..<count)
  }

  /// Compares in time that depends on the length alone.
  public borrowing func isEqual(to other: borrowing SecretBytes) -> Bool {
    unsafe count == other.count && CRYPTO_memcmp(pointer, other.pointer, count) == 0
  }

  /// Says whether every byte is zero, in constant time.
  public borrowing func isZero() -> Bool {
    var collected: UInt8 = 0
    for offset in 0..<count {
      unsafe collected |= pointer.load(fromByteOffset: offset, as: UInt8.self)
    }
    return collected == 0
  }

  /// Copies the bytes into ordinary memory, for plaintext on its way out of the vault.
  ///
  /// The copy is not wiped. Never call it on a key.
  public borrowing func plaintextCopy() -> [UInt8] {
    unsafe [UInt8](UnsafeRawBufferPointer(start: pointer, count: count))
  }

  /// Wipes now instead of at the end of the scope.
  public consuming func destroy() {}
}

/// Comparison whose time does not depend on where two byte strings differ.
public enum ConstantTime {
  /// Compares two public-length byte strings in constant time.
  public static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBytes { first in
      unsafe right.withUnsafeBytes { second in
        guard let a = first.baseAddress, let b = second.baseAddress else { return true }
        return unsafe CRYPTO_memcmp(a, b, left.count) == 0
      }
    }
  }
}
