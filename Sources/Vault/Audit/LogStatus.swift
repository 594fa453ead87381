import Foundation
internal import GRDB
internal import Transparency

/// How the log of a vault stands: signed, published, witnessed, kept.
public struct LogStatus: Sendable {
  /// A directory in which the log is published.
  public struct Directory: Sendable {
    /// Its path.
    public let path: String
    /// Number of entries published there; nil for none.
    public let size: Int?
    /// What is wrong with it; nil for nothing.
    public let problem: String?
  }

  /// A witness of the policy.
  public struct Witness: Sendable {
    /// What the policy calls it.
    public let name: String
    /// Name of its key.
    public let keyName: String
    /// Size it has cosigned last; nil for never.
    public let size: Int?
    /// When, in milliseconds since 1970-01-01 UTC.
    public let milliseconds: Int64?
    /// Size it has named that does not fit this log; nil for none.
    public let conflictSize: Int?
  }

  /// How the log is witnessed.
  public struct Witnessing: Sendable {
    /// What happens while too few cosign.
    public let mode: LogSettings.WitnessMode
    /// Hours for which entries may be unwitnessed in mode `closed`.
    public let ageHours: Int
    /// Witness or group that has to have witnessed; nil when the policy asks for none.
    public let quorum: String?
    /// Size of the largest tree that a quorum has cosigned; nil for none.
    public let size: Int?
    /// When, in milliseconds since 1970-01-01 UTC.
    public let milliseconds: Int64?
    /// How long the oldest unwitnessed entry has been there, in milliseconds; nil when all are
    /// witnessed.
    public let unwitnessedMilliseconds: Int64?
    /// Whether acts that disclose or destroy are refused for it.
    public let isClosed: Bool
    /// The witnesses, in the order of the policy.
    public let witnesses: [Witness]
  }

  /// Name of the log.
  public let origin: String
  /// Number of entries.
  public let size: Int
  /// Number of entries of the last signed checkpoint.
  public let signedSize: Int
  /// Number of entries published; nil for none.
  public let publishedSize: Int?
  /// When a checkpoint was published last, in milliseconds since 1970-01-01 UTC.
  public let publishedMilliseconds: Int64?
  /// Entries that are not published yet.
  public var unpublished: Int { size - (publishedSize ?? 0) }
  /// Index below which entries are gone by the log's rule.
  public let minimumIndex: Int
  /// Days for which entries are kept at least; nil keeps them for good.
  public let keepDays: Int?
  /// The directories it is published in, the vault's own first.
  public let directories: [Directory]
  /// How it is witnessed; nil without a witness policy.
  public let witnessing: Witnessing?
  /// The present time, in milliseconds since 1970-01-01 UTC.
  public let now: Int64

  /// Whether a quorum has witnessed everything that is published.
  public var isWitnessed: Bool {
    guard let witnessing else { return false }
    return (witnessing.size ?? -1) >= publishedSize ?? 0
  }
}

extension Vault {
  /// Tells how the log stands.
  ///
  /// - Throws: ``VaultError`` `.denied`, `.policyFile` for a witness policy that cannot be used.
  public func logStatus(_ requester: Requester) throws -> LogStatus {
    try authorise(.status, requester)
    let key = try NoteVerifierKey(encoded: logVerifierKey())
    let directories = ([layout.audit] + settings.log.publishTo).map { path in
      do {
        let directory = PublishedDirectory(path)
        guard DurableFiles.isDirectory(path) else {
          return LogStatus.Directory(path: path, size: nil, problem: "it is not there")
        }
        return LogStatus.Directory(
          path: path, size: try directory.checkpoint(signedBy: key)?.treeSize, problem: nil)
      } catch {
        return LogStatus.Directory(
          path: path, size: nil, problem: (error as? VaultError)?.message ?? "it cannot be read")
      }
    }
    let witnessing = try witnessing()
    return try storing(layout.vault) {
      try queue.read { database in
        let store = AuditStore(database: database)
        let published = try MetaStore(database: database).number(.lastPublished)
        return LogStatus(
          origin: settings.origin, size: try store.size(),
          signedSize: try store.lastCheckpoint()?.size ?? 0, publishedSize: directories[0].size,
          publishedMilliseconds: published.map { Int64(clamping: $0) },
          minimumIndex: try store.minimumIndex(), keepDays: settings.log.keepDays,
          directories: directories, witnessing: witnessing, now: clock.milliseconds)
      }
    }
  }

  private func witnessing() throws -> LogStatus.Witnessing? {
    guard let policy = try witnessPolicy() else { return nil }
    let age = try unwitnessedMilliseconds()
    let (seen, witnessed, conflicts) = try storing(layout.vault) {
      try queue.read { database in
        let store = WitnessStore(database: database)
        let conflicts = try policy.witnesses.map { try store.conflict($0.key.encoded) }
        return (try store.seen(), try store.witnessed(), conflicts)
      }
    }
    let log = settings.log
    return LogStatus.Witnessing(
      mode: log.witnessMode, ageHours: log.witnessAgeHours, quorum: policy.quorum,
      size: witnessed?.size, milliseconds: witnessed?.milliseconds,
      unwitnessedMilliseconds: age,
      isClosed: log.witnessMode == .closed
        && age.map(isTooOld) ?? false,
      witnesses: zip(policy.witnesses, conflicts).map { witness, conflict in
        let last = seen[witness.key.encoded]
        return LogStatus.Witness(
          name: witness.name, keyName: witness.key.name, size: last?.size,
          milliseconds: last?.milliseconds, conflictSize: conflict)
      })
  }
}
