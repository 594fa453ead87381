public import Sealing

/// Grades what the destruction of an epoch secret is worth as evidence.
public enum AssuranceLevel: Int, Comparable, Sendable {
  /// Access revoked and rows deleted; no key was destroyed.
  case l0 = 0
  /// Root rolled and a software slot overwritten in place.
  case l1 = 1
  /// A hardware slot destroyed the epoch, with the receipts of all custodians.
  case l2 = 2
  /// As ``l2``, and an independent witness cosigned the head of the log.
  case l3 = 3

  /// Orders from the weakest to the strongest.
  public static func < (left: AssuranceLevel, right: AssuranceLevel) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Holds the secret ES of one epoch in locked memory.
public final class EpochSecret: Sendable {
  /// Length of the secret in bytes.
  public static let byteCount = 32

  /// Number of the epoch; the first is 1.
  public let epoch: UInt64
  /// The 32 secret bytes.
  public let secret: SecretBytes

  /// Takes a secret of 32 bytes.
  public init(epoch: UInt64, secret: consuming SecretBytes) {
    precondition(secret.count == Self.byteCount, "an epoch secret has 32 bytes")
    self.epoch = epoch
    self.secret = secret
  }
}

/// Tells what keeps an epoch secret; named in certificates.
public enum SlotKind: String, Sendable {
  /// Marks a file that is overwritten in place.
  case file
  /// Marks a key object of a PKCS#11 token.
  case pkcs11
  /// Marks another program, usually on another host.
  case command
}

/// Describes one keeper of the epoch secret.
public struct SlotCustodian: Hashable, Sendable {
  /// The place as it is configured.
  public let name: String
  /// What it is.
  public let kind: SlotKind
  /// What its receipt is worth.
  public let assurance: AssuranceLevel
  /// Why it is worth no more; a code of `docs/format.md#certificate`, nil for nothing to object.
  public let weakness: String?

  /// Creates a description.
  public init(name: String, kind: SlotKind, assurance: AssuranceLevel, weakness: String?) {
    self.name = name
    self.kind = kind
    self.assurance = assurance
    self.weakness = weakness
  }
}

/// Attests how and when a custodian destroyed the secret of an epoch.
public struct SlotReceipt: Hashable, Sendable {
  /// How the secret was destroyed.
  public enum Method: String, Sendable {
    /// Overwritten in place with random bytes, then zeros, each synced; read back as zeros.
    case overwrittenTwice = "overwritten_twice"
    /// The token destroyed the key object that had wrapped the secret; asked for again in vain.
    case objectDestroyed = "object_destroyed"
    /// Not in the slot any more: another process had destroyed it before.
    case alreadyAbsent = "already_absent"
  }

  /// Who destroyed it.
  public let custodian: SlotCustodian
  /// The epoch whose secret is gone.
  public let epoch: UInt64
  /// How it was destroyed.
  public let method: Method
  /// When, in seconds since 1970-01-01 UTC, by the caller's clock.
  public let unixSeconds: Int64

  /// Creates a receipt; called by slots.
  public init(custodian: SlotCustodian, epoch: UInt64, method: Method, unixSeconds: Int64) {
    self.custodian = custodian
    self.epoch = epoch
    self.method = method
    self.unixSeconds = unixSeconds
  }
}

/// An ended epoch whose secret is kept for a while, so that older copies of the key store can
/// still be restored.
public struct RestingEpoch: Sendable {
  /// The secret.
  public let secret: EpochSecret
  /// When it is to be destroyed, in seconds since 1970-01-01 UTC.
  public let untilUnixSeconds: Int64

  /// Creates a resting epoch; called by slots.
  public init(secret: EpochSecret, untilUnixSeconds: Int64) {
    self.secret = secret
    self.untilUnixSeconds = untilUnixSeconds
  }
}

/// Keeps the one secret that is physically destroyed when an epoch ends.
///
/// At most two epochs are live: the current one, and the next while a roll is under way. Ended ones
/// may rest until a grace window is over. A slot is never part of a backup. Calls may come from
/// several processes at once; each is atomic.
public protocol EpochSlot: Sendable {
  /// Everyone who keeps the secret, in the order of their receipts.
  var custodians: [SlotCustodian] { get }
  /// Paths of the slot's files; they must lie outside the vault directory.
  var paths: [String] { get }

  /// Reads the live epochs in ascending order; resting ones are not among them.
  ///
  /// - Throws: ``KeyringError`` `.wrongSlot` when the slot belongs to another vault.
  func read() throws -> [EpochSecret]

  /// Reads the resting epochs in ascending order.
  func resting() throws -> [RestingEpoch]

  /// Stores the secret of a new epoch durably, beside the current one.
  ///
  /// - Throws: ``KeyringError`` `.limit` when there is no room, `.unavailable` when a custodian
  ///   does not answer.
  func prepare(_ next: EpochSecret) throws

  /// Ends a live epoch but keeps its secret until a time; safe to repeat.
  ///
  /// - Throws: ``KeyringError`` `.limit` when no more epochs can rest; the epoch stays live.
  func rest(_ epoch: UInt64, untilUnixSeconds: Int64) throws

  /// Destroys the secret of a live or resting epoch and checks that it is gone; safe to repeat.
  ///
  /// - Returns: One receipt of every custodian.
  func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> [SlotReceipt]

  /// Destroys whatever an interrupted ``prepare(_:)`` or ``retire(_:unixSeconds:)`` left behind.
  func sweep() throws
}

extension EpochSlot {
  /// What the destruction of an epoch is worth: as much as its weakest receipt.
  public var assurance: AssuranceLevel { custodians.map(\.assurance).min() ?? .l0 }
}
