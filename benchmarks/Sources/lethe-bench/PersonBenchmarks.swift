import Foundation
import Intake
import Vault

/// A vault full of customers, for what is done to one person among many.
enum Customers {
  static func make(_ place: Place, count: Int) throws -> Vault {
    let vault = try place.makeVault()
    let contract = try BenchSources.customerContract()
    let run = try vault.beginIngest(contract.source, .engineer)
    var report = IngestReport()
    let feed = RecordFeed(
      contract: contract, file: "customers.csv", ingestDay: BenchClock.firstDay, isStrict: true)
    _ = try feed.run(
      MemoryByteSource(BenchSources.customerFile(records: count)), reject: { _ in },
      store: { batch, _ in report.add(try vault.ingest(batch, into: run)) })
    try vault.finishIngest(run, report: report, quarantined: 0)
    return vault
  }
}

extension Vault {
  /// Finds the one person of an identifier.
  func onlyPerson(_ kind: IdentifierKind, _ value: [UInt8]) throws -> TokenText {
    let found = try find(kind, value, .officer)
    guard let person = found.first, found.count == 1 else {
      throw BenchError(message: "\(found.count) persons instead of one")
    }
    return person.token
  }
}

/// Disclosure of every field of one record, decided, logged and opened.
struct RevealBenchmark {
  private static let calls = 200

  let vault: Vault
  let customers: Int

  func run() throws -> Findings {
    let tokens = try (0..<Self.calls).map { index in
      let number = BenchSources.customerNumber(index * customers / Self.calls)
      return try vault.onlyPerson(.customerNumber, Array(number.utf8))
    }
    let whole = Sample(
      try tokens.map { token in
        let (dossier, seconds) = try Stopwatch.measured { try vault.disclose(token, .officer) }
        let shown = dossier.records.flatMap(\.fields).count { $0.value != nil }
        guard shown == 10 else { throw BenchError(message: "\(shown) of 10 fields were shown") }
        return seconds
      })
    let contract = try BenchSources.customerContract()
    let run = try vault.beginIngest(contract.source, .engineer)
    // The one public call that is a log entry and nothing else.
    let entry = Sample(
      try (0..<Self.calls).map { _ in
        try Stopwatch.seconds {
          try vault.finishIngest(run, report: IngestReport(), quarantined: 0)
        }
      })
    return findings(whole, entry)
  }

  private func findings(_ whole: Sample, _ entry: Sample) -> Findings {
    func row(_ name: String, _ sample: Sample) -> [String] {
      [name] + [0.5, 0.95].map { Format.milliseconds(sample.percentile($0)) }
    }
    var findings = Findings(tables: [
      Table(
        "Reveal: all ten fields of one record among \(customers), \(Self.calls) calls",
        columns: ["", "p50", "p95"],
        rows: [row("disclose", whole), row("one durable log entry alone", entry)])
    ])
    findings.add("reveal.p50", whole.percentile(0.5), "s")
    findings.add("reveal.p95", whole.percentile(0.95), "s")
    findings.add("reveal.log_entry.p50", entry.percentile(0.5), "s")
    return findings
  }
}

/// Erasure of a person with few and with many events.
struct EraseBenchmark {
  private static let repetitions = 5

  let vault: Vault
  let clock: BenchClock
  let customers: Int
  let eventCounts: [Int]

  func run() throws -> Findings {
    var table = Table(
      "Erase: a person among \(customers), median of \(Self.repetitions)",
      columns: ["events", "preview", "until unreadable", "until swept"],
      note: "preview is not part of the others; unreadable: the keys are gone, durably")
    var findings = Findings()
    for (position, count) in eventCounts.enumerated() {
      var previews: [Double] = []
      var unreadable: [Double] = []
      var swept: [Double] = []
      for repetition in 0..<Self.repetitions {
        let cookie = BenchSources.cookie(1 + position * Self.repetitions + repetition)
        try vault.ingest(BenchSources.visits, count: count) {
          BenchSources.event($0, of: cookie, day: BenchClock.firstDay)
        }
        let token = try vault.onlyPerson(.cookie, cookie)
        let (preview, seconds) = try Stopwatch.measured {
          try vault.previewErasure(token, .officer)
        }
        previews.append(seconds)
        let start = clock.milliseconds
        let (outcome, whole) = try Stopwatch.measured {
          try vault.erase(
            token, confirming: preview.digest, reference: "bench-\(position)-\(repetition)",
            .officer)
        }
        guard outcome.facts.sweptRecords == count else {
          throw BenchError(message: "\(outcome.facts.sweptRecords) of \(count) events were swept")
        }
        unreadable.append(Double(outcome.facts.finalMilliseconds - start) / 1000)
        swept.append(whole)
      }
      let medians = [previews, unreadable, swept].map { Sample($0).median }
      table.rows.append(["\(count)"] + medians.map(Format.seconds))
      findings.add("erase.\(count).unreadable", medians[1], "s")
      findings.add("erase.\(count).swept", medians[2], "s")
    }
    findings.tables = [table]
    return findings
  }
}
