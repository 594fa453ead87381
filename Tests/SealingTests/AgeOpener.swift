import TestSupport

@testable import Sealing

extension AgePair {
  /// The private key behind the identity.
  func key() throws -> X25519Key {
    guard let parsed = Bech32.parse(identity), parsed.prefix == "age-secret-key-",
      let scalar = Bech32.bytes(parsed.groups)
    else { throw SealingError(.invalidRecipient, "not an identity") }
    return try X25519Key(scalar: SecretBytes(copying: scalar))
  }
}

/// Opens sealed files the way the specification of age says, without the writer's own code paths.
struct AgeOpener {
  private let pair: AgePair

  init(_ pair: AgePair) { self.pair = pair }

  /// The plaintext, chunk by chunk.
  func chunks(of file: [UInt8]) throws -> [[UInt8]] {
    let (stanzas, authenticated, code, payload) = try Self.parts(of: file)
    let key = try pair.key()
    for stanza in stanzas where stanza.kind == "X25519" {
      guard let fileKey = try? Self.unwrap(stanza, key) else { continue }
      let headerKey = try HKDF.derive(
        inputKey: fileKey, salt: [], info: Array("header".utf8), count: 32)
      var expected = try HMACKey(headerKey)
      guard expected.authenticate(authenticated) == code else { throw Self.refusal }
      return try Self.open(payload, fileKey)
    }
    throw Self.refusal
  }

  private typealias Stanza = (kind: String, share: [UInt8], body: [UInt8])
  private typealias Parts = (
    stanzas: [Stanza], authenticated: [UInt8], code: [UInt8], payload: [UInt8]
  )

  private static let refusal = SealingError(.authenticationFailure, "the file does not open")

  /// Stanzas, the bytes the code covers, the code, and what follows.
  private static func parts(of file: [UInt8]) throws -> Parts {
    var rest = file[...]
    func line() throws -> String {
      guard let end = rest.firstIndex(of: 0x0A) else { throw refusal }
      defer { rest = rest[(end + 1)...] }
      return String(decoding: rest[..<end], as: UTF8.self)
    }
    guard try line() == "age-encryption.org/v1" else { throw refusal }
    var stanzas: [Stanza] = []
    while true {
      let start = rest.startIndex
      let words = try line().split(separator: " ").map(String.init)
      if words.first == "---", words.count == 2 {
        return (stanzas, Array(file[..<(start + 3)]), try base64(words[1]), Array(rest))
      }
      guard words.count == 3, words[0] == "->" else { throw refusal }
      stanzas.append((words[1], try base64(words[2]), try base64(try line())))
    }
  }

  private static func unwrap(_ stanza: Stanza, _ key: borrowing X25519Key) throws -> SecretBytes {
    guard let shared = try key.agree(with: stanza.share) else { throw refusal }
    let wrapping = try HKDF.derive(
      inputKey: shared, salt: stanza.share + key.point,
      info: Array("age-encryption.org/v1/X25519".utf8), count: 32)
    return try ChaCha20Poly1305.open(
      stanza.body, key: wrapping, nonce: [UInt8](repeating: 0, count: 12))
  }

  private static func open(_ payload: [UInt8], _ fileKey: borrowing SecretBytes) throws -> [[UInt8]]
  {
    let key = try HKDF.derive(
      inputKey: fileKey, salt: Array(payload.prefix(16)), info: Array("payload".utf8), count: 32)
    var rest = payload.dropFirst(16)
    var chunks: [[UInt8]] = []
    repeat {
      let sealed = Array(rest.prefix(65_536 + 16))
      rest = rest.dropFirst(sealed.count)
      let number = UInt64(chunks.count)
      let nonce = [0, 0, 0] + number.bigEndianBytes + [rest.isEmpty ? 1 : 0]
      let chunk = try ChaCha20Poly1305.open(sealed, key: key, nonce: nonce).plaintextCopy()
      guard !chunk.isEmpty || chunks.isEmpty else { throw refusal }
      chunks.append(chunk)
    } while !rest.isEmpty
    return chunks
  }

  private static func base64(_ text: String) throws -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bits: [UInt8] = []
    for byte in text.utf8 {
      guard let value = alphabet.firstIndex(of: byte) else { throw refusal }
      bits += (0..<6).reversed().map { UInt8(value >> $0 & 1) }
    }
    return stride(from: 0, to: bits.count / 8 * 8, by: 8).map { start in
      bits[start..<(start + 8)].reduce(0) { $0 << 1 | $1 }
    }
  }
}
