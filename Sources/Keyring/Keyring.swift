public import Sealing
internal import Synchronization

/// Keeps the keys of a vault and destroys them for good.
///
/// Every key is a random leaf of a tree of sealed nodes in `keys.sqlite`; the tree's root opens
/// only with the unseal key and the secret of the current epoch together. Destroying keys zeroes
/// their leaves, gives every node on their paths a fresh key and ends the epoch: its secret is
/// overwritten in the slot, and every older copy of the key store is dead with it. What was copied
/// out of this process before is not covered.
///
/// A keyring may be used from several threads, and a key store by several processes.
///
/// - SeeAlso: `docs/format.md#key-store`, Reardon et al., "Secure Data Deletion from Persistent
///   Media" (CCS 2013).
public final class Keyring: Sendable {
  /// Most subject keys made by one call.
  public static let maximumCreateCount = 65_536
  /// Most keys destroyed by one call.
  public static let maximumEraseCount = 1_000_000

  /// Keys fetched at once by ``withSubjectKeys(_:_:)``; 64 KiB of the 4 MiB of locked memory.
  public static let lendingBatchCount = 1024

  /// What a keyring takes from outside.
  struct Environment: Sendable {
    let slot: any EpochSlot
    var replicas = ReplicaSet()
    /// How long an ended epoch rests before its secret is destroyed.
    var graceSeconds: Int64 = 0
    let random: any RandomSource
    let now: @Sendable () -> Int64
    var hook: @Sendable (RollStep) throws -> Void = { _ in }
  }

  /// What one process knows of the key store.
  struct State: Sendable {
    var unsealKey: HeldKey
    var tree: KeyTree?
    var dataVersion: Int64 = 0
  }

  /// The vault the keys belong to.
  public let vault: VaultID
  /// Receipts of epochs retired at opening, because an earlier roll had been interrupted.
  public let recoveryReceipts: [SlotReceipt]

  let store: KeyStore
  let environment: Environment
  let state: Mutex<State>

  private init(
    store: KeyStore, unsealKey: borrowing UnsealKey, environment: Environment,
    isFinishing: Bool = true
  ) throws {
    let meta = try store.read { try $0.meta() }
    var state = State(unsealKey: try unsealKey.resolve(meta.unseal, isDemo: meta.isDemo))
    (environment.random as? SystemRandom)?.dropPool()
    try environment.replicas.requireNoneAhead(of: store, vault: meta.vault)
    recoveryReceipts = isFinishing ? try Self.recover(&state, store, environment) : []
    vault = meta.vault
    self.store = store
    self.environment = environment
    self.state = Mutex(state)
  }

  /// Opens the key store of a vault and finishes a roll that was interrupted.
  ///
  /// - Parameters:
  ///   - path: `keys.sqlite` in the vault directory.
  ///   - unsealKey: The vault's unseal key.
  ///   - slot: The vault's epoch slot, outside the vault directory.
  ///   - keeping: Copies of the key store and the grace window.
  ///   - random: Source of keys and nonces.
  ///   - now: The time in seconds since 1970-01-01 UTC, for receipts.
  /// - Returns: The opened keyring.
  /// - Throws: ``KeyringError`` `.sealed` when the root does not open, `.rollback` for an old copy
  ///   of the key store, `.newerFormat`, `.wrongSlot`, `.demoKey`, `.weakParameters`,
  ///   `.permission`, `.corrupt` or `.storage`.
  public static func open(
    at path: String, unsealKey: borrowing UnsealKey, slot: any EpochSlot,
    keeping: KeyKeeping = KeyKeeping(), random: any RandomSource,
    now: @escaping @Sendable () -> Int64
  ) throws -> Keyring {
    try open(
      at: path, unsealKey: unsealKey,
      Environment(
        slot: slot, replicas: ReplicaSet(keeping), graceSeconds: keeping.graceSeconds,
        random: random, now: now))
  }

