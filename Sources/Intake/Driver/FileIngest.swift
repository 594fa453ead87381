public import Vault

/// What became of a data file.
public struct FileIngestReport: Sendable {
  /// What became of the records that fit the contract.
  public let vault: IngestReport
  /// What became of the rows.
  public let rows: IntakeCounters
}

/// Brings one data file into a vault.
///
/// Each batch is one transaction of the vault, so a crash or a full disk leaves whole batches, and
/// repeating the file takes up where it stopped: what is there already counts as unchanged. What
/// can be known before the first batch is asked by ``check(_:file:)``.
public struct FileIngest {
  private let vault: Vault
  private let contract: Contract
  private let isStrict: Bool

  /// Prepares an ingest.
  ///
  /// - Parameters:
  ///   - vault: Where the records go.
  ///   - contract: What the file should hold.
  ///   - isStrict: Whether the first bad row ends the run.
  public init(_ vault: Vault, contract: Contract, isStrict: Bool = false) {
    self.vault = vault
    self.contract = contract
    self.isStrict = isStrict
  }

  /// Checks a whole file without storing anything, for callers that can read it twice.
  ///
  /// - Parameters:
  ///   - source: The file's bytes.
  ///   - file: How messages name the file.
  /// - Throws: ``IntakeError`` for a header that does not fit, a cut-off end, identifiers that are
  ///   none; in strict mode for the first bad row.
  public func check(_ source: any ByteSource, file: String) throws {
    try feed(file).check(source)
  }

  /// Reads the file to its end and stores what fits.
  ///
  /// - Parameters:
  ///   - source: The file's bytes.
  ///   - file: How messages name the file.
  ///   - quarantine: Takes the rows that do not fit.
  ///   - requester: Who ingests.
  ///   - progress: Called after each batch with the number of rows read.
  /// - Returns: What became of the rows and records.
  /// - Throws: ``IntakeError`` for a file that is refused, `VaultError` for a vault that refuses.
  public func run(
    _ source: any ByteSource, file: String, quarantine: Quarantine, requester: Requester,
    progress: (Int) -> Void = { _ in }
  ) throws -> FileIngestReport {
    try vault.authorise(.ingest, requester)
    var begun: IngestRun?
    // A file whose header is refused leaves no trace, so the run begins with the first row.
    func run() throws -> IngestRun {
      let run = try begun ?? vault.beginIngest(contract.source, requester)
      begun = run
      return run
    }
    var report = IngestReport()
    let rows: IntakeCounters
    do {
      rows = try feed(file).run(
        source,
        reject: { bad in
          _ = try run()
          try quarantine.append(bad)
        },
        store: { batch, counters in
          report.add(try vault.ingest(batch, into: try run()))
          progress(counters.read)
        })
    } catch {
      // What went in stays; the log says how much, if it can. The first failure is the one to tell.
      try? quarantine.finish()
      if let begun {
        try? vault.finishIngest(begun, report: report, quarantined: quarantine.count)
      }
      throw error
    }
    try quarantine.finish()
    try vault.finishIngest(try run(), report: report, quarantined: quarantine.count)
    return FileIngestReport(vault: report, rows: rows)
  }

  private func feed(_ file: String) -> RecordFeed {
    RecordFeed(
      contract: contract, file: file, ingestDay: vault.clock.day, isStrict: isStrict)
  }
}

extension IdentifierKind {
  /// Brings an identifier that a person typed into the form it is matched by.
  ///
  /// - Parameters:
  ///   - text: As typed.
  ///   - region: Region of a phone number without country code.
  /// - Returns: The value as it stands in the match index, as UTF-8.
  /// - Throws: ``IntakeError`` with code `invalid_value` that names the kind, never the value.
  public func matchValue(of text: String, region: PhoneRegion?) throws -> [UInt8] {
    let normaliser = Normaliser(type: fieldType, region: region)
    do throws(ValueFault) {
      guard let value = try normaliser.normalised(Array(text.utf8)[...]) else {
        throw ValueFault(.missingRequired)
      }
      return value.match
    } catch {
      let hint = self == .phone ? ", or give it with its country code" : ""
      throw IntakeError(
        .invalidValue,
        "the \(rawValue) does not look like one: \(error.code.reason); check it\(hint)")
    }
  }

  private var fieldType: FieldType {
    switch self {
    case .email: .email
    case .phone: .phone
    case .customerNumber: .customerNumber
    case .cookie: .cookie
    case .nationalID: .nationalID
    }
  }
}
