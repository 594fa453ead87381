import Sealing

/// The text form of a token: `t1_<domain>_<base32 of 16 bytes>`.
public struct TokenText: Hashable, Sendable {
  /// Version prefix.
  public static let prefix = "t1"
  /// Length of a token in bytes.
  public static let byteCount = 16

  /// Name of the domain.
  public let domain: String
  /// The token's 16 bytes.
  public let token: [UInt8]

  init(domain: String, token: [UInt8]) {
    self.domain = domain
    self.token = token
  }

  /// Reads a token.
  ///
  /// - Throws: ``VaultError`` `.invalidInput` for anything that is not a token's text.
  public init(_ text: String) throws {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == Self.prefix, !parts[1].isEmpty,
      let token = Base32.decode(parts[2]), token.count == Self.byteCount
    else {
      throw VaultError(
        .invalidInput, "a token looks like `t1_desk_` and 26 letters and digits; copy it whole")
    }
    domain = String(parts[1])
    self.token = token
  }

  /// The text.
  public var text: String { "\(Self.prefix)_\(domain)_\(Base32.encode(token))" }
}

/// Base 32 (RFC 4648 §6) in lower case without padding.
enum Base32 {
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var buffer = 0
    var bits = 0
    for byte in bytes {
      buffer = buffer << 8 | Int(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        text.append(alphabet[buffer >> bits & 31])
      }
      buffer &= (1 << bits) - 1
    }
    if bits > 0 { text.append(alphabet[buffer << (5 - bits) & 31]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Decodes; nil for foreign characters or non-zero spare bits.
  static func decode(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = 0
    var bits = 0
    for character in text.utf8 {
      guard let digit = alphabet.firstIndex(of: character) else { return nil }
      buffer = buffer << 5 | digit
      bits += 5
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(buffer >> bits & 0xFF))
      }
      buffer &= (1 << bits) - 1
    }
    return bits < 5 && buffer == 0 ? bytes : nil
  }
}
