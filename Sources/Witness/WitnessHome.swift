internal import Foundation
public import Sealing
public import Transparency

/// The directory of a witness: its key, the logs it cosigns for, what it has cosigned.
///
/// - `witness.key`: the signing key, mode 0600.
/// - `witness.vkey`: the verifier key, to be given away.
/// - `logs`: verifier keys of the logs, one a line; `#` begins a comment.
/// - `state/`: see ``WitnessLedger``.
public struct WitnessHome: Sendable {
  /// Longest list of logs in bytes.
  static let logsByteCountMaximum = 1 << 20
  /// Most logs.
  static let logCountMaximum = 1024
  /// Longest key file in bytes.
  static let keyByteCountMaximum = 1024

  private static let listHead = "# logs this witness cosigns for: one verifier key a line\n"

  /// The directory.
  public let directory: String
  /// The witness's verifier key.
  public let verifierKey: NoteVerifierKey

  var state: String { directory + "/state" }
  private var keyFile: String { directory + "/witness.key" }
  private var logsFile: String { directory + "/logs" }

  /// Opens the directory of a witness.
  ///
  /// - Parameter directory: The directory.
  /// - Throws: ``WitnessError`` `.malformed` when it is not one.
  public init(opening directory: String) throws {
    let path = directory + "/witness.vkey"
    guard let bytes = try WitnessFiles.read(path, limit: Self.keyByteCountMaximum) else {
      throw WitnessError(
        .malformed, "`\(directory)` is not a witness; make one with `lethe witness init`")
    }
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
    guard let key = try? NoteVerifierKey(encoded: text), key.algorithm == .cosignature else {
      throw WitnessError(.malformed, "`\(path)` is not the verifier key of a witness")
    }
    self.directory = directory
    verifierKey = key
  }

  /// Makes the directory of a new witness, with a key of its own.
  ///
  /// - Parameters:
  ///   - directory: A directory that is not there or empty; the one above it has to be there.
  ///   - name: Name of the witness's key, mostly the host it runs on.
  ///   - random: Where the key comes from.
  /// - Returns: The witness.
  /// - Throws: ``WitnessError`` `.taken`, `.storage`; `TransparencyError` `.malformedKey` for a
  ///   name that cannot be one; `SealingError`.
  public static func create(
    at directory: String, name: String, random: any RandomSource
  ) throws -> WitnessHome {
    let seed = try SecretBytes(randomCount: SigningKey.seedByteCount, from: random)
    let key = try WitnessSigningKey(name: name, seed: seed)
    let isNew = try WitnessFiles.makeDirectory(directory)
    if !isNew {
      let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [directory]
      guard found.isEmpty else {
        throw WitnessError(.taken, "`\(directory)` is not empty; name a new directory")
      }
    }
    let text = try SecretBytes(
      concatenating: WitnessSigningKey.encode(name: name, seed: seed),
      SecretBytes(copying: [0x0A]))
    try WitnessFiles.create(directory + "/witness.key", text.plaintextCopy(), mode: 0o600)
    try WitnessFiles.create(directory + "/logs", Array(listHead.utf8))
    try WitnessFiles.makeDirectory(directory + "/state")
    // Last: a directory without it is no witness yet.
    try WitnessFiles.create(
      directory + "/witness.vkey", Array((key.verifierKey.encoded + "\n").utf8))
    try WitnessFiles.sync(directory: directory)
    return try WitnessHome(opening: directory)
  }

  /// Reads the signing key.
  ///
  /// - Throws: ``WitnessError`` `.permission`, `.malformed`, also when it is not that of
  ///   ``verifierKey``; `SealingError`.
  func signingKey() throws -> WitnessSigningKey {
    let text = try WitnessFiles.readSecretLine(keyFile, limit: Self.keyByteCountMaximum)
    guard let key = try? WitnessSigningKey(encoded: text) else {
      throw WitnessError(.malformed, "`\(keyFile)` is not the key of a witness")
    }
    guard key.verifierKey == verifierKey else {
      throw WitnessError(.malformed, "`\(keyFile)` is not the key of `witness.vkey` beside it")
    }
    return key
  }

  /// The keys of the logs the witness cosigns for.
  ///
  /// - Throws: ``WitnessError`` `.malformed` with the number of the first line that is no key.
  public func logKeys() throws -> [NoteVerifierKey] {
    guard let bytes = try WitnessFiles.read(logsFile, limit: Self.logsByteCountMaximum) else {
      throw WitnessError(.malformed, "`\(logsFile)` is missing; make it, it may be empty")
    }
    var keys: [NoteVerifierKey] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    {
      let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
      if text.isEmpty || text.hasPrefix("#") { continue }
      guard let key = try? NoteVerifierKey(encoded: text), key.algorithm == .ed25519 else {
        throw WitnessError(.malformed, "`\(logsFile)`, line \(index + 1), is not a log's key")
      }
      keys.append(key)
    }
    guard keys.count <= Self.logCountMaximum else {
      throw WitnessError(.malformed, "`\(logsFile)` names more than \(Self.logCountMaximum) logs")
    }
    return keys
  }

  /// Adds a log to those the witness cosigns for.
  ///
  /// A witness that runs sees it at the next request.
  ///
  /// - Parameter key: The log's verifier key, got from the people who run it and not from the log.
  /// - Returns: False when it was there already.
  /// - Throws: ``WitnessError`` `.malformed` for the key of no log, or when there are too many;
  ///   `.storage`.
  public func trust(_ key: NoteVerifierKey) throws -> Bool {
    guard key.algorithm == .ed25519 else {
      throw WitnessError(.malformed, "the key `\(key.name)` is that of a witness, not of a log")
    }
    return try WitnessLock(directory + "/state/lock").withLock {
      let keys = try logKeys()
      if keys.contains(key) { return false }
      guard keys.count < Self.logCountMaximum else {
        throw WitnessError(.malformed, "`\(logsFile)` is full; make another witness")
      }
      var bytes = try WitnessFiles.read(logsFile, limit: Self.logsByteCountMaximum) ?? []
      if let last = bytes.last, last != 0x0A { bytes.append(0x0A) }
      try WitnessFiles.replace(logsFile, bytes + Array((key.encoded + "\n").utf8))
      return true
    }
  }
}
