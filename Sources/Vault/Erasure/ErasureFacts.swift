internal import Analytics
internal import Keyring
internal import Sealing

/// What an erasure destroyed, in numbers; free of personal data, kept for its certificate.
public struct ErasureFacts: Sendable, Hashable, Codable {
  /// Subjects erased.
  public var subjects = 0
  /// Subject keys to be destroyed, by their generation.
  public var generations: [String: Int] = [:]
  /// Retention buckets destroyed, as numbers of the envelope header.
  public var buckets: [UInt32] = []
  /// Sealed records by source, or by class for an expiry.
  public var records: [String: Int] = [:]
  /// Fields destroyed by name, for an erasure of fields.
  public var fields: [String: Int] = [:]
  /// Entries added to the suppression list.
  public var suppressed = 0
  /// Identifiers not put on the suppression list because many people share them.
  public var shared = 0
  /// Rows deleted from the other stores.
  public var unlinked = UnlinkedRows()
  /// What analysts still hold.
  public var residual: ResidualFacts?
  /// Epoch that ended.
  public var oldEpoch: UInt64 = 0
  /// Epoch that began.
  public var newEpoch: UInt64 = 0
  /// SHA-256 of the root node before, hexadecimal.
  public var oldRoot = ""
  /// SHA-256 of the root node after, hexadecimal.
  public var newRoot = ""
  /// Nodes of the key tree that got a fresh key.
  public var nodes = 0
  /// Subject keys destroyed by this act's roll.
  public var subjectKeys = 0
  /// Bucket keys destroyed by this act's roll.
  public var bucketKeys = 0
  /// Who destroyed the old epoch secret, and how.
  public var custodians: [CustodianFact] = []
  /// How the copies of the key store stood.
  public var replicas: [ReplicaFact] = []
  /// Copies that had to be current.
  public var replicaQuorum = 0
  /// Assurance level 0…3.
  public var assurance = 0
  /// Whether the key store's write-ahead log was emptied; a reader can delay that.
  public var walTruncated = false
  /// Keys that were asked for after the erasure and could not be had.
  public var verifiedUnreadable = 0
  /// Whether an interrupted process had to be resumed.
  public var resumed = false
  /// When the old epoch secret is to be destroyed, in milliseconds since 1970-01-01 UTC; nil
  /// without a grace window.
  public var finalDueMilliseconds: Int64?
  /// When the epoch secret was destroyed, in milliseconds since 1970-01-01 UTC.
  public var finalMilliseconds: Int64 = 0
  /// Records deleted by the sweep.
  public var sweptRecords = 0
  /// Place of the event in the log that says until when the old secret rests.
  public var pendingSequence = 0
  /// Place of the final event in the log.
  public var finalSequence = 0

  /// Creates empty facts.
  public init() {}
}

/// Rows deleted beside the sealed records.
public struct UnlinkedRows: Sendable, Hashable, Codable {
  /// Entries of the match index.
  public var matches = 0
  /// Issued tokens.
  public var tokens = 0
  /// Profiles of analysts.
  public var profiles = 0
  /// Events of analysts.
  public var events = 0

  /// Creates counts of zero.
  public init() {}
}

/// What analysts still hold after an erasure.
public struct ResidualFacts: Sendable, Hashable, Codable {
  /// Profiles of the person that are left; always 0, because they are asked for again.
  public var profilesLeft = 0
  /// Profiles that shared all attributes with the person's before the deletion, itself among them:
  /// how well a copy that an analyst took earlier can still single the person out; nil when none
  /// was there or the search was given up.
  public var smallestGroup: Int?
  /// Profiles of the person in a group below the threshold.
  public var belowThreshold = 0
  /// The vault's threshold.
  public var threshold = 0
  /// Names of the attributes the profiles had.
  public var attributes: [String] = []

  /// Creates facts about nothing.
  public init() {}
}

/// A custodian's receipt as it stands in a certificate.
public struct CustodianFact: Sendable, Hashable, Codable {
  /// The place as it is configured.
  public let name: String
  /// What it is: `file`, `pkcs11`, `command`.
  public let kind: String
  /// How the secret was destroyed.
  public let method: String
  /// Assurance level 0…3.
  public let assurance: Int
  /// Why it is no more; nil for nothing to object.
  public let weakness: String?
  /// When, in milliseconds since 1970-01-01 UTC.
  public let milliseconds: Int64

