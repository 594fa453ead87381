/// Reports why the keyring refused or failed, without key bytes and without personal data.
///
/// Two errors are equal when their codes are; the message is for people and may change.
public struct KeyringError: Error, Equatable, Sendable {
  /// Classifies a failure of this module.
  public enum Code: String, Sendable {
    /// Marks a key store that the unseal key and the epoch slot at hand do not open.
    case sealed
    /// Marks an unseal key or an epoch slot that is not where it should be.
    case unavailable
    /// Marks an epoch slot that belongs to another vault or is not a slot at all.
    case wrongSlot
    /// Marks a key store written by a newer program.
    case newerFormat
    /// Marks a key store older than the epoch slot: a restored or replayed copy.
    case rollback
    /// Marks a key that was destroyed; nothing brings it back.
    case keyDestroyed
    /// Marks a key that was never created.
    case unknownKey
    /// Marks a passphrase or derivation parameters below the enforced minimum.
    case weakParameters
    /// Marks a file in a wrong place, of a wrong owner or with wrong permissions.
    case permission
    /// Marks the published demo key at a vault that is not a demo vault.
    case demoKey
    /// Marks a failure of the file system or of SQLite.
    case storage
    /// Marks stored bytes that were altered, swapped or rolled back.
    case corrupt
    /// Marks a request above a named limit.
    case limit
    /// Marks copies of the key store that are too few or too old.
    case replica
  }

  /// The machine code.
  public let code: Code
  /// The message for people: lower case, no final stop, what, where and what to do.
  public let message: String

  /// Whether what failed only waits for a custodian, a copy of the key store or a free sector.
  ///
  /// It goes on by itself later and must not keep a vault shut.
  public var isWaiting: Bool { [.unavailable, .replica, .limit].contains(code) }

  /// Creates an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Compares by code alone.
  public static func == (left: KeyringError, right: KeyringError) -> Bool {
    left.code == right.code
  }
}

extension KeyringError: CustomStringConvertible {
  /// The code and the message.
  public var description: String { "\(code.rawValue): \(message)" }
}
