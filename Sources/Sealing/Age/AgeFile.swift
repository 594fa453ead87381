/// Files that the holders of some keys can open with any program for age version 1.
///
/// ```
/// header ‖ nonce 16 ‖ chunk ‖ … ‖ chunk
/// ```
/// Every file has a key of its own, wrapped for each recipient. It hides what is inside, not how
/// long it is nor for how many it was made, and does not say who made it.
///
/// - SeeAlso: https://c2sp.org/age.
public enum AgeFile {
  static let fileKeyByteCount = 16
  static let nonceByteCount = 16

  /// Seals what a body writes, piece by piece as it is written.
  ///
  /// A file that was begun and not finished does not open as a whole: only the last chunk is marked
  /// as the last. When something is thrown, the caller has to remove what came out.
  ///
  /// - Parameters:
  ///   - recipients: Who can open the file.
  ///   - random: Source of the file key, the ephemeral keys and the nonce.
  ///   - sink: Takes the file, in order.
  ///   - body: Writes the plaintext.
  /// - Throws: ``SealingError``, and what sink and body throw.
  public static func seal(
    to recipients: AgeRecipients, random: any RandomSource,
    into sink: @escaping ([UInt8]) throws -> Void, _ body: (inout AgeWriter) throws -> Void
  ) throws {
    let fileKey = try SecretBytes(randomCount: fileKeyByteCount, from: random)
    try sink(try header(recipients, fileKey, random))
    let nonce = try random.bytes(count: nonceByteCount)
    try sink(nonce)
    var writer = try AgeWriter(
      key: HKDF.derive(
        inputKey: fileKey, salt: nonce, info: Label.payload, count: ChaCha20Poly1305.keyByteCount),
      sink)
    try body(&writer)
    try writer.finish()
  }

  /// The lines before the payload: the file key for every recipient, and a code over all of it.
  private static func header(
    _ recipients: AgeRecipients, _ fileKey: borrowing SecretBytes, _ random: any RandomSource
  ) throws(SealingError) -> [UInt8] {
    var text = Label.version + [0x0A]
    for recipient in recipients.list {
      let stanza = try stanza(recipient, fileKey, random)
      text += Array("-> X25519 \(base64(stanza.share))\n\(base64(stanza.wrappedKey))\n".utf8)
    }
    text += Array("---".utf8)
    let key = try HKDF.derive(
      inputKey: fileKey, salt: [], info: Label.header, count: HMACKey.byteCount)
    var code = try HMACKey(key)
    return text + Array(" \(base64(code.authenticate(text)))\n".utf8)
  }

  /// Wraps the file key for one recipient.
  private static func stanza(
    _ recipient: AgeRecipient, _ fileKey: borrowing SecretBytes, _ random: any RandomSource
  ) throws(SealingError) -> (share: [UInt8], wrappedKey: [UInt8]) {
    let ephemeral = try X25519Key(
      scalar: SecretBytes(randomCount: X25519Key.byteCount, from: random))
    guard let shared = try ephemeral.agree(with: recipient.point) else {
      throw SealingError(.invalidRecipient, "a recipient is no usable public key")
    }
    let key = try HKDF.derive(
      inputKey: shared, salt: ephemeral.point + recipient.point, info: Label.recipient,
      count: ChaCha20Poly1305.keyByteCount)
    // The key serves once, so its nonce may stand still.
    let nonce = [UInt8](repeating: 0, count: ChaCha20Poly1305.nonceByteCount)
    let wrapped = try unsafe fileKey.withUnsafeBytes { (bytes) throws(SealingError) in
      try unsafe ChaCha20Poly1305.seal(bytes, key: key, nonce: nonce)
    }
    return (ephemeral.point, wrapped)
  }

  /// Standard base64 without padding.
  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    var buffer = 0
    var bits = 0
    for byte in bytes {
      buffer = buffer << 8 | Int(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[buffer >> bits & 63])
      }
      buffer &= (1 << bits) - 1
    }
    if bits > 0 { text.append(alphabet[buffer << (6 - bits) & 63]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The texts that keep the derivations of a file apart.
  enum Label {
    static let version = Array("age-encryption.org/v1".utf8)
    static let recipient = Array("age-encryption.org/v1/X25519".utf8)
    static let header = Array("header".utf8)
    static let payload = Array("payload".utf8)
  }
}
