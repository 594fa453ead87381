extension AuditEventType {
  /// The registry: what an event of each type says.
  var described: AuditEventForm {
    dataForm ?? erasureForm ?? logForm
      ?? AuditEventForm(hasRequest: false, [])
  }

  /// Events about data and persons.
  private var dataForm: AuditEventForm? {
    switch self {
    case .vaultCreated:
      act(("format", .count), ("policy_set", .digest), ("demo", .flag))
    case .sourceRegistered:
      act(
        ("source", .name), ("contract", .digest), ("fields", .count), ("legal_basis", .name),
        ("purposes", .names), ("retention", .name))
    case .recordsIngested:
      AuditEventForm(
        hasRequest: false,
        Self.ingested + [AuditMember("source", .name), AuditMember("commitments", .digest)])
    case .ingestFinished:
      AuditEventForm(
        hasRequest: false,
        Self.ingested + [AuditMember("source", .name), AuditMember("quarantined", .count)])
    case .personFound: asked(("kind", .name), ("found", .count))
    case .fieldDisclosed:
      asked(
        optional: [("policy_errors", .names)] + Self.note, ("decision", Self.decision),
        ("policies", .names), ("fields", .mapping(.choice(Rung.allCases.map(\.name) + ["denied"]))))
    case .operationDenied: asked(("operation", .name), ("policies", .names))
    case .domainOpened: asked(("domain", .name), ("monthly", .flag))
    case .tokenIssued: asked(("domain", .name))
    case .personsUnified:
      asked(
        ("subjects", .count), ("persons_before", .count), ("persons", .count), ("moved", .count))
    case .analyticsProjected:
      asked(
        ("profiles", .count), ("attributes", .count), ("events", .count), ("left_out", .count),
        ("exposed", .names))
    case .segmentCounted:
      asked(("segment", .name), ("suppressed", .flag), ("threshold", .count))
    case .accessPackaged:
      asked(
        optional: [("recipients", Self.recipients)] + Self.note, ("files", .mapping(.digest)))
    case .accessExported:
      asked(
        optional: Self.note, ("records", .count), ("bucket_count", .count),
        ("recipients", Self.recipients))
    case .fieldsRectified, .fieldsErased:
      asked(
        optional: Self.note, ("reference", .reference), ("fields", .names), ("changed", .count),
        ("dropped", .count), ("rekeyed", .count))
    case .consentWithdrawn:
      asked(
        optional: Self.note, ("reference", .reference), ("withdrawn", .name), ("changed", .count),
        ("dropped", .count), ("rekeyed", .count))
    default: nil
    }
  }

  /// Events about the destruction of keys, and about copies.
  private var erasureForm: AuditEventForm? {
    switch self {
    case .erasureRequested:
      asked(
        ("reference", .reference),
        ("kind", .choice(ErasureKind.allCases.map(\.rawValue))), ("subject_count", .count),
        ("key_count", .count), ("bucket_count", .count))
    case .erasureFenced:
      act(("reference", .reference), ("suppressed", .count), ("shared_identifiers", .count))
    case .erasurePunctured:
      act(
        ("reference", .reference), ("subject_keys", .count), ("bucket_keys", .count),
        ("destroyed_before", .count))
    case .erasurePrepared:
      act(("reference", .reference), ("epoch", .count), ("custodians", .count))
    case .erasureCommitted:
      act(
        ("reference", .reference), ("old_epoch", .count), ("new_epoch", .count),
        ("old_root", .optionalDigest), ("new_root", .optionalDigest), ("subject_keys", .count),
        ("bucket_keys", .count), ("verified_unreadable", .count))
    case .erasureReplicated:
      act(("reference", .reference), ("replicas", .count), ("current", .count), ("quorum", .count))
    case .erasurePending:
      act(
        ("reference", .reference), ("assurance", Self.level), ("due", .milliseconds),
        ("old_epoch", .count), ("new_epoch", .count))
    case .erasureRetired:
      act(
        ("reference", .reference), ("epoch", .count), ("assurance", Self.level),
        (
          "receipts",
          .list(
            .object([
              AuditMember("kind", .name), AuditMember("method", .name),
              AuditMember("assurance", Self.level), AuditMember("time", .milliseconds),
            ]))
        ))
    case .erasureFinal:
      act(
        ("reference", .reference), ("assurance", Self.level), ("old_epoch", .count),
        ("new_epoch", .count), ("resumed", .flag))
    case .erasureSwept: act(("reference", .reference), ("records", .count))
    case .keyDestroyed:
      act(
        ("index_key_count", .count), ("old_epoch", .count), ("new_epoch", .count),
        ("old_root", .digest), ("new_root", .digest))
    case .epochEnded:
      asked(
        ("old_epoch", .count), ("new_epoch", .count), ("old_root", .digest), ("new_root", .digest),
        ("receipts", .count))
    case .unsealRotated: asked(("from", .name), ("to", .name))
    case .unsealSplit: asked(("shares", .count), ("threshold", .count))
    case .indexRebuilt: asked(("entries", .count), ("generation", .count))
    case .backupMade:
      asked(
        optional: [],
        [("manifest", .digest), ("backup_log_root", .rootHash)]
          + (["backup_log_size", "bytes"] + BackupCounts.names.map(\.name)).map { ($0, .count) })
    case .vaultRestored:
      asked(
        optional: [("dropped_entries", .count)], ("manifest", .digest),
        ("backup_log_size", .count), ("backup_ms", .milliseconds),
        ("log_size", .count), ("key_generation", .count), ("swept", .mapping(.count)),
        ("reapplied", .mapping(.count)), ("since", .mapping(.count)), ("counts", .mapping(.count)),
        ("match_entries", .count))
    default: nil
    }
  }

  /// Events about the log, the policy and who was turned away.
  private var logForm: AuditEventForm? {
    switch self {
    case .logRead: asked(optional: [("payload", .flag)], ("entry", .count))
    case .logQueried: asked(optional: [], Self.search)
    case .logSampled:
      asked(
        optional: [],
        Self.search + [
          ("algorithm", .count), ("size", .count), ("stratify", .name), ("seed", .digest),
        ])
    case .logExported:
      asked(
        optional: [("first", .count), ("last", .count)], ("format", .name), ("query", .digest),
        ("from", .count), ("to", .count), ("tree_size", .count), ("root", .rootHash),
        ("count", .count), ("file", .digest), ("manifest", .digest), ("sampled", .flag),
        ("reading", .count))
    case .logExamined:
      asked(
        optional: [("query", .digest)] + Self.range,
        ("view", .choice(["subject", "case", "honeytokens"])))
    case .logAnalysed:
      asked(
        optional: [],
        Self.range + [
          ("rules", .digest), ("from_ms", .milliseconds), ("to_ms", .milliseconds),
        ])
    case .logVerified:
      asked(
        optional: [("root", .digest)], ("valid", .flag), ("size", .count), ("findings", .count),
        ("known_checkpoints", .count))
    case .logPruned:
      asked(
        ("minimum_index", .count), ("before", .milliseconds), ("root", .digest),
        ("tree_size", .count), ("keep_days", .count))
    case .witnessConflicted:
      act(
        ("witness", .name), ("witness_key", .digest), ("outcome", .name), ("witness_size", .count),
        ("tree_size", .count), ("root", .digest))
    case .honeytokenPlaced, .honeytokenRemoved: asked(optional: [], [])
    case .policyChanged: act(("policy_set", .digest), ("policy_set_before", .digest))
    case .operatorRejected: act(("reason", .choice(["unknown_operator", "unknown_purpose"])))
    case .unsealFailed: act(("reason", .choice(["not_opened"])), ("method", .name))
    default: nil
    }
  }
}

