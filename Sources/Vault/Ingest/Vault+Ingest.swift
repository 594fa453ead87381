internal import GRDB
internal import Keyring

extension Vault {
  /// Seals and stores a batch of records; all of it or nothing.
  ///
  /// Repeating a batch changes nothing: a record is known by source, external id and record id.
  /// Keys are durable first, then the match index, then records and log together, all under the
  /// write lock of `vault.sqlite`. A crash in between leaves unused keys or index entries that lead
  /// nowhere, which the next run of the same batch takes up.
  ///
  /// - Parameters:
  ///   - records: At most ``maximumIngestBatch``.
  ///   - run: From ``beginIngest(_:_:)``.
  /// - Returns: What became of the records; its total is their number.
  /// - Throws: ``VaultError`` `.limit`, `.storage`, `.integrity`.
  public func ingest(_ records: [IncomingRecord], into run: IngestRun) throws -> IngestReport {
    guard records.count <= Self.maximumIngestBatch else {
      throw VaultError(.limit, "a batch has at most \(Self.maximumIngestBatch) records")
    }
    guard !records.isEmpty else { return IngestReport() }
    return try storing(layout.vault) {
      try queue.write { database in
        let generation = try indexQueue.read { try IndexStore(database: $0).generation() }
        let codes = MatchCodes(keyring: keyring, generation: generation ?? 1)
        let batch = IngestBatch(self, run, database, codes)
        try batch.screen(records)
        try batch.findSubjects()
        try batch.storeAll()
        try indexQueue.write { try batch.writeIndex(IndexStore(database: $0)) }
        try log(batch.event, in: database)
        return batch.report
      }
    }
  }
}
