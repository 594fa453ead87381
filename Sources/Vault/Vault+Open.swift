import Foundation
internal import Analytics
internal import GRDB
public import Keyring
public import Sealing
public import Transparency

/// What a vault is opened or created with; everything that comes from outside.
public struct VaultEnvironment: Sendable {
  /// The time.
  public let clock: VaultClock
  /// Randomness.
  public let random: any RandomSource
  /// Gives the PIN of a token that names no PIN file; called with the token's name.
  public let pin: @Sendable (String) throws -> SecretBytes
  /// Posts a body to a witness's address and gives what came back, within a number of seconds.
  ///
  /// Throws `WitnessTransportError` when nothing came back.
  public typealias WitnessTransport =
    @Sendable (_ address: String, _ body: [UInt8], _ seconds: Double) throws -> WitnessReply
  /// Asks witnesses; nil for a program that has no network.
  public let witnessTransport: WitnessTransport?
  /// Called with the reference of every erasure or expiry that opening the vault had to finish.
  public let note: @Sendable (String) -> Void

  /// Creates an environment; without arguments that of the machine, with nobody to be told.
  public init(
    clock: VaultClock = .system, random: any RandomSource = SystemRandom(),
    pin: @escaping @Sendable (String) throws -> SecretBytes = { name in
      throw KeyringError(
        .unavailable,
        "token `\(name)` needs a PIN and nobody can be asked; name a PIN file with `pin-source`")
    },
    witnessTransport: WitnessTransport? = nil,
    note: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.clock = clock
    self.random = random
    self.pin = pin
    self.witnessTransport = witnessTransport
    self.note = note
  }
}

extension Vault {
  /// Makes a vault in a new directory, with a copy of the policies it will obey.
  ///
  /// The directory appears complete or not at all: it is built beside its place and renamed.
  ///
  /// - Parameters:
  ///   - directory: Where the vault will be; must not exist.
  ///   - policies: Directory to copy the policies from.
  ///   - settings: Settings of the new vault.
  ///   - unsealKey: The key that unseals it.
  ///   - id: The vault's id; nil draws one. A key on a token is bound to it.
  ///   - environment: Clock and randomness.
  /// - Throws: ``VaultError`` `.vaultDirectory` when the place is taken, `.policyFile`, `.storage`;
  ///   `KeyringError` for keys, slot and their places.
  public static func create(
    directory: String, policies: String, settings: VaultSettings,
    unsealKey: consuming UnsealKey, id: VaultID? = nil,
    environment: VaultEnvironment = VaultEnvironment()
  ) throws {
    let final = VaultLayout(directory: directory)
    let files = FileManager.default
    guard !files.fileExists(atPath: final.directory) else {
      throw VaultError(
        .vaultDirectory, "`\(final.directory)` exists already; name a new directory or remove it")
    }
    // The vault is made beside its place: what would lie in it is looked for here.
    for place in settings.slotPlaces.compactMap(\.path) + settings.keeping.replicas
    where (place + "/").hasPrefix(final.directory + "/") {
      throw KeyringError(
        .permission, "`\(place)` would lie inside the vault directory; name another place")
    }
    let layout = VaultLayout(directory: final.directory + ".making")
    try? files.removeItem(atPath: layout.directory)
    let newSlots = settings.slotPlaces.compactMap(\.path).filter { !files.fileExists(atPath: $0) }
    let id = try id ?? VaultID(rawBytes: environment.random.bytes(count: VaultID.byteCount))
    do {
      try make(layout, policies, settings, unsealKey, id, environment)
      try files.moveItem(atPath: layout.directory, toPath: final.directory)
    } catch {
      try? files.removeItem(atPath: layout.directory)
      // A slot left behind would make the next attempt fail.
      for slot in newSlots { try? files.removeItem(atPath: slot) }
      throw error
    }
  }

