internal import Transparency
public import Vault

/// A sample of the log's entries.
public struct LogSample: Sendable {
  /// The entries drawn, in order.
  public let entries: [LogEntry]
  /// How they are spread.
  public let strata: [SampleStratum]
  /// Entries they were drawn from.
  public let population: Int
  /// Size of the tree they lie in.
  public let treeSize: Int
  /// Number of the first entry that is there; those before were pruned.
  public let firstKept: Int
  /// Place in the log of the event about this reading.
  public let reading: Int
  /// The operators by their pseudonyms.
  public let operators: [String: LogOperator]
}

extension LogSearch {
  /// Draws a sample from the entries that a query means.
  ///
  /// - Parameters:
  ///   - plan: How to draw.
  ///   - query: What to draw from.
  ///   - subjects: Whose references the query holds.
  ///   - treeSize: Size of the tree to draw from; nil for the tree as it is now.
  ///   - progress: Told how far the scan has come.
  /// - Returns: The sample.
  /// - Throws: ``AuditingError``; `VaultError` `.denied`, `.integrity`, `.storage`.
  public func sample(
    _ plan: SamplePlan, _ query: LogQuery, about subjects: LogSubjects = .none,
    treeSize: Int? = nil, progress: Progress = { _, _ in }
  ) throws -> LogSample {
    let reader = try open(
      .sample, query, about: subjects, bound: treeSize, details: PopulationExport.details(plan))
    let (sequences, strata) = try draw(plan, query, reader, progress)
    return LogSample(
      entries: try reader.entries(at: sequences), strata: strata,
      population: strata.reduce(0) { $0 + $1.population }, treeSize: reader.treeSize,
      firstKept: reader.firstKept, reading: reader.reading, operators: try reader.operators())
  }

  func draw(
    _ plan: SamplePlan, _ query: LogQuery, _ reader: LogReader, _ progress: Progress
  ) throws -> (sequences: [Int], strata: [SampleStratum]) {
    var draw = SampleDraw(plan)
    try forEachMatch(query, reader, progress: progress) { entry in
      try draw.add(entry)
      return true
    }
    return draw.drawn()
  }
}
