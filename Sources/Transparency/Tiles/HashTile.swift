/// Encodes and decodes the content of a hash tile: its hashes one after the other, nothing else.
public enum HashTile {
  /// Joins hashes to the content of a tile.
  ///
  /// - Parameter hashes: 1…256 hashes.
  /// - Returns: 32 bytes per hash.
  public static func encode(_ hashes: [TreeHash]) -> [UInt8] {
    hashes.flatMap(\.bytes)
  }

  /// Cuts the content of a tile into its hashes.
  ///
  /// - Parameters:
  ///   - bytes: The file's content.
  ///   - width: Number of hashes the path announces.
  /// - Returns: `width` hashes.
  /// - Throws: ``TransparencyError`` `.malformedTile` when the content has another length.
  public static func decode(_ bytes: [UInt8], width: Int) throws -> [TreeHash] {
    try checkLength(bytes, width: width)
    return try (0..<width).map { position in
      let start = position * TreeHash.byteCount
      return try TreeHash(bytes: Array(bytes[start..<start + TreeHash.byteCount]))
    }
  }

  /// Refuses content that is not one hash after the other.
  static func checkLength(_ bytes: [UInt8], width: Int) throws {
    guard bytes.count == width * TreeHash.byteCount else {
      throw TransparencyError(
        .malformedTile, "a tile of \(width) hashes has \(bytes.count) bytes")
    }
  }

  /// Reads the hashes of a tile from the store.
  ///
  /// - Parameters:
  ///   - level: Level of the tile.
  ///   - index: Position of the tile within its level.
  ///   - width: Number of hashes.
  ///   - read: Reads stored hashes.
  /// - Returns: The hashes in order.
  /// - Throws: Whatever `read` throws.
  public static func hashes(
    level: Int, index: Int, width: Int, read: StoredHashReader
  ) throws -> [TreeHash] {
    let first = index * TileAddress.fullWidth
    return try (first..<first + width).map { offset in
      try read(StoredHashIndex.index(level: level * TileAddress.height, offset: offset))
    }
  }

  /// Computes the root of a full tile, which is one hash of the level above.
  ///
  /// - Parameter hashes: The 256 hashes of a full tile.
  /// - Returns: The root of the complete subtree.
  public static func root(_ hashes: [TreeHash]) -> TreeHash {
    precondition(hashes.count == TileAddress.fullWidth, "only a full tile has a root")
    var row = hashes
    while row.count > 1 {
      row = stride(from: 0, to: row.count, by: 2).map { .node(row[$0], row[$0 + 1]) }
    }
    return row[0]
  }
}
