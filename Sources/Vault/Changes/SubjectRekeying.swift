internal import GRDB
internal import Keyring
internal import Sealing

/// Seals subjects anew under a key of the next generation, in a transaction of `vault.sqlite`.
///
/// What stays is opened and sealed once more; what goes is not. The old key is destroyed
/// afterwards, and with it every older copy of the values, wherever it lies.
struct SubjectRekeying {
  let opener: SubjectOpener
  let codes: MatchCodes
  let database: Database
  /// Entries the match index needs from now on.
  private(set) var fresh: Set<MatchRow> = []

  init(_ vault: Vault, generation: UInt32, _ database: Database) {
    opener = SubjectOpener(vault)
    codes = MatchCodes(keyring: vault.keyring, generation: generation)
    self.database = database
  }

  /// Gives a subject the key in a leaf.
  ///
  /// - Parameters:
  ///   - row: The subject as it is.
  ///   - leaf: Leaf of its next key.
  ///   - source: Its source.
  ///   - matched: Matched forms of changed identifiers by field number.
  ///   - edit: What becomes of each record.
  /// - Throws: ``VaultError`` `.limit` after 65,535 generations, `.integrity`, `.storage`.
  mutating func rekey(
    _ row: SubjectRow, to leaf: Int64, _ source: SourceDescription, matched: [UInt16: [UInt8]],
    edit: (RecordRow) throws -> RecordEdit
  ) throws {
    let old = try opener.open(row)
    let new = try opener.rekeyed(old, leaf: leaf)
    let records = RecordStore(database: database)
    for record in try records.ofSubject(row.leaf) {
      guard
        let sealed = try resealed(record, old, new, try edit(record), source, matched)
      else {
        try records.delete(row: record.row)
        continue
      }
      try records.setSealed(record.row, sealed.bytes)
      for identifier in sealed.identifiers {
        fresh.insert(
          MatchRow(
            code: try codes.code(identifier.kind, identifier.value), subject: row.leaf,
            kind: identifier.kind.number))
      }
    }
    try resealNotes(old, new)
    try SubjectStore(database: database).setKey(new.row)
  }

  /// What operators wrote about the person is no former value; it stays readable.
  private func resealNotes(_ old: OpenSubject, _ new: OpenSubject) throws {
    let store = PayloadStore(database: database)
    let oldKey = try opener.fieldKey(old, .permanent, createIfMissing: false)
    let newKey = try opener.fieldKey(new, .permanent, createIfMissing: false)
    for note in try store.ofSubject(new.row.leaf) {
      let cell = AuditNote.cell(note.sequence)
      let content = try opener.cipher.open(note.sealed, key: oldKey, cell: cell)
      try store.setSealed(
        note.sequence, try opener.cipher.seal(content, key: newKey, cell: cell))
    }
  }

  /// A record's cells under the next key; nil when nothing is left of it.
  private func resealed(
    _ record: RecordRow, _ old: OpenSubject, _ new: OpenSubject, _ edit: RecordEdit,
    _ source: SourceDescription, _ matched: [UInt16: [UInt8]]
  ) throws -> (bytes: [UInt8], identifiers: [IncomingIdentifier])? {
    if edit == .drop { return nil }
    var values: [UInt16: [UInt8]] = [:]
    do {
      try opener.open(record, of: old) { number, value in values[number] = value.plaintextCopy() }
    } catch let error as KeyringError where error.code == .keyDestroyed {
      // Its bucket has expired and waits for its sweep.
      return nil
    }
    var identifiers =
      try values.removeValue(forKey: SealedIdentifiers.cellNumber)
      .map(SealedIdentifiers.decode) ?? []
    if case .change(let changes) = edit {
      for (number, value) in changes {
        let former = values[number]
        values[number] = value
        guard let kind = source.field(number)?.identifier else { continue }
        let gone = former.map { IncomingIdentifier.matched(kind, $0) }
        identifiers.removeAll { $0.kind == kind && $0.value == gone }
        if let form = matched[number], value != nil {
          identifiers.append(IncomingIdentifier(kind: kind, value: form))
        }
      }
    }
    if !identifiers.isEmpty {
      values[SealedIdentifiers.cellNumber] = SealedIdentifiers.encode(identifiers)
    }
    let key = try opener.fieldKey(new, record.bucket, createIfMissing: false)
    let cells = try values.sorted { $0.key < $1.key }.map { number, value in
      let cell = Cell(table: CellTable.record, field: number, row: UInt64(record.row))
      return (number, try opener.cipher.seal(value, key: key, cell: cell))
    }
    return (SealedFields.encode(cells), identifiers)
  }
}

extension IncomingIdentifier {
  /// The form by which a stored value identifies.
  ///
  /// - SeeAlso: `docs/format.md#stored-values`: only an e-mail address has another form.
  static func matched(_ kind: IdentifierKind, _ stored: [UInt8]) -> [UInt8] {
    kind == .email ? Array(String(decoding: stored, as: UTF8.self).lowercased().utf8) : stored
  }
}

extension SubjectOpener {
  /// The subject under a key of the next generation; its secrets stay what they are, so that its
  /// tokens do too.
  func rekeyed(_ subject: OpenSubject, leaf: Int64) throws -> OpenSubject {
    let row = subject.row
    guard row.generation < UInt16.max else {
      throw VaultError(
        .limit, "subject \(row.leaf) has had \(UInt16.max) keys; erase it and ingest it again")
    }
    let generation = row.generation + 1
    let key = try subjectKey(leaf)
    let externalID = try externalID(of: subject)
    let fieldKey = try FieldKey(
      subjectKey: key, bucketKey: try bucketKey(.permanent, createIfMissing: false), vault: vault,
      subject: row.id, generation: generation, bucket: .permanent)
    let next = SubjectRow(
      leaf: row.leaf, keyLeaf: leaf, id: row.id, generation: generation,
      commitment: try KeyCommitment.subject(
        key: key, vault: vault, subject: row.id, generation: generation),
      source: row.source, person: row.person, isFenced: row.isFenced, createdDay: row.createdDay,
      sealed: try sealed(subject.tokenSecret, externalID, fieldKey, leaf: row.leaf))
    return try OpenSubject(
      row: next, key: key, tokenSecret: try subject.tokenSecret.copy(), vault: vault)
  }
}
