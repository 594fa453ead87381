import COpenSSL

/// Algorithms fetched from the provider once: an implicit fetch at every call more than halves
/// the speed of small seals (openssl/openssl#20625).
@safe
enum Fetched {
  nonisolated(unsafe) static let sha256: OpaquePointer = unsafe require(
    unsafe EVP_MD_fetch(nil, "SHA256", nil), "SHA256")
  nonisolated(unsafe) static let aes256GCM: OpaquePointer = unsafe require(
    unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil), "AES-256-GCM")
  nonisolated(unsafe) static let chaCha20Poly1305: OpaquePointer = unsafe require(
    unsafe EVP_CIPHER_fetch(nil, "ChaCha20-Poly1305", nil), "ChaCha20-Poly1305")
  nonisolated(unsafe) static let hmac: OpaquePointer = unsafe require(
    unsafe EVP_MAC_fetch(nil, "HMAC", nil), "HMAC")

  private static func require(_ pointer: OpaquePointer?, _ name: StaticString) -> OpaquePointer {
    guard let pointer = unsafe pointer else {
      fatalError("OpenSSL has no provider for \(name); check the installation of libssl")
    }
    return unsafe pointer
  }
}
