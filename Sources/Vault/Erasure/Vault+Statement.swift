internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// The statement of a certificate, format 2.
///
/// - SeeAlso: `docs/format.md#certificate`.
extension Vault {
  /// Longest statement in bytes; a long list of buckets is the most of it.
  static let statementByteCountMaximum = 128 * 1024
  /// Format of the statement.
  static let certificateFormat = 2

  /// Everything a certificate says about an erasure.
  func statement(of outcome: ErasureOutcome) throws -> CanonicalJSON {
    let facts = outcome.facts
    var members: [(key: String, value: CanonicalJSON)] = [
      ("lethe_certificate", .count(Self.certificateFormat)),
      ("vault", .string(id.rawBytes.hexadecimal)), ("origin", .string(settings.origin)),
      ("reference", .string(outcome.reference)), ("kind", .string(outcome.kind.rawValue)),
      ("state", .string(outcome.isFinal ? "final" : "pending")),
      ("requested_ms", .integer(outcome.requestedMilliseconds)),
      ("assurance", .string("L\(outcome.isFinal ? facts.assurance : 0)")),
      ("assurance_reasons", .texts(outcome.assuranceReasons)),
      ("subjects", .count(facts.subjects)), ("generations", try .counts(facts.generations)),
      ("buckets", .array(facts.buckets.map { .integer(Int64($0)) })),
      ("records", try .counts(facts.records)), ("fields", try .counts(facts.fields)),
      ("stores", try Self.stores(facts)), ("keys", try Self.keys(facts)),
      ("custodians", .array(try facts.custodians.map(Self.custodian))),
      ("replicas", try Self.replicas(facts)),
      ("sanitization", .array(try sanitization(outcome).map { try $0.json })),
      ("suppression_entries", .count(facts.suppressed)),
      ("identifiers_shared_with_others", .count(facts.shared)),
      ("resumed_after_interruption", .bool(facts.resumed)),
      ("log_entry", .count(outcome.provenSequence)), ("covered", .texts(outcome.covered)),
      ("not_covered", .texts(outcome.notCovered)),
    ]
    if outcome.isFinal { members.append(("final_ms", .integer(facts.finalMilliseconds))) }
    if !outcome.isFinal, let due = facts.finalDueMilliseconds {
      members.append(("final_due_ms", .integer(due)))
    }
    if outcome.kind == .person, let residual = facts.residual {
      members.append(("residual", try Self.residual(residual)))
    }
    return try .members(members)
  }

  private static func stores(_ facts: ErasureFacts) throws -> CanonicalJSON {
    try .members([
      (
        "vault.sqlite",
        try .counts(["records": facts.sweptRecords, "subjects": facts.subjects])
      ),
      (
        "index.sqlite",
        try .counts(["matches": facts.unlinked.matches, "tokens": facts.unlinked.tokens])
      ),
      (
        "analytics.sqlite",
        try .counts(["profiles": facts.unlinked.profiles, "events": facts.unlinked.events])
      ),
    ])
  }

  private static func keys(_ facts: ErasureFacts) throws -> CanonicalJSON {
    try .members([
      ("old_epoch", .integer(Int64(facts.oldEpoch))),
      ("new_epoch", .integer(Int64(facts.newEpoch))),
      ("old_root_sha256", .string(facts.oldRoot)), ("new_root_sha256", .string(facts.newRoot)),
      ("nodes_rekeyed", .count(facts.nodes)), ("subject_keys", .count(facts.subjectKeys)),
      ("bucket_keys", .count(facts.bucketKeys)), ("index_keys", .count(0)),
      ("verified_unreadable", .count(facts.verifiedUnreadable)),
      ("key_store_log_emptied", .bool(facts.walTruncated)),
    ])
  }

  private static func custodian(_ custodian: CustodianFact) throws -> CanonicalJSON {
    try .members([
      ("name", .string(custodian.name)), ("kind", .string(custodian.kind)),
      ("method", .string(custodian.method)), ("assurance", .string("L\(custodian.assurance)")),
      ("time_ms", .integer(custodian.milliseconds)),
    ])
  }

