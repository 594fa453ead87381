public import Sealing

/// Names a key that signs notes, with what is needed to verify it (C2SP signed-note).
///
/// The text form is `<name>+<8 hex digits of the key ID>+<base64 of type byte and public key>`.
public struct NoteVerifierKey: Hashable, Sendable {
  /// What a signature by the key covers.
  public enum Algorithm: UInt8, Hashable, Sendable {
    /// Ed25519 over the note's text: the key of a log.
    case ed25519 = 0x01
    /// Ed25519 over the text and a time, `cosignature/v1`: the key of a witness.
    case cosignature = 0x04
  }

  /// Longest name in bytes.
  public static let nameByteCountMaximum = 255

  /// Name of the key; for a log's key this is the log's origin.
  public let name: String
  /// First four bytes of SHA-256(name || newline || type || public key), big-endian.
  public let keyID: UInt32
  /// What a signature covers.
  public let algorithm: Algorithm
  /// The Ed25519 public key.
  public let publicKey: VerifyingKey

  /// Names a public key.
  ///
  /// - Parameters:
  ///   - name: Non-empty, without white space, control characters and `+`.
  ///   - algorithm: What signatures cover.
  ///   - publicKey: The Ed25519 public key.
  /// - Throws: ``TransparencyError`` `.malformedKey` for an unfit name.
  public init(name: String, algorithm: Algorithm, publicKey: VerifyingKey) throws {
    guard Self.isFit(name: name) else {
      throw TransparencyError(
        .malformedKey, "the key name is empty, too long or holds a space or `+`")
    }
    self.name = name
    self.algorithm = algorithm
    self.publicKey = publicKey
    let digest = SHA256.hash(
      Array(name.utf8), [TextBytes.newline, algorithm.rawValue], publicKey.rawBytes)
    keyID = UInt32(truncatingIfNeeded: TextBytes.bigEndian(digest.prefix(4)))
  }

  /// Reads the text form.
  ///
  /// - Parameter encoded: The text of one key, without line end.
  /// - Throws: ``TransparencyError`` `.malformedKey` when the text is not a key of a known type or
  ///   its key ID is not that of its name and public key.
  public init(encoded: String) throws {
    let parts = Array(encoded.utf8)
      .split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let name = String(validating: parts[0], as: UTF8.self),
      let statedID = TextBytes.keyID(hex: parts[1]),
      let material = try? Base64.decode(parts[2]),
      let algorithm = material.first.flatMap(Algorithm.init(rawValue:)),
      let publicKey = try? VerifyingKey(rawBytes: Array(material.dropFirst()))
    else {
      throw TransparencyError(.malformedKey, "the text is not a verifier key of a known type")
    }
    try self.init(name: name, algorithm: algorithm, publicKey: publicKey)
    guard keyID == statedID else {
      throw TransparencyError(
        .malformedKey, "the key ID is not that of the name and the public key")
    }
  }

  /// The text form.
  public var encoded: String {
    let material = Base64.encode([algorithm.rawValue] + publicKey.rawBytes)
    return "\(name)+\(TextBytes.hex(keyID))+\(material)"
  }

  /// Tells whether a name may stand in a key and in a signature line.
  static func isFit(name: String) -> Bool {
    (1...nameByteCountMaximum).contains(name.utf8.count)
      && name.unicodeScalars.allSatisfy { scalar in
        scalar.value >= 0x20 && scalar != "+" && !scalar.properties.isWhitespace
      }
  }

  /// Tells whether this key made a signature: name bytes and key ID are its own.
  func isNamed(by signature: NoteSignature) -> Bool {
    keyID == signature.keyID && name.utf8.elementsEqual(signature.name.utf8)
  }
}
