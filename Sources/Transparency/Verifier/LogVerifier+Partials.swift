extension LogVerifier {
  /// Verifies a log and also the partial tiles of older checkpoints that lie in its directory.
  ///
  /// A checkpoint implies only the widest tiles; partial tiles of earlier sizes stay published
  /// until the full tile exists, for readers who verified earlier. Each has to be the beginning of
  /// what is there now.
  ///
  /// - Parameters:
  ///   - paths: Paths of all files below the log's directory.
  ///   - read: Reads a file below the log's directory.
  /// - Returns: What was found.
  /// - Throws: Whatever `read` throws.
  public func verify(paths: [String], read: FileReader) throws -> LogReport {
    var report = try verify(read: read)
    guard let size = report.checkpoint?.checkpoint.treeSize else { return report }
    for path in paths.sorted() {
      guard let address = try? TileAddress(path: path), address.isPartial else { continue }
      guard let bytes = try read(path) else { continue }
      let width = Self.width(of: address, treeSize: size)
      guard width > address.width else {
        if width < address.width {
          report.add(
            .historyMismatch, path: path,
            "the tile is wider than the checkpoint's tree of size \(size)")
        }
        continue
      }
      let whole = try TileAddress(kind: address.kind, index: address.index, width: width)
      guard let present = try read(whole.path) else { continue }
      if !present.starts(with: bytes) {
        report.add(
          .historyMismatch, path: path, "the older tile is not the beginning of `\(whole.path)`")
      }
    }
    return report
  }

  /// Number of items that a tile's place holds in a tree of a size.
  private static func width(of address: TileAddress, treeSize: Int) -> Int {
    let level =
      switch address.kind {
      case .entries: 0
      case .hashes(let level): level
      }
    let count = treeSize >> (level * TileAddress.height)
    return min(max(count - address.index * TileAddress.fullWidth, 0), TileAddress.fullWidth)
  }
}
