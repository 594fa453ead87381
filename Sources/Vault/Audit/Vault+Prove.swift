internal import GRDB
internal import Transparency

/// An entry of the log with the proof that the log holds it; verifiable without the vault.
public struct LogReceipt: Sendable {
  /// Place of the entry.
  public let sequence: Int
  /// The entry's bytes.
  public let entry: [UInt8]
  /// A `.tlog-proof` file.
  public let proof: [UInt8]
}

extension Vault {
  /// The entry at a place of the log and the proof that a signed checkpoint contains it.
  ///
  /// The checkpoint is the largest one that a quorum of witnesses has cosigned, if that contains
  /// the entry, and otherwise the last one signed; in mode `closed` it is always a cosigned one.
  ///
  /// - Throws: ``VaultError`` `.notFound` when the place is not under such a checkpoint yet, or its
  ///   entry was pruned.
  public func prove(_ sequence: Int) throws -> (entry: [UInt8], proof: [UInt8]) {
    try storing(layout.vault) {
      try queue.read { database in
        let proof = try proof(sequence, database)
        return (try AuditStore(database: database).entry(sequence), proof)
      }
    }
  }

  /// The proof alone, which outlives its entry: pruning keeps the hashes.
  ///
  /// - Throws: As ``prove(_:)``, but for pruned entries.
  public func proofAlone(_ sequence: Int) throws -> [UInt8] {
    try storing(layout.vault) { try queue.read { try proof(sequence, $0) } }
  }

  /// Publishes the log and gives the receipt of an entry.
  ///
  /// - Returns: The receipt; nil in mode `closed` while no quorum of witnesses has cosigned a
  ///   checkpoint that contains the entry.
  /// - Throws: As ``publishLog(to:patience:)`` and ``prove(_:)``.
  public func receipt(_ sequence: Int) throws -> LogReceipt? {
    try publishLog()
    do {
      let (entry, proof) = try prove(sequence)
      return LogReceipt(sequence: sequence, entry: entry, proof: proof)
    } catch let error as VaultError
      where error.code == .notFound && settings.log.witnessMode == .closed
    {
      return nil
    }
  }

  private func proof(_ sequence: Int, _ database: Database) throws -> [UInt8] {
    let store = AuditStore(database: database)
    guard let checkpoint = try provingCheckpoint(sequence, store) else {
      let what = settings.log.witnessMode == .closed ? "cosigned" : "signed"
      throw VaultError(
        .notFound,
        "log entry \(sequence) is under no \(what) checkpoint yet; publish the log first")
    }
    let inclusion = try MerkleTree.inclusionProof(
      leafIndex: sequence, treeSize: checkpoint.size, read: store.hash)
    return LogProof(
      inclusion: inclusion, checkpoint: try SignedNote(encoded: checkpoint.note)
    ).encoded
  }

  private func provingCheckpoint(
    _ sequence: Int, _ store: AuditStore
  ) throws -> (size: Int, note: [UInt8])? {
    if settings.log.witnesses != nil,
      let witnessed = try WitnessStore(database: store.database).witnessed(),
      (0..<witnessed.size).contains(sequence), try witnessed.size <= store.size()
    {
      return (witnessed.size, witnessed.note)
    }
    guard settings.log.witnessMode == .degrade, let last = try store.lastCheckpoint(),
      (0..<last.size).contains(sequence)
    else { return nil }
    return (last.size, last.note)
  }
}
