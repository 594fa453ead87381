import ArgumentParser
import Foundation
import Keyring
import Logging
import Sealing
import Vault
import Witness

/// The options every command on a vault has.
struct VaultOptions: ParsableArguments {
  @Option(name: .customLong("vault"), help: "Directory of the vault (or LETHE_VAULT).")
  var directory: String?

  @Option(name: .customLong("as"), help: "Name of the operator (or LETHE_OPERATOR).")
  var operatorName: String?

  @Option(
    help:
      "File with the passphrase or the token's PIN, where one is needed; otherwise it is asked for."
  )
  var passphraseFile: String?

  @Flag(name: .customLong("json"), help: "Answer with one JSON document on standard output.")
  var isJSON = false

  /// Where this command prints.
  var console: Console { Console(isJSON: isJSON) }

  /// The vault's directory.
  func requireDirectory() throws -> String {
    let environment = ProcessInfo.processInfo.environment
    guard let found = directory ?? environment["LETHE_VAULT"], !found.isEmpty else {
      throw UsageError(message: "no vault named; use --vault DIR or set LETHE_VAULT")
    }
    return found
  }

  /// Whether an operator is named.
  var hasOperator: Bool {
    let name = operatorName ?? ProcessInfo.processInfo.environment["LETHE_OPERATOR"]
    return name?.isEmpty == false
  }

  /// Who asks and what for.
  func requester(
    purpose: String, caseReference: String? = nil, note: NoteOptions? = nil
  ) throws -> Requester {
    let environment = ProcessInfo.processInfo.environment
    guard let name = operatorName ?? environment["LETHE_OPERATOR"], !name.isEmpty else {
      throw UsageError(message: "no operator named; use --as NAME or set LETHE_OPERATOR")
    }
    return Requester(
      operatorName: name, purpose: purpose, caseReference: caseReference, note: try note?.read())
  }

  /// Opens the vault; what an interrupted command had begun and this one finishes is told.
  func open() throws -> Vault {
    let directory = try requireDirectory()
    let settings = try VaultSettings(readFrom: VaultLayout(directory: directory))
    do {
      return try open(directory, by: settings.unseal)
    } catch let error as KeyringError
      where [.sealed, .unavailable].contains(error.code) && settings.previousUnseal != nil
    {
      // A change of the unseal key was broken off before it took effect.
      guard let previous = settings.previousUnseal else { throw error }
      return try open(directory, by: previous)
    }
  }

  private func open(_ directory: String, by method: UnsealMethod) throws -> Vault {
    let prompt = UnsealPrompt(passphraseFile: passphraseFile)
    let environment = prompt.environment { reference in
      ProgramLog.logger.notice(
        "finished what an interrupted command had begun to erase; reference `\(reference)`")
    }
    let key = try prompt.key(method, directory, environment) {
      try Keyring.vaultID(at: VaultLayout(directory: directory).keys)
    }
    return try Vault.open(directory: directory, unsealKey: key, environment: environment)
  }

  /// Opens the vault, runs a body and publishes what it logged.
  ///
  /// A checkpoint that too few witnesses have cosigned is told, and is a failure of the command
  /// after its act, when the settings say `closed`.
  func withVault<R>(_ body: (Vault) throws -> R) throws -> R {
    let vault = try open()
    try vault.requireLogFits()
    let result: R
    do {
      result = try body(vault)
    } catch {
      // A denial is an event too; failing to publish must not hide the reason.
      _ = try? vault.publishLog()
      throw error
    }
    PublicationNotice.take(try vault.publishLog())
    return result
  }
}

/// Gets the unseal key of a vault.
struct UnsealPrompt {
  /// Largest passphrase in bytes.
  static let maximumPassphraseByteCount = 1024

  /// File to read a passphrase from, instead of asking.
  let passphraseFile: String?

  /// The machine's environment, in which a token's PIN is asked for like a passphrase.
  func environment(note: @escaping @Sendable (String) -> Void = { _ in }) -> VaultEnvironment {
    let prompt = self
    return VaultEnvironment(
      pin: { name in try prompt.secret("PIN of token \(name)", "the token needs a PIN") },
      witnessTransport: { address, body, seconds in
        let round = WitnessTransport(requestSeconds: seconds, totalSeconds: seconds).beginRound()
        return try round(address, body)
      }, note: note)
  }

  /// The key by the vault's method.
  ///
  /// - Parameters:
  ///   - method: How the vault is unsealed.
  ///   - directory: The vault's directory.
  ///   - environment: Where a token's PIN comes from.
  ///   - vault: The vault's id, which a token's key is bound to.
  /// - Returns: The key.
  /// - Throws: `KeyringError` when it is not there or refused; ``VaultError`` `.sealed` when nobody
  ///   can be asked.
  func key(
    _ method: UnsealMethod, _ directory: String, _ environment: VaultEnvironment,
    vault: () throws -> VaultID
  ) throws -> UnsealKey {
    switch method {
    case .file(let path): try UnsealKey.file(at: path, outside: directory)
    case .passphrase: try UnsealKey.passphrase(try passphrase())
    case .token(let address):
      try UnsealKey.wrapped(
        by: PKCS11KeyWrap(
          token: environment.token(try PKCS11URI(address)), vault: try vault(),
          random: environment.random))
    }
  }

  private func passphrase() throws -> SecretBytes {
    try secret("Passphrase", "the vault is unsealed by a passphrase")
  }

  /// A secret from the file, or typed by somebody.
  func secret(_ name: String, _ need: String) throws -> SecretBytes {
    if let passphraseFile {
      // Whatever the path leads to, no more is read than can be a passphrase.
      guard let handle = FileHandle(forReadingAtPath: passphraseFile),
        let data = try? handle.read(upToCount: Self.maximumPassphraseByteCount + 1),
        data.count <= Self.maximumPassphraseByteCount
      else {
        throw VaultError(
          .sealed, "passphrase file `\(passphraseFile)` cannot be read or is no passphrase")
      }
      return try SecretBytes(copying: trimmed([UInt8](data)))
    }
    guard isatty(0) == 1 else {
      throw VaultError(
        .sealed,
        "\(need) and nobody can be asked; use --passphrase-file")
    }
    FileHandle.standardError.write(Data("\(name): ".utf8))
    let line = withoutEcho { Swift.readLine(strippingNewline: true) }
    FileHandle.standardError.write(Data("\n".utf8))
    return try SecretBytes(copying: Array((line ?? "").utf8))
  }

  private func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    while bytes.last == 0x0A || bytes.last == 0x0D { bytes.removeLast() }
    return bytes
  }

  private func withoutEcho<R>(_ body: () -> R) -> R {
    var old = termios()
    unsafe tcgetattr(0, &old)
    var quiet = old
    quiet.c_lflag &= ~tcflag_t(ECHO)
    unsafe tcsetattr(0, TCSAFLUSH, &quiet)
    defer { unsafe tcsetattr(0, TCSAFLUSH, &old) }
    return body()
  }
}
