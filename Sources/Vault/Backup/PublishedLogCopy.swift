import Foundation
internal import Transparency

/// Copies a published log as of one checkpoint, also while it is being published further.
///
/// Tiles never change once they are there and the checkpoint is written last; so the checkpoint is
/// read first, and only what it implies is taken.
struct PublishedLogCopy {
  /// Files beside the tiles and the checkpoint.
  static let names = [PublishedDirectory.keyName, LogRetention.fileName]

  /// Directory of the published log.
  let directory: String

  /// Copies the log into a new directory.
  ///
  /// - Returns: Paths below the directory; none when nothing is published there.
  func copy(to target: String) throws -> [String] {
    guard let note = FileManager.default.contents(atPath: path(LogVerifier.checkpointPath)),
      let size = try? Checkpoint(text: SignedNote(encoded: [UInt8](note)).text).treeSize
    else { return [] }
    var copied: [String] = []
    for name in try FileManager.default.subpathsOfDirectory(atPath: directory).sorted() {
      guard Self.names.contains(name) || Self.isImplied(name, treeSize: size),
        !DurableFiles.isDirectory(path(name))
      else { continue }
      _ = try DurableFiles.copy(path(name), to: "\(target)/\(name)")
      copied.append(name)
    }
    try DurableFiles.write([UInt8](note), to: "\(target)/\(LogVerifier.checkpointPath)")
    return copied + [LogVerifier.checkpointPath]
  }

  /// Whether a tree of this size, or a smaller one, has the tile.
  ///
  /// A tile beyond it would contradict what a restored vault publishes next.
  private static func isImplied(_ path: String, treeSize: Int) -> Bool {
    guard let address = try? TileAddress(path: path) else { return false }
    let level =
      switch address.kind {
      case .entries: 0
      case .hashes(let level): level
      }
    let end = address.index * TileAddress.fullWidth + address.width
    return end <= treeSize >> (level * TileAddress.height)
  }

  private func path(_ name: String) -> String { "\(directory)/\(name)" }
}
