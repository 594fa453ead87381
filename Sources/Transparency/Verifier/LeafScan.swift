internal import Synchronization

/// Reads level 0 and the entries, and decides which of the two is at fault where they differ.
///
/// As long as entries and tiles agree there is one tree. From the first difference on there are
/// two; the one whose root the checkpoint states is right, and the other file is reported.
struct LeafScan {
  /// Most tiles looked at together; what is in memory at one time.
  private static let batchCountMaximum = 64
  /// Bytes read after which a batch is full.
  private static let batchByteCountMaximum = 16 * 1024 * 1024

  private let verifier: LogVerifier
  private let checkpoint: Checkpoint
  private(set) var report: LogReport
  private var tileTree: TreeBuild
  private var entryTree: TreeBuild?
  /// The first differences; more are only counted, since no more findings are listed.
  private var differences: [(bundle: String, tile: String, index: Int)] = []
  private var differenceCount = 0
  private var missingBundles: [MissingBundle] = []
  private var isComplete = true

  /// A bundle that is not there, and where its finding belongs if it is one.
  private struct MissingBundle {
    let address: TileAddress
    let findingPosition: Int

    var end: Int { address.index * TileAddress.fullWidth + address.width }
  }

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

  mutating func run(read: LogVerifier.FileReader, progress: LogVerifier.Progress) throws {
    let size = checkpoint.treeSize
    var rest = Array(
      zip(
        TileAddress.all(.hashes(level: 0), treeSize: size),
        TileAddress.all(.entries, treeSize: size)))[...]
    while !rest.isEmpty, !report.isFull {
      let files = try readBatch(&rest, read: read)
      for (files, block) in zip(files, blocks(files)) {
        if let minimum = block.minimumIndex { report.minimumEntryIndex = minimum }
        // Behind a gap there is no tree to build; what may be gone is still said there.
        if isComplete { take(block, files) }
      }
      progress(max(size - rest.count * TileAddress.fullWidth, 0), size)
    }
    conclude()
  }

  private func readBatch(
    _ rest: inout ArraySlice<(TileAddress, TileAddress)>, read: LogVerifier.FileReader
  ) throws -> [LeafFiles] {
    var batch: [LeafFiles] = []
    var byteCount = 0
    while batch.count < Self.batchCountMaximum, byteCount < Self.batchByteCountMaximum,
      let (tile, bundle) = rest.popFirst()
    {
      let files = LeafFiles(
        tile: tile, bundle: bundle, tileFile: try verifier.readStored(tile, read: read),
        bundleFile: try verifier.readStored(bundle, read: read))
      byteCount += files.byteCount
      batch.append(files)
    }
    return batch
  }

  /// Makes the blocks of a batch, at the same time if the verifier's caller can.
  private func blocks(_ files: [LeafFiles]) -> [LeafBlock] {
    let made = Mutex<[LeafBlock?]>(Array(repeating: nil, count: files.count))
    let rule = verifier.entryRule
    verifier.executor(files.count) { position in
      let block = LeafBlock(files[position], rule: rule)
      made.withLock { $0[position] = block }
    }
    let blocks = made.withLock { $0.compactMap(\.self) }
    precondition(blocks.count == files.count, "the executor has done all the work")
    return blocks
  }

  /// Takes over what a block says, in the order of the log.
  private mutating func take(_ block: LeafBlock, _ files: LeafFiles) {
    report.add(block.findings)
    if block.isBundleMissing {
      missingBundles.append(
        MissingBundle(address: files.bundle, findingPosition: report.findings.count))
    }
    guard let fallback = block.tile ?? block.bundle, !report.isFull else {
      isComplete = false
      return
    }
    if let tile = block.tile, let bundle = block.bundle {
      report.entryCount += files.tile.width
      note(block.differences, bundle: bundle.path, tile: tile.path, first: files.first)
    }
    let tileLeaves = block.tile ?? fallback
    tileTree.append(tileLeaves.row, root: tileLeaves.root)
    let entryLeaves = block.bundle ?? fallback
    entryTree?.append(entryLeaves.row, root: entryLeaves.root)
  }

  /// Notes where entries and leaf hashes differ; from the first difference on there are two trees.
  private mutating func note(
    _ positions: [Int], bundle: String, tile: String, first: Int
  ) {
    guard !positions.isEmpty else { return }
    if entryTree == nil { entryTree = tileTree }
    differenceCount += positions.count
    let room = LogReport.findingCountMaximum - differences.count
    differences += positions.prefix(room).map { (bundle, tile, first + $0) }
  }

  private mutating func conclude() {
    concludePruning()
    let isTileTreeRight = tileTree.frontier.root == checkpoint.rootHash
    let isEntryTreeRight = entryTree.map { $0.frontier.root == checkpoint.rootHash } ?? false
    report.entryCount -= differenceCount
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

  /// Decides which bundles may be gone, now that the last pruning is known.
  private mutating func concludePruning() {
    report.minimumEntryIndex = max(report.minimumEntryIndex, verifier.minimumEntryIndex)
    var findings: [(position: Int, finding: LogFinding)] = []
    for missing in missingBundles {
      if missing.end <= report.minimumEntryIndex {
        report.prunedEntryCount += missing.address.width
      } else {
        findings.append(
          (
            missing.findingPosition,
            LogFinding(
              kind: .missingFile, path: missing.address.path, index: nil,
              message: "there is no such entry bundle")
          ))
      }
    }
    report.insert(findings)
  }
}
