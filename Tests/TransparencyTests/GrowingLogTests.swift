import Testing
import Transparency

/// A log is published further, and pruned, while somebody verifies it.
@Suite struct GrowingLogTests {
  private static let steps = [
    (0, 1), (1, 2), (3, 255), (255, 256), (256, 257), (200, 300), (250, 512), (300, 700),
    (512, 513),
  ]

  /// The files of a log at one size, and what publishing up to another adds, in order.
  private struct Growth {
    var files: [String: [UInt8]]
    let writes: [PublishedFile]
    let note: [UInt8]

    init(from oldSize: Int, to newSize: Int) throws {
      let whole = try MemoryLog(events: newSize)
      var old = try MemoryLog(events: oldSize)
      try old.publish()
      files = old.files
      writes = try TilePublisher.files(
        from: oldSize, to: newSize, readHash: whole.read, readEntry: { whole.entries[$0] })
      note = try whole.signedCheckpoint().encoded
    }

    /// Does the next write; the checkpoint is the last.
    mutating func write(_ number: Int) {
      if number < writes.count {
        files[writes[number].path] = writes[number].bytes
      } else {
        files["checkpoint"] = note
      }
    }
  }

  private func verify(_ files: [String: [UInt8]]) throws -> LogReport {
    try LogVerifier(logKey: MemoryLog.logKey).verify(paths: Array(files.keys)) { files[$0] }
  }

  @Test(arguments: steps)
  func everyPrefixOfThePublishersWritesIsValid(from: Int, to: Int) throws {
    var growth = try Growth(from: from, to: to)
    for number in 0...growth.writes.count {
      growth.write(number)
      let report = try verify(growth.files)
      #expect(report.isValid, "after write \(number): \(report.findings)")
      let isDone = number == growth.writes.count
      #expect(report.checkpoint?.checkpoint.treeSize == (isDone ? to : from))
    }
  }

  @Test(arguments: steps)
  func aPublisherThatWritesAtEveryReadIsNoDamage(from: Int, to: Int) throws {
    let count = try Growth(from: from, to: to).writes.count
    for lead in 0...count {
      var growth = try Growth(from: from, to: to)
      for number in 0..<lead { growth.write(number) }
      var next = lead
      let paths = Array(growth.files.keys)
      let report = try LogVerifier(logKey: MemoryLog.logKey).verify(paths: paths) { path in
        defer {
          if next <= count { growth.write(next) }
          next += 1
        }
        return growth.files[path]
      }
      #expect(report.isValid, "\(lead) writes ahead: \(report.findings)")
    }
  }

  @Test func tilesAheadAreTold() throws {
    var growth = try Growth(from: 300, to: 513)
    #expect(try verify(growth.files).otherTileCount == 0)
    for number in growth.writes.indices { growth.write(number) }
    // Entries and hashes of the full tile 1; those of tile 2 lie beyond the tree.
    #expect(try verify(growth.files).otherTileCount == 2 + 1)
  }

  @Test(arguments: ["tile/0/001.p/44", "tile/entries/001.p/44"])
  func tilesThatDoNotFitAreFound(path: String) throws {
    let other = try MemoryLog(events: 300, note: "other").published()
    for size in [280, 513] {
      let log = try MemoryLog(events: size).published()
      var files = log.files
      files[path] = other.files[path]
      let report = try verify(files)
      #expect(report.findings.map { "\($0.kind) \($0.path)" } == ["historyMismatch \(path)"])
    }
  }

  @Test func anotherFullTileBesideThePartialOneIsFound() throws {
    let other = try MemoryLog(events: 513, note: "other").published()
    for path in ["tile/0/001", "tile/entries/001"] {
      var files = try MemoryLog(events: 300).published().files
      files[path] = other.files[path]
      let findings = try verify(files).findings.map { "\($0.kind) \($0.path)" }
      #expect(findings == ["historyMismatch \(path)"])
    }
  }

  @Test func damageIsNotExcusedByGrowth() throws {
    var growth = try Growth(from: 300, to: 700)
    growth.files["tile/0/000"] = flipped(try #require(growth.files["tile/0/000"]), byte: 7)
    var reads = 0
    let report = try LogVerifier(logKey: MemoryLog.logKey).verify { path in
      reads += 1
      // The whole growth becomes visible between the checkpoint and the first tile.
      if reads == 2 { for number in 0...growth.writes.count { growth.write(number) } }
      return growth.files[path]
    }
    #expect(report.findings.map(\.kind) == [.tileHashMismatch])
    #expect(report.checkpoint?.checkpoint.treeSize == 700)
  }

  @Test func aLogThatIsPrunedMeanwhileIsReadAnew() throws {
    var files = try MemoryLog(events: 600).published().files
    let pruned = try PrunedLog(events: 600, minimumIndex: 256, after: 20)
    var reads = 0
    let report = try LogVerifier(logKey: MemoryLog.logKey).verify { path in
      reads += 1
      if reads == 2 { files = pruned.files }
      return files[path]
    }
    #expect(report.isValid, "\(report.findings)")
    #expect(report.prunedEntryCount == 256)
  }

  @Test func aCheckpointThatChangesAtEveryReadEndsTheWork() throws {
    let logs = try (301...310).map { try MemoryLog(events: $0).published().files["checkpoint"] }
    var reads = 0
    let report = try LogVerifier(logKey: MemoryLog.logKey).verify { path in
      guard path == "checkpoint" else { return nil }
      defer { reads += 1 }
      return logs[min(reads, logs.count - 1)]
    }
    #expect(!report.isValid)
    #expect(reads <= 5)
  }
}
