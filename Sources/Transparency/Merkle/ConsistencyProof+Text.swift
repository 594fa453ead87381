extension ConsistencyProof {
  /// The proof as a file: the two sizes and a hash a line.
  ///
  /// - SeeAlso: `docs/format.md#consistency-proof`.
  public var encoded: [UInt8] {
    let lines = ["old \(oldSize)", "new \(newSize)"] + hashes.map(\.description)
    return lines.flatMap { Array($0.utf8) + [TextBytes.newline] }
  }

  /// Longest file in bytes: two sizes and as many hashes as two paths of the largest tree have.
  public static let byteCountMaximum = 8192

  /// Reads a file.
  ///
  /// - Parameter encoded: The whole file.
  /// - Throws: ``TransparencyError`` `.malformedProof` for every other text.
  public init(encoded: [UInt8]) throws {
    let malformed = TransparencyError(.malformedProof, "the file is not a proof in its form")
    guard encoded.count <= Self.byteCountMaximum, let lines = TextBytes.lines(encoded[...]),
      lines.count >= 2
    else { throw malformed }
    let sizes = zip(["old ", "new "], lines).compactMap { label, line in
      line.starts(with: label.utf8) ? TextBytes.decimal(line.dropFirst(label.utf8.count)) : nil
    }
    let hashes = lines.dropFirst(2).compactMap { try? TreeHash(bytes: Base64.decode($0)) }
    guard sizes.count == 2, hashes.count == lines.count - 2 else { throw malformed }
    self.init(oldSize: sizes[0], newSize: sizes[1], hashes: hashes)
  }
}
