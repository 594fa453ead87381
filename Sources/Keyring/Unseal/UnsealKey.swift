public import Sealing

/// Wraps UK under a key that never leaves its device.
public protocol KeyWrapper: Sendable {
  /// Wraps 32 bytes.
  ///
  /// - Returns: Nonce, ciphertext and tag, 60 bytes.
  func wrap(_ key: borrowing SecretBytes) throws -> [UInt8]

  /// Unwraps what ``wrap(_:)`` gave.
  ///
  /// - Throws: ``KeyringError`` `.sealed` for anything else, `.unavailable` without the device.
  func unwrap(_ wrapped: [UInt8]) throws -> SecretBytes
}

/// Holds what unseals a vault at rest: a key of 32 bytes, or a passphrase that derives one.
///
/// The unseal key protects against the theft of disks. It forgets nothing: that is the epoch
/// slot's part, and both are needed to open anything. It may be escrowed; the slot may not.
public struct UnsealKey: ~Copyable, Sendable {
  /// Tells where the key comes from; recorded in the key store.
  public enum Kind: Int64, Sendable {
    /// Marks 32 raw bytes from a file.
    case file = 1
    /// Marks a passphrase stretched by scrypt.
    case passphrase = 2
    /// Marks a key of a PKCS#11 token that wraps the 32 bytes.
    case pkcs11 = 3
  }

  /// Length of a key file in bytes.
  public static let byteCount = 32
  /// Shortest accepted passphrase in bytes.
  public static let minimumPassphraseByteCount = 12

  /// Where the key comes from.
  public let kind: Kind
  let material: SecretBytes
  /// The key file's path; nil for other kinds.
  let path: String?
  /// What wraps UK; nil for kinds that need nothing of the sort.
  let wrapper: (any KeyWrapper)?

  private init(
    kind: Kind, material: consuming SecretBytes, path: String?, wrapper: (any KeyWrapper)? = nil
  ) {
    self.kind = kind
    self.material = material
    self.path = path
    self.wrapper = wrapper
  }

  /// Takes a key that never leaves its device and wraps UK there.
  public static func wrapped(by wrapper: any KeyWrapper) throws -> UnsealKey {
    UnsealKey(
      kind: .pkcs11, material: try SecretBytes(zeroCount: 0), path: nil, wrapper: wrapper)
  }

  /// Takes 32 bytes put together again from shares.
  ///
  /// - Throws: ``KeyringError`` `.weakParameters` for another length.
  public static func key(_ secret: consuming SecretBytes) throws -> UnsealKey {
    guard secret.count == byteCount else {
      throw KeyringError(.weakParameters, "an unseal key has 32 bytes, not \(secret.count)")
    }
    return UnsealKey(kind: .file, material: secret, path: nil)
  }

  /// Reads a key file.
  ///
  /// - Parameters:
  ///   - path: A file of exactly 32 bytes, mode 0600 or stricter, owned by this process's user.
  ///   - vaultDirectory: The vault's directory, in which the file must not lie.
  /// - Returns: The key, in locked memory.
  /// - Throws: ``KeyringError`` `.permission`, `.unavailable` when there is no file, or `.storage`
  ///   when it cannot be read.
  public static func file(at path: String, outside vaultDirectory: String) throws -> UnsealKey {
    try requireOutside(path, vaultDirectory)
    let file = try PosixFile.open(
      path, forWriting: false, followsLinks: true, purpose: "unseal key")
    try file.requirePrivate(purpose: "unseal key")
    guard file.status.byteCount == byteCount else {
      throw KeyringError(
        .permission,
        "unseal key `\(path)` has \(file.status.byteCount) bytes; exactly 32 raw bytes are needed")
    }
    return UnsealKey(kind: .file, material: try file.read(byteCount, at: 0), path: path)
  }

  /// Creates a key file of 32 fresh random bytes and mode 0600.
  ///
  /// - Throws: ``KeyringError`` `.permission` inside the vault directory, `.storage` when the
  ///   file exists already.
  public static func createFile(
    at path: String, outside vaultDirectory: String, random: any RandomSource
  ) throws -> UnsealKey {
    try requireOutside(path, vaultDirectory)
    let file = try PosixFile.create(path, purpose: "unseal key")
    let key = try SecretBytes(randomCount: byteCount, from: random)
    try file.write(key, at: 0)
    try file.sync()
    try PosixFile.syncDirectory(of: path)
    return UnsealKey(kind: .file, material: key, path: path)
  }