  static func open(
    at path: String, unsealKey: borrowing UnsealKey, _ environment: Environment,
    isFinishing: Bool = true
  ) throws -> Keyring {
    try requireOutside(path, environment.slot, unsealKey)
    try environment.replicas.requireOutside(FilePlace.parent(of: path), slot: environment.slot)
    return try Keyring(
      store: KeyStore.open(at: path), unsealKey: unsealKey, environment: environment,
      isFinishing: isFinishing)
  }

  /// Reads the vault's id from a key store without opening any key.
  ///
  /// - Throws: ``KeyringError`` `.newerFormat`, `.corrupt` or `.storage`.
  public static func vaultID(at path: String) throws -> VaultID {
    try mark(at: path).vault
  }

  /// Creates the key store of a new vault and its first epoch.
  ///
  /// Losing all copies of the current key store, the slot or the unseal key is losing all data.
  ///
  /// - Parameters:
  ///   - path: `keys.sqlite` in the vault directory; nothing may exist there.
  ///   - vault: The new vault's id.
  ///   - unsealKey: The vault's unseal key.
  ///   - slot: An empty epoch slot, outside the vault directory.
  ///   - isDemo: Whether the published demo key may unseal this vault.
  ///   - scrypt: Parameters for a passphrase.
  ///   - keeping: Copies of the key store and the grace window.
  ///   - random: Source of keys and nonces.
  ///   - now: The time in seconds since 1970-01-01 UTC, for receipts.
  /// - Returns: The opened keyring, in epoch 1.
  /// - Throws: ``KeyringError`` `.demoKey`, `.weakParameters`, `.permission` or `.storage`.
  public static func create(
    at path: String, vault: VaultID, unsealKey: borrowing UnsealKey, slot: any EpochSlot,
    isDemo: Bool = false, scrypt: Scrypt.Parameters = .standard,
    keeping: KeyKeeping = KeyKeeping(), random: any RandomSource,
    now: @escaping @Sendable () -> Int64
  ) throws -> Keyring {
    let environment = Environment(
      slot: slot, replicas: ReplicaSet(keeping), graceSeconds: keeping.graceSeconds,
      random: random, now: now)
    try requireOutside(path, slot, unsealKey)
    try environment.replicas.requireOutside(FilePlace.parent(of: path), slot: slot)
    // A refused key must leave no file behind.
    let (resolved, unseal) = try unsealKey.enroll(scrypt, isDemo: isDemo, random: random)
    let meta = KeyStoreMeta(
      vault: vault, epoch: 1, generation: 1, unseal: unseal, isDemo: isDemo)
    guard try slot.read().isEmpty else {
      throw KeyringError(.wrongSlot, "the epoch slot of a new vault must be empty")
    }
    let store = try KeyStore.create(at: path)
    let first = EpochSecret(
      epoch: meta.epoch,
      secret: try SecretBytes(randomCount: EpochSecret.byteCount, from: random))
    try slot.prepare(first)
    try store.write(nil) { rows in
      let rootKey = try RootKey.derive(unsealKey: resolved, epoch: first, vault: vault)
      try KeyTree.plant(meta, rootKey, rows, random)
    }
    return try Keyring(store: store, unsealKey: unsealKey, environment: environment)
  }

  private static func requireOutside(
    _ path: String, _ slot: any EpochSlot, _ unsealKey: borrowing UnsealKey
  ) throws {
    let directory = FilePlace.parent(of: path)
    for place in slot.paths where FilePlace.isInside(place, directory: directory) {
      throw KeyringError(
        .permission,
        "epoch slot `\(place)` lies inside the vault directory, where every backup would take it; "
          + "move it out")
    }
    if let place = unsealKey.path, FilePlace.isInside(place, directory: directory) {
      throw KeyringError(
        .permission, "unseal key `\(place)` lies inside the vault directory; move it out")
    }
  }
}
