public import Sealing

/// Signs notes as one named key; the key of a log.
///
/// The text form of the secret is `PRIVATE+KEY+<name>+<8 hex digits>+<base64 of type and seed>`,
/// as Go's note package writes it. The key ID in it is that of the public key. Both text and seed
/// stay in ``SecretBytes``; this type never puts them into an array or a string.
public struct NoteSigningKey: ~Copyable {
  private static let prefix = Array("PRIVATE+KEY+".utf8)

  /// The public half, to be handed to auditors.
  public let verifierKey: NoteVerifierKey
  private let key: SigningKey

  /// Makes a signing key from its seed.
  ///
  /// - Parameters:
  ///   - name: Name of the key; for a log its origin.
  ///   - seed: 32 secret bytes.
  /// - Throws: ``TransparencyError`` `.malformedKey` for an unfit name or seed.
  public init(name: String, seed: borrowing SecretBytes) throws {
    guard let key = try? SigningKey(seed: seed) else {
      throw TransparencyError(.malformedKey, "the seed is not one of an Ed25519 key")
    }
    verifierKey = try NoteVerifierKey(
      name: name, algorithm: .ed25519, publicKey: key.verifyingKey)
    self.key = key
  }

  /// Reads the text form.
  ///
  /// - Parameter encoded: The text, without line end.
  /// - Throws: ``TransparencyError`` `.malformedKey` for every other text; `SealingError` when
  ///   secret memory is exhausted.
  public init(encoded: borrowing SecretBytes) throws {
    let malformed = TransparencyError(.malformedKey, "the text is not a signing key")
    let text = try unsafe encoded.withUnsafeBytes { bytes throws -> (name: String, id: UInt32) in
      guard unsafe bytes.starts(with: Self.prefix) else { throw malformed }
      let parts = unsafe bytes.dropFirst(Self.prefix.count)
        .split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
      guard unsafe parts.count == 3,
        let name = unsafe String(validating: parts[0], as: UTF8.self),
        let id = unsafe TextBytes.keyID(hex: parts[1])
      else { throw malformed }
      return (name, id)
    }
    let headCount = Self.prefix.count + text.name.utf8.count + 10
    let material = try Self.decode(encoded, from: headCount)
    let read = try NoteSigningKey(name: text.name, seed: material.slice(1..<material.count))
    guard read.verifierKey.keyID == text.id else {
      throw TransparencyError(.malformedKey, "the key ID is not that of the signing key")
    }
    self = read
  }

  /// Writes the text form of a seed.
  ///
  /// - Parameters:
  ///   - name: Name of the key.
  ///   - seed: 32 secret bytes.
  /// - Returns: The text, in secret memory.
  /// - Throws: As ``init(name:seed:)``; `SealingError` when secret memory is exhausted.
  public static func encode(name: String, seed: borrowing SecretBytes) throws -> SecretBytes {
    let key = try NoteSigningKey(name: name, seed: seed)
    let head = prefix + Array("\(name)+\(TextBytes.hex(key.verifierKey.keyID))+".utf8)
    let type = try SecretBytes(copying: [NoteVerifierKey.Algorithm.ed25519.rawValue])
    let material = try SecretBytes(concatenating: type, seed)
    var tail = try SecretBytes(zeroCount: (material.count + 2) / 3 * 4)
    unsafe tail.withUnsafeMutableBytes { text in
      unsafe material.withUnsafeBytes { bytes in
        var position = 0
        unsafe Base64.encode(bytes) {
          unsafe text[position] = $0
          position += 1
        }
      }
    }
    return try SecretBytes(concatenating: SecretBytes(copying: head), tail)
  }

  /// Signs the text of a note.
  ///
  /// - Parameter text: The text with its final newline.
  /// - Returns: The signature line to add.
  /// - Throws: `SealingError` when signing fails.
  public borrowing func sign(_ text: [UInt8]) throws -> NoteSignature {
    try NoteSignature(
      name: verifierKey.name, keyID: verifierKey.keyID, payload: key.sign(text))
  }

  /// Decodes type byte and seed, checking their number and the type.
  private static func decode(
    _ encoded: borrowing SecretBytes, from start: Int
  ) throws -> SecretBytes {
    let malformed = TransparencyError(.malformedKey, "the text is not a signing key")
    // One type byte and 32 of seed are 33 bytes: 44 characters without padding.
    guard encoded.count - start == 44 else { throw malformed }
    var material = try SecretBytes(zeroCount: 1 + SigningKey.seedByteCount)
    let isEd25519 = unsafe material.withUnsafeMutableBytes { target -> Bool in
      var position = 0
      do {
        try unsafe encoded.withUnsafeBytes { text throws in
          try unsafe Base64.decode(text.dropFirst(start)) {
            if position < target.count { unsafe target[position] = $0 }
            position += 1
          }
        }
      } catch {
        return false
      }
      return unsafe position == target.count
        && target[0] == NoteVerifierKey.Algorithm.ed25519.rawValue
    }
    guard isEd25519 else { throw malformed }
    return material
  }
}
