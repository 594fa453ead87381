internal import Keyring
internal import Sealing
internal import Transparency

/// A person's envelopes with the field keys that open them, decided and recorded, to be sealed
/// once.
///
/// Only ``Vault/prepareExport(_:to:_:)`` makes one. Field keys leave the vault's memory inside the
/// sealed file and in no other way; subject and bucket keys do not leave it. A bucket key serves
/// many persons: a copy outside would keep values of others readable after their expiry.
///
/// - SeeAlso: `docs/format.md#sealed-export`.
public struct SealedExport: ~Copyable {
  /// Format of the export; every change raises it.
  static let format = 1

  struct Record {
    let row: RecordRow
    let subject: SubjectID
    let sourceNumber: Int
    let source: SourceDescription
    let fields: [(field: FieldDescription, envelope: [UInt8])]
  }

  /// Place of the export in the log.
  public let logSequence: Int
  /// Number of subjects the person consists of.
  public var subjectCount: Int { material.subjects.count }
  /// Number of records.
  public var recordCount: Int { records.count }

  private let vault: Vault
  private let material: PersonMaterial
  private let records: [Record]
  private let recipients: AgeRecipients
  private let reference: String

  init(
    vault: Vault, material: PersonMaterial, records: [Record], recipients: AgeRecipients,
    reference: String, logSequence: Int
  ) {
    self.vault = vault
    self.material = material
    self.records = records
    self.recipients = recipients
    self.reference = reference
    self.logSequence = logSequence
  }

  /// Seals the export as one file of age that holds one line of canonical JSON.
  ///
  /// - Parameter sink: Takes the file, in order; when this throws, what it took must be removed.
  /// - Throws: `KeyringError` `.keyDestroyed` when the person was erased or changed meanwhile,
  ///   ``VaultError``, `SealingError`, and what the sink throws.
  public consuming func seal(into sink: @escaping ([UInt8]) throws -> Void) throws {
    let content = ExportContent(
      vault: vault, material: material, records: records, reference: reference)
    try AgeFile.seal(to: recipients, random: vault.random, into: sink) { writer in
      try content.write(to: &writer)
    }
  }
}

/// Writes the JSON of an export member by member, in the canonical order of their names.
private struct ExportContent {
  let vault: Vault
  let material: PersonMaterial
  let records: [SealedExport.Record]
  let reference: String

  func write(to writer: inout AgeWriter) throws {
    try writer.write(#"{"keys":["#.utf8)
    try writeKeys(to: &writer)
    try writer.write(#"],"lethe_sealed_export":\#(SealedExport.format),"records":["#.utf8)
    for (index, record) in records.enumerated() {
      if index > 0 { try writer.write(",".utf8) }
      try writer.write(try Self.json(record).canonicalBytes(byteCountMaximum: .max))
    }
    let rest: [(key: String, value: CanonicalJSON)] = [
      ("reference", .string(reference)),
      ("subjects", .array(try material.subjects.map(json))),
      ("vault", .string(vault.id.rawBytes.hexadecimal)),
    ]
    try writer.write("],".utf8)
    try writer.write(
      try CanonicalJSON.members(rest).canonicalBytes(byteCountMaximum: .max).dropFirst())
    try writer.write([0x0A])
  }

  /// Writes one key for each bucket in which a subject has values, in order of subject and bucket.
  private func writeKeys(to writer: inout AgeWriter) throws {
    let opener = SubjectOpener(vault)
    defer { opener.cipher.wipe() }
    var separator = ""
    for row in material.subjects {
      let subject = try opener.open(row)
      let buckets = Dictionary(grouping: records.filter { $0.subject == row.id }, by: \.row.bucket)
      for (bucket, records) in buckets.sorted(by: { $0.key < $1.key }) {
        let key = try opener.fieldKey(subject, bucket, createIfMissing: false)
        try Self.requireOpening(records, key, opener.cipher)
        try writer.write(#"\#(separator){"bucket":\#(bucket.rawValue),"fk":""#.utf8)
        try writer.writeHexadecimal(key)
        try writer.write(#"","subject":"\#(row.id.rawBytes.hexadecimal)"}"#.utf8)
        separator = ","
      }
    }
  }

  /// Opens what a key is handed out for: an export whose reader would refuse it is not made.
  private static func requireOpening(
    _ records: [SealedExport.Record], _ key: borrowing FieldKey, _ cipher: FieldCipher
  ) throws {
    for record in records {
      for (field, envelope) in record.fields {
        let cell = Cell(table: CellTable.record, field: field.number, row: UInt64(record.row.row))
        _ = try cipher.open(envelope, key: key, cell: cell)
      }
    }
  }

  private func json(_ row: SubjectRow) throws -> CanonicalJSON {
    try .members([
      ("generation", .count(Int(row.generation))), ("id", .string(row.id.rawBytes.hexadecimal)),
      ("source", .string(material.sources[row.source]?.name ?? "")),
    ])
  }

  private static func json(_ record: SealedExport.Record) throws -> CanonicalJSON {
    let fields = try record.fields.map { field in
      try CanonicalJSON.members([
        ("envelope", .string(Base64.encode(field.envelope))),
        ("name", .string(field.field.name)), ("number", .count(Int(field.field.number))),
      ])
    }
    return try .members([
      ("bucket", .integer(Int64(record.row.bucket.rawValue))), ("fields", .array(fields)),
      ("row", .integer(record.row.row)), ("source", .string(record.source.name)),
      ("subject", .string(record.subject.rawBytes.hexadecimal)),
      ("table", .count(Int(CellTable.record))),
    ])
  }
}
