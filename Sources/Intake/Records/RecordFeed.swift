public import Vault

/// Feeds the records of a data file to a store, batch by batch.
///
/// Nothing is handed over before the identifier lint has passed on the first
/// ``IdentifierLint/sampleRecordCount`` records. To leave no half-done state behind, a caller that
/// can read the file twice runs the feed once with a store that does nothing: a cut-off end, or a
/// bad record in strict mode, then shows before the first record is written. Memory holds one
/// batch.
public struct RecordFeed {
  /// Records of one batch.
  public static let batchRecordCount = IdentifierLint.sampleRecordCount

  /// The contract of the file.
  public let contract: Contract
  /// How messages name the file.
  public let file: String
  /// Today, in days since 1970-01-01.
  public let ingestDay: Int
  /// Whether the first bad record ends the run with an error.
  public let isStrict: Bool

  /// Creates a feed.
  public init(contract: Contract, file: String, ingestDay: Int, isStrict: Bool = false) {
    self.contract = contract
    self.file = file
    self.ingestDay = ingestDay
    self.isStrict = isStrict
  }

  /// Reads the file to its end.
  ///
  /// - Parameters:
  ///   - source: The file's bytes.
  ///   - reject: Takes each bad record.
  ///   - store: Takes each batch, never an empty one, and the counters as they are behind it.
  /// - Returns: What became of the records.
  /// - Throws: ``IntakeError``, and whatever `reject` and `store` throw.
  public func run(
    _ source: any ByteSource, reject: (BadRecord) throws -> Void,
    store: ([IncomingRecord], IntakeCounters) throws -> Void
  ) throws -> IntakeCounters {
    var reader = try RecordReader(
      contract: contract, source: source, file: file, ingestDay: ingestDay)
    var lint = IdentifierLint(contract: contract, file: file)
    var isLinting = true
    var batch: [IncomingRecord] = []
    batch.reserveCapacity(Self.batchRecordCount)
    func handOver(_ counters: IntakeCounters) throws {
      if isLinting { try lint.verdict() }
      isLinting = false
      guard !batch.isEmpty else { return }
      try store(batch, counters)
      batch.removeAll(keepingCapacity: true)
    }
    while let item = try reader.next() {
      switch item {
      case .record(let record, _):
        if isLinting { lint.observe(record) }
        batch.append(record)
        if batch.count == Self.batchRecordCount { try handOver(reader.counters) }
      case .bad(let bad):
        try reject(bad)
        if isStrict { throw strictRefusal(bad) }
      }
    }
    try handOver(reader.counters)
    return reader.counters
  }

  /// Reads the file to its end and stores nothing, to see whether all of it can be taken in.
  ///
  /// Strictly every record is read. Otherwise only the first ones are, for the identifier lint, and
  /// the rest is looked over for its end; bad records are no reason to refuse the file then.
  ///
  /// - Parameter source: The file's bytes, which are read a second time by
  ///   ``run(_:reject:store:)``.
  /// - Throws: ``IntakeError`` for what would otherwise show after the first batch is stored.
  public func check(_ source: any ByteSource) throws {
    if isStrict {
      _ = try run(source, reject: { _ in }, store: { _, _ in })
      return
    }
    var reader = try RecordReader(
      contract: contract, source: source, file: file, ingestDay: ingestDay)
    var lint = IdentifierLint(contract: contract, file: file)
    while reader.counters.accepted < IdentifierLint.sampleRecordCount,
      let item = try reader.next()
    {
      if case .record(let record, _) = item { lint.observe(record) }
    }
    try lint.verdict()
    try reader.skim()
  }

  private func strictRefusal(_ bad: BadRecord) -> IntakeError {
    let field = bad.field.map { "field `\($0)`: " } ?? ""
    return IntakeError(
      .badRecord,
      "\(file): line \(bad.line): \(field)\(bad.reason); mend it or leave out `--strict`")
  }
}
