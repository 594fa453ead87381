import TestSupport
import Testing
import Transparency

@Suite struct LogVerifierTests {
  private static let event300 = Result { try MemoryLog(events: 300).published() }

  private var log: MemoryLog {
    get throws { try Self.event300.get() }
  }

  private func finding(_ report: LogReport) -> String {
    report.findings
      .map { "\($0.kind.rawValue) \($0.path) \($0.index.map(String.init) ?? "-")" }
      .joined(separator: "; ")
  }

  @Test(arguments: [0, 1, 2, 255, 256, 257, 300, 513])
  func untouchedLogIsValid(size: Int) throws {
    let report = try MemoryLog(events: size).published().verify()
    #expect(report.isValid, "\(finding(report))")
    #expect(report.entryCount == size)
    #expect(report.checkpoint?.checkpoint.treeSize == size)
  }

  @Test(arguments: [65535, 65536, 65537])
  func logsAroundTheThirdLevelAreValid(size: Int) throws {
    var log = try MemoryLog(numbered: size).published()
    #expect(try log.verify(.any).isValid)
    let top = size < 65536 ? "tile/1/000.p/255" : "tile/2/000.p/1"
    log.files[top] = flipped(try #require(log.files[top]), byte: 5)
    #expect(finding(try log.verify(.any)) == "tileHashMismatch \(top) 0")
  }

  @Test func flippedBitAnywhereIsFoundInItsFile() throws {
    let log = try log
    for (path, bytes) in log.files.sorted(by: { $0.key < $1.key }) {
      for byte in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 9)) {
        var changed = log
        changed.files[path] = flipped(bytes, byte: byte, bit: UInt8(byte % 8))
        let report = try changed.verify()
        #expect(!report.isValid, "\(path) byte \(byte)")
        #expect(report.findings.map(\.path).contains(path), "\(path): \(finding(report))")
      }
    }
    record("a bit of a published file flipped", "bits in each of \(log.files.count) files")
  }

  private func record(_ name: String, _ tried: String, _ result: String = "found and named") {
    AttackReport.record(number: 44, name: name, tried: tried, result: result)
  }

  @Test func flippedEntryIsNamed() throws {
    var log = try log
    let path = "tile/entries/001.p/44"
    var entries = try EntryBundle.decode(try #require(log.files[path]), width: 44)
    entries[7] = try MemoryLog.event(263, note: "changed")
    log.files[path] = try EntryBundle.encode(entries)
    #expect(finding(try log.verify()) == "entryHashMismatch \(path) 263")
  }

  @Test(arguments: [
    ("tile/0/000", 3, "tileHashMismatch tile/0/000 3"),
    ("tile/0/001.p/44", 5, "tileHashMismatch tile/0/001.p/44 261"),
    ("tile/1/000.p/1", 0, "tileHashMismatch tile/1/000.p/1 0"),
  ])
  func flippedHashIsNamed(path: String, position: Int, expected: String) throws {
    var log = try log
    log.files[path] = flipped(try #require(log.files[path]), byte: position * 32 + 9)
    #expect(finding(try log.verify()) == expected)
  }

  @Test func entryAndItsHashChangedTogetherMissTheRoot() throws {
    var log = try log
    let forged = try MemoryLog(
      log.entries[..<270] + [MemoryLog.event(270, note: "x")] + log.entries[271...]
    ).published()
    for (path, bytes) in forged.files where path != "checkpoint" { log.files[path] = bytes }
    #expect(finding(try log.verify()) == "rootMismatch checkpoint -")
    log.files["checkpoint"] = forged.files["checkpoint"]
    #expect(try log.verify().isValid)
    let known = try LogVerifier(logKey: MemoryLog.logKey, knownCheckpoints: [self.log.checkpoint()])
      .verify { log.files[$0] }
    #expect(finding(known) == "historyMismatch checkpoint -")
    record(
      "entry edited together with every hash above it", "one entry of 300",
      "the root is not that of the checkpoint; with a forged one: found by an older checkpoint")
  }

  @Test(arguments: ["delete", "swap", "insert", "truncate"])
  func rearrangedEntriesAreFound(change: String) throws {
    let original = try log
    var entries = original.entries
    switch change {
    case "delete": entries.remove(at: 100)
    case "swap": entries.swapAt(100, 101)
    case "insert": entries.insert(try MemoryLog.event(100, note: "extra"), at: 100)
    default: entries.removeLast(10)
    }
    // All files rebuilt, signed by someone without the key: the old checkpoint stays.
    var log = try MemoryLog(entries).published()
    let forged = log.files["checkpoint"]
    log.files["checkpoint"] = original.files["checkpoint"]
    #expect(!(try log.verify().isValid))
    // Signed by someone with the key: a reader with an older checkpoint still notices.
    log.files["checkpoint"] = forged
    let report = try LogVerifier(
      logKey: MemoryLog.logKey, entryRule: .canonicalJSON,
      knownCheckpoints: [original.checkpoint(size: 299)]
    ).verify { log.files[$0] }
    #expect(finding(report) == "historyMismatch checkpoint -")
    #expect(try log.verify(.canonicalJSON).isValid)
    record(
      "log rewritten: entries deleted, swapped, inserted, truncated",
      "four rewritten logs, with the old and with a newly signed checkpoint",
      "refused by the old checkpoint; signed anew with the key: found by who knows an older one")
  }

  @Test func wrongSequenceNumbersAreFound() throws {
    let log = try MemoryLog([MemoryLog.event(0), MemoryLog.event(2), MemoryLog.event(1)])
      .published()
    let path = "tile/entries/000.p/3"
    #expect(finding(try log.verify()) == "eventMalformed \(path) 1; eventMalformed \(path) 2")
  }

  @Test(arguments: [
    #"[]"#, #"{"id":"00","seq":0,"time":1}"#, #"{"id":"00","seq":0,"time":1,"type":""}"#,
    #"{"id":"0G","seq":0,"time":1,"type":"a"}"#, #"{"id":"0","seq":0,"time":1,"type":"a"}"#,
    #"{"id":"","seq":0,"time":1,"type":"a"}"#, #"{"id":"00","seq":"0","time":1,"type":"a"}"#,
    #"{"id":"00","seq":1,"time":1,"type":"a"}"#, #"{"id":"00","seq":0,"time":-1,"type":"a"}"#,
    #"{"seq":0,"time":1,"type":"a"}"#, #"{"id":"00","seq":0,"time":1,"type":"A"}"#,
    #"{"id":"00","seq":0,"time":1,"type":"a b"}"#, #"{"id":"AB","seq":0,"time":1,"type":"a"}"#,
  ])
  func otherEventsAreFound(text: String) throws {
    let report = try MemoryLog([ascii(text)]).published().verify()
    #expect(finding(report) == "eventMalformed tile/entries/000.p/1 0")
    #expect(try MemoryLog([ascii(text)]).published().verify(.canonicalJSON).isValid)
  }

  @Test func entryThatIsNotCanonicalIsFound() throws {
    let log = try MemoryLog([ascii(#"{"b":1,"a":2}"#)]).published()
    #expect(finding(try log.verify()) == "entryNotCanonical tile/entries/000.p/1 0")
    #expect(try log.verify(.any).isValid)
  }

  @Test func everyMissingFileIsNamed() throws {
    let log = try log
    for path in log.files.keys {
      var changed = log
      changed.files[path] = nil
      #expect(finding(try changed.verify()) == "missingFile \(path) -")
    }
  }

  @Test func missingPartialTileMayBeReadFromTheFullOne() throws {
    var log = try MemoryLog(events: 600).published()
    for path in ["checkpoint", "tile/1/000.p/1"] { log.files[path] = try self.log.files[path] }
    #expect(try log.verify().isValid)
    log.files["tile/0/001"] = flipped(try #require(log.files["tile/0/001"]), byte: 32 * 43)
    #expect(finding(try log.verify()) == "tileHashMismatch tile/0/001 299")
  }

  @Test func truncatedFilesAreFound() throws {
    for path in try log.files.keys where path != "checkpoint" {
      var changed = try log
      changed.files[path]?.removeLast()
      let kinds = try changed.verify().findings.map(\.kind)
      #expect(kinds == [path.contains("entries") ? .bundleMalformed : .tileMalformed], "\(path)")
    }
    record("published file cut", "every tile and bundle one byte shorter")
  }

  @Test func checkpointsOfOthersAreRefused() throws {
    var log = try log
    let text = try log.checkpoint().text
    let stranger = try MemoryLog.signingKey(seedOf: "other seed").sign(text)
    log.files["checkpoint"] = try SignedNote(text: text, signatures: [stranger]).encoded
    #expect(finding(try log.verify()) == "checkpointRejected checkpoint -")
    let forged = try MemoryLog.signingKey().sign(ascii("other\n"))
    log.files["checkpoint"] = try SignedNote(text: text, signatures: [forged]).encoded
    #expect(finding(try log.verify()) == "checkpointRejected checkpoint -")
    log.files["checkpoint"] = ascii("nonsense")
    let report = try log.verify()
    #expect(finding(report) == "checkpointMalformed checkpoint -")
    #expect(report.checkpoint == nil)
    record("checkpoint forged", "another key, another text, no checkpoint", "refused")
  }

  @Test func witnessThatHasNotSignedIsNamed() throws {
    let log = try log
    let witness = try NoteVerifierKey(encoded: Vectors.witnessKey)
    let report = try LogVerifier(logKey: MemoryLog.logKey, witnesses: [witness])
      .verify { log.files[$0] }
    #expect(finding(report) == "cosignatureMissing checkpoint -")
  }

  @Test func olderCheckpointIsSeenByWhoeverKnowsANewerOne() throws {
    var log = try log
    let newest = try log.checkpoint()
    log.files["checkpoint"] = try log.signedCheckpoint(size: 257).encoded
    log.files["tile/0/001.p/1"] = Array(try #require(log.files["tile/0/001.p/44"])[..<32])
    log.files["tile/entries/001.p/1"] = try EntryBundle.encode([log.entries[256]])
    #expect(try log.verify().isValid)
    let report = try LogVerifier(logKey: MemoryLog.logKey, knownCheckpoints: [newest])
      .verify { log.files[$0] }
    #expect(finding(report) == "historyMismatch checkpoint -")
    let other = try Checkpoint(origin: "other", treeSize: 0, rootHash: .emptyRoot)
    let mixed = try LogVerifier(logKey: MemoryLog.logKey, knownCheckpoints: [other])
      .verify { log.files[$0] }
    #expect(finding(mixed) == "historyMismatch checkpoint -")
    record(
      "log put back to an earlier state", "one older checkpoint with its files",
      "valid in itself; found by whoever knows a newer checkpoint")
  }

  @Test(arguments: [0, 1, 256, 257, 300])
  func growthFromAKnownCheckpointIsValid(size: Int) throws {
    let log = try log
    let report = try LogVerifier(
      logKey: MemoryLog.logKey, knownCheckpoints: [log.checkpoint(size: size)]
    ).verify { log.files[$0] }
    #expect(report.isValid, "\(finding(report))")
  }

  @Test func prunedBundlesAreAllowedBelowTheMinimumIndexOnly() throws {
    var log = try log
    log.files["tile/entries/000"] = nil
    func verify(_ minimum: Int) throws -> LogReport {
      try LogVerifier(logKey: MemoryLog.logKey, minimumEntryIndex: minimum)
        .verify { log.files[$0] }
    }
    let report = try verify(256)
    #expect(report.isValid)
    #expect(report.prunedEntryCount == 256)
    #expect(report.entryCount == 44)
    #expect(finding(try verify(255)) == "missingFile tile/entries/000 -")
    log.files["tile/0/000"] = nil
    #expect(finding(try verify(256)) == "missingFile tile/0/000 -")
  }

  @Test func findingsAreCappedAndReadErrorsPassThrough() throws {
    let log = try MemoryLog(numbered: 300).published()
    let report = try log.verify()
    #expect(report.findings.count == LogReport.findingCountMaximum)
    struct Broken: Error {}
    #expect(throws: Broken.self) {
      _ = try LogVerifier(logKey: MemoryLog.logKey).verify { path in
        if path != "checkpoint" { throw Broken() }
        return log.files[path]
      }
    }
  }
}
