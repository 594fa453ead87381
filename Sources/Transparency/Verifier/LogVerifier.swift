/// Verifies everything a published log's checkpoint implies.
///
/// Checked are the checkpoint's signature, every entry against its leaf hash, every hash of every
/// tile against the level below, the root, the form of every entry, and that the log continues the
/// checkpoints the reader knows from before. Not checked, because it cannot be: that everything
/// that happened was logged, and that others were shown the same log; cosignatures bound the
/// latter.
public struct LogVerifier: Sendable {
  /// Path of the checkpoint below the log's directory.
  public static let checkpointPath = "checkpoint"

  /// Reads a file below the log's directory; nil when there is none.
  public typealias FileReader = (_ path: String) throws -> [UInt8]?

  /// Takes how many entries have been verified, and of how many.
  public typealias Progress = (_ done: Int, _ total: Int) -> Void

  /// Does pieces of work, at the same time if it can, and returns when all are done.
  public typealias Executor = @Sendable (_ count: Int, _ work: @Sendable (Int) -> Void) -> Void

  /// How often a log is read again because it was published further meanwhile.
  static let rereadCountMaximum = 3

  /// The log's key, got from elsewhere than the log.
  public let logKey: NoteVerifierKey
  /// Witnesses that must have cosigned.
  public let witnesses: [NoteVerifierKey]
  /// Rule that says which witnesses must have cosigned; nil when there is none.
  public let policy: WitnessPolicy?
  /// What the entries have to look like.
  public let entryRule: EntryRule
  /// Checkpoints of this log that the reader has verified before.
  public let knownCheckpoints: [Checkpoint]
  /// Index below which entry bundles may be gone by the log's retention policy.
  public let minimumEntryIndex: Int
  let executor: Executor

  /// Sets up a verification.
  ///
  /// - Parameters:
  ///   - logKey: The log's key, got from elsewhere than the log.
  ///   - witnesses: Witnesses that must have cosigned.
  ///   - policy: Rule that says which witnesses must have cosigned.
  ///   - entryRule: What the entries have to look like.
  ///   - knownCheckpoints: Checkpoints of this log verified before.
  ///   - minimumEntryIndex: Index below which entry bundles may be gone, whatever the log says; a
  ///     log that has pruned entries says so itself, in its last event `log.pruned`.
  ///   - executor: Does pieces of work; without one they are done one after the other.
  public init(
    logKey: NoteVerifierKey, witnesses: [NoteVerifierKey] = [], policy: WitnessPolicy? = nil,
    entryRule: EntryRule = .auditEvent, knownCheckpoints: [Checkpoint] = [],
    minimumEntryIndex: Int = 0,
    executor: @escaping Executor = { count, work in for piece in 0..<count { work(piece) } }
  ) {
    self.logKey = logKey
    self.witnesses = witnesses
    self.policy = policy
    self.executor = executor
    self.entryRule = entryRule
    self.knownCheckpoints = knownCheckpoints
    self.minimumEntryIndex = minimumEntryIndex
  }

  /// Verifies a log.
  ///
  /// A log may be published further, and pruned, while it is being verified. So when something is
  /// wrong and there is another checkpoint by then, the log is verified anew.
  ///
  /// - Parameters:
  ///   - read: Reads a file below the log's directory.
  ///   - progress: Is told now and then how far the verification has come.
  /// - Returns: What was found; a bad log is a report with findings, not an error.
  /// - Throws: Whatever `read` throws.
  /// - Complexity: One pass over all files; memory for one hash per 256 entries and a few dozen
  ///   tiles.
  public func verify(
    read: FileReader, progress: Progress = { _, _ in }
  ) throws -> LogReport {
    var note = try read(Self.checkpointPath)
    var report = try verify(checkpoint: note, read: read, progress: progress)
    for _ in 0..<Self.rereadCountMaximum where !report.findings.isEmpty {
      let present = try read(Self.checkpointPath)
      guard present != note else { break }
      note = present
      report = try verify(checkpoint: note, read: read, progress: progress)
    }
    return report
  }

  private func verify(
    checkpoint note: [UInt8]?, read: FileReader, progress: Progress
  ) throws -> LogReport {
    var report = LogReport()
    guard let verified = verifyCheckpoint(note, report: &report) else { return report }
    report.checkpoint = verified
    let checkpoint = verified.checkpoint
    var scan = LeafScan(
      verifier: self, checkpoint: checkpoint, report: report,
      knownSizes: Set(knownCheckpoints.map(\.treeSize)))
    try scan.run(read: read, progress: progress)
    report = scan.report
    if let tree = scan.concludedTree {
      try verifyUpperTiles(above: tree, checkpoint: checkpoint, read: read, report: &report)
      verifyHistory(of: tree, checkpoint: checkpoint, report: &report)
    }
    return report
  }

