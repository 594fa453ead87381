public import Vault

/// One thing found in a data file.
public enum RecordItem: Sendable {
  /// A record that fits the contract, and the line on which it begins.
  case record(IncomingRecord, line: Int)
  /// A record that does not.
  case bad(BadRecord)
}

/// Reads the records of a data file through a source contract, one at a time, in constant memory.
///
/// A record that does not fit is an item like any other, and reading goes on behind it. An error is
/// thrown only for what makes the rest of the file worthless: no header, a cut-off end, a failing
/// disk.
public struct RecordReader: ~Copyable {
  /// What became of the records so far.
  public private(set) var counters = IntakeCounters()
  /// Names of optional fields whose column the file does not have.
  public let absentFields: [String]
  /// How many columns of the file no field of the contract reads.
  ///
  /// A number, not names: in a file without a header line the first record stands in its place.
  public let unmappedColumnCount: Int

  private let file: String
  private var assembler: RecordAssembler
  private var csv: CSVReader?
  private var lines: LineReader?
  private let headerCount: Int
  private let columns: [Int?]
  private let fields: [JSONField]

  /// Opens a data file and reads its header, if it has one.
  ///
  /// - Parameters:
  ///   - contract: What the file should hold.
  ///   - source: The file's bytes.
  ///   - file: How messages name the file.
  ///   - ingestDay: Today, in days since 1970-01-01, at least 1.
  /// - Throws: ``IntakeError`` when the file or its header is refused.
  public init(
    contract: Contract, source: any ByteSource, file: String, ingestDay: Int
  ) throws {
    precondition(ingestDay >= 1, "the day of ingest lies before 1970-01-02")
    self.file = file
    assembler = RecordAssembler(contract: contract, ingestDay: ingestDay)
    switch contract.format {
    case .csv:
      var reader = try CSVReader(source, file: file)
      let header = try CSVHeader(reading: &reader, contract: contract, file: file)
      csv = reader
      columns = header.columns
      absentFields = header.absentFields
      unmappedColumnCount = header.unmappedColumnCount
      fields = []
    case .jsonl:
      lines = try LineReader(source, file: file)
      columns = []
      absentFields = []
      unmappedColumnCount = 0
      fields = contract.fields.map(JSONField.init)
    }
    headerCount = csv?.fieldCount ?? 0
  }

  /// Reads the next record.
  ///
  /// - Returns: The record, good or bad; nil at the end of the file.
  /// - Throws: ``IntakeError`` with code `truncated_file` or `unreadable`.
  public mutating func next() throws -> RecordItem? {
    csv != nil ? try nextRow() : try nextLine()
  }

  /// Reads on to the end of the file without looking at values, to see whether it is whole.
  ///
  /// - Throws: ``IntakeError`` with code `truncated_file` or `unreadable`.
  mutating func skim() throws {
    while let found = try csv?.next() {
      if case .end = found { return }
    }
    while let found = try lines?.next(), let reader = lines {
      switch found {
      case .end: return
      case .fault: continue
      case .line where reader.isTerminated: continue
      case .line:
        var parser = JSONParser(reader.bytes)
        if (try? parser.parse()) == nil, parser.endedTooSoon { throw truncated(reader.number) }
      }
    }
  }

  private func truncated(_ line: Int) -> IntakeError {
    IntakeError(
      .truncatedFile,
      "\(file): the file ends inside the JSON on line \(line); get a whole copy of the file")
  }

  private mutating func nextRow() throws -> RecordItem? {
    guard let found = try csv?.next(), let reader = csv else { return nil }
    switch found {
    case .end: return nil
    case .fault(let fault): return bad(fault, line: reader.line)
    case .record: break
    }
    guard reader.fieldCount == headerCount else {
      return bad(RowFault(.wrongColumnCount), line: reader.line)
    }
    let columns = columns
    do throws(RowFault) {
      let record = try assembler.assemble { (index) throws(RowFault) in
        columns[index].map { reader.field($0) }
      }
      return good(record, line: reader.line)
    } catch {
      return bad(error, line: reader.line)
    }
  }

  private mutating func nextLine() throws -> RecordItem? {
    guard let found = try lines?.next(), let reader = lines else { return nil }
    switch found {
    case .end: return nil
    case .fault(let fault): return bad(fault, line: reader.number)
    case .line: break
    }
    let fields = fields
    var parser = JSONParser(reader.bytes)
    do throws(RowFault) {
      let value = try parser.parse()
      guard case .object = value else { throw RowFault(.jsonNotObject) }
      let record = try assembler.assemble { (index) throws(RowFault) in
        try fields[index].raw(in: value)
      }
      return good(record, line: reader.number)
    } catch {
      if parser.endedTooSoon, !reader.isTerminated {
        throw truncated(reader.number)
      }
      var fault = error
      fault.byteOffset = error.byteOffset.map { reader.offset + $0 }
      return bad(fault, line: reader.number)
    }
  }

  private mutating func good(_ record: IncomingRecord, line: Int) -> RecordItem {
    counters.countAccepted()
    return .record(record, line: line)
  }

  private mutating func bad(_ fault: RowFault, line: Int) -> RecordItem {
    counters.countBad(fault.code)
    return .bad(
      BadRecord(line: line, code: fault.code, field: fault.field, byteOffset: fault.byteOffset))
  }
}
