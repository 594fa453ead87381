import ArgumentParser
import Foundation
import Keyring
import Sealing
import Transparency
import Vault

/// Runs `lethe init`.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a new vault.",
    discussion: """
      The vault directory, the epoch slot and the unseal key belong in three different places. The \
      unseal key protects against theft of disks and may be escrowed. The slot is what makes erasure \
      final and must never be in a backup. Losing the current keys.sqlite, the slot or the unseal key \
      is losing all data.

      A key file that does not exist is made, with 32 random bytes and mode 0600. A key on a token is \
      made there when it is missing; it never leaves the token. Copies of keys.sqlite in other \
      directories are kept in step with --replica. With --grace-days copies of keys.sqlite can be put \
      back for that long, and no erasure is final before.

      EXAMPLES
        lethe init my-vault --unseal file:/secure/unseal.key --slot /secure/slot
        lethe init my-vault --unseal passphrase --slot /secure/slot --replica /mnt/a --replica /mnt/b
        lethe init my-vault --slot 'pkcs11:token=lethe?module-path=/usr/lib/softhsm/libsofthsm2.so' \\
          --unseal 'pkcs11:token=lethe;object=unseal?module-path=/usr/lib/softhsm/libsofthsm2.so'
        lethe init my-vault --unseal file:/secure/unseal.key --slot /secure/slot \\
          --custodian 'command:ssh custodian@host lethe keys custodian /secure/slot'

      EXIT CODES
        0 made · 1 refused · 2 wrong usage · 3 key or slot refused
      """)

  @Argument(help: "Directory of the new vault; must not exist.")
  var directory: String

  @Option(help: "How the vault is unsealed: file:PATH, passphrase or pkcs11:…")
  var unseal: String

  @Option(
    help: "Epoch slot: a file outside the vault that must not exist, pkcs11:… or command:PROGRAM.")
  var slot: String

  @Option(
    name: .customLong("custodian"),
    help: "Another keeper of the epoch secret, as --slot; repeatable. Each must destroy it.")
  var custodians: [String] = []

  @Flag(help: "Take a slot on a file system that keeps overwritten bytes; certificates say L0.")
  var acceptWeakSlot = false

  @Option(
    name: .customLong("replica"), help: "Directory that holds a copy of keys.sqlite; repeatable.")
  var replicas: [String] = []

  @Option(help: "Copies that must be current before an erasure is final; more than half.")
  var replicaQuorum: Int?

  @Option(help: "Days for which an ended epoch rests before its secret is destroyed.")
  var graceDays = 0

  @Option(help: "Directory to copy the policies from.")
  var policies = "policies"

  @Option(help: "Name of the log in its checkpoints, such as vault.example.org/audit.")
  var origin: String?

  @Option(help: "File with the passphrase; otherwise it is asked for.")
  var passphraseFile: String?

  @Flag(help: "A vault for demonstration; it alone may use the published demo key.")
  var demo = false

  @Flag(name: .customLong("json"), help: "Answer with one JSON document on standard output.")
  var isJSON = false

  func run() throws {
    let method = try unsealMethod()
    try requireFree()
    let random = SystemRandom()
    let id = try VaultID(rawBytes: random.bytes(count: VaultID.byteCount))
    let settings = VaultSettings(
      origin: try origin ?? "lethe.invalid/\(random.bytes(count: 8).hexadecimal)", unseal: method,
      slot: try place(slot), custodians: try custodians.map(place), acceptsWeakSlot: acceptWeakSlot,
      keeping: try KeyKeeping(
        replicas: replicas.map(absolute), quorum: replicaQuorum, graceDays: graceDays),
      isDemo: demo, segmentThreshold: 20)
    let environment = UnsealPrompt(passphraseFile: passphraseFile).environment()
    let newKey = newKeyPath(method)
    do {
      try Vault.create(
        directory: absolute(directory), policies: policies, settings: settings,
        unsealKey: try unsealKey(method, id, environment), id: id, environment: environment)
    } catch {
      // A key that opens nothing would be taken for one that matters.
      if let newKey { try? FileManager.default.removeItem(atPath: newKey) }
      throw error
    }
    try Console(isJSON: isJSON).answer(
      [
        ("vault", .string(absolute(directory))), ("origin", .string(settings.origin)),
        ("slot", .string(settings.slot.text)), ("unseal", .string(method.text)),
        ("demo", .bool(demo)), ("replicas", .texts(settings.keeping.replicas)),
        ("custodians", .texts(settings.custodians.map(\.text))),
      ],
      lines: [
        "made vault \(directory)", "log origin: \(settings.origin)",
        "keep the slot \(settings.slot.text) out of every backup",
        settings.keeping.replicas.isEmpty
          ? "there is one keys.sqlite; losing it is losing all data, see --replica"
          : "copies of keys.sqlite: \(settings.keeping.replicas.joined(separator: ", "))",
      ])
  }

  /// The method, with an absolute path, so that the vault opens from any directory.
  private func unsealMethod() throws -> UnsealMethod {
    guard let method = try? UnsealMethod(unseal) else {
      throw UsageError(message: "--unseal is `file:PATH`, `passphrase` or `pkcs11:…`")
    }
    if case .file(let path) = method { return .file(path: absolute(path)) }
    return method
  }

  /// Refuses places that are taken or wrong before anything is made.
  private func requireFree() throws {
    let target = absolute(directory)
    let slots = try ([slot] + custodians).compactMap { try place($0).path }
    if let slot = slots.first(where: { $0.hasPrefix(target + "/") }) {
      throw VaultError(
        .sealed,
        "epoch slot `\(slot)` would lie inside the vault directory, where every backup would take "
          + "it; name another place")
    }
    for path in [target] + slots where FileManager.default.fileExists(atPath: path) {
      throw VaultError(.vaultDirectory, "`\(path)` exists already; name a new place or remove it")
    }
  }

  /// Path of a key file that has to be made; nil when there is one already.
  private func newKeyPath(_ method: UnsealMethod) -> String? {
    guard case .file(let path) = method, !FileManager.default.fileExists(atPath: path) else {
      return nil
    }
    return path
  }

  private func unsealKey(
    _ method: UnsealMethod, _ id: VaultID, _ environment: VaultEnvironment
  ) throws -> UnsealKey {
    let target = absolute(directory)
    if let path = newKeyPath(method) {
      return try UnsealKey.createFile(at: path, outside: target, random: environment.random)
    }
    if case .token(let address) = method {
      try PKCS11KeyWrap(
        token: environment.token(try PKCS11URI(address)), vault: id, random: environment.random
      ).createKeyIfMissing()
    }
    return try UnsealPrompt(passphraseFile: passphraseFile).key(method, target, environment) { id }
  }

  /// A keeper of the epoch secret, with an absolute path.
  private func place(_ text: String) throws -> SlotPlace {
    let place = try SlotPlace(text)
    return place.path.map { .file(path: absolute($0)) } ?? place
  }

  private func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
