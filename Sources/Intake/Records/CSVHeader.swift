import Vault

/// Finds the columns of a contract's fields in the header line of a CSV file.
struct CSVHeader {
  /// Index of each field's column; nil where the file has none.
  let columns: [Int?]
  /// Names of optional fields without a column.
  let absentFields: [String]
  /// How many columns no field reads.
  let unmappedColumnCount: Int

  /// Reads the first record of the file.
  ///
  /// Headers are compared byte for byte. A message names a header only when the contract does.
  init(reading reader: inout CSVReader, contract: Contract, file: String) throws {
    switch try reader.next() {
    case .end:
      throw IntakeError(.emptyFile, "\(file): the file is empty; a CSV file needs a header line")
    case .fault(let fault):
      throw IntakeError(
        .malformedHeader,
        "\(file): line \(reader.line): the header is not readable, \(fault.code.reason); "
          + "is this the CSV file the contract is for?")
    case .record: break
    }
    var indices: [ArraySlice<UInt8>: Int] = [:]
    for index in 0..<reader.fieldCount {
      let header = ArraySlice(Array(reader.field(index)))
      if let first = indices.updateValue(index, forKey: header) {
        throw IntakeError(
          .duplicateHeader,
          "\(file): line \(reader.line): columns \(first + 1) and \(index + 1) have the same header; "
            + "rename one")
      }
    }
    columns = contract.fields.map { indices[ArraySlice(Array($0.column.utf8))] }
    let missing = zip(contract.fields, columns).filter { $0.1 == nil }.map(\.0)
    let needed = Set([contract.subject, contract.collected, contract.source.eventNameField])
      .union(contract.record)
    if let field = missing.first(where: { $0.isRequired || needed.contains($0.name) }) {
      throw IntakeError(
        .missingColumn,
        "\(file): line \(reader.line): the header has no column `\(field.column)` "
          + "for field `\(field.name)`; mend the file or the contract")
    }
    absentFields = missing.map(\.name)
    unmappedColumnCount = reader.fieldCount - Set(columns.compactMap(\.self)).count
  }
}
