import Foundation
import GRDB
import Keyring
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Vault

extension Requester {
  /// The engineer, who makes and restores backups.
  static let keeper = Requester(operatorName: "eve", purpose: "essential.service")
}

/// More people than Anna and Bert, for what happens after a backup.
enum MorePeople {
  /// Changed after the backup.
  static let carl = TestSources.crm.record(
    "K-3", ["number": "K-3", "email": "carl@example.com", "first_name": "Carlson"])
  /// Comes after the backup.
  static let dora = TestSources.crm.record(
    "K-4", ["number": "K-4", "email": "dora@example.com", "first_name": "Dorothea"])
  /// Expires after the backup.
  static let old = TestSources.dmp.record(
    "c-1", day: TestVault.day - 20, ["cookie": "c-1", "segments": "travel"])
  /// Stays.
  static let young = TestSources.dmp.record("c-2", ["cookie": "c-2", "segments": "garden"])
}

extension TestVault {
  var backup: String { root.appending(path: "backup").path }
  var restored: String { root.appending(path: "restored").path }

  /// A vault with everybody who is there before the backup.
  func withEverybody() throws -> Vault {
    let vault = try withPeople()
    try vault.ingest([MorePeople.carl], from: TestSources.crm)
    try vault.ingest([MorePeople.old, MorePeople.young], from: TestSources.dmp)
    return vault
  }

  /// What is restored unless a test names something else; slot and key are this place's own.
  func request(
    backup: String? = nil, to directory: String? = nil, keys: String? = nil, log: String? = nil,
    isDroppingPreparedEpoch: Bool = false, isDroppingSignedEnd: Bool = false
  ) -> RestoreRequest {
    RestoreRequest(
      backup: backup ?? self.backup, directory: directory ?? restored,
      keys: keys ?? self.directory, log: log ?? layout.audit, slot: .file(path: slotPath),
      unseal: .file(path: keyPath), isDroppingPreparedEpoch: isDroppingPreparedEpoch,
      isDroppingSignedEnd: isDroppingSignedEnd)
  }

  func key(outside directory: String? = nil) throws -> UnsealKey {
    try UnsealKey.file(at: keyPath, outside: directory ?? restored)
  }

  func plan(
    _ request: RestoreRequest? = nil, _ requester: Requester = .keeper
  ) throws -> RestorePlan {
    try Vault.planRestore(
      request ?? self.request(), unsealKey: try key(), environment: environment, requester)
  }

  /// Restores as an operator does: plan, then confirmation.
  @discardableResult
  func restore(
    _ request: RestoreRequest? = nil, hook: @escaping (RestoreStep) throws -> Void = { _ in }
  ) throws -> RestoreReport {
    let request = request ?? self.request()
    let digest = try plan(request).digest
    return try Vault.restore(
      request, confirming: digest, try key(), .keeper,
      RestoreRun.Context(environment: environment, progress: { _ in }, hook: hook))
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Changes one byte of a file.
  func flip(_ path: String, at offset: Int? = nil) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    let index = offset ?? bytes.count / 2
    bytes[index] ^= 1
    try bytes.write(to: URL(filePath: path))
  }
}

extension Vault {
  /// Backs up and stops at a step.
  func backUp(to directory: String, stopping hook: (BackupStep) throws -> Void) throws
    -> BackupReport
  {
    try backUp(to: directory, .keeper, { _ in }, hook: hook)
  }

  /// Verifies the published log with the vault's key.
  func logReport(known: [Checkpoint] = []) throws -> LogReport {
    let verifier = LogVerifier(
      logKey: try NoteVerifierKey(encoded: logVerifierKey()), knownCheckpoints: known)
    return try verifier.verify(
      paths: try FileManager.default.subpathsOfDirectory(atPath: layout.audit)
    ) { path in
      FileManager.default.contents(atPath: "\(layout.audit)/\(path)").map { [UInt8]($0) }
    }
  }

  /// Gives a subject a key of its own again, as a rectification does, and destroys the old one.
  func changeKey(of leaf: Int64, reference: String) throws {
    let fresh = try keyring.createSubjectKeys(count: 1).lowerBound
    try queue.write { database in
      let store = SubjectStore(database: database)
      let row = try #require(try store.find(leaf))
      let opener = SubjectOpener(self)
      let subject = try opener.open(row)
      let number = row.generation + 1
      let sealed = try keyring.withSubjectKey(fresh) { key in
        let fieldKey = try FieldKey(
          subjectKey: key,
          bucketKey: keyring.withBucketKey(.permanent, createIfMissing: false) { try $0.copy() },
          vault: id, subject: row.id, generation: number, bucket: .permanent)
        let external = try opener.externalID(of: subject)
        let secrets = [
          (SubjectField.tokenSecret, try subject.tokenSecret.copy().plaintextCopy()),
          (SubjectField.externalID, external.plaintextCopy()),
        ]
        let cells = try secrets.map { field, value in
          (
            field,
            try opener.cipher.seal(
              value, key: fieldKey,
              cell: Cell(table: CellTable.subject, field: field, row: UInt64(leaf)))
          )
        }
        return (
          SealedFields.encode(cells),
          try KeyCommitment.subject(key: key, vault: id, subject: row.id, generation: number)
        )
      }
      // Records keep out of it: what was sealed under the old key is gone with it.
      _ = try RecordStore(database: database).delete(subject: leaf)
      try store.setKey(
        SubjectRow(
          leaf: leaf, keyLeaf: fresh, id: row.id, generation: number, commitment: sealed.1,
          source: row.source, person: row.person, isFenced: false, createdDay: row.createdDay,
          sealed: sealed.0))
    }
    try begin(
      reference, .rekey, ErasureFacts(), requestedBy: try policy.identify("dana"), references: [],
      .dpo
    ) { _, _ in ErasureTargets(subjects: [], keys: [leaf], buckets: []) }
    _ = try finish(reference)
  }
}
