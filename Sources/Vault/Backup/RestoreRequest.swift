/// What a restore is made from and where it goes.
public struct RestoreRequest: Sendable {
  /// Directory of the backup.
  public let backup: String
  /// Directory of the restored vault; absent or empty.
  public let directory: String
  /// The current key store: `keys.sqlite`, or the directory that holds it.
  public let keys: String
  /// Directory of the current published log.
  public let log: String
  /// The epoch slot, when it is not where the backup's settings say.
  public let slot: SlotPlace?
  /// How the vault is unsealed, when not as the backup's settings say.
  public let unseal: UnsealMethod?
  /// Whether an epoch that an interrupted roll left in the slot may be given up.
  public let isDroppingPreparedEpoch: Bool
  /// Whether entries that were signed and are in no published log may be given up.
  public let isDroppingSignedEnd: Bool

  /// Creates a request.
  public init(
    backup: String, directory: String, keys: String, log: String, slot: SlotPlace? = nil,
    unseal: UnsealMethod? = nil, isDroppingPreparedEpoch: Bool = false,
    isDroppingSignedEnd: Bool = false
  ) {
    self.backup = backup
    self.directory = directory
    self.keys = DurableFiles.isDirectory(keys) ? "\(keys)/keys.sqlite" : keys
    self.log = log
    self.slot = slot
    self.unseal = unseal
    self.isDroppingPreparedEpoch = isDroppingPreparedEpoch
    self.isDroppingSignedEnd = isDroppingSignedEnd
  }

  /// How the restored vault will be unsealed, as far as the unverified backup tells.
  ///
  /// - Throws: ``VaultError`` `.vaultDirectory` when there is no backup.
  public func unsealMethod() throws -> UnsealMethod {
    if let unseal { return unseal }
    return try VaultSettings(readFrom: VaultLayout(directory: backup)).unseal
  }
}
