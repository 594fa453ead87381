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

  /// Takes an erasure from wherever it stands to its end, or as far as it may go today.
  func finish(_ reference: String, resumed: Bool = false) throws -> ErasureOutcome {
    guard
      let erasure = try storing(
        layout.vault, { try queue.read { try ErasureStore(database: $0).find(reference) } })
    else { throw VaultError(.notFound, "there is no erasure `\(reference)`") }
    var facts = try Self.decode(erasure.facts)
    // Waiting for the end of a grace window is no interruption.
    if resumed, facts.finalDueMilliseconds == nil { facts.resumed = true }
    if erasure.state < .retired {
      let targets = try storing(layout.vault) {
        try queue.read { try ErasureTargets(of: erasure, $0) }
      }
      if erasure.state < .fenced { try fence(erasure, targets, &facts) }
      if erasure.state < .punctured { try unlink(erasure.kind, targets, &facts) }
      guard try destroyKeys(erasure, targets, &facts) else { return try erasureOutcome(reference) }
    }
    if erasure.state < .final { try finalise(erasure, &facts) }
    if erasure.state < .swept { try sweep(erasure, &facts) }
    return try erasureOutcome(reference)
  }

  /// FENCED: from here on nothing of the subjects is read or written, and they cannot come back.
  private func fence(
    _ erasure: ErasureProgress, _ targets: ErasureTargets, _ facts: inout ErasureFacts
  ) throws {
    facts = try storing(layout.vault) {
      try queue.write { database in
        if let ahead = try factsAhead(of: erasure, at: .fenced, database) { return ahead }
        var facts = facts
        if erasure.kind == .person { try suppress(targets.subjects, &facts, database) }
        // Subjects that only get another key stay in use.
        if erasure.kind != .rekey {
          for leaf in targets.subjects { try SubjectStore(database: database).fence(leaf) }
        }
        return try advance(
          erasure, to: .fenced, facts,
          [
            ("suppressed", .count(facts.suppressed)), ("shared_identifiers", .count(facts.shared)),
          ], database)
      }
    }
  }

  /// Deletes what leads to the subjects: analysts' rows first, then tokens and match index.
  private func unlink(
    _ kind: ErasureKind, _ targets: ErasureTargets, _ facts: inout ErasureFacts
  ) throws {
    let tokens = try analyticsTokens(targets.subjects)
    // A restored vault has no analysts' store; what is not there need not be cleaned.
    if FileManager.default.fileExists(atPath: layout.analytics) {
      try unlinkAnalytics(tokens, targets.buckets, &facts)
    }
    guard kind != .rekey else { return try unlinkFormer(targets.subjects) }
    try storing(layout.index) {
      try indexQueue.write { database in
        let store = IndexStore(database: database)
        for leaf in targets.subjects {
          let deleted = try store.delete(subject: leaf)
          facts.unlinked.matches += deleted.matches
          facts.unlinked.tokens += deleted.tokens
        }
      }
      try requireTruncated("index.sqlite") { try VaultDatabase.truncateLog(indexQueue) }
    }
  }

  private func unlinkAnalytics(
    _ tokens: [String], _ buckets: [Bucket], _ facts: inout ErasureFacts
  ) throws {
    let analytics = try openAnalytics()
    if !tokens.isEmpty, facts.residual == nil {
      facts.residual = ResidualFacts(
        try analytics.groups(of: tokens, threshold: settings.segmentThreshold))
    }
    let deleted = try analytics.deleteProfiles(tokens: tokens).counts
    facts.unlinked.profiles += deleted.profiles
    facts.unlinked.events += deleted.events
    facts.residual?.profilesLeft = try analytics.count(profiles: tokens)
    let sources = try storing(layout.vault) {
      try queue.read { try SourceStore(database: $0).all() }
    }
    for (number, days) in Dictionary(grouping: buckets, by: \.retentionClass) {
      for source in sources.values where source.retentionClass.number == number {
        facts.unlinked.events +=
          try analytics.expire(
            source: source.name, collectedOn: Set(days.map { Int($0.day) })
          ).counts.events
      }
    }
    try requireTruncated("analytics.sqlite") { try analytics.sweep() }
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

  private func finalise(_ erasure: ErasureProgress, _ facts: inout ErasureFacts) throws {
    facts = try storing(layout.vault) {
      try queue.write { database in
        var facts = facts
        facts.finalSequence = try AuditStore(database: database).size()
        return try advance(
          erasure, to: .final, facts,
          [
            ("assurance", .string("L\(facts.assurance)")),
            ("old_epoch", .integer(Int64(facts.oldEpoch))),
            ("new_epoch", .integer(Int64(facts.newEpoch))), ("resumed", .bool(facts.resumed)),
          ], database)
      }
    }
  }

  /// SWEPT: the dead ciphertext goes too, in small transactions; hygiene, not the erasure itself.
  private func sweep(_ erasure: ErasureProgress, _ facts: inout ErasureFacts) throws {
    let targets = try storing(layout.vault) {
      try queue.read { try ErasureTargets(of: erasure, $0) }
    }
    let subjects = erasure.kind == .rekey ? [] : targets.subjects
    for bucket in targets.buckets {
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
            try WithdrawalStore(database: database).delete(subject: leaf)
            try PayloadStore(database: database).delete(subject: leaf)
          }
          return deleted
        }
      }
    }
    let snapshot = facts
    try storing(layout.vault) {
      _ = try queue.write { database in
        try advance(
          erasure, to: .swept, snapshot, [("records", .count(snapshot.sweptRecords))], database)
      }
      try requireTruncated("vault.sqlite") { try VaultDatabase.truncateLog(queue) }
    }
  }

  /// Moves an erasure on and logs it, unless another process that resumed it has come as far; then
  /// the facts of that process stand.
  func advance(
    _ erasure: ErasureProgress, to state: ErasureState, _ facts: ErasureFacts,
    _ details: [(key: String, value: CanonicalJSON)], _ database: Database
  ) throws -> ErasureFacts {
    if let ahead = try factsAhead(of: erasure, at: state, database) { return ahead }
    try ErasureStore(database: database).setState(
      erasure.number, state, facts: try Self.encode(facts))
    try log(
      AuditEvent(
        state.eventType, actor: erasure.actor,
        details: details + [("reference", .string(erasure.reference))]),
      in: database)
    return facts
  }

  /// The stored facts, when the erasure has reached the state already.
  func factsAhead(
    of erasure: ErasureProgress, at state: ErasureState, _ database: Database
  ) throws -> ErasureFacts? {
    guard let stored = try ErasureStore(database: database).progress(erasure.number),
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
    let day = clock.day
    for entry in entries { try suppression.insert(entry, reason: 1, day: day) }
    // The key store has them first: a backup of the vault from before lacks them.
    try keyring.keep(
      entries.map { SuppressionEntry(code: $0, reason: 1, sinceDay: day) })
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
}

extension ErasureState {
  /// The event of the arrow that leads to the state.
  var eventType: AuditEventType {
    switch self {
    case .requested: .erasureRequested
    case .fenced: .erasureFenced
    case .punctured: .erasurePunctured
    case .prepared: .erasurePrepared
    case .committed: .erasureCommitted
    case .replicated: .erasureReplicated
    case .retired: .erasureRetired
    case .final: .erasureFinal
    case .swept: .erasureSwept
    }
  }
}

extension ErasureState: Comparable {
  /// Orders by how far an erasure has come.
  public static func < (left: ErasureState, right: ErasureState) -> Bool {
    let order = allCases
    return (order.firstIndex(of: left) ?? 0) < (order.firstIndex(of: right) ?? 0)
  }
}
