internal import Sealing

/// The identifiers of a record in the form they are matched by, sealed as one more cell of it.
///
/// The vault does not normalise; keeping what was matched lets it erase, suppress and rebuild the
/// match index from the sealed records alone.
enum SealedIdentifiers {
  /// Number of the cell, above every contract's fields.
  static let cellNumber: UInt16 = 0x8000

  static func encode(_ identifiers: [IncomingIdentifier]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
      identifiers.reduce(0) { $0 + SealedFields.prefixByteCount + $1.value.count })
    for identifier in identifiers {
      SealedFields.append(identifier.kind.number, identifier.value, to: &bytes)
    }
    return bytes
  }

  static func decode(_ bytes: [UInt8]) throws -> [IncomingIdentifier] {
    try SealedFields.decode(bytes).compactMap { number, value in
      IdentifierKind(number: number).map { IncomingIdentifier(kind: $0, value: value) }
    }
  }
}

extension SubjectOpener {
  /// The identifiers of a stored record.
  func identifiers(
    of record: RecordRow, _ subject: OpenSubject
  ) throws -> [IncomingIdentifier] {
    var identifiers: [IncomingIdentifier] = []
    try open(record, of: subject, wanted: [SealedIdentifiers.cellNumber]) { _, value in
      identifiers = try SealedIdentifiers.decode(value.plaintextCopy())
    }
    return identifiers
  }
}
