internal import Keyring
internal import Sealing
internal import Transparency

/// A person's envelopes with the keys that open them, decided and recorded, to be sealed once.
///
/// Only ``Vault/prepareExport(_:to:_:)`` makes one. The keys leave the vault's memory inside the
/// sealed file and in no other way.
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
  private let buckets: [Bucket]
  private let recipients: AgeRecipients
  private let reference: String

  init(
    vault: Vault, material: PersonMaterial, records: [Record], buckets: [Bucket],
    recipients: AgeRecipients, reference: String, logSequence: Int
  ) {
    self.vault = vault
    self.material = material
    self.records = records
    self.buckets = buckets
    self.recipients = recipients
    self.reference = reference
    self.logSequence = logSequence
  }

  /// Seals the export as one file of age that holds one line of canonical JSON.
  ///
  /// - Parameter sink: Takes the file, in order; when this throws, what it took must be removed.
  /// - Throws: `KeyringError` `.keyDestroyed` when the person was erased meanwhile, ``VaultError``,
  ///   `SealingError`, and what the sink throws.
  public consuming func seal(into sink: @escaping ([UInt8]) throws -> Void) throws {
    let content = ExportContent(
      vault: vault, material: material, records: records, buckets: buckets, reference: reference)
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
  let buckets: [Bucket]
  let reference: String

  func write(to writer: inout AgeWriter) throws {
    try writer.write(#"{"buckets":["#.utf8)
    for (index, bucket) in buckets.enumerated() {
      if index > 0 { try writer.write(",".utf8) }
      try write(bucket, to: &writer)
    }
    try writer.write(#"],"lethe_sealed_export":\#(SealedExport.format),"records":["#.utf8)
    for (index, record) in records.enumerated() {
      if index > 0 { try writer.write(",".utf8) }
      try writer.write(try Self.json(record).canonicalBytes(byteCountMaximum: .max))
    }
    let reference = try CanonicalJSON.string(reference).canonicalBytes()
    try writer.write(#"],"reference":"#.utf8)
    try writer.write(reference)
    try writer.write(#","subjects":["#.utf8)
    let opener = SubjectOpener(vault)
    for (index, row) in material.subjects.enumerated() {
      if index > 0 { try writer.write(",".utf8) }
      try write(try opener.open(row), to: &writer)
    }
    try writer.write(#"],"vault":"\#(vault.id.rawBytes.hexadecimal)"}"#.utf8)
    try writer.write([0x0A])
  }

  private func write(_ bucket: Bucket, to writer: inout AgeWriter) throws {
    let key = try vault.keyring.withBucketKey(bucket, createIfMissing: false) { try $0.copy() }
    try writer.write(#"{"bk":""#.utf8)
    try writer.writeHexadecimal(key)
    try writer.write(#"","bucket":\#(bucket.rawValue)}"#.utf8)
  }

  private func write(_ subject: OpenSubject, to writer: inout AgeWriter) throws {
    let row = subject.row
    try writer.write(#"{"ck":""#.utf8)
    try writer.writeHexadecimal(subject.key)
    let rest: [(key: String, value: CanonicalJSON)] = [
      ("generation", .count(Int(row.generation))), ("id", .string(row.id.rawBytes.hexadecimal)),
      ("source", .string(material.sources[row.source]?.name ?? "")),
    ]
    // The members behind the key, which has to stand outside of any value that is copied about.
    let members = try CanonicalJSON.members(rest).canonicalBytes()
    try writer.write(#"","#.utf8)
    try writer.write(members.dropFirst())
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
