extension LogVerifier {
  /// Verifies a log and also the tiles of other checkpoints that lie in its directory.
  ///
  /// A checkpoint implies only the widest tiles of its own size. Partial tiles of earlier sizes
  /// stay published until the full tile exists, for readers who verified earlier; and while a log
  /// is being published, wider tiles are there before their checkpoint. Either has to agree with
  /// the tile of this checkpoint as far as both go.
  ///
  /// - Parameters:
  ///   - paths: Paths of all files below the log's directory.
  ///   - read: Reads a file below the log's directory.
  ///   - progress: Is told now and then how far the verification has come.
  /// - Returns: What was found.
  /// - Throws: Whatever `read` throws.
  public func verify(
    paths: [String], read: FileReader, progress: Progress = { _, _ in }
  ) throws -> LogReport {
    var report = try verify(read: read, progress: progress)
    guard let size = report.checkpoint?.checkpoint.treeSize else { return report }
    for path in paths.sorted() where !report.isFull {
      guard let address = try? TileAddress(path: path) else { continue }
      let width = Self.width(of: address, treeSize: size)
      // The tile that the checkpoint implies has been verified; beyond the tree nothing is known.
      guard width > 0, width != address.width, let bytes = try read(path) else { continue }
      let implied = try TileAddress(kind: address.kind, index: address.index, width: width)
      guard let present = try read(implied.path) else { continue }
      let isOlder = address.width < width
      if isOlder ? present.starts(with: bytes) : bytes.starts(with: present) {
        report.otherTileCount += 1
      } else {
        report.add(
          .historyMismatch, path: path,
          isOlder
            ? "the older tile is not the beginning of `\(implied.path)`"
            : "the tile does not begin with `\(implied.path)`")
      }
    }
    return report
  }

  /// Number of items that a tile's place holds in a tree of a size.
  private static func width(of address: TileAddress, treeSize: Int) -> Int {
    let count = TileAddress.hashCount(address.kind, treeSize: treeSize)
    return min(max(count - address.index * TileAddress.fullWidth, 0), TileAddress.fullWidth)
  }
}
