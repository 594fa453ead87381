import COpenSSL

/// The OpenSSL secure heap: locked pages with guards, excluded from core dumps.
enum SecureHeap {
  /// Size of the heap in bytes; a power of two below the usual 8 MiB `RLIMIT_MEMLOCK`.
  static let byteCount = 4 << 20
  /// Smallest block in bytes; one 256-bit key.
  static let minimumBlockByteCount = 32

  /// Whether the heap exists; made on first use.
  ///
  /// Without `mlock` rights OpenSSL still makes it, only unlocked.
  private static let isReady: Bool =
    CRYPTO_secure_malloc_initialized() == 1
    || CRYPTO_secure_malloc_init(byteCount, minimumBlockByteCount) > 0

  /// Gives `count` zeroed bytes of locked memory.
  static func allocate(_ count: Int) throws(SealingError) -> UnsafeMutableRawPointer {
    guard isReady, let pointer = unsafe lethe_secure_malloc(max(count, 1)) else {
      throw SealingError(
        .internalFailure, "secure memory is exhausted; close other readers of this vault")
    }
    return unsafe pointer
  }

  /// Overwrites and frees what `allocate` gave.
  static func free(_ pointer: UnsafeMutableRawPointer, _ count: Int) {
    unsafe lethe_secure_clear_free(pointer, max(count, 1))
  }
}
