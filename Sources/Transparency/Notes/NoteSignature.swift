/// Holds one signature line of a note, not verified.
public struct NoteSignature: Hashable, Sendable {
  /// Most bytes of a signature; room for the post-quantum types we do not know yet.
  public static let payloadByteCountMaximum = 4096

  private static let dash = Array("— ".utf8)

  /// Name of the key that is said to have signed.
  public let name: String
  /// ID of the key that is said to have signed.
  public let keyID: UInt32
  /// The bytes behind the key ID; their meaning depends on the key.
  public let payload: [UInt8]

  /// Takes the parts of a signature line.
  ///
  /// - Parameters:
  ///   - name: Name of the key.
  ///   - keyID: ID of the key.
  ///   - payload: 1…4096 bytes.
  /// - Throws: ``TransparencyError`` `.malformedNote` for an unfit name or payload.
  public init(name: String, keyID: UInt32, payload: [UInt8]) throws {
    guard NoteVerifierKey.isFit(name: name),
      (1...Self.payloadByteCountMaximum).contains(payload.count)
    else {
      throw TransparencyError(.malformedNote, "a signature line has an unfit name or length")
    }
    self.name = name
    self.keyID = keyID
    self.payload = payload
  }

  /// Reads a line without its newline.
  init(line: ArraySlice<UInt8>) throws {
    let malformed = TransparencyError(.malformedNote, "a signature line is not in its form")
    guard line.starts(with: Self.dash) else { throw malformed }
    let parts = line.dropFirst(Self.dash.count)
      .split(separator: TextBytes.space, omittingEmptySubsequences: false)
    guard parts.count == 2, let name = String(validating: parts[0], as: UTF8.self),
      let bytes = try? Base64.decode(parts[1]), bytes.count > 4
    else { throw malformed }
    let keyID = UInt32(truncatingIfNeeded: TextBytes.bigEndian(bytes.prefix(4)))
    try self.init(name: name, keyID: keyID, payload: Array(bytes.dropFirst(4)))
  }

  /// The line with its newline.
  public var line: String {
    "— \(name) \(Base64.encode(TextBytes.bigEndianBytes(keyID) + payload))\n"
  }
}
