internal import Transparency

/// What a restore finds that must not come back.
public struct SweepCounts: Sendable, Hashable {
  /// Subjects without a key whose every record has expired.
  public var expiredSubjects = 0
  /// Other subjects whose key was destroyed: erased, or changed since the backup.
  ///
  /// The two look alike on purpose; a changed subject is missing, not stale, and comes back from
  /// its source.
  public var subjectsWithoutKey = 0
  /// Subjects whose key the key store never made.
  public var unknownSubjects = 0
  /// Subjects whose key does not fit their commitment.
  public var unfitSubjects = 0
  /// Records of all these subjects.
  public var recordsOfSubjects = 0
  /// Expired records of subjects that stay.
  public var expiredRecords = 0

  /// Subjects that go.
  public var subjects: Int {
    expiredSubjects + subjectsWithoutKey + unknownSubjects + unfitSubjects
  }
  /// Records that go.
  public var records: Int { recordsOfSubjects + expiredRecords }

  /// The counts by name.
  public var members: [(name: String, count: Int)] {
    [
      ("expired_subjects", expiredSubjects), ("subjects_without_key", subjectsWithoutKey),
      ("unknown_subjects", unknownSubjects), ("unfit_subjects", unfitSubjects),
      ("records_of_subjects", recordsOfSubjects), ("expired_records", expiredRecords),
    ]
  }
}

/// What a restore would do, frozen; carried out only by its digest.
public struct RestorePlan: Sendable {
  /// The backup, its signature and files verified.
  public let manifest: BackupManifest
  /// Entries of the verified log.
  public let logSize: Int
  /// Their root hash.
  let logRoot: TreeHash
  /// What the log says has happened since the backup.
  public let since: LogSince
  /// Epoch of the current key store.
  public let epoch: UInt64
  /// Generation of the current key store.
  public let generation: UInt64
  /// Entries that were signed and are lost with this restore; 0 unless that was asked for.
  public let droppedEntries: Int
  /// What goes.
  public let swept: SweepCounts
  /// Entries the suppression list gains from the key store.
  public let suppressed: Int
  /// Withdrawn consents that are applied again.
  public let withdrawals: Int
  /// References of withdrawals that fit nobody who stays; look at the log entries by hand.
  public let unmatchedWithdrawals: Int
  /// Places in the log of these.
  public let unmatchedEntries: [Int]
  /// Fingerprint of exactly this plan.
  public let digest: String

  /// Whether keys were destroyed that the log does not tell of: its end is missing.
  ///
  /// That is so after a crash before publishing, and when somebody cut the log; withdrawn consent
  /// from the missing end is lost.
  public var isLogBehindKeys: Bool { max(manifest.epoch, since.epoch) < epoch }
}

/// A restore that was carried out.
public struct RestoreReport: Sendable {
  /// The restored vault's directory.
  public let directory: String
  /// What was done.
  public let plan: RestorePlan
  /// Entries of the new match index.
  public let indexEntries: Int
  /// What the vault holds now.
  public let counts: BackupCounts
  /// Place of the event in the log.
  public let logSequence: Int
}
