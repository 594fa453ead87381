internal import Transparency
internal import Vault

/// Runs the query of a population again over the published log and compares, entry by entry.
struct PopulationComparison {
  let manifest: PopulationManifest
  let lines: PopulationLines
  let key: NoteVerifierKey

  /// Compares.
  ///
  /// - Throws: ``AuditingError`` `.notComplete` when the log itself is not whole, or is another.
  func run(
    _ log: PublishedEntries, proven: Checkpoint?, _ report: inout PopulationReport,
    _ progress: LogSearch.Progress
  ) throws {
    let statement = try manifest.statement
    let present = try log.checkpoint(key)
    guard present.treeSize >= statement.treeSize else {
      throw AuditingError(
        .notComplete,
        "the log has \(present.treeSize) entries and the export was made of \(statement.treeSize)")
    }
    var roots = [statement.treeSize: statement.rootHash]
    if let proven {
      if proven.treeSize > present.treeSize {
        report.note("the log ends before the entry about the export; ask for a newer one")
      } else if roots.updateValue(proven.rootHash, forKey: proven.treeSize) != nil,
        proven.rootHash != statement.rootHash
      {
        throw AuditingError(.notComplete, "the log signed two roots of one size")
      }
    }
    var found = Found(lines: lines)
    let matcher = try LogMatcher(manifest.query)
    var draw = manifest.sample.map(SampleDraw.init)
    let asked = manifest.query.range(treeSize: statement.treeSize)
    try log.forEach(present, meeting: roots) { index, bytes, leafHash in
      if index % LogReader.batchCountMaximum == 0 { progress(index, present.treeSize) }
      guard asked.contains(index) else { return }
      found.compare(index, leafHash, &report)
      guard let bytes else { return found.pruned(index, manifest.range) }
      let entry = LogEntry(sequence: index, bytes: bytes)
      guard try matcher.matches(entry) else { return }
      if !manifest.range.contains(index) {
        report.fail(
          .completeness,
          "entry \(index) is missing: the export begins at entry \(manifest.range.lowerBound) and "
            + "this log still has those before")
      } else if draw != nil {
        try draw?.add(entry)
      } else {
        found.require(index, &report)
      }
    }
    report.pass(.log)
    if let draw { found.require(draw.drawn(), manifest.strata, &report) }
    found.conclude(&report)
  }
}

/// Which lines of the file were met in the log.
private struct Found {
  private let lines: PopulationLines
  private let places: [Int: Int]
  private var isExpected: [Bool]
  private var prunedEntries: ClosedRange<Int>?
  private var lastLine: Int?
  private var isUndecided = false

  init(lines: PopulationLines) {
    self.lines = lines
    places = Dictionary(
      lines.sequences.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
    isExpected = [Bool](repeating: false, count: lines.sequences.count)
  }

  /// Compares the line of an entry, if there is one, with the log's.
  func compare(_ index: Int, _ leafHash: TreeHash, _ report: inout PopulationReport) {
    guard let line = places[index], !lines.leafHash(line).elementsEqual(leafHash.bytes) else {
      return
    }
    report.fail(
      .completeness, "line \(lines.fileLine(line)): entry \(index) is not as the log has it")
  }

  /// Notes an entry whose bytes are gone from this log; its hash has vouched for the line.
  mutating func pruned(_ index: Int, _ range: Range<Int>) {
    guard range.contains(index) else { return }
    prunedEntries = (prunedEntries?.lowerBound ?? index)...index
    if let line = places[index] { isExpected[line] = true }
  }

  /// Requires a line for an entry.
  mutating func require(_ index: Int, _ report: inout PopulationReport) {
    guard let line = places[index] else {
      let place = lastLine.map { "after line \(lines.fileLine($0))" } ?? "before the first line"
      report.fail(.completeness, "entry \(index) is missing; it belongs \(place)")
      return
    }
    isExpected[line] = true
    lastLine = line
  }

  /// Requires the lines of a sample.
  mutating func require(
    _ drawn: (sequences: [Int], strata: [SampleStratum]), _ strata: [SampleStratum],
    _ report: inout PopulationReport
  ) {
    guard prunedEntries == nil else {
      isUndecided = true
      report.note("the sample cannot be drawn again: entries were pruned since")
      return
    }
    for sequence in drawn.sequences { require(sequence, &report) }
    if drawn.strata != strata {
      report.fail(.completeness, "the sample is not spread as the manifest says")
    }
  }

  func conclude(_ report: inout PopulationReport) {
    if let prunedEntries {
      report.note(
        "entries \(prunedEntries.lowerBound) to \(prunedEntries.upperBound) were pruned since; "
          + "the lines there are the log's, and that none is missing cannot be shown any more")
    }
    for (line, isExpected) in isExpected.enumerated() where !isExpected && !isUndecided {
      report.fail(
        .completeness,
        "line \(lines.fileLine(line)): entry \(lines.sequences[line]) does not belong here")
    }
    report.pass(.completeness)
  }
}