  private func verifyCheckpoint(
    _ bytes: [UInt8]?, report: inout LogReport
  ) -> VerifiedCheckpoint? {
    let path = Self.checkpointPath
    guard let bytes else {
      report.add(.missingFile, path: path, "there is no checkpoint")
      return nil
    }
    do {
      let note = try SignedNote(encoded: bytes)
      let known = witnesses + (policy?.witnessKeys ?? []).filter { !witnesses.contains($0) }
      let verified = try VerifiedCheckpoint(verifying: note, logKey: logKey, witnesses: known)
      let cosigners = verified.cosigners.map(\.key)
      for witness in witnesses where !cosigners.contains(witness) {
        report.add(.cosignatureMissing, path: path, "`\(witness.name)` has not cosigned")
      }
      if let policy, !policy.isSatisfied(by: cosigners) {
        report.add(
          .cosignatureMissing, path: path,
          "\(cosigners.count) witnesses have cosigned, the policy's quorum is not reached")
      }
      return verified
    } catch {
      let code = (error as? TransparencyError)?.code
      let isMalformed = code == .malformedNote || code == .malformedCheckpoint
      report.add(isMalformed ? .checkpointMalformed : .checkpointRejected, path: path, "\(error)")
      return nil
    }
  }

  /// Compares the tiles above level 0 with the hashes computed from below.
  private func verifyUpperTiles(
    above tree: TreeBuild, checkpoint: Checkpoint, read: FileReader, report: inout LogReport
  ) throws {
    var level = 1
    var expected = tree.tileRoots
    while !expected.isEmpty, !report.isFull {
      let kind = TileAddress.Kind.hashes(level: level)
      for address in TileAddress.all(kind, treeSize: checkpoint.treeSize) {
        let first = address.index * TileAddress.fullWidth
        guard let tile = try readTile(address, read: read, report: &report) else { continue }
        for (offset, hash) in tile.hashes.enumerated() where hash != expected[first + offset] {
          report.add(
            .tileHashMismatch, path: tile.path, index: first + offset,
            "the hash is not the root of its tile on level \(level - 1)")
        }
      }
      expected = stride(from: 0, through: expected.count - TileAddress.fullWidth, by: 256).map {
        HashTile.root(Array(expected[$0..<$0 + TileAddress.fullWidth]))
      }
      level += 1
    }
  }

  private func verifyHistory(
    of tree: TreeBuild, checkpoint: Checkpoint, report: inout LogReport
  ) {
    for known in knownCheckpoints {
      let problem: String? =
        if !known.origin.utf8.elementsEqual(checkpoint.origin.utf8) {
          "the known checkpoint of size \(known.treeSize) is that of another log"
        } else if known.treeSize > checkpoint.treeSize {
          "the log has shrunk from \(known.treeSize) to \(checkpoint.treeSize) entries"
        } else if tree.roots[known.treeSize] != known.rootHash {
          "the first \(known.treeSize) entries are not those of the known checkpoint"
        } else {
          nil
        }
      if let problem {
        report.add(.historyMismatch, path: Self.checkpointPath, problem)
      } else {
        report.continuedCheckpointCount += 1
      }
    }
  }

  /// Reads a tile, or the beginning of the full tile that has replaced it.
  ///
  /// Returns the path of the file read, and its hashes.
  func readTile(
    _ address: TileAddress, read: FileReader, report: inout LogReport
  ) throws -> (path: String, hashes: [TreeHash])? {
    guard let (stored, bytes) = try readStored(address, read: read) else {
      report.add(.missingFile, path: address.path, "there is no such tile")
      return nil
    }
    do {
      let hashes = try HashTile.decode(bytes, width: stored.width)
      return (stored.path, Array(hashes[..<address.width]))
    } catch let error as TransparencyError {
      report.add(.tileMalformed, path: stored.path, error.message)
      return nil
    }
  }

  /// Reads the file of an address, or that of the full tile or bundle that has replaced it.
  func readStored(
    _ address: TileAddress, read: FileReader
  ) throws -> (address: TileAddress, bytes: [UInt8])? {
    if let bytes = try read(address.path) { return (address, bytes) }
    guard address.isPartial, let bytes = try read(address.full.path) else { return nil }
    return (address.full, bytes)
  }
}
