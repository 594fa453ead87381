import Foundation
internal import Analytics
internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

extension Vault {
  /// Subjects or record rows handled in one transaction of the sweep.
  static let sweepBatch = 5_000
  /// Persons an identifier may belong to and still be put on the suppression list.
  static let suppressionSharingMaximum = 3
  /// Attempts to empty a write-ahead log; each waits for the busy timeout.
  static let sweepAttemptsMaximum = 3
  /// Destroyed keys that are asked for again as a check.
  static let verifiedKeysMaximum = 1_000

  /// Takes an erasure from wherever it stands to its end.
  func finish(_ reference: String, resumed: Bool = false) throws -> ErasureOutcome {
    guard
      let erasure = try storing(
        layout.vault, { try queue.read { try ErasureStore(database: $0).find(reference) } })
    else { throw VaultError(.notFound, "there is no erasure `\(reference)`") }
    var facts = try Self.decode(erasure.facts)
    facts.resumed = facts.resumed || resumed
    if erasure.state == .requested { try fence(erasure, &facts) }
    if erasure.state <= .fenced {
      try unlink(erasure)
      try destroyKeys(erasure, &facts)
    }
    if erasure.state <= .retired { try finalise(erasure, &facts) }
    if erasure.state <= .final { try sweep(erasure, &facts) }
    return try erasureOutcome(reference)
  }

  /// FENCED: from here on nothing of the subjects is read or written, and they cannot come back.
  private func fence(_ erasure: ErasureProgress, _ facts: inout ErasureFacts) throws {
    facts = try storing(layout.vault) {
      try queue.write { database in
        if let ahead = try factsAhead(of: erasure, at: .fenced, database) { return ahead }
        var facts = facts
        let subjects = try ErasureStore(database: database).subjects(erasure.number)
        if erasure.kind == .person { try suppress(subjects, &facts, database) }
        for leaf in subjects { try SubjectStore(database: database).fence(leaf) }
        return try advance(
          erasure, to: .fenced, facts, .erasureFenced,
          [
            ("suppressed", .count(facts.suppressed)), ("shared_identifiers", .count(facts.shared)),
          ], database)
      }
    }
  }

  /// Deletes what leads to the subjects: analysts' rows first, then tokens and match index.
  private func unlink(_ erasure: ErasureProgress) throws {
    let (subjects, buckets, sources) = try storing(layout.vault) {
      try queue.read { database in
        let store = ErasureStore(database: database)
        return (
          try store.subjects(erasure.number), try store.buckets(erasure.number),
          try SourceStore(database: database).all()
        )
      }
    }
    let tokens = try analyticsTokens(subjects)
    // A restored vault has no analysts' store; what is not there need not be cleaned.
    if FileManager.default.fileExists(atPath: layout.analytics) {
      let analytics = try openAnalytics()
      _ = try analytics.deleteProfiles(tokens: tokens)
      for (number, days) in Dictionary(grouping: buckets, by: \.retentionClass) {
        for source in sources.values where source.retentionClass.number == number {
          _ = try analytics.expire(source: source.name, collectedOn: Set(days.map { Int($0.day) }))
        }
      }
      try requireTruncated("analytics.sqlite") { try analytics.sweep() }
    }
    try storing(layout.index) {
      try indexQueue.write { database in
        let store = IndexStore(database: database)
        for leaf in subjects { try store.delete(subject: leaf) }
      }
      try requireTruncated("index.sqlite") { try VaultDatabase.truncateLog(indexQueue) }
    }
  }

  /// Empties a write-ahead log, which still holds what was deleted.
  ///
  /// - Parameters:
  ///   - name: The file, for the message.
  ///   - truncate: Tells whether it emptied the log; asked again while it did not.
  /// - Throws: ``VaultError`` `.storage` while a reader prevents it; the erasure is resumed later.
  func requireTruncated(_ name: String, _ truncate: () throws -> Bool) throws {
    for _ in 0..<Self.sweepAttemptsMaximum where try truncate() { return }
    throw VaultError(
      .storage,
      "a reader of `\(name)` keeps deleted rows in its log; close it, then open the vault "
        + "again to finish")
  }