  /// Writes a key that was put together again from shares to a new file of mode 0600.
  ///
  /// - Throws: ``KeyringError`` `.permission` inside the vault directory, `.storage` when the
  ///   file exists already.
  public borrowing func write(to path: String, outside vaultDirectory: String) throws {
    try Self.requireOutside(path, vaultDirectory)
    let file = try PosixFile.create(path, purpose: "unseal key")
    try file.write(material, at: 0)
    try file.sync()
    try PosixFile.syncDirectory(of: path)
  }

  /// Lends the 32 bytes of a key file, to be split into shares.
  ///
  /// - Throws: ``KeyringError`` `.permission` for another kind.
  public borrowing func withFileKey<R>(_ body: (borrowing SecretBytes) throws -> R) throws -> R {
    guard kind == .file else {
      throw KeyringError(
        .permission, "only an unseal key in a file can be split; rotate to one first")
    }
    return try body(material)
  }

  /// Takes a passphrase; it is stretched when the vault is opened.
  ///
  /// - Throws: ``KeyringError`` `.weakParameters` below ``minimumPassphraseByteCount``.
  public static func passphrase(_ secret: consuming SecretBytes) throws -> UnsealKey {
    guard secret.count >= minimumPassphraseByteCount else {
      throw KeyringError(
        .weakParameters, "the passphrase is shorter than \(minimumPassphraseByteCount) bytes")
    }
    return UnsealKey(kind: .passphrase, material: secret, path: nil)
  }

  private static func requireOutside(_ path: String, _ vaultDirectory: String) throws {
    guard !FilePlace.isInside(path, directory: vaultDirectory) else {
      throw KeyringError(
        .permission,
        "unseal key `\(path)` lies inside the vault directory, where every backup would take it; "
          + "move it out")
    }
  }
}

extension UnsealKey {
  /// SHA-256 of the demo key that `keys-example/` publishes.
  static let demoKeyDigest = "f107600cfd2624294d22103c10fdfda1a0b5664df2a2418c64276e5bb4c30f76"

  /// Makes the record by which the key is had again, and UK itself.
  ///
  /// A key file is UK; a passphrase derives it; a token wraps one that is drawn here.
  ///
  /// - Throws: ``KeyringError`` `.demoKey`, `.weakParameters`, or whatever the token says.
  borrowing func enroll(
    _ scrypt: Scrypt.Parameters, isDemo: Bool, random: any RandomSource
  ) throws -> (key: HeldKey, record: UnsealRecord) {
    let salt = try random.bytes(count: UnsealRecord.saltByteCount)
    let drawn = try wrapper.map { _ in try HeldKey(randomFrom: random) }
    let record = UnsealRecord(
      kind: kind.rawValue, scryptSalt: salt, scrypt: scrypt,
      wrapped: try drawn.flatMap { try wrapper?.wrap($0.bytes) })
    return (try resolve(record, isDemo: isDemo), record)
  }

  /// Derives UK, the 32 bytes that go into the root key.
  ///
  /// - Throws: ``KeyringError`` `.demoKey`, `.weakParameters`, or `.sealed` for another kind.
  borrowing func resolve(_ record: UnsealRecord, isDemo: Bool) throws -> HeldKey {
    guard kind.rawValue == record.kind else {
      let name = Kind(rawValue: record.kind).map { "\($0)" } ?? "kind \(record.kind)"
      throw KeyringError(
        .sealed,
        "the key store is unsealed in another way (\(name)); check `unseal` in `lethe.yaml`")
    }
    switch kind {
    case .file:
      guard isDemo || !isDemoKey() else {
        throw KeyringError(
          .demoKey,
          "the demo unseal key is public and opens demo vaults only; use a key of your own")
      }
      return HeldKey(try material.copy())
    case .passphrase: return try stretched(record)
    case .pkcs11:
      guard let wrapper, let wrapped = record.wrapped else {
        throw KeyringError(.corrupt, "the key store lacks the key that the token wrapped")
      }
      return HeldKey(try wrapper.unwrap(wrapped))
    }
  }

  private borrowing func stretched(_ record: UnsealRecord) throws -> HeldKey {
    do {
      return HeldKey(
        try Scrypt.derive(
          passphrase: material, salt: record.scryptSalt, parameters: record.scrypt))
    } catch {
      guard error.code == .weakParameters else { throw error }
      throw KeyringError(
        .weakParameters,
        "the key store's scrypt parameters are outside the accepted range; was it altered?")
    }
  }

  private borrowing func isDemoKey() -> Bool {
    var hasher = SHA256.Hasher()
    unsafe material.withUnsafeBytes { unsafe hasher.update($0) }
    return hasher.finalize().hexadecimal == Self.demoKeyDigest
  }
}
