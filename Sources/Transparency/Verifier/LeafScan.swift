/// Builds a tree from leaf hashes and keeps what the verifier compares: tile roots and old roots.
struct TreeBuild: Sendable {
  private(set) var frontier = Frontier()
  /// Roots of the full level 0 tiles: the hashes of level 1.
  private(set) var tileRoots: [TreeHash] = []
  /// Roots at the sizes asked for.
  private(set) var roots: [Int: TreeHash] = [:]
  private let wantedSizes: Set<Int>

  init(wantedSizes: Set<Int>) {
    self.wantedSizes = wantedSizes
    keepRoot()
  }

  /// Appends the leaf hashes of one tile.
  mutating func append(_ leafHashes: [TreeHash]) {
    for hash in leafHashes {
      let made = frontier.append(hash)
      // The last leaf of a tile completes it; its root is one of the hashes made then.
      if made.count > TileAddress.height { tileRoots.append(made[TileAddress.height]) }
      keepRoot()
    }
  }

  private mutating func keepRoot() {
    if wantedSizes.contains(frontier.size) { roots[frontier.size] = frontier.root }
  }
}

/// Reads level 0 and the entries, and decides which of the two is at fault where they differ.
///
/// As long as entries and tiles agree there is one tree. From the first difference on there are
/// two; the one whose root the checkpoint states is right, and the other file is reported.
struct LeafScan {
  private let verifier: LogVerifier
  private let checkpoint: Checkpoint
  private(set) var report: LogReport
  private var tileTree: TreeBuild
  private var entryTree: TreeBuild?
  private var differences: [(bundle: String, tile: String, index: Int)] = []
  private var isComplete = true

  init(
    verifier: LogVerifier, checkpoint: Checkpoint, report: LogReport, knownSizes: Set<Int>
  ) {
    self.verifier = verifier
    self.checkpoint = checkpoint
    self.report = report
    tileTree = TreeBuild(wantedSizes: knownSizes)
  }

  /// The tree to compare the upper levels with; nil when leaves are missing.
  var concludedTree: TreeBuild? {
    guard isComplete else { return nil }
    if let entryTree, entryTree.frontier.root == checkpoint.rootHash { return entryTree }
    return tileTree
  }

  mutating func run(read: LogVerifier.FileReader) throws {
    let size = checkpoint.treeSize
    let pairs = zip(
      TileAddress.all(.hashes(level: 0), treeSize: size), TileAddress.all(.entries, treeSize: size))
    for (tileAddress, bundleAddress) in pairs {
      let tile = try verifier.readTile(tileAddress, read: read, report: &report)
      let bundle = try readBundle(bundleAddress, read: read)
      guard let fallback = tile?.hashes ?? bundle?.leaves, !report.isFull else {
        isComplete = false
        break
      }
      if let tile, let bundle {
        report.entryCount += tileAddress.width
        compare(tile, bundle, first: tileAddress.index * TileAddress.fullWidth)
      }
      tileTree.append(tile?.hashes ?? fallback)
      entryTree?.append(bundle?.leaves ?? fallback)
    }
    conclude()
  }

  /// Notes where entries and leaf hashes differ; from the first difference on there are two trees.
  private mutating func compare(
    _ tile: (path: String, hashes: [TreeHash]), _ bundle: (path: String, leaves: [TreeHash]),
    first: Int
  ) {
    guard tile.hashes != bundle.leaves else { return }
    if entryTree == nil { entryTree = tileTree }
    for (offset, (hash, leaf)) in zip(tile.hashes, bundle.leaves).enumerated() where hash != leaf {
      differences.append((bundle.path, tile.path, first + offset))
    }
  }

  /// Reads a bundle and hashes its entries; nil when it is missing, pruned or malformed.
  private mutating func readBundle(
    _ address: TileAddress, read: LogVerifier.FileReader
  ) throws -> (path: String, leaves: [TreeHash])? {
    let first = address.index * TileAddress.fullWidth
    guard let (stored, bytes) = try verifier.readStored(address, read: read) else {
      if first + address.width <= verifier.minimumEntryIndex {
        report.prunedEntryCount += address.width
      } else {
        report.add(.missingFile, path: address.path, "there is no such entry bundle")
      }
      return nil
    }
    let entries: ArraySlice<[UInt8]>
    do {
      entries = try EntryBundle.decode(bytes, width: stored.width)[..<address.width]
    } catch let error as TransparencyError {
      report.add(.bundleMalformed, path: stored.path, error.message)
      return nil
    }
    for (offset, entry) in entries.enumerated() {
      let problem = verifier.entryRule.problem(in: entry, index: first + offset)
      guard let problem else { continue }
      report.add(problem.kind, path: stored.path, index: first + offset, problem.message)
    }
    return (stored.path, entries.map(TreeHash.leaf))
  }

  private mutating func conclude() {
    let isTileTreeRight = tileTree.frontier.root == checkpoint.rootHash
    let isEntryTreeRight = entryTree.map { $0.frontier.root == checkpoint.rootHash } ?? false
    report.entryCount -= differences.count
    for difference in differences {
      if isEntryTreeRight {
        report.add(
          .tileHashMismatch, path: difference.tile, index: difference.index,
          "the hash is not that of its entry")
      } else {
        report.add(
          .entryHashMismatch, path: difference.bundle, index: difference.index,
          "the entry does not hash to its leaf hash in `\(difference.tile)`")
      }
    }
    if isComplete, !isTileTreeRight, !isEntryTreeRight {
      report.add(
        .rootMismatch, path: LogVerifier.checkpointPath,
        "the tree's root is not the one the checkpoint states")
    }
  }
}
