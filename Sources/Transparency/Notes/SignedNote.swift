/// Holds a text and the signature lines under it, not verified (C2SP signed-note).
///
/// The signed bytes are the text with its final newline, without the empty line that follows.
public struct SignedNote: Hashable, Sendable {
  /// Longest note in bytes.
  public static let byteCountMaximum = 128 * 1024
  /// Most signature lines.
  public static let signatureCountMaximum = 64

  /// The text with its final newline, valid UTF-8 without other control characters.
  public let text: [UInt8]
  /// The signature lines in order.
  public private(set) var signatures: [NoteSignature]

  /// Takes a text and its signatures.
  ///
  /// - Parameters:
  ///   - text: The text with its final newline.
  ///   - signatures: At least one signature.
  /// - Throws: ``TransparencyError`` `.malformedNote` outside the note format.
  public init(text: [UInt8], signatures: [NoteSignature]) throws {
    guard text.last == TextBytes.newline, text.count <= Self.byteCountMaximum,
      text.allSatisfy({ $0 >= 0x20 || $0 == TextBytes.newline }),
      String(validating: text, as: UTF8.self) != nil
    else {
      throw TransparencyError(
        .malformedNote, "the text is not UTF-8 lines without control characters")
    }
    guard (1...Self.signatureCountMaximum).contains(signatures.count) else {
      throw TransparencyError(
        .malformedNote, "a note cannot have \(signatures.count) signatures")
    }
    self.text = text
    self.signatures = signatures
  }

  /// Reads a note.
  ///
  /// - Parameter encoded: The whole note.
  /// - Throws: ``TransparencyError`` `.malformedNote` for anything but one note.
  public init(encoded: [UInt8]) throws {
    guard encoded.count <= Self.byteCountMaximum else {
      throw TransparencyError(.malformedNote, "the note has \(encoded.count) bytes")
    }
    guard let blank = TextBytes.blankLine(in: encoded, last: true),
      let lines = TextBytes.lines(encoded[(blank + 1)...])
    else {
      throw TransparencyError(.malformedNote, "the note has no signatures under its text")
    }
    try self.init(
      text: Array(encoded[..<blank]), signatures: lines.map(NoteSignature.init(line:)))
  }

  /// The whole note as it is published.
  public var encoded: [UInt8] {
    text + [TextBytes.newline] + signatures.flatMap { Array($0.line.utf8) }
  }

  /// Adds a signature, as that of a witness.
  ///
  /// - Parameter signature: The signature to put under the others.
  /// - Throws: ``TransparencyError`` `.malformedNote` when there are too many.
  public mutating func add(_ signature: NoteSignature) throws {
    guard signatures.count < Self.signatureCountMaximum else {
      throw TransparencyError(.malformedNote, "the note has too many signatures")
    }
    signatures.append(signature)
  }

  /// Verifies the signatures of the keys that are known.
  ///
  /// Lines of unknown keys are passed over. One known key whose signature fails refuses the note,
  /// whatever the others say.
  ///
  /// - Parameter keys: The known keys.
  /// - Returns: The text with the keys that signed it.
  /// - Throws: ``TransparencyError`` `.signatureRejected` for a bad signature by a known key,
  ///   `.missingSignature` when no known key signed, `.malformedKey` when two different known keys
  ///   share name and ID.
  public func verified(by keys: [NoteVerifierKey]) throws -> VerifiedNote {
    var signers: [NoteSigner] = []
    for signature in signatures {
      let named = keys.filter { $0.isNamed(by: signature) }
      guard let key = named.first else { continue }
      guard named.allSatisfy({ $0 == key }) else {
        throw TransparencyError(.malformedKey, "two known keys share one name and key ID")
      }
      let signer = try NoteSigner(verifying: signature, key: key, text: text)
      if !signers.contains(where: { $0.key == key }) { signers.append(signer) }
    }
    guard !signers.isEmpty else {
      throw TransparencyError(.missingSignature, "no known key has signed the note")
    }
    return VerifiedNote(text: text, signers: signers)
  }
}
