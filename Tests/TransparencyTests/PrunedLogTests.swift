import Testing
import Transparency

/// A log that has pruned entries by an event of its own.
struct PrunedLog {
  /// Events before the pruning.
  let count: Int
  var log: MemoryLog

  /// The published files.
  var files: [String: [UInt8]] { log.files }

  /// Makes `count` events, a pruning, and `after` more events; bundles below are deleted.
  init(
    events count: Int, minimumIndex: Int, after: Int = 0, deleting bundles: Int? = nil
  ) throws {
    var log = try MemoryLog(events: count)
    log.append(try Self.pruning(at: count, minimumIndex: minimumIndex))
    for index in count + 1..<count + 1 + after { log.append(try MemoryLog.event(index)) }
    try log.publish()
    for bundle in 0..<(bundles ?? minimumIndex / TileAddress.fullWidth) {
      log.files[try TileAddress(kind: .entries, index: bundle).path] = nil
    }
    self.count = count
    self.log = log
  }

  static func pruning(
    at index: Int, minimumIndex: Int, type: String = "log.pruned"
  ) throws -> [UInt8] {
    try CanonicalJSON.object(
      JSONObject([
        ("seq", .integer(Int64(index))), ("type", .string(type)), ("time", .integer(1)),
        ("id", .string("00ff")), ("minimum_index", .integer(Int64(minimumIndex))),
      ])
    ).canonicalBytes()
  }
}

@Suite struct PrunedLogTests {
  private func verify(_ files: [String: [UInt8]], minimum: Int = 0) throws -> LogReport {
    try LogVerifier(logKey: MemoryLog.logKey, minimumEntryIndex: minimum)
      .verify(paths: Array(files.keys)) { files[$0] }
  }

  private func finding(_ report: LogReport) -> [String] {
    report.findings.map { "\($0.kind.rawValue) \($0.path)" }
  }

  @Test func theLogItselfSaysWhatMayBeGone() throws {
    let pruned = try PrunedLog(events: 600, minimumIndex: 512, after: 30)
    let report = try verify(pruned.files)
    #expect(report.isValid, "\(report.findings)")
    #expect(report.minimumEntryIndex == 512)
    #expect(report.prunedEntryCount == 512)
    #expect(report.entryCount == 631 - 512)
  }

  @Test func whatMayBeGoneMayAlsoBeThere() throws {
    let report = try verify(PrunedLog(events: 600, minimumIndex: 512, deleting: 1).files)
    #expect(report.isValid)
    #expect(report.prunedEntryCount == 256)
  }

  @Test func aBundleAboveTheIndexIsMissed() throws {
    for minimum in [0, 255, 256, 511] {
      let report = try verify(PrunedLog(events: 600, minimumIndex: minimum, deleting: 2).files)
      let expected = (minimum < 256 ? ["000", "001"] : ["001"]).map {
        "missingFile tile/entries/\($0)"
      }
      #expect(finding(report) == expected, "\(minimum)")
    }
  }

  @Test func withoutTheEventNothingMayBeGone() throws {
    var log = try MemoryLog(events: 600).published()
    log.files["tile/entries/000"] = nil
    #expect(finding(try verify(log.files)) == ["missingFile tile/entries/000"])
    #expect(try verify(log.files, minimum: 256).isValid)
  }

  @Test(arguments: ["log.read", "log.prune", "LOG.PRUNED"])
  func anotherEventWithTheMemberAllowsNothing(type: String) throws {
    var log = try MemoryLog(events: 600)
    log.append(try PrunedLog.pruning(at: 600, minimumIndex: 512, type: type))
    try log.publish()
    log.files["tile/entries/000"] = nil
    #expect(finding(try verify(log.files)).contains("missingFile tile/entries/000"))
  }

  @Test func theLastEventCounts() throws {
    func log(_ minimums: [Int]) throws -> [String: [UInt8]] {
      var log = try MemoryLog(events: 600)
      for (offset, minimum) in minimums.enumerated() {
        log.append(try PrunedLog.pruning(at: 600 + offset, minimumIndex: minimum))
      }
      try log.publish()
      for bundle in ["000", "001"] { log.files["tile/entries/\(bundle)"] = nil }
      return log.files
    }
    #expect(try verify(log([256, 512])).isValid)
    #expect(finding(try verify(log([512, 256]))) == ["missingFile tile/entries/001"])
    // An index beyond the event itself is none.
    #expect(try verify(log([512, 700])).isValid)
    #expect(finding(try verify(log([700]))).count == 2)
  }

  @Test func anEventThatDoesNotFitItsHashAllowsNothing() throws {
    let honest = try PrunedLog(events: 600, minimumIndex: 256, deleting: 2)
    var files = honest.files
    let path = "tile/entries/002.p/89"
    var entries = try EntryBundle.decode(try #require(files[path]), width: 89)
    entries[88] = try PrunedLog.pruning(at: 600, minimumIndex: 512)
    files[path] = try EntryBundle.encode(entries)
    let kinds = try verify(files).findings.map(\.kind)
    #expect(kinds == [.missingFile, .missingFile, .entryHashMismatch])
  }

  @Test func hashesMayNotBeGone() throws {
    var files = try PrunedLog(events: 600, minimumIndex: 512).files
    files["tile/0/001"] = nil
    #expect(finding(try verify(files)) == ["missingFile tile/0/001"])
    #expect(try verify(files).entryCount == 0)
  }

  @Test func missingBundlesStandWhereTheyAreMissed() throws {
    var log = try MemoryLog(events: 800).published()
    log.files["tile/entries/000"] = nil
    log.files["tile/0/001"] = nil
    log.files["tile/entries/002"] = nil
    let report = try verify(log.files)
    #expect(
      finding(report) == [
        "missingFile tile/entries/000", "missingFile tile/0/001", "missingFile tile/entries/002",
      ])
  }
}
