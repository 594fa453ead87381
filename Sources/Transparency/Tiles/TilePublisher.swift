/// Holds one file of the published log.
public struct PublishedFile: Hashable, Sendable {
  /// Path below the log's directory, with forward slashes.
  public let path: String
  /// Content of the file.
  public let bytes: [UInt8]
}

/// Makes the files that a grown log adds to its published directory.
///
/// Entries come first, then level 0, then the levels above: a reader that sees a tile can already
/// read what it is made of. Writing the checkpoint last is the caller's business.
public enum TilePublisher {
  /// Reads the entry with an index.
  public typealias EntryReader = (_ index: Int) throws -> [UInt8]

  /// Makes the new files as a list.
  ///
  /// - Parameters:
  ///   - publishedSize: Tree size up to which everything is published; 0 for a new directory.
  ///   - treeSize: Tree size to publish.
  ///   - minimumIndex: Index below which entries may be gone; bundles that lie wholly below are
  ///     left out.
  ///   - readHash: Reads stored hashes.
  ///   - readEntry: Reads entries.
  /// - Returns: The files in the order in which they are to be written.
  /// - Throws: As ``publish(from:to:readHash:readEntry:write:)``.
  public static func files(
    from publishedSize: Int, to treeSize: Int, minimumIndex: Int = 0,
    readHash: StoredHashReader, readEntry: EntryReader
  ) throws -> [PublishedFile] {
    var files: [PublishedFile] = []
    try publish(
      from: publishedSize, to: treeSize, minimumIndex: minimumIndex, readHash: readHash,
      readEntry: readEntry
    ) { files.append($0) }
    return files
  }

  /// Makes the new files one by one, for logs too large to hold their files in memory.
  ///
  /// - Parameters:
  ///   - publishedSize: Tree size up to which everything is published; 0 for a new directory.
  ///   - treeSize: Tree size to publish.
  ///   - minimumIndex: Index below which entries may be gone; bundles that lie wholly below are
  ///     left out.
  ///   - readHash: Reads stored hashes.
  ///   - readEntry: Reads entries.
  ///   - write: Takes each file, in the order in which they are to be written.
  /// - Throws: ``TransparencyError`` `.outOfRange` when the sizes do not ascend,
  ///   `.inconsistentStore` when an entry does not hash to its stored leaf hash (nothing after that
  ///   is written); whatever the closures throw.
  public static func publish(
    from publishedSize: Int, to treeSize: Int, minimumIndex: Int = 0,
    readHash: StoredHashReader, readEntry: EntryReader,
    write: (PublishedFile) throws -> Void
  ) throws {
    guard 0 <= publishedSize, publishedSize <= treeSize, treeSize <= MerkleTree.sizeMaximum else {
      throw TransparencyError(.outOfRange, "no way from size \(publishedSize) to size \(treeSize)")
    }
    for address in TileAddress.all(.entries, treeSize: treeSize, beyond: publishedSize) {
      let first = address.index * TileAddress.fullWidth
      if first + address.width <= minimumIndex { continue }
      let entries = try (first..<first + address.width).map { index in
        let entry = try readEntry(index)
        guard .leaf(entry) == (try readHash(StoredHashIndex.index(level: 0, offset: index))) else {
          throw TransparencyError(
            .inconsistentStore, "entry \(index) does not hash to its stored leaf hash")
        }
        return entry
      }
      try write(PublishedFile(path: address.path, bytes: try EntryBundle.encode(entries)))
    }
    for level in 0...TileAddress.levelMaximum where treeSize >> (level * TileAddress.height) > 0 {
      let kind = TileAddress.Kind.hashes(level: level)
      for address in TileAddress.all(kind, treeSize: treeSize, beyond: publishedSize) {
        let hashes = try HashTile.hashes(
          level: level, index: address.index, width: address.width, read: readHash)
        try write(PublishedFile(path: address.path, bytes: HashTile.encode(hashes)))
      }
    }
  }
}
