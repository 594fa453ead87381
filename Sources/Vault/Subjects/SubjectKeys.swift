internal import GRDB
internal import Keyring
internal import Sealing

/// Numbers of the tables in a sealed cell's address; never renumbered.
enum CellTable {
  static let record: UInt16 = 1
  static let subject: UInt16 = 2
}

/// Numbers of a subject's own sealed fields; never renumbered.
enum SubjectField {
  static let tokenSecret: UInt16 = 1
  static let externalID: UInt16 = 2
}

/// One subject with its key in hand, for the length of one operation.
///
/// A class so that a batch can keep several; both secrets are wiped with it.
final class OpenSubject {
  let row: SubjectRow
  let key: SecretBytes
  let tokenSecret: SecretBytes
  private var codes: HMACKey

  init(
    row: SubjectRow, key: consuming SecretBytes, tokenSecret: consuming SecretBytes, vault: VaultID
  ) throws {
    codes = try HMACKey(
      HKDF.derive(
        inputKey: tokenSecret, salt: Array("lethe1/record".utf8) + vault.rawBytes,
        info: Array("I".utf8) + row.id.rawBytes, count: 32))
    self.row = row
    self.key = key
    self.tokenSecret = tokenSecret
  }

  /// A code for a record's id or content that dies with the subject: keyed by its token secret, so
  /// that a copy of the database is no dictionary of record ids.
  func code(_ label: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    code(labelled: [label] + bytes)
  }

  /// As ``code(_:_:)``, with the label in front of the bytes already.
  func code(labelled bytes: [UInt8]) -> [UInt8] {
    Array(codes.authenticate(bytes).prefix(16))
  }
}

/// Makes and opens subjects and the cells of their records; serves one thread.
final class SubjectOpener {
  private let keyring: Keyring
  let vault: VaultID
  private let random: any RandomSource
  private var subjectKeys: [Int64: HeldSecret] = [:]
  private var bucketKeys: [Bucket: HeldSecret] = [:]
  let cipher: FieldCipher

  init(_ vault: Vault) {
    keyring = vault.keyring
    self.vault = vault.id
    random = vault.random
    cipher = FieldCipher(random: vault.random)
  }

  /// Fetches many subject keys at once, by their leaves; a single fetch costs ten times as much.
  ///
  /// Keys that cannot be had are passed over; opening their subject then says why.
  func preload(_ leaves: [Int64]) throws {
    try? keyring.withSubjectKeys(leaves.sorted()) { leaf, key in
      subjectKeys[leaf] = HeldSecret(try key.copy())
    }
  }

  /// Makes a subject over a key that the keyring holds already.
  func create(
    leaf: Int64, source: Int, externalID: [UInt8], day: Int
  ) throws -> OpenSubject {
    let id = try SubjectID(rawBytes: try random.bytes(count: SubjectID.byteCount))
    let tokenSecret = try SecretBytes(randomCount: 32, from: random)
    let key = try subjectKey(leaf)
    let commitment = try KeyCommitment.subject(key: key, vault: vault, subject: id, generation: 1)
    let fieldKey = try FieldKey(
      subjectKey: key, bucketKey: try bucketKey(.permanent, createIfMissing: true), vault: vault,
      subject: id, generation: 1, bucket: .permanent)
    let sealed = try sealed(
      tokenSecret, try SecretBytes(copying: externalID), fieldKey, leaf: leaf)
    let row = SubjectRow(
      leaf: leaf, keyLeaf: leaf, id: id, generation: 1, commitment: commitment, source: source,
      person: leaf,
      isFenced: false, createdDay: day, sealed: sealed)
    return try OpenSubject(row: row, key: key, tokenSecret: tokenSecret, vault: vault)
  }

  /// A subject's own fields, sealed.
  func sealed(
    _ tokenSecret: borrowing SecretBytes, _ externalID: borrowing SecretBytes,
    _ key: borrowing FieldKey,
    leaf: Int64
  ) throws -> [UInt8] {
    let cells = [SubjectField.tokenSecret, SubjectField.externalID].map {
      Cell(table: CellTable.subject, field: $0, row: UInt64(leaf))
    }
    return SealedFields.encode([
      (cells[0].field, try cipher.seal(tokenSecret, key: key, cell: cells[0])),
      (cells[1].field, try cipher.seal(externalID, key: key, cell: cells[1])),
    ])
  }

  /// Opens a subject and checks that its key is the one committed to.
  ///
  /// - Throws: ``VaultError`` `.fenced` once its erasure has begun, `.integrity` when the key does
  ///   not fit the commitment; `KeyringError` when the key is gone.
  func open(_ row: SubjectRow) throws -> OpenSubject {
    guard !row.isFenced else {
      throw VaultError(.fenced, "the erasure of this person has begun; nothing of it is released")
    }
    return try openFenced(row)
  }

