/// Names one thing that is wrong in a published log, and where.
public struct LogFinding: Hashable, Sendable {
  /// What is wrong.
  public enum Kind: String, Hashable, Sendable {
    /// A file that the checkpoint implies is not there.
    case missingFile
    /// The checkpoint is not a signed note with a checkpoint in it.
    case checkpointMalformed
    /// The checkpoint is not signed by the log's key, or a known signature fails.
    case checkpointRejected
    /// A required witness has not cosigned.
    case cosignatureMissing
    /// A tile has the wrong length.
    case tileMalformed
    /// A hash in a tile is not the one computed from below.
    case tileHashMismatch
    /// A bundle does not hold the announced number of entries.
    case bundleMalformed
    /// An entry does not hash to its leaf hash.
    case entryHashMismatch
    /// An entry is not canonical JSON.
    case entryNotCanonical
    /// An entry is not an audit event with the right sequence number.
    case eventMalformed
    /// The tree's root is not the one the checkpoint states.
    case rootMismatch
    /// The log does not continue a checkpoint that the reader knows from before.
    case historyMismatch
  }

  /// What is wrong.
  public let kind: Kind
  /// Path of the file below the log's directory.
  public let path: String
  /// Index of the entry, or position of the hash within its level; nil when the file as a whole is
  /// meant.
  public let index: Int?
  /// A sentence for people, without entry content.
  public let message: String
}

/// Tells what verifying a published log has found.
public struct LogReport: Hashable, Sendable {
  /// Most findings listed; verification stops there.
  public static let findingCountMaximum = 100

  /// The verified checkpoint; nil when it could not be verified.
  public internal(set) var checkpoint: VerifiedCheckpoint?
  /// Number of entries that were read and fit their leaf hashes.
  public internal(set) var entryCount = 0
  /// Number of entries whose bundles are gone and may be.
  public internal(set) var prunedEntryCount = 0
  /// Index below which entries may be gone: what the log's last `log.pruned` says, or the reader.
  public internal(set) var minimumEntryIndex = 0
  /// Number of known checkpoints that the log continues.
  public internal(set) var continuedCheckpointCount = 0
  /// Number of tiles of other checkpoints that fit: older ones, or one about to be published.
  public internal(set) var otherTileCount = 0
  /// What is wrong, in the order found.
  public internal(set) var findings: [LogFinding] = []

  /// Whether the checkpoint is verified and nothing is wrong.
  public var isValid: Bool { checkpoint != nil && findings.isEmpty }

  mutating func add(
    _ kind: LogFinding.Kind, path: String, index: Int? = nil, _ message: String
  ) {
    guard findings.count < Self.findingCountMaximum else { return }
    findings.append(LogFinding(kind: kind, path: path, index: index, message: message))
  }

  /// Adds findings in order, as far as there is room.
  mutating func add(_ more: [LogFinding]) {
    findings += more.prefix(Self.findingCountMaximum - findings.count)
  }

  /// Puts findings where they would stand had they been added earlier, as far as there is room.
  mutating func insert(_ more: [(position: Int, finding: LogFinding)]) {
    guard !more.isEmpty else { return }
    var merged: [LogFinding] = []
    var rest = more[...]
    for position in 0...findings.count {
      while rest.first?.position == position, let next = rest.popFirst() {
        merged.append(next.finding)
      }
      if position < findings.count { merged.append(findings[position]) }
    }
    findings = Array(merged.prefix(Self.findingCountMaximum))
  }

  var isFull: Bool { findings.count >= Self.findingCountMaximum }
}
