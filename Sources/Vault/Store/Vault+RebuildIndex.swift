internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

extension Vault {
  /// Subjects handled in one transaction of a rebuild.
  static let rebuildBatch = 1_000

  /// Makes the match index anew from the sealed records, under fresh keys; the old keys are
  /// destroyed, so that any copy of the old index is noise.
  ///
  /// - Parameters:
  ///   - requester: Who asks.
  ///   - progress: Called with the number of subjects done.
  /// - Returns: Number of entries of the new index.
  /// - Throws: ``VaultError`` `.denied`, `.storage`, `.integrity`.
  public func rebuildIndex(_ requester: Requester, progress: (Int) -> Void = { _ in }) throws -> Int
  {
    let identity = try authorise(.rebuildIndex, requester)
    let generations = try keyring.liveIndexGenerations()
    let next = try nextIndexGeneration(after: generations.map(\.generation).max() ?? 0)
    let entries = try storing(layout.vault) {
      // The write lock of the vault keeps every ingest out, which would use the old generation.
      try queue.write { database in
        let entries = try refillIndex(from: database, generation: next, progress)
        let actor = try actor(identity.name)
        try log(
          AuditEvent(
            .indexRebuilt, actor: actor,
            details: members(requester) + [
              ("entries", .count(entries)), ("generation", .count(Int(next))),
            ]),
          in: database)
        try destroyIndexKeys(generations, actor: actor, in: database)
        return entries
      }
    }
    try storing(layout.index) {
      try requireTruncated("index.sqlite") { try VaultDatabase.truncateLog(indexQueue) }
    }
    return entries
  }

  /// Makes all entries anew under a generation.
  func refillIndex(
    from database: Database, generation: UInt32, _ progress: (Int) -> Void
  ) throws -> Int {
    try indexQueue.write { indexDatabase in
      let index = IndexStore(database: indexDatabase)
      try index.deleteAll()
      let entries = try fill(index, from: database, generation: generation, progress)
      try index.setGeneration(generation)
      return entries
    }
  }

  /// Destroys the keys of older generations; every copy of the index they made is noise from here
  /// on.
  func destroyIndexKeys(
    _ generations: [IndexGeneration], actor: String, in database: Database
  ) throws {
    guard !generations.isEmpty else { return }
    let receipt = try keyring.erase(indexKeys: generations)
    try log(
      AuditEvent(
        .keyDestroyed, actor: actor,
        details: [
          ("index_key_count", .count(receipt.record.destroyed.indexKeys)),
          ("old_epoch", .integer(Int64(receipt.record.oldEpoch))),
          ("new_epoch", .integer(Int64(receipt.record.newEpoch))),
          ("old_root", .string(receipt.record.oldRootHash.hexadecimal)),
          ("new_root", .string(receipt.record.newRootHash.hexadecimal)),
        ]),
      in: database)
  }

  /// A generation that never had a key: with nobody left, no live key tells what came before.
  func nextIndexGeneration(after live: UInt32) throws -> UInt32 {
    let current = try storing(layout.index) {
      try indexQueue.read { try IndexStore(database: $0).generation() }
    }
    var next = max(live, current ?? 0) + 1
    while try keyring.isUsed(indexGeneration: next) { next += 1 }
    return next
  }

  private func fill(
    _ index: IndexStore, from database: Database, generation: UInt32, _ progress: (Int) -> Void
  ) throws -> Int {
    let codes = MatchCodes(keyring: keyring, generation: generation)
    let opener = SubjectOpener(self)
    // Every subject's tokens, not the anchors' alone: unification may have given a person another
    // anchor, and what was issued or projected before must still be found and erased.
    let makers = try DomainStore(database: database).all().filter { $0 != .audit }.map(tokenMaker)
    let sources = try SourceStore(database: database).all()
    var last: Int64 = -1
    var done = 0
    var entries = 0
    while true {
      let rows = try SubjectStore(database: database).live(after: last, limit: Self.rebuildBatch)
      guard let end = rows.last else { return entries }
      last = end.leaf
      var matches: Set<MatchRow> = []
      for row in rows {
        let subject = try opener.open(row)
        let source = sources[row.source]?.name ?? ""
        matches.formUnion(
          try matchRows(of: subject, source, codes, opener, RecordStore(database: database)))
        for maker in makers {
          try index.insert(
            TokenRow(
              token: try maker.token(subject), domain: maker.domain.number, epoch: maker.epoch,
              subject: row.leaf))
        }
      }
      try index.insert(Array(matches))
      entries += matches.count
      done += rows.count
      progress(done)
    }
  }

  /// Every index entry of a subject: its id in the source and the identifiers of its records.
  private func matchRows(
    of subject: OpenSubject, _ source: String, _ codes: MatchCodes, _ opener: SubjectOpener,
    _ records: RecordStore
  ) throws -> [MatchRow] {
    let leaf = subject.row.leaf
    let externalID = try opener.externalID(of: subject).plaintextCopy()
    var rows = [
      MatchRow(
        code: try codes.code(source: source, externalID: externalID), subject: leaf,
        kind: MatchRow.externalIDKind)
    ]
    for record in try records.ofSubject(leaf) {
      rows += try opener.identifiers(of: record, subject).map {
        MatchRow(code: try codes.code($0.kind, $0.value), subject: leaf, kind: $0.kind.number)
      }
    }
    return rows
  }
}
