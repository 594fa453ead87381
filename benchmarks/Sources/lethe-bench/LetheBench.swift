import Foundation

/// Measures what the protection costs; see README.md.
@main
enum LetheBench {
  private static let customers = 100_000
  private static let fewEvents = 10
  private static let manyEvents = 10_000
  private static let expiringEvents = 1_000_000
  private static let cookies = 100_000
  private static let keySubjects = 1_000_000
  private static let bucketEvents = 1_000_000
  private static let loggedEvents = 200_000
  private static let logEntries = 1_000_000
  private static let provedEvents = 1_000_000
  private static let cedarDecisions = 40_000
  private static let usageStatus: Int32 = 2

  static func main() {
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      guard !options.isHelp else {
        print(Options.usage)
        return
      }
      try run(options)
    } catch let error as UsageError {
      complain("\(error.message)\n\(Options.usage)")
      exit(usageStatus)
    } catch let error as BenchError {
      complain(error.message)
      exit(1)
    } catch {
      complain("\(error)")
      exit(1)
    }
  }

  private static func run(_ options: Options) throws {
    let place = try Place(in: options.parent)
    var figures: [Figure] = []
    func show(_ findings: Findings) {
      for table in findings.tables { print(table.text + "\n") }
      figures += findings.figures
    }
    show(try Machine.findings(place))
    if options.parts.contains(.ingest) {
      show(try IngestBenchmark(place: place, records: options.size(customers)).run())
    }
    if !options.parts.isDisjoint(with: [.reveal, .erase]) {
      let count = options.size(customers)
      let vault = try Customers.make(place, count: count)
      if options.parts.contains(.reveal) {
        show(try RevealBenchmark(vault: vault, customers: count).run())
      }
      if options.parts.contains(.erase) {
        show(
          try EraseBenchmark(
            vault: vault, clock: place.clock, customers: count,
            eventCounts: [fewEvents, options.size(manyEvents)]
          ).run())
      }
    }
    if options.parts.contains(.expiry) {
      show(
        try ExpiryBenchmark(
          place: place, events: options.size(expiringEvents), cookies: options.size(cookies)
        ).run())
    }
    if options.parts.contains(.keyring) {
      let subjects = options.subjects ?? options.size(keySubjects)
      show(try KeyringBenchmark(place: place, subjects: subjects).run())
    }
    if options.parts.contains(.destroy) {
      let events = options.events ?? options.size(bucketEvents)
      show(
        try DestroyBenchmark(
          place: place, bucketEvents: events, subjectEvents: options.size(manyEvents)
        ).run())
    }
    if options.parts.contains(.log) {
      show(
        try LogBenchmark(place: place, events: options.events ?? options.size(loggedEvents)).run())
    }
    if options.parts.contains(.logVerify) {
      let entries = options.entries ?? options.size(logEntries)
      show(try LogVerifyBenchmark(place: place, entries: entries).run())
    }
    if options.parts.contains(.logProof) {
      show(
        try ProofBenchmark(place: place, events: options.events ?? options.size(provedEvents)).run()
      )
    }
    if options.parts.contains(.cedar) {
      let decisions = options.size(cedarDecisions)
      show(try CedarBenchmark(decisions: decisions, export: options.cedarSets).run())
    }
    if let json = options.json { try write(figures, to: json) }
  }

  private static func write(_ figures: [Figure], to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try (encoder.encode(figures) + Data("\n".utf8)).write(to: URL(fileURLWithPath: path))
  }

  private static func complain(_ message: String) {
    FileHandle.standardError.write(Data("lethe-bench: \(message)\n".utf8))
  }
}

/// What the figures depend on besides the program.
enum Machine {
  private static let writes = 50
  private static let writeByteCount = 4096

  /// Processors, and how long the disk takes until a small write is durable.
  static func findings(_ place: Place) throws -> Findings {
    let path = place.path("disk")
    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let block = Data(count: writeByteCount)
    let durable = Sample(
      try (0..<writes).map { _ in
        try Stopwatch.seconds {
          try file.write(contentsOf: block)
          try file.synchronize()
        }
      })
    var findings = Findings(tables: [
      Table(
        "Machine", columns: ["", "value"],
        rows: [
          ["processors", "\(ProcessInfo.processInfo.activeProcessorCount)"],
          ["durable write of 4 KiB, median", Format.milliseconds(durable.median)],
        ])
    ])
    findings.add("machine.durable_write", durable.median, "s")
    return findings
  }
}
