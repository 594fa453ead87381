import Foundation
import Sealing
import Transparency
import Vault

/// Proofs of entries from the store, and publishing the log they are in.
struct ProofBenchmark {
  private static let batch = 10_000
  private static let proofs = 2_000
  private static let warmUp = 100
  private static let microsecondsPerSecond = 1_000_000.0

  let place: Place
  let events: Int

  func run() throws -> Findings {
    let vault = try place.makeVault()
    let maker = try EventMaker(vault)
    for start in stride(from: 0, to: events, by: Self.batch) {
      _ = try vault.record(maker.events(min(Self.batch, events - start)))
    }
    let (published, seconds) = try Stopwatch.measured { try vault.publishLog() }
    _ = try vault.record(maker.events(1))
    let one = try Stopwatch.seconds { try vault.publishLog() }
    var dice = SeededNumbers(seed: 44)
    let sequences = (0..<Self.proofs).map { _ in
      Int.random(in: 0..<published.size, using: &dice)
    }
    for sequence in sequences.prefix(Self.warmUp) { _ = try vault.prove(sequence) }
    let whole = try sequences.map { sequence in
      try Stopwatch.seconds { _ = try vault.prove(sequence) }
    }
    let alone = try sequences.map { sequence in
      try Stopwatch.seconds { _ = try vault.proofAlone(sequence) }
    }
    try check(vault, sequences.first ?? 0)
    var findings = Findings(tables: [
      Table(
        "Log: \(Self.proofs) inclusion proofs from \(published.size) entries",
        columns: ["", "median", "p95"],
        rows: [
          row("entry with `.tlog-proof`", Sample(whole)), row("proof alone", Sample(alone)),
        ],
        note: "places drawn at random; reading the hashes, encoding the proof and the checkpoint"),
      Table(
        "Log: publishing", columns: ["", "time"],
        rows: [
          ["\(published.size) entries, \(published.files) files", Format.seconds(seconds)],
          ["one entry more", Format.seconds(one)],
        ], note: "every file on the device before the checkpoint has its name"),
    ])
    findings.add("proof.entry", Sample(whole).median * Self.microsecondsPerSecond, "us")
    findings.add("proof.alone", Sample(alone).median * Self.microsecondsPerSecond, "us")
    findings.add("publish.all", seconds, "s")
    findings.add("publish.one", one, "s")
    return findings
  }

  private func row(_ name: String, _ sample: Sample) -> [String] {
    [name]
      + [sample.median, sample.percentile(0.95)].map { seconds in
        Format.number(seconds * Self.microsecondsPerSecond, digits: 0) + " µs"
      }
  }

  /// A proof that does not hold would be no measurement.
  private func check(_ vault: Vault, _ sequence: Int) throws {
    let (entry, proof) = try vault.prove(sequence)
    try LogProof(encoded: proof).verify(
      entry: entry, logKey: NoteVerifierKey(encoded: vault.logVerifierKey()))
  }
}
