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

/// Attests how and when a slot destroyed the secret of an epoch.
public struct SlotReceipt: Hashable, Sendable {
  /// How the secret was destroyed.
  public enum Method: String, Sendable {
    /// Overwritten in place with random bytes, then zeros, each synced; read back as zeros.
    case overwrittenTwice
    /// Not in the slot any more: another process had destroyed it before.
    case alreadyAbsent
  }

  /// The epoch whose secret is gone.
  public let epoch: UInt64
  /// How it was destroyed.
  public let method: Method
  /// What the destruction is worth.
  public let assurance: AssuranceLevel
  /// When, in seconds since 1970-01-01 UTC, by the caller's clock.
  public let unixSeconds: Int64

  /// Creates a receipt; called by slots.
  public init(epoch: UInt64, method: Method, assurance: AssuranceLevel, unixSeconds: Int64) {
    self.epoch = epoch
    self.method = method
    self.assurance = assurance
    self.unixSeconds = unixSeconds
  }
}

/// Keeps the one secret that is physically destroyed when an epoch ends.
///
/// At most two epochs are alive: the current one, and the next while a roll is under way. A slot is
/// never part of a backup. Calls may come from several processes at once; each is atomic.
public protocol EpochSlot: Sendable {
  /// Level of assurance of ``retire(_:unixSeconds:)``.
  var assurance: AssuranceLevel { get }
  /// Path of the slot, when it is a file; it must lie outside the vault directory.
  var path: String? { get }

  /// Reads the live epochs in ascending order.
  ///
  /// - Throws: ``KeyringError`` `.wrongSlot` when the slot belongs to another vault.
  func read() throws -> [EpochSecret]

  /// Stores the secret of a new epoch durably, beside the current one.
  ///
  /// - Throws: ``KeyringError`` `.limit` when two epochs are alive already.
  func prepare(_ next: EpochSecret) throws

  /// Destroys the secret of an epoch and checks that it is gone; safe to repeat.
  func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> SlotReceipt

  /// Destroys whatever an interrupted ``prepare(_:)`` or ``retire(_:unixSeconds:)`` left behind.
  func sweep() throws
}
