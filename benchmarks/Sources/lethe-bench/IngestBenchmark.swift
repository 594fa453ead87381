import Foundation
import Intake
import Vault

/// Ingest of a CSV file into a vault, beside the same rows without cryptography.
struct IngestBenchmark {
  private static let pairs = 3

  private struct Sizes {
    var vault = 0
    var index = 0
    var keys = 0
    var total: Int { vault + index + keys }
  }

  let place: Place
  let records: Int

  /// Measures A B A B A B, so that a slow moment of the machine does not hit one side alone.
  func run() throws -> Findings {
    let file = place.path("customers.csv")
    try Data(BenchSources.customerFile(records: records)).write(to: URL(fileURLWithPath: file))
    let contract = try BenchSources.customerContract()
    var sealed: [Double] = []
    var plain: [Double] = []
    var sealedSizes = Sizes()
    var plainSizes = Sizes()
    for pair in 1...Self.pairs {
      let vault = try place.makeVault()
      plainSizes = try measurePlain(pair, vault.layout, contract, file, &plain)
      sealed.append(try sealedSeconds(vault, contract, file))
      sealedSizes = Sizes(
        vault: try Place.size(vault.layout.vault), index: try Place.size(vault.layout.index),
        keys: try Place.size(vault.layout.keys))
    }
    return findings(sealed, plain, sealedSizes, plainSizes)
  }

  private func sealedSeconds(_ vault: Vault, _ contract: Contract, _ file: String) throws -> Double
  {
    var report = IngestReport()
    let seconds = try Stopwatch.seconds {
      let run = try vault.beginIngest(contract.source, .engineer)
      try feed(contract, file) { report.add(try vault.ingest($0, into: run)) }
      try vault.finishIngest(run, report: report, quarantined: 0)
    }
    try require(report.added, "sealed")
    return seconds
  }

  private func measurePlain(
    _ pair: Int, _ shape: VaultLayout, _ contract: Contract, _ file: String,
    _ seconds: inout [Double]
  ) throws -> Sizes {
    let path = place.path("plain-\(pair).sqlite")
    let index = place.path("plain-index-\(pair).sqlite")
    let store = try PlainStore(
      vault: path, index: index, shapedLike: shape, source: contract.source,
      today: BenchClock.firstDay)
    var added = 0
    seconds.append(
      try Stopwatch.seconds {
        try feed(contract, file) { added += try store.ingest($0) }
      })
    try require(added, "plain")
    return Sizes(vault: try Place.size(path), index: try Place.size(index))
  }

  private func feed(
    _ contract: Contract, _ file: String, _ store: ([IncomingRecord]) throws -> Void
  ) throws {
    let feed = RecordFeed(
      contract: contract, file: "customers.csv", ingestDay: BenchClock.firstDay, isStrict: true)
    _ = try feed.run(
      try FileByteSource(path: file), reject: { _ in }, store: { batch, _ in try store(batch) })
  }

  private func require(_ added: Int, _ side: String) throws {
    guard added == records else {
      throw BenchError(message: "\(side): \(added) of \(records) records went in")
    }
  }

  private func findings(
    _ sealed: [Double], _ plain: [Double], _ sealedSizes: Sizes, _ plainSizes: Sizes
  ) -> Findings {
    let ratios = zip(sealed, plain).map { $1 / $0 }
    let sealedRate = Double(records) / Sample(sealed).median
    let plainRate = Double(records) / Sample(plain).median
    let ratio = Sample(ratios).median
    func row(_ name: String, _ plain: Double, _ sealed: Double, _ ratio: Double) -> [String] {
      [name, Format.rate(plain), Format.rate(sealed), Format.number(ratio, digits: 2)]
    }
    let count = Double(records)
    var rows = ratios.indices.map {
      row("pair \($0 + 1)", count / plain[$0], count / sealed[$0], ratios[$0])
    }
    rows.append(row("median", plainRate, sealedRate, ratio))
    func sizeRow(_ name: String, _ plain: Int, _ sealed: Int) -> [String] {
      [
        name, Format.mebibytes(plain), Format.mebibytes(sealed),
        plain > 0 ? Format.number(Double(sealed) / Double(plain), digits: 2) : "-",
      ]
    }
    var findings = Findings(tables: [
      Table(
        "Ingest: \(records) CSV records of ten fields, three of them identifiers",
        columns: ["", "plain", "sealed", "sealed : plain"], rows: rows,
        note: "plain: same parsing, rows, indices and transactions, without keys, codes and log"),
      Table(
        "Size after ingest", columns: ["", "plain", "sealed", "times"],
        rows: [
          sizeRow("vault.sqlite", plainSizes.vault, sealedSizes.vault),
          sizeRow("index.sqlite", plainSizes.index, sealedSizes.index),
          sizeRow("keys.sqlite", 0, sealedSizes.keys),
          sizeRow("together", plainSizes.total, sealedSizes.total),
        ]),
    ])
    findings.add("ingest.plain", plainRate, "records/s")
    findings.add("ingest.sealed", sealedRate, "records/s")
    findings.add("ingest.ratio", ratio, "1")
    findings.add("ingest.plain.size", Double(plainSizes.total), "B")
    findings.add("ingest.sealed.size", Double(sealedSizes.total), "B")
    return findings
  }
}