  /// Opens a subject for the erasure's own work on it; nil when its key is gone already.
  func openUnlessDestroyed(_ row: SubjectRow) throws -> OpenSubject? {
    do {
      return try openFenced(row)
    } catch let error as KeyringError where error.code == .keyDestroyed {
      return nil
    }
  }

  /// Opens a subject even while it is fenced, for the erasure's own work on it.
  func openFenced(_ row: SubjectRow) throws -> OpenSubject {
    let key = try subjectKey(row.keyLeaf)
    let commitment = try KeyCommitment.subject(
      key: key, vault: vault, subject: row.id, generation: row.generation)
    guard ConstantTime.isEqual(commitment, row.commitment) else {
      throw VaultError(
        .integrity,
        "subject \(row.leaf): the key does not fit its commitment; verify the vault and "
          + "restore from a backup")
    }
    let secret = try systemField(SubjectField.tokenSecret, row, key)
    return try OpenSubject(row: row, key: key, tokenSecret: secret, vault: vault)
  }

  /// The subject's id in its source.
  func externalID(of subject: OpenSubject) throws -> SecretBytes {
    try systemField(SubjectField.externalID, subject.row, subject.key)
  }

  /// The key of a subject's values in a bucket.
  func fieldKey(_ subject: OpenSubject, _ bucket: Bucket, createIfMissing: Bool) throws -> FieldKey
  {
    try FieldKey(
      subjectKey: subject.key,
      bucketKey: try bucketKey(bucket, createIfMissing: createIfMissing), vault: vault,
      subject: subject.row.id, generation: subject.row.generation, bucket: bucket)
  }

  /// Opens the fields of a record that `wanted` names; nil opens all.
  func open(
    _ record: RecordRow, of subject: OpenSubject, wanted: Set<UInt16>? = nil,
    _ body: (UInt16, borrowing SecretBytes) throws -> Void
  ) throws {
    let key = try fieldKey(subject, record.bucket, createIfMissing: false)
    for (number, envelope) in try SealedFields.decode(record.sealed)
    where wanted?.contains(number) ?? true {
      let cell = Cell(table: CellTable.record, field: number, row: UInt64(record.row))
      try body(number, try cipher.open(envelope, key: key, cell: cell))
    }
  }

  private func systemField(
    _ field: UInt16, _ row: SubjectRow, _ key: borrowing SecretBytes
  ) throws -> SecretBytes {
    guard let entry = try SealedFields.decode(row.sealed).first(where: { $0.number == field })
    else {
      throw VaultError(
        .integrity, "subject \(row.leaf) lacks a system field; restore the vault from a backup")
    }
    let fieldKey = try FieldKey(
      subjectKey: key, bucketKey: try bucketKey(.permanent, createIfMissing: false), vault: vault,
      subject: row.id, generation: row.generation, bucket: .permanent)
    let cell = Cell(table: CellTable.subject, field: field, row: UInt64(row.leaf))
    return try cipher.open(entry.envelope, key: fieldKey, cell: cell)
  }

  func subjectKey(_ leaf: Int64) throws -> SecretBytes {
    if let held = subjectKeys[leaf] { return try held.bytes.copy() }
    return try keyring.withSubjectKey(leaf) { try $0.copy() }
  }

  /// The key of a bucket, kept for as long as this opener lives: one operation.
  func bucketKey(_ bucket: Bucket, createIfMissing: Bool) throws -> SecretBytes {
    if let held = bucketKeys[bucket] { return try held.bytes.copy() }
    let key = try keyring.withBucketKey(bucket, createIfMissing: createIfMissing) {
      HeldSecret(try $0.copy())
    }
    bucketKeys[bucket] = key
    return try key.bytes.copy()
  }
}

/// A secret that a dictionary can hold; wiped with its last holder.
private final class HeldSecret {
  let bytes: SecretBytes

  init(_ bytes: consuming SecretBytes) {
    self.bytes = bytes
  }
}

extension Vault {
  /// Hands out subjects batch by batch, with an opener that has the batch's keys at hand.
  ///
  /// No opener holds the keys of more than one batch: locked memory is scarce.
  ///
  /// - Parameters:
  ///   - leaves: The subjects.
  ///   - database: The transaction that is under way, if there is one.
  ///   - body: Takes each batch.
  /// - Throws: ``VaultError`` `.storage`; whatever the body throws.
  func forEachBatch(
    of leaves: [Int64], in database: Database? = nil,
    _ body: (SubjectOpener, ArraySlice<Int64>) throws -> Void
  ) throws {
    for start in stride(from: 0, to: leaves.count, by: Keyring.lendingBatchCount) {
      let batch = leaves[start..<min(start + Keyring.lendingBatchCount, leaves.count)]
      let opener = SubjectOpener(self)
      let keyLeaves = { try SubjectStore(database: $0).keyLeaves(batch) }
      let keys = try storing(layout.vault) {
        try database.map(keyLeaves) ?? queue.read(keyLeaves)
      }
      try opener.preload(keys)
      try body(opener, batch)
    }
  }
}