  /// The subjects' tokens in the analysts' store: those on record, and those that a projection
  /// under way may be writing without having them on record yet.
  private func analyticsTokens(_ subjects: [Int64]) throws -> [String] {
    let recorded = try storing(layout.index) {
      try indexQueue.read { database in
        try subjects.flatMap {
          try IndexStore(database: database).tokens(
            subject: $0, domain: TokenDomain.analytics.number)
        }
      }
    }
    let maker = try tokenMaker(.analytics)
    var computed: [[UInt8]] = []
    try forEachBatch(of: subjects) { opener, leaves in
      let rows = try storing(layout.vault) {
        try queue.read { try leaves.compactMap(SubjectStore(database: $0).find) }
      }
      // A key that is gone belongs to an erasure that was interrupted after this step.
      computed += try rows.compactMap { try opener.openUnlessDestroyed($0).map(maker.token) }
    }
    return Set(recorded + computed).map {
      TokenText(domain: TokenDomain.analytics.name, token: $0).text
    }
  }

  /// PUNCTURED … RETIRED: the keyring's part, under the vault's write lock.
  ///
  /// The lock keeps two processes that resume one erasure from overwriting each other's receipt.
  /// Safe to repeat: the keyring reports what was gone already.
  private func destroyKeys(_ erasure: ErasureProgress, _ facts: inout ErasureFacts) throws {
    facts = try storing(layout.vault) {
      try queue.write { database in
        if let ahead = try factsAhead(of: erasure, at: .retired, database) { return ahead }
        let store = ErasureStore(database: database)
        let subjects = try store.subjects(erasure.number)
        let buckets = try store.buckets(erasure.number)
        var facts = facts
        facts.take(
          try keyring.erase(subjects: subjects, buckets: buckets),
          slotAssurance: try keyring.status().slotAssurance)
        facts.finalMilliseconds = clock.milliseconds
        facts.verifiedUnreadable = verifyUnreadable(subjects, buckets)
        return try advance(
          erasure, to: .retired, facts, .keyDestroyed,
          [
            ("old_epoch", .integer(Int64(facts.oldEpoch))),
            ("new_epoch", .integer(Int64(facts.newEpoch))),
            ("old_root", .string(facts.oldRoot)), ("new_root", .string(facts.newRoot)),
            ("slot", .string(facts.slotMethod)), ("assurance", .string("L\(facts.assurance)")),
            ("subject_count", .count(subjects.count)), ("bucket_count", .count(buckets.count)),
            ("verified_unreadable", .count(facts.verifiedUnreadable)),
          ], database)
      }
    }
  }

  private func finalise(_ erasure: ErasureProgress, _ facts: inout ErasureFacts) throws {
    facts = try storing(layout.vault) {
      try queue.write { database in
        var facts = facts
        facts.finalSequence = try AuditStore(database: database).size()
        return try advance(
          erasure, to: .final, facts, .erasureFinal,
          [("assurance", .string("L\(facts.assurance)")), ("resumed", .bool(facts.resumed))],
          database)
      }
    }
  }

  /// SWEPT: the dead ciphertext goes too, in small transactions; hygiene, not the erasure itself.
  private func sweep(_ erasure: ErasureProgress, _ facts: inout ErasureFacts) throws {
    let (subjects, buckets) = try storing(layout.vault) {
      try queue.read { database in
        let store = ErasureStore(database: database)
        return (try store.subjects(erasure.number), try store.buckets(erasure.number))
      }
    }
    for bucket in buckets {
      var deleted = Self.sweepBatch
      while deleted == Self.sweepBatch {
        deleted = try storing(layout.vault) {
          try queue.write {
            try RecordStore(database: $0).delete(bucket: bucket, limit: Self.sweepBatch)
          }
        }
        facts.sweptRecords += deleted
      }
    }
    for start in stride(from: 0, to: subjects.count, by: Self.sweepBatch) {
      let batch = subjects[start..<min(start + Self.sweepBatch, subjects.count)]
      facts.sweptRecords += try storing(layout.vault) {
        try queue.write { database in
          var deleted = 0
          for leaf in batch {
            deleted += try RecordStore(database: database).delete(subject: leaf)
            try SubjectStore(database: database).delete(leaf)
          }
          return deleted
        }
      }
    }
    let snapshot = facts
    try storing(layout.vault) {
      _ = try queue.write { database in
        try advance(
          erasure, to: .swept, snapshot, .erasureSwept,
          [("records", .count(snapshot.sweptRecords))], database)
      }
      try requireTruncated("vault.sqlite") { try VaultDatabase.truncateLog(queue) }
    }
  }

