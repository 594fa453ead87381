/// Reads the stored hashes of a log out of its published tiles, so that proofs can be made without
/// the log's own store.
///
/// The tiles are not verified here: a proof made from them has to be, against signed checkpoints.
public final class TileReader {
  /// Most tiles kept in memory; a tile has 8 KiB.
  public static let cachedTileCountMaximum = 64

  private let treeSize: Int
  private let read: LogVerifier.FileReader
  private var tiles: [TileAddress: [TreeHash]] = [:]

  /// Sets up a reader.
  ///
  /// - Parameters:
  ///   - treeSize: Size of a published tree; only tiles that it implies are asked for.
  ///   - read: Reads a file below the log's directory.
  public init(treeSize: Int, read: @escaping LogVerifier.FileReader) {
    self.treeSize = treeSize
    self.read = read
  }

  /// Reads the hash stored under a number of ``StoredHashIndex``.
  ///
  /// - Parameter index: The number of a subtree that is complete in the tree.
  /// - Returns: The hash.
  /// - Throws: ``TransparencyError`` `.outOfRange` beyond the tree, `.malformedTile` when a tile is
  ///   missing or has the wrong length; whatever the file reader throws.
  public func hash(_ index: Int) throws -> TreeHash {
    let (level, offset) = StoredHashIndex.place(of: index)
    guard (offset + 1) << level <= treeSize else {
      throw TransparencyError(.outOfRange, "hash \(index) is not in a tree of \(treeSize)")
    }
    let (tileLevel, height) = (level / TileAddress.height, level % TileAddress.height)
    let first = offset << height
    let tile = try tile(tileLevel, first / TileAddress.fullWidth)
    let start = first % TileAddress.fullWidth
    var row = Array(tile[start..<start + (1 << height)])
    while row.count > 1 {
      row = stride(from: 0, to: row.count, by: 2).map { .node(row[$0], row[$0 + 1]) }
    }
    return row[0]
  }

  private func tile(_ level: Int, _ index: Int) throws -> [TreeHash] {
    let kind = TileAddress.Kind.hashes(level: level)
    let count = TileAddress.hashCount(kind, treeSize: treeSize)
    let width = min(TileAddress.fullWidth, count - index * TileAddress.fullWidth)
    let address = try TileAddress(kind: kind, index: index, width: width)
    if let tile = tiles[address] { return tile }
    for stored in address.isPartial ? [address, address.full] : [address] {
      guard let bytes = try read(stored.path) else { continue }
      let hashes = try HashTile.decode(bytes, width: stored.width)
      if tiles.count >= Self.cachedTileCountMaximum { tiles.removeAll() }
      tiles[address] = hashes
      return hashes
    }
    throw TransparencyError(.malformedTile, "there is no tile `\(address.path)`")
  }
}
