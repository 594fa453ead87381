import COpenSSL

/// Seals and opens single field values: envelope v1.
///
/// ```
/// version 0x01 ‖ suite 0x01 ‖ generation u16 ‖ bucket u32 ‖ nonce 12 ‖ ciphertext n ‖ tag 16
/// ```
/// The plaintext is prefixed with its length and padded with zeros to a size class, so that values
/// of up to 30 bytes look alike. Moving an envelope to another vault, subject, table, field or row
/// breaks its tag. Replay of an older value of the same cell under the same generation does not.
///
/// One cipher object serves one thread at a time; its key schedule is cleared with it.
///
/// - SeeAlso: RFC 5116, NIST SP 800-38D, `docs/format.md#sealed-field`.
public final class FieldCipher {
  /// Longest value in bytes.
  public static let maximumValueByteCount = 65_535

  private let context = CipherContext()
  private let random: any RandomSource

  /// Creates a cipher that draws its nonces from `random`.
  public init(random: any RandomSource) {
    self.random = random
  }

  /// Forgets the last key schedule; plaintext never stays behind in the cipher.
  public func wipe() {
    context.reset()
  }

  /// Seals a value for a cell.
  ///
  /// - Parameters:
  ///   - value: 0…65,535 bytes.
  ///   - key: The key of the value's subject and bucket.
  ///   - cell: Where the envelope will be stored.
  /// - Returns: The envelope: 36 bytes more than the padded value; 68 for any value up to 30 bytes.
  /// - Throws: ``SealingError`` `.invalidLength` for a longer value, `.entropyUnavailable`.
  public func seal(
    _ value: [UInt8], key: borrowing FieldKey, cell: Cell
  ) throws(SealingError) -> [UInt8] {
    try unsafe value.withUnsafeBufferPointer { (octets) throws(SealingError) in
      try unsafe sealDrawing(UnsafeRawBufferPointer(octets), key: key, cell: cell)
    }
  }

  /// Seals a secret, such as a token secret, without a copy of it outside locked memory.
  ///
  /// - Parameters:
  ///   - value: 0…65,535 bytes.
  ///   - key: The key of the value's subject and bucket.
  ///   - cell: Where the envelope will be stored.
  /// - Returns: The envelope.
  /// - Throws: ``SealingError`` `.invalidLength` for a longer value, `.entropyUnavailable`.
  public func seal(
    _ value: borrowing SecretBytes, key: borrowing FieldKey, cell: Cell
  ) throws(SealingError) -> [UInt8] {
    try unsafe value.withUnsafeBytes { (bytes) throws(SealingError) in
      try unsafe sealDrawing(bytes, key: key, cell: cell)
    }
  }

  private func sealDrawing(
    _ value: UnsafeRawBufferPointer, key: borrowing FieldKey, cell: Cell
  ) throws(SealingError) -> [UInt8] {
    let random = random
    return try unsafe seal(value, key: key, cell: cell) { (nonce) throws(SealingError) in
      try unsafe random.fill(nonce)
    }
  }

  /// Seals with a given nonce; internal so that only vectors can choose one.
  func seal(
    _ value: [UInt8], key: borrowing FieldKey, cell: Cell, nonce: [UInt8]
  ) throws(SealingError) -> [UInt8] {
    guard nonce.count == AES256GCM.nonceByteCount else {
      throw SealingError(.invalidLength, "a nonce has 12 bytes")
    }
    return try unsafe value.withUnsafeBufferPointer { (octets) throws(SealingError) in
      let bytes = UnsafeRawBufferPointer(octets)
      return try unsafe seal(bytes, key: key, cell: cell) { target in
        unsafe target.copyBytes(from: nonce)
      }
    }
  }

  private func seal(
    _ value: UnsafeRawBufferPointer, key: borrowing FieldKey, cell: Cell,
    drawNonce: (UnsafeMutableRawBufferPointer) throws(SealingError) -> Void
  ) throws(SealingError) -> [UInt8] {
    guard value.count <= Self.maximumValueByteCount else {
      throw SealingError(.invalidLength, "a field value has at most 65535 bytes")
    }
    let data = Envelope.associatedData(key, cell)
    var envelope = [UInt8](
      repeating: 0, count: Padding.size(of: value.count) + Envelope.overheadByteCount)
    try unsafe envelope.withUnsafeMutableBufferPointer { (octets) throws(SealingError) in
      let target = UnsafeMutableRawBufferPointer(octets)
      unsafe target.copyBytes(from: data.suffix(Envelope.headerByteCount))
      let nonce = unsafe UnsafeMutableRawBufferPointer(
        rebasing: target[Envelope.headerByteCount..<Envelope.prefixByteCount])
      try unsafe drawNonce(nonce)
      let body = unsafe UnsafeMutableRawBufferPointer(rebasing: target[Envelope.prefixByteCount...])
      try unsafe encrypt(value, key: key, nonce: UnsafeRawBufferPointer(nonce), data, body)
    }
    return envelope
  }

  /// Encrypts in place: the plaintext stands only where the ciphertext overwrites it.
  private func encrypt(
    _ value: UnsafeRawBufferPointer, key: borrowing FieldKey, nonce: UnsafeRawBufferPointer,
    _ data: [UInt8],
    _ body: UnsafeMutableRawBufferPointer
  ) throws(SealingError) {
    let plaintext = unsafe UnsafeMutableRawBufferPointer(
      rebasing: body[..<(body.count - AES256GCM.tagByteCount)])
    unsafe Padding.write(value, into: plaintext)
    let sealed = unsafe key.key.withUnsafeBytes { key in
      unsafe data.withUnsafeBytes { data in
        unsafe context.encrypt(
          key: key, nonce: nonce, associatedData: data, input: UnsafeRawBufferPointer(plaintext),
          output: body)
      }
    }
    guard sealed else {
      unsafe OPENSSL_cleanse(body.baseAddress, body.count)
      throw SealingError(.internalFailure, "AES-GCM does not seal")
    }
  }

  /// Opens the envelope of a cell.
  ///
  /// - Throws: ``SealingError`` `.authenticationFailure` for wrong key, wrong cell, changed bytes
  ///   or malformed padding; `.unsupported` for another version or suite.
  public func open(
    _ envelope: [UInt8], key: borrowing FieldKey, cell: Cell
  ) throws(SealingError) -> SecretBytes {
    let header = try EnvelopeHeader(envelope)
    guard header.generation == key.generation, header.bucket == key.bucket else {
      throw SealingError.doesNotOpen
    }
    let data = Envelope.associatedData(key, cell)
    var padded = try SecretBytes(zeroCount: envelope.count - Envelope.overheadByteCount)
    let opened = unsafe padded.withUnsafeMutableBytes { target in
      unsafe envelope.withUnsafeBytes { bytes in
        unsafe key.key.withUnsafeBytes { key in
          unsafe data.withUnsafeBytes { data in
            let nonce = unsafe bytes[Envelope.headerByteCount..<Envelope.prefixByteCount]
            let sealed = unsafe bytes[Envelope.prefixByteCount...]
            return unsafe context.decrypt(
              key: key, nonce: UnsafeRawBufferPointer(rebasing: nonce), associatedData: data,
              sealed: UnsafeRawBufferPointer(rebasing: sealed), output: target)
          }
        }
      }
    }
    guard opened, let range = unsafe padded.withUnsafeBytes(Padding.valueRange) else {
      throw SealingError.doesNotOpen
    }
    return try padded.slice(range)
  }
}