  init(_ receipt: SlotReceipt) {
    name = receipt.custodian.name
    kind = receipt.custodian.kind.rawValue
    method = receipt.method.rawValue
    assurance = receipt.custodian.assurance.rawValue
    weakness = receipt.custodian.weakness
    milliseconds = receipt.unixSeconds * 1000
  }
}

/// A copy of the key store as it stands in a certificate.
public struct ReplicaFact: Sendable, Hashable, Codable {
  /// The directory.
  public let name: String
  /// `current`, `lagging` or `missing`.
  public let state: String
  /// Number of its last commit; nil when it is missing.
  public let generation: UInt64?

  init(_ replica: ReplicaState) {
    name = replica.directory
    state = replica.condition.rawValue
    generation = replica.generation
  }
}

extension ErasureFacts {
  /// Takes over what the keyring says of the roll.
  ///
  /// When the keys had gone with another act's roll there is no record of this one: the epoch that
  /// ended is the one before the present.
  mutating func take(_ roll: CommittedRoll) {
    oldEpoch = roll.record.isRoll ? roll.record.oldEpoch : max(roll.record.newEpoch, 1) - 1
    newEpoch = roll.record.newEpoch
    oldRoot = roll.record.isRoll ? roll.record.oldRootHash.hexadecimal : ""
    newRoot = roll.record.newRootHash.hexadecimal
    nodes = roll.record.nodeCount
    subjectKeys = roll.record.destroyed.subjects
    bucketKeys = roll.record.destroyed.buckets
    walTruncated = roll.walTruncated
  }

  /// Takes over the custodians' receipts.
  mutating func take(_ receipts: [SlotReceipt], milliseconds: Int64) {
    custodians = receipts.map(CustodianFact.init)
    assurance = custodians.map(\.assurance).min() ?? 0
    finalMilliseconds = milliseconds
  }
}

extension ErasureFacts {
  /// Reads facts as any earlier version wrote them; what it did not know stays empty.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<T: Decodable>(_ key: CodingKeys, _ initial: T) throws -> T {
      try values.decodeIfPresent(T.self, forKey: key) ?? initial
    }
    subjects = try value(.subjects, 0)
    generations = try value(.generations, [:])
    buckets = try value(.buckets, [])
    records = try value(.records, [:])
    fields = try value(.fields, [:])
    suppressed = try value(.suppressed, 0)
    shared = try value(.shared, 0)
    unlinked = try value(.unlinked, UnlinkedRows())
    residual = try values.decodeIfPresent(ResidualFacts.self, forKey: .residual)
    oldEpoch = try value(.oldEpoch, 0)
    newEpoch = try value(.newEpoch, 0)
    oldRoot = try value(.oldRoot, "")
    newRoot = try value(.newRoot, "")
    nodes = try value(.nodes, 0)
    subjectKeys = try value(.subjectKeys, 0)
    bucketKeys = try value(.bucketKeys, 0)
    custodians = try value(.custodians, [])
    replicas = try value(.replicas, [])
    replicaQuorum = try value(.replicaQuorum, 0)
    assurance = try value(.assurance, 0)
    walTruncated = try value(.walTruncated, false)
    verifiedUnreadable = try value(.verifiedUnreadable, 0)
    resumed = try value(.resumed, false)
    finalDueMilliseconds = try values.decodeIfPresent(Int64.self, forKey: .finalDueMilliseconds)
    finalMilliseconds = try value(.finalMilliseconds, 0)
    sweptRecords = try value(.sweptRecords, 0)
    pendingSequence = try value(.pendingSequence, 0)
    finalSequence = try value(.finalSequence, 0)
  }
}

extension ResidualFacts {
  init(_ groups: AnalyticsGroups) {
    smallestGroup = groups.smallest
    belowThreshold = groups.belowThreshold
    threshold = groups.threshold
    attributes = groups.attributes
  }
}
