public import Sealing

/// Names the keys an erasure destroys.
public struct KeyTargets: Sendable {
  /// Leaves of subject keys.
  public var subjects: [Int64]
  /// Buckets that have a key.
  public var buckets: [Bucket]
  /// Domain epochs that have a key.
  public var domains: [DomainEpoch]
  /// Index generations that have a key.
  public var indexKeys: [IndexGeneration]

  /// Names keys.
  public init(
    subjects: [Int64] = [], buckets: [Bucket] = [], domains: [DomainEpoch] = [],
    indexKeys: [IndexGeneration] = []
  ) {
    self.subjects = subjects
    self.buckets = buckets
    self.domains = domains
    self.indexKeys = indexKeys
  }

  var names: [DirectoryName] {
    buckets.map(DirectoryName.bucket) + domains.map(DirectoryName.domain)
      + indexKeys.map(DirectoryName.index)
  }

  func requireWithinLimit() throws {
    guard subjects.count + names.count <= Keyring.maximumEraseCount else {
      throw KeyringError(
        .limit, "at most \(Keyring.maximumEraseCount) keys are destroyed at a time; split the batch"
      )
    }
  }
}

/// Names a roll, so that it is found again after a crash.
public struct RollTag: Hashable, Sendable {
  static let byteCount = 16
  let bytes: [UInt8]

  /// Makes the tag of an act by its reference; the reference cannot be read from it.
  public init(reference: String) {
    bytes = Array(SHA256.hash(Array("lethe1/roll".utf8) + Array(reference.utf8)).prefix(16))
  }
}

/// Sorts what is to be destroyed by subtree, and names from those destroyed before.
struct ResolvedTargets {
  /// Leaves by subtree, ascending; those of subjects may be punctured already, which shows when
  /// their nodes are opened.
  var leaves: [[Int64]] = Array(repeating: [], count: Subtree.allCases.count)
  /// Names of the live bucket, domain and index keys.
  var names: [DirectoryName] = []
  var alreadyDestroyed = KeyCounts()

  init(_ targets: KeyTargets, _ rows: KeyStoreRows) throws {
    leaves[Subtree.subjects.rootSlot] = Array(Set(targets.subjects))
    for name in Set(targets.names) {
      guard let entry = try rows.directoryEntry(name) else {
        throw KeyringError(.unknownKey, "\(name) never had a key")
      }
      if entry.isDestroyed {
        alreadyDestroyed[name.subtree] += 1
      } else {
        leaves[name.subtree.rootSlot].append(entry.leaf)
        names.append(name)
      }
    }
    for subtree in Subtree.allCases { leaves[subtree.rootSlot].sort() }
  }
}
