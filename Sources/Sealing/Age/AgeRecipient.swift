/// The public key that a sealed file is made for, in the text form of age: `age1…`.
///
/// - SeeAlso: https://c2sp.org/age, recipient type X25519.
public struct AgeRecipient: Hashable, Sendable {
  /// Length of the text in characters.
  public static let textByteCount = 62
  private static let prefix = "age"
  private static let secretPrefix = "age-secret-key-"

  /// The text, which has one spelling.
  public let text: String
  /// The X25519 point.
  let point: [UInt8]

  /// Reads a recipient.
  ///
  /// Strict, because a wrong recipient seals a file for nobody: another case, another length, a
  /// checksum that does not fit, a number that is no canonical field element, and points of low
  /// order, the zero point among them, whose secret everybody knows.
  ///
  /// - Throws: ``SealingError`` `.invalidRecipient`; the message does not repeat the text, since
  ///   people paste the secret key by mistake.
  public init(_ text: String) throws(SealingError) {
    let parsed = Bech32.parse(text)
    if text.lowercased().hasPrefix(Self.secretPrefix) || parsed?.prefix == Self.secretPrefix {
      throw SealingError(
        .invalidRecipient,
        "this is a secret key, not a recipient; take the line `age1…` of the key file, and make a "
          + "new key, since this one was shown")
    }
    guard let parsed, parsed.prefix == Self.prefix, text.utf8.count == Self.textByteCount,
      text.utf8.starts(with: Self.prefix.utf8), let point = Bech32.bytes(parsed.groups),
      point.count == X25519Key.byteCount
    else {
      throw SealingError(
        .invalidRecipient, "a recipient is `age1` and 58 small letters and digits; copy it whole")
    }
    guard Self.isCanonical(point), try Self.agrees(point) else {
      throw SealingError(
        .invalidRecipient, "the recipient is no usable public key; ask for a new one")
    }
    self.text = text
    self.point = point
  }

  /// Whether the bytes, the least significant first, are below 2^255 - 19.
  private static func isCanonical(_ point: [UInt8]) -> Bool {
    guard let top = point.last, top <= 0x7F else { return false }
    let isAllOnes = top == 0x7F && point[1..<(point.count - 1)].allSatisfy { $0 == 0xFF }
    return !isAllOnes || point[0] < 0xED
  }

  /// Whether the point leads to a secret: every scalar is a multiple of the cofactor, so any one
  /// tells.
  private static func agrees(_ point: [UInt8]) throws(SealingError) -> Bool {
    let scalar = try SecretBytes(copying: [UInt8](repeating: 0x55, count: X25519Key.byteCount))
    switch try X25519Key(scalar: scalar).agree(with: point) {
    case .some: return true
    case .none: return false
    }
  }
}
