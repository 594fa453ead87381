internal import GRDB
public import Keyring
internal import Transparency

/// The state of a vault in numbers.
public struct VaultStatus: Sendable {
  /// Live subjects.
  public let subjects: Int
  /// Persons.
  public let persons: Int
  /// Subjects whose erasure is under way.
  public let fenced: Int
  /// Sealed records.
  public let records: Int
  /// Entries of the match index.
  public let matches: Int
  /// Issued tokens.
  public let tokens: Int
  /// Entries of the suppression list.
  public let suppressed: Int
  /// Entries of the log.
  public let logSize: Int
  /// Tree size of the last signed checkpoint.
  public let checkpointSize: Int
  /// When the last backup was made, in milliseconds since 1970-01-01 UTC; nil for never.
  public let lastBackupMilliseconds: Int64?
  /// The registered sources.
  public let sources: [SourceDescription]
  /// Erasures that are not swept yet.
  public let openErasures: [ErasureProgress]
  /// The keys.
  public let keys: KeyringStatus
}

extension Vault {
  /// Counts what the vault holds.
  public func status(_ requester: Requester) throws -> VaultStatus {
    try authorise(.status, requester)
    let index = try storing(layout.index) {
      try indexQueue.read { try IndexStore(database: $0).counts() }
    }
    let keys = try keyring.status()
    return try storing(layout.vault) {
      try queue.read { database in
        let subjects = try SubjectStore(database: database).counts()
        return VaultStatus(
          subjects: subjects.subjects, persons: subjects.persons, fenced: subjects.fenced,
          records: try RecordStore(database: database).count(), matches: index.matches,
          tokens: index.tokens, suppressed: try SuppressionStore(database: database).count(),
          logSize: try AuditStore(database: database).size(),
          checkpointSize: try AuditStore(database: database).lastCheckpoint()?.size ?? 0,
          lastBackupMilliseconds: try MetaStore(database: database).number(.lastBackup)
            .map(Int64.init(clamping:)),
          sources: try SourceStore(database: database).all().sorted { $0.key < $1.key }.map(
            \.value),
          openErasures: try ErasureStore(database: database).unfinished(), keys: keys)
      }
    }
  }
}
