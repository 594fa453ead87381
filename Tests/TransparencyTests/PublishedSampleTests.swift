import Foundation
import Testing
import Transparency

/// Publishes a log as a vault does, step by step, into a directory that other programs then read.
///
/// `scripts/check-go` names the directory and the number of entries; without it the log is small
/// and goes to a temporary directory.
@Suite struct PublishedSampleTests {
  private static let directoryVariable = "LETHE_LOG_OUT"
  private static let countVariable = "LETHE_LOG_ENTRIES"
  private static let usualCount = 600

  @Test func aLogPublishedInStepsIsWhole() throws {
    let environment = ProcessInfo.processInfo.environment
    let given = environment[Self.directoryVariable]
    let count = environment[Self.countVariable].flatMap { Int($0) } ?? Self.usualCount
    let directory = URL(
      fileURLWithPath: given ?? NSTemporaryDirectory() + "lethe-log-\(UUID().uuidString)")
    defer { if given == nil { try? FileManager.default.removeItem(at: directory) } }
    let kept = try publish(count, to: directory)
    let policy = try WitnessPolicy(
      text: Array(Data(contentsOf: directory.appending(path: "witnesses.policy"))))
    let report = try LogVerifier(
      logKey: MemoryLog.logKey, policy: policy, knownCheckpoints: kept
    ).verify(paths: FileManager.default.subpathsOfDirectory(atPath: directory.path)) { path in
      FileManager.default.contents(atPath: directory.appending(path: path).path)
        .map { [UInt8]($0) }
    }
    #expect(report.isValid, "\(report.findings)")
    #expect(report.entryCount == count && report.continuedCheckpointCount == kept.count)
    #expect(report.checkpoint?.cosigners.count == 1)
  }

  /// Publishes in steps and keeps the checkpoint of each but the last.
  private func publish(_ count: Int, to directory: URL) throws -> [Checkpoint] {
    let sizes = [1, 255, 256, 257, count / 2, count - 1, count]
    let witness = try Witnesses.key()
    var kept: [Checkpoint] = []
    var log = MemoryLog([])
    for size in sizes {
      let before = log.size
      for index in before..<size { log.append(try Self.event(index)) }
      let files = try TilePublisher.files(
        from: before, to: size, readHash: log.read, readEntry: { log.entries[$0] })
      for file in files { try write(file.bytes, to: directory, file.path) }
      let checkpoint = try log.checkpoint()
      var note = try checkpoint.signed(by: MemoryLog.signingKey())
      try note.add(witness.cosign(checkpoint, timeSeconds: Witnesses.seconds))
      if size < count {
        kept.append(checkpoint)
        try write(note.encoded, to: directory, "kept-\(size).checkpoint")
      }
      try write(note.encoded, to: directory, "checkpoint")
    }
    try write(ascii(MemoryLog.logKey.encoded + "\n"), to: directory, "log.vkey")
    try write(ascii(witness.verifierKey.encoded + "\n"), to: directory, "witness.vkey")
    let policy = try WitnessPolicy(
      logs: [WitnessPolicy.Log(key: MemoryLog.logKey)],
      witnesses: [WitnessPolicy.Witness(name: "w1", key: witness.verifierKey)], quorum: "w1")
    try write(ascii(policy.text), to: directory, "witnesses.policy")
    return kept
  }

  /// A disclosure of the size a vault records.
  private static func event(_ index: Int) throws -> [UInt8] {
    let number = String(index, radix: 16)
    let id = String(repeating: "0", count: 32 - number.utf8.count) + number
    let digest = String(repeating: "5c", count: 32)
    return try CanonicalJSON.object(
      JSONObject([
        ("actor", .string("op_\(id.suffix(16))")), ("case", .string("C-2026-\(index % 500)")),
        ("decision", .string("allow")), ("fields", .string("crm.email")), ("id", .string(id)),
        ("policies", .array([.string("officer-masked")])), ("policy_set", .string(digest)),
        ("purpose", .string("essential.service")), ("seq", .integer(Int64(index))),
        ("subjects", .array([.string("t1_audit_\(id.suffix(26))")])),
        ("time", .integer(1_767_225_600_000 + Int64(index))), ("type", .string("field.disclosed")),
      ])
    ).canonicalBytes()
  }

  private func write(_ bytes: [UInt8], to directory: URL, _ path: String) throws {
    let place = directory.appending(path: path)
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: place)
  }
}
