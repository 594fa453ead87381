import COpenSSL

/// Owns one context of an AEAD with a 12-byte nonce and a 16-byte tag, AES-256-GCM unless told
/// otherwise, and runs it; the schedule inside is cleared on release.
@safe
struct CipherContext: ~Copyable {
  enum Algorithm {
    case aes256GCM, chaCha20Poly1305

    fileprivate var fetched: OpaquePointer {
      switch self {
      case .aes256GCM: unsafe Fetched.aes256GCM
      case .chaCha20Poly1305: unsafe Fetched.chaCha20Poly1305
      }
    }
  }

  private let context: OpaquePointer
  private let cipher: OpaquePointer

  init(_ algorithm: Algorithm = .aes256GCM) {
    unsafe cipher = algorithm.fetched
    guard let made = unsafe EVP_CIPHER_CTX_new() else { fatalError("out of memory") }
    unsafe context = made
  }

  deinit {
    unsafe EVP_CIPHER_CTX_free(context)
  }

  /// Forgets the key schedule while keeping the context.
  func reset() {
    unsafe EVP_CIPHER_CTX_reset(context)
  }

  /// The algorithm on first use, then nil: naming it again makes OpenSSL rebuild the context.
  private var cipherOnce: OpaquePointer? {
    unsafe EVP_CIPHER_CTX_get0_cipher(context) == nil ? cipher : nil
  }

  /// Encrypts `input` into `output`, which has room for the ciphertext and the 16-byte tag.
  ///
  /// `input` may be the start of `output`.
  func encrypt(
    key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
    associatedData: UnsafeRawBufferPointer, input: UnsafeRawBufferPointer,
    output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    var length: Int32 = 0
    let target = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let data = unsafe associatedData.octets
    let dataCount = Int32(associatedData.count)
    let prepared =
      unsafe EVP_EncryptInit_ex2(context, cipherOnce, key.octets, nonce.octets, nil) == 1
      && EVP_EncryptUpdate(context, nil, &length, data, dataCount) == 1
    guard prepared else { return false }
    if unsafe !input.isEmpty {
      let updated = unsafe EVP_EncryptUpdate(
        context, target, &length, input.octets, Int32(input.count))
      guard updated == 1, length == Int32(input.count) else { return false }
    }
    let tag = unsafe target.map { unsafe $0 + input.count }
    return unsafe EVP_EncryptFinal_ex(context, tag, &length) == 1
      && EVP_CIPHER_CTX_ctrl(
        context, EVP_CTRL_AEAD_GET_TAG, Int32(AES256GCM.tagByteCount), tag) == 1
  }

  /// Decrypts ciphertext ‖ tag into `output`; false for every kind of failure.
  func decrypt(
    key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
    associatedData: UnsafeRawBufferPointer, sealed: UnsafeRawBufferPointer,
    output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    var length: Int32 = 0
    let count = sealed.count - AES256GCM.tagByteCount
    guard count >= 0, output.count == count else { return false }
    let target = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let data = unsafe associatedData.octets
    let dataCount = Int32(associatedData.count)
    let prepared =
      unsafe EVP_DecryptInit_ex2(context, cipherOnce, key.octets, nonce.octets, nil) == 1
      && EVP_DecryptUpdate(context, nil, &length, data, dataCount) == 1
    guard prepared else { return false }
    if count > 0 {
      let updated = unsafe EVP_DecryptUpdate(context, target, &length, sealed.octets, Int32(count))
      guard updated == 1 else { return false }
    }
    let tag = unsafe UnsafeMutableRawPointer(mutating: sealed.baseAddress.map { unsafe $0 + count })
    return unsafe EVP_CIPHER_CTX_ctrl(
      context, EVP_CTRL_AEAD_SET_TAG, Int32(AES256GCM.tagByteCount), tag) == 1
      && EVP_DecryptFinal_ex(context, target.map { unsafe $0 + count }, &length) == 1
  }
}

extension UnsafeRawBufferPointer {
  /// The address as OpenSSL wants it.
  var octets: UnsafePointer<UInt8>? { unsafe baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