  private static func replicas(_ facts: ErasureFacts) throws -> CanonicalJSON {
    let members = try facts.replicas.map { replica in
      try CanonicalJSON.members([
        ("name", .string(replica.name)), ("state", .string(replica.state)),
        ("generation", .integer(Int64(replica.generation ?? 0))),
      ])
    }
    return try .members([("quorum", .count(facts.replicaQuorum)), ("members", .array(members))])
  }

  private static func residual(_ residual: ResidualFacts) throws -> CanonicalJSON {
    var members: [(key: String, value: CanonicalJSON)] = [
      ("profiles_left", .count(residual.profilesLeft)), ("events_left", .count(0)),
      ("groups_below_threshold", .count(residual.belowThreshold)),
      ("threshold", .count(residual.threshold)), ("attributes", .texts(residual.attributes)),
    ]
    if let smallest = residual.smallestGroup {
      members.append(("smallest_group", .count(smallest)))
    }
    return try .members(members)
  }
}

extension CanonicalJSON {
  /// An object of counts.
  static func counts(_ counts: [String: Int]) throws -> CanonicalJSON {
    try .members(counts.map { ($0.key, .count($0.value)) })
  }
}

extension ErasureOutcome {
  /// Place in the log that a certificate proves: the finality, or the wait for it.
  var provenSequence: Int { isFinal ? facts.finalSequence : facts.pendingSequence }

  /// Why the assurance is no higher, as codes.
  var assuranceReasons: [String] {
    guard isFinal else { return ["pending"] }
    var reasons = facts.custodians.compactMap(\.weakness)
    if facts.custodians.contains(where: { $0.method == "already_absent" }) {
      reasons.append("receipt_lost")
    }
    if facts.assurance < 3 { reasons.append("no_witness") }
    return Set(reasons).sorted()
  }

  /// What an erasure by key destruction covers.
  var covered: [String] {
    var covered: [String]
    switch kind {
    case .person:
      covered = [
        "every field of the subjects in every copy of vault.sqlite, of any age, including backups",
        "tokens of the subjects in every domain, which cannot be computed any more",
        "rows of the subjects in the match index, the token table and the analytics store of this "
          + "vault",
      ]
    case .expiry:
      covered = [
        "every value collected in the buckets, in every copy of vault.sqlite, of any age",
        "rows of the buckets in the analytics store of this vault",
      ]
    case .rekey:
      covered = [
        "every value of the subjects as it stood before the change, in every copy of vault.sqlite, "
          + "of any age; what stays was sealed again under new keys"
      ]
    }
    if !isFinal { covered = covered.map { $0 + ", from the end of the grace window on" } }
    return covered
  }

  /// What it does not cover; said in every certificate.
  var notCovered: [String] {
    var uncovered = [
      "copies of plaintext or keys made outside this vault before the erasure: memory dumps, swap, "
        + "packages and sealed exports handed out",
      "the sources the data came from, and recipients it was sent to",
      "backups of the epoch slot, which must not exist; if one does, the assurance is L0",
      "copies of index.sqlite taken before: match codes until a rebuild destroys their keys, issued "
        + "tokens for good",
      "metadata: row counts, padded lengths, days, random numbers; the statement does not say "
        + "anonymous",
    ]
    if facts.custodians.contains(where: { $0.kind == "file" }) || !isFinal {
      uncovered.append(
        "remapped blocks below the file system: a slot in a file is overwritten in software")
    }
    if facts.suppressed > 0 {
      uncovered.append(
        "the suppression list, kept on purpose as keyed codes so that the person does not come back"
      )
    }
    if facts.residual != nil {
      uncovered.append(
        "counts released to analysts before, and copies of profiles they took; see `residual`")
    }
    return uncovered
  }
}
