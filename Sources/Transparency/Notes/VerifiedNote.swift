import Sealing

/// Tells who has signed a note, and when if the signature says so.
///
/// Only verification makes one.
public struct NoteSigner: Hashable, Sendable {
  /// The key that signed.
  public let key: NoteVerifierKey
  /// Time of a cosignature in POSIX seconds; nil for a plain signature.
  public let timeSeconds: UInt64?

  /// Verifies one signature by the key that its line names.
  init(verifying signature: NoteSignature, key: NoteVerifierKey, text: [UInt8]) throws {
    let rejected = TransparencyError(
      .signatureRejected, "the signature by `\(key.name)` does not verify")
    var message = text
    var bytes = signature.payload
    var time: UInt64?
    if key.algorithm == .cosignature {
      guard bytes.count > 8 else { throw rejected }
      let seconds = TextBytes.bigEndian(bytes.prefix(8))
      bytes.removeFirst(8)
      message = Self.cosignedMessage(text, timeSeconds: seconds)
      time = seconds
    }
    guard key.publicKey.isValid(signature: bytes, for: message) else { throw rejected }
    self.key = key
    timeSeconds = time
  }

  /// What a cosignature signs.
  static func cosignedMessage(_ text: [UInt8], timeSeconds: UInt64) -> [UInt8] {
    Array("cosignature/v1\ntime \(timeSeconds)\n".utf8) + text
  }
}

/// Holds a text whose signatures have been verified.
///
/// Only `SignedNote.verified(by:)` makes one.
public struct VerifiedNote: Hashable, Sendable {
  /// The text with its final newline.
  public let text: [UInt8]
  /// The known keys that signed, each once.
  public let signers: [NoteSigner]

  init(text: [UInt8], signers: [NoteSigner]) {
    self.text = text
    self.signers = signers
  }
}
