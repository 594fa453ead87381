public import Sealing

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
  }

  /// Length of a key file in bytes.
  public static let byteCount = 32
  /// Shortest accepted passphrase in bytes.
  public static let minimumPassphraseByteCount = 12

  /// Where the key comes from.
  public let kind: Kind
  let material: SecretBytes
  /// The key file's path; nil for a passphrase.
  let path: String?

  private init(kind: Kind, material: consuming SecretBytes, path: String?) {
    self.kind = kind
    self.material = material
    self.path = path
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

  /// Derives UK, the 32 bytes that go into the root key.
  ///
  /// - Throws: ``KeyringError`` `.demoKey`, `.weakParameters`, or `.sealed` for another kind.
  borrowing func resolve(_ meta: KeyStoreMeta) throws -> HeldKey {
    guard kind.rawValue == meta.unsealKind else {
      throw KeyringError(
        .sealed, "the key store is unsealed in another way (kind \(meta.unsealKind)); see `status`")
    }
    guard kind == .passphrase else {
      guard meta.isDemo || !isDemoKey() else {
        throw KeyringError(
          .demoKey,
          "the demo unseal key is public and opens demo vaults only; use a key of your own")
      }
      return HeldKey(try material.copy())
    }
    do {
      return HeldKey(
        try Scrypt.derive(
          passphrase: material, salt: meta.scryptSalt, parameters: meta.scrypt))
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