  private static func make(
    _ layout: VaultLayout, _ policies: String, _ settings: VaultSettings,
    _ unsealKey: consuming UnsealKey, _ id: VaultID, _ environment: VaultEnvironment
  ) throws {
    let files = FileManager.default
    do {
      try files.createDirectory(
        atPath: layout.directory, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      try files.createDirectory(atPath: layout.audit, withIntermediateDirectories: true)
      let isWritten = files.createFile(
        atPath: layout.settings, contents: Data(settings.yaml.utf8),
        attributes: [.posixPermissions: 0o600])
      guard isWritten else { throw VaultError(.storage, "`lethe.yaml` cannot be written") }
      // Of a link the files it leads to: a vault must not obey, or change, a directory elsewhere.
      let source = URL(fileURLWithPath: policies).resolvingSymlinksInPath().path
      try files.copyItem(atPath: source, toPath: layout.policies)
    } catch {
      throw VaultError(
        .storage,
        "`\(layout.directory)` cannot be made from policies `\(policies)`; check that both "
          + "places exist, are writable and have space")
    }
    let policy = try PolicyEngine(PolicyFiles(directory: layout.policies))
    let keyring = try makeKeyring(layout, settings, id, unsealKey, environment)
    // Copies that cannot be kept are better known before there is data.
    _ = try keyring.replicate()
    let queue = try VaultDatabase.open(layout.vault, migrations: VaultMigrations.all)
    let indexQueue = try VaultDatabase.open(layout.index, migrations: IndexMigrations.all)
    _ = try AnalyticsStore.create(layout.analytics)
    try indexQueue.write { try IndexStore(database: $0).setGeneration(1) }
    let vault = Vault(
      layout: layout, settings: settings, keyring: keyring, policy: policy, queue: queue,
      indexQueue: indexQueue, environment: environment)
    try queue.write { database in
      try MetaStore(database: database).setVaultID(id)
      try MetaStore(database: database).setPolicyDigest(policy.digest)
      for domain in TokenDomain.builtIn { try DomainStore(database: database).insert(domain) }
      try vault.log(
        AuditEvent(
          .vaultCreated, actor: try vault.actor("lethe"),
          details: [
            ("format", .count(VaultMigrations.all.count)),
            ("policy_set", .string(policy.digest.hexadecimal)),
            ("demo", .bool(settings.isDemo)),
          ]),
        in: database)
    }
    try vault.publishLog()
  }

  /// Opens a vault and finishes whatever destruction an interrupted process had begun.
  ///
  /// What was finished is told to the environment's `note`.
  ///
  /// - Throws: ``VaultError`` `.vaultDirectory`, `.newerFormat`, `.indexMissing`, `.integrity`;
  ///   `KeyringError` when the vault stays sealed.
  public static func open(
    directory: String, unsealKey: consuming UnsealKey,
    environment: VaultEnvironment = VaultEnvironment()
  ) throws -> Vault {
    let layout = VaultLayout(directory: directory)
    let settings = try VaultSettings(readFrom: layout)
    let policy = try PolicyEngine(PolicyFiles(directory: layout.policies))
    for (path, name) in [(layout.vault, "vault.sqlite"), (layout.keys, "keys.sqlite")]
    where !FileManager.default.fileExists(atPath: path) {
      throw VaultError(
        .vaultDirectory, "`\(name)` is missing in `\(layout.directory)`; restore it from a backup")
    }
    let queue = try VaultDatabase.open(layout.vault, migrations: VaultMigrations.all)
    // Before the keyring opens: opening an old copy could end what the present one needs.
    try requireKeysAreNotOlder(layout, queue)
    let keyring: Keyring
    do {
      keyring = try openKeyring(layout, settings, unsealKey, environment)
    } catch let error as KeyringError where error.code == .sealed {
      try logFailedUnseal(layout, settings, queue, environment)
      throw error
    }
    let stored = try queue.read { try MetaStore(database: $0).vaultID() }
    guard stored == keyring.vault else {
      throw VaultError(
        .integrity,
        "`vault.sqlite` and `keys.sqlite` belong to different vaults; check what was restored")
    }
    let vault = Vault(
      layout: layout, settings: settings, keyring: keyring, policy: policy, queue: queue,
      indexQueue: try VaultDatabase.open(layout.index, migrations: IndexMigrations.all),
      environment: environment)
    try vault.logPolicyChange()
    try vault.resumeErasures().forEach(environment.note)
    try vault.finishRestore()
    return vault
  }

  /// Whether the match index fits the vault; false after it was deleted.
  public func hasIndex() throws -> Bool {
    try storing(layout.index) {
      try indexQueue.read { try IndexStore(database: $0).generation() } != nil
    }
  }

  func requireIndex() throws {
    guard try hasIndex() else {
      throw VaultError(
        .indexMissing, "the match index is missing; make it anew with `lethe index rebuild`")
    }
  }
}

extension Vault {
  private static func makeKeyring(
    _ layout: VaultLayout, _ settings: VaultSettings, _ id: VaultID,
    _ unsealKey: consuming UnsealKey, _ environment: VaultEnvironment
  ) throws -> Keyring {
    let slot = try VaultKeys.createSlot(settings, id, environment)
    return try Keyring.create(
      at: layout.keys, vault: id, unsealKey: unsealKey, slot: slot, isDemo: settings.isDemo,
      keeping: settings.keeping, random: environment.random, now: environment.unixSeconds)
  }

  private static func openKeyring(
    _ layout: VaultLayout, _ settings: VaultSettings, _ unsealKey: consuming UnsealKey,
    _ environment: VaultEnvironment
  ) throws -> Keyring {
    let id = try Keyring.vaultID(at: layout.keys)
    let slot = try VaultKeys.openSlot(settings, id, environment)
    return try Keyring.open(
      at: layout.keys, unsealKey: unsealKey, slot: slot, keeping: settings.keeping,
      random: environment.random, now: environment.unixSeconds)
  }
}

extension Vault {
  /// Refuses a key store from before the last event of `vault.sqlite`, of the same epoch or an
  /// earlier one: an old copy was put back, and keys made since are not in it.
  private static func requireKeysAreNotOlder(
    _ layout: VaultLayout, _ queue: DatabaseQueue
  ) throws {
    let mark = try Keyring.mark(at: layout.keys)
    let (id, seen) = try storing(layout.vault) {
      try queue.read { database in
        let store = MetaStore(database: database)
        return (try store.vaultID(), try store.number(.keyGeneration))
      }
    }
    guard id == mark.vault, let seen, mark.generation < seen else { return }
    throw KeyringError(
      .rollback,
      "the key store is of generation \(mark.generation), the vault has used one of generation "
        + "\(seen): an old key store was put back; use the current one")
  }
}

extension VaultEnvironment {
  var unixSeconds: @Sendable () -> Int64 {
    let clock = clock
    return { clock.milliseconds / 1000 }
  }
}
