internal import Sealing

/// The text form of a key that signs notes: `PRIVATE+KEY+<name>+<8 hex digits>+<base64>`.
///
/// The digits are the ID of the public key; the base64 is that of the type byte and the seed. Text
/// and seed stay in ``SecretBytes``.
struct SigningKeyText: ~Copyable {
  private static let prefix = Array("PRIVATE+KEY+".utf8)
  /// One type byte and 32 of seed are 33 bytes: 44 characters without padding.
  private static let materialCharacterCount = 44

  let name: String
  let keyID: UInt32
  let seed: SecretBytes

  /// Reads the text form of a key of one type.
  ///
  /// Whether the ID is that of the seed is left to the key made from it.
  init(_ encoded: borrowing SecretBytes, of algorithm: NoteVerifierKey.Algorithm) throws {
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
    let material = try Self.decode(encoded, from: headCount, algorithm)
    let seed = try material.slice(1..<material.count)
    self.init(name: text.name, keyID: text.id, seed: seed)
  }

  private init(name: String, keyID: UInt32, seed: consuming SecretBytes) {
    self.name = name
    self.keyID = keyID
    self.seed = seed
  }

  /// Writes the text form of the seed of a key.
  static func encode(_ key: NoteVerifierKey, seed: borrowing SecretBytes) throws -> SecretBytes {
    let head = prefix + Array("\(key.name)+\(TextBytes.hex(key.keyID))+".utf8)
    let type = try SecretBytes(copying: [key.algorithm.rawValue])
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

  /// Decodes type byte and seed, checking their number and the type.
  private static func decode(
    _ encoded: borrowing SecretBytes, from start: Int, _ algorithm: NoteVerifierKey.Algorithm
  ) throws -> SecretBytes {
    let malformed = TransparencyError(.malformedKey, "the text is not a signing key")
    guard encoded.count - start == materialCharacterCount else { throw malformed }
    var material = try SecretBytes(zeroCount: 1 + SigningKey.seedByteCount)
    let isOfType = unsafe material.withUnsafeMutableBytes { target -> Bool in
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
      return unsafe position == target.count && target[0] == algorithm.rawValue
    }
    guard isOfType else { throw malformed }
    return material
  }
}
