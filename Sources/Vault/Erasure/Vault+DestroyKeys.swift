internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// PUNCTURED … RETIRED: the keyring's part, step by step, each one on record.
///
/// Every step of the keyring is safe to repeat and is durable before its event; a process that
/// dies between the two repeats the step, which then finds it done.
extension Vault {
  /// Destroyed keys that are asked for again as a check.
  static let verifiedKeysMaximum = 1_000

  /// Takes an erasure from FENCED to RETIRED.
  ///
  /// - Returns: False while the old epoch's secret rests in its grace window.
  func destroyKeys(
    _ erasure: ErasureProgress, _ targets: ErasureTargets, _ facts: inout ErasureFacts
  ) throws -> Bool {
    let tag = RollTag(reference: erasure.reference)
    if erasure.state < .punctured {
      let (live, destroyed) = try keyring.count(targets.keyTargets)
      try record(erasure, .punctured, &facts) { _ in
        [
          ("subject_keys", .count(live.subjects)), ("bucket_keys", .count(live.buckets)),
          ("destroyed_before", .count(destroyed.total)),
        ]
      }
    }
    if erasure.state < .prepared {
      let epoch = try keyring.prepareEpoch()
      try record(erasure, .prepared, &facts) { _ in
        [
          ("epoch", .integer(Int64(epoch))),
          ("custodians", .count(self.keyring.custodians.count)),
        ]
      }
    }
    if erasure.state < .committed {
      facts.take(try keyring.commit(targets.keyTargets, tag: tag))
      facts.verifiedUnreadable = verifyUnreadable(targets)
      try record(erasure, .committed, &facts) { facts in
        [
          ("old_epoch", .integer(Int64(facts.oldEpoch))),
          ("new_epoch", .integer(Int64(facts.newEpoch))), ("old_root", .string(facts.oldRoot)),
          ("new_root", .string(facts.newRoot)), ("subject_keys", .count(facts.subjectKeys)),
          ("bucket_keys", .count(facts.bucketKeys)),
          ("verified_unreadable", .count(facts.verifiedUnreadable)),
        ]
      }
    }
    if erasure.state < .replicated {
      let states = try keyring.replicate()
      facts.replicas = states.map(ReplicaFact.init)
      facts.replicaQuorum = keyring.replicaQuorum
      try record(erasure, .replicated, &facts) { facts in
        [
          ("replicas", .count(facts.replicas.count)),
          ("current", .count(facts.replicas.count { $0.state == "current" })),
          ("quorum", .count(facts.replicaQuorum)),
        ]
      }
    }
    return try erasure.state < .retired ? retire(erasure, &facts) : true
  }

  private func retire(_ erasure: ErasureProgress, _ facts: inout ErasureFacts) throws -> Bool {
    // Another act's roll may have taken the keys along; their epoch is then its old one.
    switch try keyring.endEpoch(facts.oldEpoch) {
    case .resting(let until):
      try wait(erasure, until: until, &facts)
      return false
    case .retired(let receipts):
      facts.take(receipts, milliseconds: clock.milliseconds)
      try record(erasure, .retired, &facts) { facts in
        [
          ("epoch", .integer(Int64(facts.oldEpoch))),
          ("assurance", .string("L\(facts.assurance)")),
          ("receipts", .array(try facts.custodians.map(Self.receipt))),
        ]
      }
      return true
    }
  }

  /// Records until when the old secret rests, once.
  private func wait(
    _ erasure: ErasureProgress, until unixSeconds: Int64, _ facts: inout ErasureFacts
  ) throws {
    facts = try storing(layout.vault) {
      try queue.write { database in
        guard let stored = try ErasureStore(database: database).progress(erasure.number) else {
          return facts
        }
        var now = try Self.decode(stored.facts)
        guard now.finalDueMilliseconds == nil, stored.state < .retired else { return now }
        now.finalDueMilliseconds = unixSeconds * 1000
        now.pendingSequence = try log(
          AuditEvent(
            .erasurePending, actor: erasure.actor,
            details: [
              ("reference", .string(erasure.reference)), ("assurance", .string("L0")),
              ("due", .integer(unixSeconds * 1000)), ("old_epoch", .integer(Int64(now.oldEpoch))),
              ("new_epoch", .integer(Int64(now.newEpoch))),
            ]),
          in: database)
        try ErasureStore(database: database).setState(
          erasure.number, stored.state, facts: try Self.encode(now))
        return now
      }
    }
  }

  private static func receipt(_ custodian: CustodianFact) throws -> CanonicalJSON {
    try .members([
      ("kind", .string(custodian.kind)), ("method", .string(custodian.method)),
      ("assurance", .string("L\(custodian.assurance)")),
      ("time", .integer(custodian.milliseconds)),
    ])
  }

  /// Writes an arrow's event and state; the facts become those of whoever came first.
  private func record(
    _ erasure: ErasureProgress, _ state: ErasureState, _ facts: inout ErasureFacts,
    _ details: (ErasureFacts) throws -> [(key: String, value: CanonicalJSON)]
  ) throws {
    let snapshot = facts
    facts = try storing(layout.vault) {
      try queue.write { database in
        try advance(erasure, to: state, snapshot, try details(snapshot), database)
      }
    }
  }

  /// Asks for destroyed keys again; the number that could not be had goes into the evidence.
  ///
  /// Only the keyring's word that a key is destroyed counts; any other failure is no evidence.
  private func verifyUnreadable(_ targets: ErasureTargets) -> Int {
    let keys = targets.keys.prefix(Self.verifiedKeysMaximum).count { leaf in
      (try? KeyStanding { try keyring.withSubjectKey(leaf) { _ in } }) == .destroyed
    }
    return keys + targets.buckets.count { (try? keyring.isDestroyed($0)) == true }
  }
}
