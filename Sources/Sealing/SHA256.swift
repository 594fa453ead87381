import COpenSSL

/// SHA-256 (FIPS 180-4).
public enum SHA256 {
  /// Length of a digest in bytes.
  public static let byteCount = 32

  /// Hashes a byte string.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var hasher = Hasher()
    hasher.update(bytes)
    return hasher.finalize()
  }

  /// Hashes the concatenation of three byte strings without joining them first.
  public static func hash(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8]) -> [UInt8] {
    var hasher = Hasher()
    hasher.update(first)
    hasher.update(second)
    hasher.update(third)
    return hasher.finalize()
  }

  /// Hashes a stream of parts.
  @safe
  public struct Hasher: ~Copyable {
    private let context: OpaquePointer

    /// Starts a hash.
    public init() {
      guard let made = unsafe EVP_MD_CTX_new() else { fatalError("out of memory") }
      unsafe context = made
      let started = unsafe EVP_DigestInit_ex2(context, Fetched.sha256, nil)
      precondition(started == 1, "SHA-256 does not start")
    }

    deinit {
      unsafe EVP_MD_CTX_free(context)
    }

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) {
      unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// Adds a raw buffer.
    public mutating func update(_ buffer: UnsafeRawBufferPointer) {
      let updated = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
      precondition(updated == 1, "SHA-256 does not update")
    }

    /// Ends the hash and gives the 32-byte digest.
    public consuming func finalize() -> [UInt8] {
      unsafe [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { buffer, count in
        var written: UInt32 = 0
        let ended = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, &written)
        precondition(ended == 1, "SHA-256 does not end")
        count = Int(written)
      }
    }
  }

  /// Hashes many short messages with one context; making a context costs more than hashing one.
  @safe
  public struct Repeater: ~Copyable {
    private let context: OpaquePointer

    /// Makes the context.
    public init() {
      guard let made = unsafe EVP_MD_CTX_new() else { fatalError("out of memory") }
      unsafe context = made
      let started = unsafe EVP_DigestInit_ex2(context, Fetched.sha256, nil)
      precondition(started == 1, "SHA-256 does not start")
    }

    deinit {
      unsafe EVP_MD_CTX_free(context)
    }

    /// Hashes one byte and the bytes behind it.
    ///
    /// - Parameters:
    ///   - prefix: First byte of the message.
    ///   - bytes: The rest of the message.
    ///   - digests: Where the 32 bytes of the digest are appended.
    public mutating func hash(
      prefix: UInt8, _ bytes: Span<UInt8>, appendingTo digests: inout [UInt8]
    ) {
      var prefix = prefix
      var digest: InlineArray<32, UInt8> = .init(repeating: 0)
      let isDone = unsafe bytes.withUnsafeBytes { message in
        var span = digest.mutableSpan
        return unsafe span.withUnsafeMutableBufferPointer { place in
          unsafe EVP_DigestInit_ex2(context, nil, nil) == 1
            && EVP_DigestUpdate(context, &prefix, 1) == 1
            && EVP_DigestUpdate(context, message.baseAddress, message.count) == 1
            && EVP_DigestFinal_ex(context, place.baseAddress, nil) == 1
        }
      }
      precondition(isDone, "SHA-256 does not hash")
      for index in digest.indices { digests.append(digest[index]) }
    }
  }
}
