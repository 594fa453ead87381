import Foundation
public import Analytics
internal import GRDB
public import Keyring
public import Sealing
internal import Transparency

/// A vault of customer data: sealed records, keys, tokens, policy and log behind one door.
///
/// Every method that reads or changes personal data takes a ``Requester``, asks the policy and
/// writes its audit event in the transaction of the act itself.
public final class Vault: Sendable {
  /// Paths of the vault's files.
  public let layout: VaultLayout
  /// The settings of `lethe.yaml`.
  public let settings: VaultSettings
  /// The keys.
  public let keyring: Keyring
  /// The vault's id.
  public let id: VaultID
  /// The time.
  public let clock: VaultClock
  /// The policy in force.
  public let policy: PolicyEngine
  let queue: DatabaseQueue
  let commits: GroupCommit
  let indexQueue: DatabaseQueue
  let random: any RandomSource
  /// Posts to witnesses; nil when the program brings no way to.
  let witnessTransport: VaultEnvironment.WitnessTransport?

  init(
    layout: VaultLayout, settings: VaultSettings, keyring: Keyring,
    policy: PolicyEngine, queue: DatabaseQueue, indexQueue: DatabaseQueue,
    environment: VaultEnvironment
  ) {
    self.layout = layout
    self.settings = settings
    self.keyring = keyring
    self.id = keyring.vault
    clock = environment.clock
    self.policy = policy
    self.queue = queue
    commits = GroupCommit(queue)
    self.indexQueue = indexQueue
    random = environment.random
    witnessTransport = environment.witnessTransport
  }

  /// Opens the analysts' store of this vault.
  public func openAnalytics() throws -> AnalyticsStore {
    try AnalyticsStore.open(
      layout.analytics, busyTimeoutSeconds: Self.analyticsBusyTimeoutSeconds)
  }

  /// How long an erasure waits for a projection that is being written, in seconds.
  static let analyticsBusyTimeoutSeconds = 120.0
}

/// Who asks, what for and in which case.
public struct Requester: Sendable {
  /// Name of the operator in `policies/operators.yaml`.
  public let operatorName: String
  /// Key of the purpose in `policies/purposes.yaml`.
  public let purpose: String
  /// Reference of the case, if there is one.
  public let caseReference: String?
  /// Why, in words, as UTF-8; kept sealed under the person's key and never in the log itself.
  public let note: [UInt8]?

  /// Longest note in bytes.
  public static let noteByteCountMaximum = 4096

  /// Creates a requester; a note that is empty or too long is refused when it is used.
  public init(
    operatorName: String, purpose: String, caseReference: String? = nil, note: [UInt8]? = nil
  ) {
    self.operatorName = operatorName
    self.purpose = purpose
    self.caseReference = caseReference
    self.note = note
  }
}
