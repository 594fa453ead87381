internal import GRDB
internal import Keyring
internal import Sealing

/// Finds the rows of a backup that the present keys do not open, and deletes them.
///
/// Subjects that are fenced are left to their erasure, which is finished when the vault is opened.
struct OrphanSweep {
  /// What goes, in numbers.
  private(set) var counts = SweepCounts()
  /// The subjects that go, ascending.
  private(set) var subjects: [Int64] = []
  /// Buckets whose keys are destroyed, or never were.
  private(set) var buckets: [Bucket] = []

  private enum Finding {
    case fits, withoutKey, unknown, unfit
  }

  /// Asks the keyring for every key of the vault.
  init(_ vault: Vault, _ database: Database, _ progress: (Int) -> Void) throws {
    let records = RecordStore(database: database)
    let used = try records.buckets()
    buckets = try used.map(\.bucket).filter { bucket in
      try KeyStanding {
        try vault.keyring.withBucketKey(bucket, createIfMissing: false) { _ in }
      } != .live
    }
    let dead = Set(buckets)
    let list = RestoreStore.list(buckets)
    var inDeadBuckets = used.filter { dead.contains($0.bucket) }.reduce(0) { $0 + $1.records }
    var last: Int64 = -1
    var done = 0
    while true {
      let rows = try SubjectStore(database: database).live(
        after: last, limit: Keyring.lendingBatchCount)
      guard let end = rows.last else { break }
      last = end.leaf
      for (row, finding) in zip(rows, try Self.findings(rows, vault)) where finding != .fits {
        let count = try RestoreStore(database: database).records(of: row.leaf, in: list)
        subjects.append(row.leaf)
        counts.recordsOfSubjects += count.all
        inDeadBuckets -= count.inBuckets
        switch finding {
        case .withoutKey where count.all > 0 && count.all == count.inBuckets:
          counts.expiredSubjects += 1
        case .withoutKey: counts.subjectsWithoutKey += 1
        case .unknown: counts.unknownSubjects += 1
        case .unfit, .fits: counts.unfitSubjects += 1
        }
      }
      done += rows.count
      progress(done)
    }
    counts.expiredRecords = inDeadBuckets
  }

  /// Deletes what was found.
  func apply(_ vault: Vault) throws {
    for start in stride(from: 0, to: subjects.count, by: Vault.sweepBatch) {
      let batch = subjects[start..<min(start + Vault.sweepBatch, subjects.count)]
      try vault.queue.write { database in
        for leaf in batch {
          _ = try RecordStore(database: database).delete(subject: leaf)
          _ = try RestoreStore(database: database).deleteWithdrawals(of: leaf)
          try PayloadStore(database: database).delete(subject: leaf)
          try SubjectStore(database: database).delete(leaf)
        }
      }
    }
    for bucket in buckets {
      var deleted = Vault.sweepBatch
      while deleted == Vault.sweepBatch {
        deleted = try vault.queue.write {
          try RecordStore(database: $0).delete(bucket: bucket, limit: Vault.sweepBatch)
        }
      }
    }
  }

  /// How the keys of a batch stand: asked for at once, and one by one where one is missing.
  private static func findings(_ rows: [SubjectRow], _ vault: Vault) throws -> [Finding] {
    var findings: [Finding] = []
    findings.reserveCapacity(rows.count)
    do {
      var next = rows.startIndex
      try vault.keyring.withSubjectKeys(rows.map(\.keyLeaf)) { _, key in
        findings.append(try fits(rows[next], key, vault.id) ? .fits : .unfit)
        next += 1
      }
      return findings
    } catch let error as KeyringError where [.keyDestroyed, .unknownKey].contains(error.code) {
      return try rows.map { row in
        var isFit = false
        let standing = try KeyStanding {
          try vault.keyring.withSubjectKey(row.keyLeaf) { isFit = try fits(row, $0, vault.id) }
        }
        switch standing {
        case .live: return isFit ? .fits : .unfit
        case .destroyed: return .withoutKey
        case .unknown: return .unknown
        }
      }
    }
  }

  private static func fits(
    _ row: SubjectRow, _ key: borrowing SecretBytes, _ vault: VaultID
  ) throws -> Bool {
    let commitment = try KeyCommitment.subject(
      key: key, vault: vault, subject: row.id, generation: row.generation)
    return ConstantTime.isEqual(commitment, row.commitment)
  }
}