  /// Moves an erasure on and logs it, unless another process that resumed it has come as far; then
  /// the facts of that process stand.
  private func advance(
    _ erasure: ErasureProgress, to state: ErasureState, _ facts: ErasureFacts,
    _ type: AuditEventType, _ details: [(key: String, value: CanonicalJSON)],
    _ database: Database
  ) throws -> ErasureFacts {
    if let ahead = try factsAhead(of: erasure, at: state, database) { return ahead }
    try ErasureStore(database: database).setState(
      erasure.number, state, facts: try Self.encode(facts))
    try log(
      AuditEvent(
        type, actor: erasure.actor,
        details: details + [("reference", .string(erasure.reference))]),
      in: database)
    return facts
  }

  /// The stored facts, when the erasure has reached the state already.
  private func factsAhead(
    of erasure: ErasureProgress, at state: ErasureState, _ database: Database
  ) throws -> ErasureFacts? {
    guard let stored = try ErasureStore(database: database).find(erasure.reference),
      stored.state >= state
    else { return nil }
    return try Self.decode(stored.facts)
  }

  /// Puts the subjects' identifiers on the suppression list, except those many people share.
  private func suppress(
    _ leaves: [Int64], _ facts: inout ErasureFacts, _ database: Database
  ) throws {
    let generation = try indexQueue.read { try IndexStore(database: $0).generation() } ?? 1
    let codes = MatchCodes(keyring: keyring, generation: generation)
    let opener = SubjectOpener(self)
    let sources = try SourceStore(database: database).all()
    let suppression = SuppressionStore(database: database)
    var entries: Set<Int64> = []
    var shared: Set<[UInt8]> = []
    for row in try leaves.compactMap(SubjectStore(database: database).find) {
      // Another erasure of the same person may have fenced it, or destroyed its key, before this
      // one.
      guard let subject = try opener.openUnlessDestroyed(row) else { continue }
      if let source = sources[row.source] {
        let external = try opener.externalID(of: subject).plaintextCopy()
        entries.insert(try codes.suppressionEntry(source: source.name, externalID: external))
      }
      for record in try RecordStore(database: database).ofSubject(row.leaf) {
        for identifier in try opener.identifiers(of: record, subject) {
          let code = try codes.code(identifier.kind, identifier.value)
          if try isShared(code, beyond: leaves, database) {
            shared.insert(code)
          } else {
            entries.insert(try codes.suppressionEntry(identifier.kind, identifier.value))
          }
        }
      }
    }
    for entry in entries { try suppression.insert(entry, reason: 1, day: clock.day) }
    facts.suppressed = entries.count
    facts.shared = shared.count
  }

  private func isShared(
    _ code: [UInt8], beyond leaves: [Int64], _ database: Database
  ) throws -> Bool {
    let holders = try indexQueue.read { try IndexStore(database: $0).subjects(code: code) }
    let others = Set(holders).subtracting(leaves)
    let persons = try others.compactMap(SubjectStore(database: database).find).map(\.person)
    return Set(persons).count > Self.suppressionSharingMaximum
  }

  /// Asks for destroyed keys again; the number that could not be had goes into the evidence.
  ///
  /// Only the keyring's word that a key is destroyed counts; any other failure is no evidence.
  private func verifyUnreadable(_ subjects: [Int64], _ buckets: [Bucket]) -> Int {
    let keys = subjects.prefix(Self.verifiedKeysMaximum).count { leaf in
      (try? KeyStanding { try keyring.withSubjectKey(leaf) { _ in } }) == .destroyed
    }
    return keys + buckets.count { (try? keyring.isDestroyed($0)) == true }
  }
}

extension ErasureState: Comparable {
  /// Orders by how far an erasure has come.
  public static func < (left: ErasureState, right: ErasureState) -> Bool {
    let order = allCases
    return (order.firstIndex(of: left) ?? 0) < (order.firstIndex(of: right) ?? 0)
  }
}
