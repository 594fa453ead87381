import Foundation
import Sealing
import Transparency

/// Verifies a published log with our verifier and with the auditors'.
struct LogVerifyBenchmark {
  private static let origin = "bench.lethe.invalid/audit"
  private static let runs = 3

  let place: Place
  let entries: Int

  /// Makes the log, verifies it and tells the times.
  func run() throws -> Findings {
    let directory = place.path("log")
    let made = try PublishedEvents(origin: Self.origin).publish(entries, to: directory)
    let serial = try (0..<Self.runs).map { _ in try verify(directory, made.key, isSerial: true) }
    let parallel = try (0..<Self.runs).map { _ in try verify(directory, made.key, isSerial: false) }
    let python = try Stopwatch.seconds { try runVerifier(directory, key: made.key.encoded) }
    let rows = [
      ("one thread", Sample(serial).median), ("all processors", Sample(parallel).median),
      ("audit/verify.py", python),
    ]
    var findings = Findings(tables: [
      Table(
        "Verifying a log of \(entries) entries", columns: ["", "time", "entries"],
        rows: rows.map { [$0, Format.seconds($1), Format.rate(Double(entries) / $1)] },
        note: "\(Format.mebibytes(made.byteCount)) of entries, "
          + "\(made.byteCount / entries) bytes each on average")
    ])
    findings.add("log_verify.entries", Double(entries), "")
    findings.add("log_verify.one_thread", rows[0].1, "s")
    findings.add("log_verify.all_processors", rows[1].1, "s")
    findings.add("log_verify.python", rows[2].1, "s")
    return findings
  }

  private func verify(
    _ directory: String, _ key: NoteVerifierKey, isSerial: Bool
  ) throws -> Double {
    let verifier =
      isSerial
      ? LogVerifier(logKey: key)
      : LogVerifier(logKey: key) { count, work in
        DispatchQueue.concurrentPerform(iterations: count, execute: work)
      }
    return try Stopwatch.seconds {
      let report = try verifier.verify { path in
        FileManager.default.contents(atPath: "\(directory)/\(path)").map { [UInt8]($0) }
      }
      guard report.isValid, report.entryCount == entries else {
        throw BenchError(
          message: "the log does not verify: \(report.findings.first?.message ?? "")")
      }
    }
  }

  private func runVerifier(_ directory: String, key: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let program = URL(fileURLWithPath: Place.policies).deletingLastPathComponent()
      .appending(path: "audit/verify.py").path
    process.arguments = ["python3", program, directory, "--vkey", key]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchError(message: "audit/verify.py does not accept the log")
    }
  }
}

/// Publishes a log of events as the vault writes them, without a vault.
///
/// A vault would need an hour for a million durable events; the published files are the same.
struct PublishedEvents {
  let origin: String

  /// Writes entries, tiles and checkpoint.
  func publish(
    _ count: Int, to directory: String
  ) throws -> (key: NoteVerifierKey, byteCount: Int) {
    let key = try NoteSigningKey(
      name: origin, seed: SecretBytes(copying: SHA256.hash(Array(origin.utf8))))
    var frontier = Frontier()
    var hashes: [TreeHash] = []
    var byteCount = 0
    for index in 0..<count {
      let entry = try Self.event(index)
      byteCount += entry.count
      hashes += frontier.append(.leaf(entry))
    }
    try TilePublisher.publish(
      from: 0, to: count, readHash: { hashes[$0] }, readEntry: Self.event
    ) { file in
      try write(file.bytes, to: "\(directory)/\(file.path)")
    }
    let checkpoint = try Checkpoint(origin: origin, treeSize: count, rootHash: frontier.root)
    try write(try checkpoint.signed(by: key).encoded, to: "\(directory)/checkpoint")
    return (key.verifierKey, byteCount)
  }

  /// A disclosure as the vault records it, some 400 bytes.
  private static func event(_ index: Int) throws -> [UInt8] {
    let digest = SHA256.hash(Array("event \(index)".utf8))
    let digits = Array("0123456789abcdef".utf8)
    let hex = String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    let fields = ["crm.email", "crm.phone", "crm.name"].map {
      ($0, CanonicalJSON.string("masked"))
    }
    return try CanonicalJSON.object(
      JSONObject([
        ("actor", .string("op_\(hex.prefix(16))")), ("case", .string("C-2026-\(index % 500)")),
        ("decision", .string("allow")), ("fields", .object(try JSONObject(fields))),
        ("id", .string(String(hex.prefix(32)))),
        ("policies", .array([.string("officer-masked"), .string("case-open")])),
        ("policy_set", .string(hex)), ("purpose", .string("essential.service")),
        ("seq", .integer(Int64(index))),
        ("subjects", .array([.string("sub_audit_\(hex.suffix(26))")])),
        ("time", .integer(1_767_225_600_000 + Int64(index))), ("type", .string("field.disclosed")),
      ])
    ).canonicalBytes()
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }
}