extension AuditEventType {
  /// The commitment to a note; see ``AuditNote``.
  private static let note: [(String, AuditValue)] = [("payload_commitment", .digest)]
  /// The part of the log that was read.
  private static let range: [(String, AuditValue)] = [
    ("from", .count), ("to", .count), ("tree_size", .count),
  ]
  private static let search: [(String, AuditValue)] =
    [("conditions", .names), ("query", .digest)] + range
  private static let decision = AuditValue.choice(["allow", "deny"])
  private static let level = AuditValue.choice(["L0", "L1", "L2", "L3"])
  private static let recipients = AuditValue.object([
    AuditMember("count", .count), AuditMember("sha256", .digest),
  ])
  private static let ingested = IngestReport().counts.map { AuditMember($0.name, .count) }

  /// The form of an event of the vault's own.
  private func act(_ members: (String, AuditValue)...) -> AuditEventForm {
    AuditEventForm(hasRequest: false, members.map { AuditMember($0.0, $0.1) })
  }

  /// The form of an event that somebody asked for.
  private func asked(
    optional: [(String, AuditValue)] = [], _ members: (String, AuditValue)...
  ) -> AuditEventForm {
    asked(optional: optional, members)
  }

  private func asked(
    optional: [(String, AuditValue)], _ members: [(String, AuditValue)]
  ) -> AuditEventForm {
    AuditEventForm(
      hasRequest: true,
      members.map { AuditMember($0.0, $0.1) }
        + optional.map { AuditMember($0.0, $0.1, isOptional: true) })
  }
}
