/// Asks a witness to cosign a checkpoint: the body of `add-checkpoint` (C2SP tlog-witness).
public struct AddCheckpointRequest: Hashable, Sendable {
  /// Longest body in bytes.
  public static let byteCountMaximum = 64 * 1024
  /// Most hashes of a proof.
  public static let hashCountMaximum = 63
  /// What an address ends in, behind the prefix of the witness.
  public static let pathSuffix = "/add-checkpoint"

  private static let label = Array("old ".utf8)

  /// Size of the tree that the witness is thought to have cosigned last; 0 for none.
  public let oldSize: Int
  /// The consistency proof from that size to the checkpoint's.
  public let hashes: [TreeHash]
  /// The signed checkpoint.
  public let note: SignedNote

  /// Takes the parts of a request; whether they fit each other is for the witness to see.
  ///
  /// - Parameters:
  ///   - oldSize: Size cosigned before, or 0.
  ///   - hashes: At most ``hashCountMaximum`` hashes.
  ///   - note: The signed checkpoint.
  /// - Throws: ``TransparencyError`` `.malformedRequest` outside the limits.
  public init(oldSize: Int, hashes: [TreeHash], note: SignedNote) throws {
    guard (0...MerkleTree.sizeMaximum).contains(oldSize), hashes.count <= Self.hashCountMaximum
    else {
      throw TransparencyError(.malformedRequest, "the old size or the proof is out of range")
    }
    self.oldSize = oldSize
    self.hashes = hashes
    self.note = note
  }

  /// Reads a body.
  ///
  /// - Parameter encoded: The whole body.
  /// - Throws: ``TransparencyError`` `.malformedRequest`, `.malformedNote`.
  public init(encoded: [UInt8]) throws {
    let malformed = TransparencyError(
      .malformedRequest, "the body is not a request to add a checkpoint")
    guard encoded.count <= Self.byteCountMaximum,
      let blank = TextBytes.blankLine(in: encoded, last: false),
      let lines = TextBytes.lines(encoded[..<blank]), let first = lines.first,
      first.starts(with: Self.label),
      let oldSize = TextBytes.decimal(first.dropFirst(Self.label.count)),
      lines.count - 1 <= Self.hashCountMaximum
    else { throw malformed }
    let hashes = lines.dropFirst().compactMap { try? TreeHash(bytes: Base64.decode($0)) }
    guard hashes.count == lines.count - 1 else { throw malformed }
    try self.init(
      oldSize: oldSize, hashes: hashes, note: SignedNote(encoded: Array(encoded[(blank + 1)...])))
  }

  /// The whole body.
  public var encoded: [UInt8] {
    let head = "old \(oldSize)\n" + hashes.map { "\($0)\n" }.joined() + "\n"
    return Array(head.utf8) + note.encoded
  }
}
