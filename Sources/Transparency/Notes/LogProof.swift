/// Carries everything that shows an entry is in a log: a `.tlog-proof` file (C2SP tlog-proof).
///
/// With the entry's bytes and the log's key next to it, it can be verified offline, also when the
/// log is gone. It does not show that the log was the same for everyone; cosignatures do.
public struct LogProof: Hashable, Sendable {
  /// Longest file in bytes.
  public static let byteCountMaximum = 256 * 1024
  /// Most hashes in a proof: one per level of the largest tree.
  public static let hashCountMaximum = 63

  private static let header = Array("c2sp.org/tlog-proof@v1".utf8)

  /// Bytes for the reader's own use, which nothing authenticates.
  public let extra: [UInt8]?
  /// Index of the entry.
  public let leafIndex: Int
  /// Hashes of the inclusion proof, the leaf's sibling first.
  public let hashes: [TreeHash]
  /// The signed checkpoint the proof leads to.
  public let checkpoint: SignedNote

  /// Takes the parts of a proof file; nothing is checked before verification.
  ///
  /// - Parameters:
  ///   - inclusion: The inclusion proof, for the size of `checkpoint`.
  ///   - checkpoint: The signed checkpoint.
  ///   - extra: Unauthenticated bytes, or nil.
  public init(inclusion: InclusionProof, checkpoint: SignedNote, extra: [UInt8]? = nil) {
    self.init(
      leafIndex: inclusion.leafIndex, hashes: inclusion.hashes, checkpoint: checkpoint,
      extra: extra)
  }

  private init(leafIndex: Int, hashes: [TreeHash], checkpoint: SignedNote, extra: [UInt8]?) {
    self.extra = extra
    self.leafIndex = leafIndex
    self.hashes = hashes
    self.checkpoint = checkpoint
  }

  /// Reads a proof file.
  ///
  /// - Parameter encoded: The whole file.
  /// - Throws: ``TransparencyError`` `.malformedProof`, `.malformedNote`.
  public init(encoded: [UInt8]) throws {
    let malformed = TransparencyError(.malformedProof, "the file is not a proof in its form")
    guard encoded.count <= Self.byteCountMaximum,
      let blank = TextBytes.blankLine(in: encoded, last: false),
      var lines = TextBytes.lines(encoded[..<blank]),
      lines.count >= 2, lines.removeFirst().elementsEqual(Self.header)
    else { throw malformed }
    var extra: [UInt8]?
    if let text = Self.value("extra ", in: lines[0]) {
      guard let bytes = try? Base64.decode(text) else { throw malformed }
      extra = bytes
      lines.removeFirst()
    }
    guard let first = lines.first, let digits = Self.value("index ", in: first),
      let index = TextBytes.decimal(digits), lines.count - 1 <= Self.hashCountMaximum
    else { throw malformed }
    let hashes = lines.dropFirst().compactMap { try? TreeHash(bytes: Base64.decode($0)) }
    guard hashes.count == lines.count - 1 else { throw malformed }
    let checkpoint = try SignedNote(encoded: Array(encoded[(blank + 1)...]))
    self.init(leafIndex: index, hashes: hashes, checkpoint: checkpoint, extra: extra)
  }

  /// The whole file.
  public var encoded: [UInt8] {
    var text = String(decoding: Self.header, as: UTF8.self) + "\n"
    if let extra { text += "extra \(Base64.encode(extra))\n" }
    text += "index \(leafIndex)\n"
    for hash in hashes { text += "\(hash)\n" }
    return Array(text.utf8) + [TextBytes.newline] + checkpoint.encoded
  }

  /// Verifies that the entry is in the log.
  ///
  /// - Parameters:
  ///   - entry: The entry's bytes.
  ///   - logKey: The log's key, got from elsewhere than this file.
  ///   - witnesses: Known witness keys.
  /// - Returns: The verified checkpoint the entry is under.
  /// - Throws: ``TransparencyError`` of the checkpoint or of the inclusion proof.
  @discardableResult
  public func verify(
    entry: [UInt8], logKey: NoteVerifierKey, witnesses: [NoteVerifierKey] = []
  ) throws -> VerifiedCheckpoint {
    let verified = try VerifiedCheckpoint(
      verifying: checkpoint, logKey: logKey, witnesses: witnesses)
    let proof = InclusionProof(
      leafIndex: leafIndex, treeSize: verified.checkpoint.treeSize, hashes: hashes)
    try proof.verify(leafHash: .leaf(entry), rootHash: verified.checkpoint.rootHash)
    return verified
  }

  private static func value(_ label: String, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    line.starts(with: label.utf8) ? line.dropFirst(label.utf8.count) : nil
  }
}
