internal import GRDB
internal import Keyring
internal import Sealing
public import Transparency

/// Evidence of an erasure or expiry that anyone can verify without the vault; free of personal
/// data.
public struct Certificate: Sendable {
  /// The statement: canonical JSON and a final newline, signed as a C2SP signed note.
  public let note: [UInt8]
  /// The statement alone.
  public let statement: CanonicalJSON
  /// The erasure's final entry of the log.
  public let logEntry: [UInt8]
  /// Proof that the log holds it, with the signed checkpoint: a `.tlog-proof` file.
  public let logProof: [UInt8]

  /// What an erasure by key destruction covers.
  static let covered = [
    "every field of the subjects in every copy of vault.sqlite, of any age, including backups",
    "tokens of the subjects in every domain, which cannot be computed any more",
    "rows of the subjects in the match index, the token table and the analytics store of this vault",
  ]
  /// What it does not cover; said in every certificate.
  static let notCovered = [
    "copies of plaintext or keys made outside this vault before the erasure: memory dumps, swap, exports",
    "the sources the data came from, and recipients it was sent to",
    "backups of the epoch slot, which must not exist; if one does, the assurance is L0",
    "remapped blocks below the file system: the slot is overwritten in software (L1)",
    "copies of index.sqlite taken before: match codes until a rebuild destroys their keys, issued tokens for good",
    "the suppression list, kept on purpose as keyed codes so that the person does not come back",
    "metadata: row counts, padded lengths, days, random numbers; the statement does not say anonymous",
  ]
}

extension Vault {
  /// The key that verifies certificates of this vault, in the form of C2SP signed-note.
  public func certificateVerifierKey() throws -> String {
    try keyring.withExportSigningSeed { seed in
      try NoteSigningKey(name: certificateKeyName, seed: seed).verifierKey.encoded
    }
  }

  private var certificateKeyName: String { settings.origin + "/certificates" }

  /// Makes the certificate of a finished erasure; publishes the log first, so that it can be
  /// proved.
  public func certificate(_ reference: String) throws -> Certificate {
    let outcome = try erasureOutcome(reference)
    try publishLog()
    let statement = try CanonicalJSON.members(members(of: outcome))
    let text = try statement.canonicalBytes() + [0x0A]
    let note = try keyring.withExportSigningSeed { seed in
      let key = try NoteSigningKey(name: certificateKeyName, seed: seed)
      return try SignedNote(text: text, signatures: [try key.sign(text)]).encoded
    }
    let (entry, proof) = try prove(outcome.facts.finalSequence)
    return Certificate(note: note, statement: statement, logEntry: entry, logProof: proof)
  }

  /// The entry at a place of the log and the proof that the last checkpoint contains it.
  ///
  /// - Throws: ``VaultError`` `.notFound` when the place is not under a signed checkpoint yet.
  public func prove(_ sequence: Int) throws -> (entry: [UInt8], proof: [UInt8]) {
    try storing(layout.vault) {
      try queue.read { database in
        let store = AuditStore(database: database)
        guard let checkpoint = try store.lastCheckpoint(), (0..<checkpoint.size).contains(sequence)
        else {
          throw VaultError(
            .notFound, "log entry \(sequence) is under no signed checkpoint; publish the log first")
        }
        let inclusion = try MerkleTree.inclusionProof(
          leafIndex: sequence, treeSize: checkpoint.size, read: store.hash)
        let proof = LogProof(
          inclusion: inclusion, checkpoint: try SignedNote(encoded: checkpoint.note))
        return (try store.entry(sequence), proof.encoded)
      }
    }
  }

  private func members(
    of outcome: ErasureOutcome
  ) throws -> [(key: String, value: CanonicalJSON)] {
    let facts = outcome.facts
    let keys: CanonicalJSON = try .members([
      ("old_epoch", .integer(Int64(facts.oldEpoch))),
      ("new_epoch", .integer(Int64(facts.newEpoch))),
      ("old_root_sha256", .string(facts.oldRoot)), ("new_root_sha256", .string(facts.newRoot)),
      ("nodes_rekeyed", .count(facts.nodes)), ("slot", .string(facts.slotMethod)),
      ("verified_unreadable", .count(facts.verifiedUnreadable)),
      ("key_store_log_emptied", .bool(facts.walTruncated)),
    ])
    let records = try CanonicalJSON.members(
      facts.records.sorted { $0.key < $1.key }.map { ($0.key, .count($0.value)) })
    return [
      ("lethe_certificate", .count(1)), ("vault", .string(id.rawBytes.hexadecimal)),
      ("origin", .string(settings.origin)), ("reference", .string(outcome.reference)),
      ("kind", .string(outcome.kind.rawValue)),
      ("requested_ms", .integer(outcome.requestedMilliseconds)),
      ("final_ms", .integer(facts.finalMilliseconds)),
      ("assurance", .string("L\(facts.assurance)")), ("subjects", .count(facts.subjects)),
      ("buckets", .array(facts.buckets.map { .integer(Int64($0)) })), ("records", records),
      ("suppression_entries", .count(facts.suppressed)),
      ("identifiers_shared_with_others", .count(facts.shared)), ("keys", keys),
      ("resumed_after_interruption", .bool(facts.resumed)),
      ("log_entry", .count(facts.finalSequence)), ("covered", .texts(Certificate.covered)),
      ("not_covered", .texts(Certificate.notCovered)),
    ]
  }
}
