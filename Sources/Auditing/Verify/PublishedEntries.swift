public import Transparency
internal import Vault

/// The entries of a published log, with the checkpoint that vouches for them.
public struct PublishedEntries {
  private let read: LogVerifier.FileReader

  /// Takes a way to read the files below the log's directory.
  public init(read: @escaping LogVerifier.FileReader) {
    self.read = read
  }

  /// The log's checkpoint.
  ///
  /// - Throws: ``AuditingError`` `.notComplete` when there is none, or it is not signed by the key.
  func checkpoint(_ key: NoteVerifierKey) throws -> Checkpoint {
    guard let bytes = try read(LogVerifier.checkpointPath) else {
      throw AuditingError(.notComplete, "the log has no checkpoint")
    }
    do {
      return try VerifiedCheckpoint(verifying: try SignedNote(encoded: bytes), logKey: key)
        .checkpoint
    } catch let error as TransparencyError {
      throw AuditingError(.notComplete, "the log's checkpoint: \(error.message)")
    }
  }

  /// Hands out every entry of the log with its leaf hash; nil for entries that were pruned.
  ///
  /// - Parameters:
  ///   - checkpoint: The log's checkpoint.
  ///   - roots: Roots of this log at other sizes, which have to be met on the way.
  ///   - body: Takes place, entry and leaf hash.
  /// - Throws: ``AuditingError`` `.notComplete` when files are missing or do not lead to a root.
  func forEach(
    _ checkpoint: Checkpoint, meeting roots: [Int: TreeHash],
    _ body: (_ index: Int, _ entry: [UInt8]?, _ leafHash: TreeHash) throws -> Void
  ) throws {
    var wanted = roots
    wanted[checkpoint.treeSize] = checkpoint.rootHash
    var tree = Frontier()
    try Self.meet(&wanted, tree)
    let size = checkpoint.treeSize
    let pairs = zip(
      TileAddress.all(.entries, treeSize: size),
      TileAddress.all(.hashes(level: 0), treeSize: size))
    for (bundle, tile) in pairs {
      let (entries, hashes) = try leaves(bundle, tile)
      for (offset, hash) in hashes.enumerated() {
        try body(tree.size, entries?[offset], hash)
        tree.append(hash)
        try Self.meet(&wanted, tree)
      }
    }
  }

  private static func meet(_ wanted: inout [Int: TreeHash], _ tree: Frontier) throws {
    guard let root = wanted.removeValue(forKey: tree.size) else { return }
    guard root == tree.root else {
      throw AuditingError(
        .notComplete,
        "the first \(tree.size) entries of the log do not lead to the signed root; verify the log")
    }
  }

  /// The entries of a bundle and their hashes; without entries the hashes of the tile.
  private func leaves(
    _ bundle: TileAddress, _ tile: TileAddress
  ) throws -> (entries: [[UInt8]]?, hashes: [TreeHash]) {
    if let (width, bytes) = try stored(bundle),
      let entries = try? EntryBundle.decode(bytes, width: width)
    {
      let part = Array(entries.prefix(bundle.width))
      return (part, part.map(TreeHash.leaf))
    }
    guard let (width, bytes) = try stored(tile),
      let hashes = try? HashTile.decode(bytes, width: width)
    else {
      throw AuditingError(.notComplete, "the log lacks `\(tile.path)`; verify the log")
    }
    return (nil, Array(hashes.prefix(tile.width)))
  }

  /// The file of an address, or of the full tile that has replaced it.
  private func stored(_ address: TileAddress) throws -> (width: Int, bytes: [UInt8])? {
    if let bytes = try read(address.path) { return (address.width, bytes) }
    return try address.isPartial
      ? read(address.full.path).map { (TileAddress.fullWidth, $0) } : nil
  }
}
