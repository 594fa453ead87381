/// States the size and root hash of a log at one moment (C2SP tlog-checkpoint).
///
/// A checkpoint by itself says nothing; signed and verified it is a ``VerifiedCheckpoint``.
public struct Checkpoint: Hashable, Sendable {
  /// Name of the log.
  public let origin: String
  /// Number of entries.
  public let treeSize: Int
  /// Root hash of the tree of these entries.
  public let rootHash: TreeHash
  /// Further lines; discouraged by the format, and empty in our logs.
  public let extensionLines: [String]

  /// States size and root of a log.
  ///
  /// - Parameters:
  ///   - origin: Name of the log, non-empty.
  ///   - treeSize: Number of entries.
  ///   - rootHash: Root hash; that of the empty tree when there are no entries.
  ///   - extensionLines: Further non-empty lines.
  /// - Throws: ``TransparencyError`` `.malformedCheckpoint` when a part cannot stand in a
  ///   checkpoint.
  public init(
    origin: String, treeSize: Int, rootHash: TreeHash, extensionLines: [String] = []
  ) throws {
    guard (0...MerkleTree.sizeMaximum).contains(treeSize),
      treeSize > 0 || rootHash == .emptyRoot,
      ([origin] + extensionLines).allSatisfy(Self.isFit(line:))
    else {
      throw TransparencyError(
        .malformedCheckpoint, "origin, tree size, root or an extension line is unfit")
    }
    self.origin = origin
    self.treeSize = treeSize
    self.rootHash = rootHash
    self.extensionLines = extensionLines
  }

  /// Reads the text of a checkpoint.
  ///
  /// - Parameter text: The text of the note.
  /// - Throws: ``TransparencyError`` `.malformedCheckpoint` for every other text.
  public init(text: [UInt8]) throws {
    let malformed = TransparencyError(.malformedCheckpoint, "the note's text is not a checkpoint")
    guard let lines = TextBytes.lines(text[...]), lines.count >= 3,
      let size = TextBytes.decimal(lines[1]),
      let root = try? TreeHash(bytes: Base64.decode(lines[2]))
    else { throw malformed }
    let words = lines.compactMap { String(validating: $0, as: UTF8.self) }
    guard words.count == lines.count else { throw malformed }
    try self.init(
      origin: words[0], treeSize: size, rootHash: root, extensionLines: Array(words.dropFirst(3)))
  }

  /// The text to sign.
  public var text: [UInt8] {
    let lines = [origin, String(treeSize), rootHash.description] + extensionLines
    return lines.flatMap { Array($0.utf8) + [TextBytes.newline] }
  }

  /// Signs the checkpoint as the log.
  ///
  /// A log must never sign two checkpoints of which one does not continue the other. This function
  /// cannot know what was signed before; the caller has to.
  ///
  /// - Parameter key: The log's key, whose name is the origin.
  /// - Returns: The signed note to publish.
  /// - Throws: ``TransparencyError`` `.originMismatch` when the key is not named like the log;
  ///   `SealingError` when signing fails.
  public func signed(by key: borrowing NoteSigningKey) throws -> SignedNote {
    guard key.verifierKey.name.utf8.elementsEqual(origin.utf8) else {
      throw TransparencyError(.originMismatch, "the key is not that of the log `\(origin)`")
    }
    let text = text
    return try SignedNote(text: text, signatures: [key.sign(text)])
  }

  private static func isFit(line: String) -> Bool {
    !line.isEmpty && line.utf8.allSatisfy { $0 >= 0x20 }
  }
}
