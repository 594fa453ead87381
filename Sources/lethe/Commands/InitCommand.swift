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

      A key file that does not exist is made, with 32 random bytes and mode 0600.

      EXAMPLES
        lethe init my-vault --unseal file:/secure/unseal.key --slot /secure/slot
        lethe init my-vault --unseal passphrase --slot /secure/slot

      EXIT CODES
        0 made · 1 refused · 2 wrong usage · 3 key or slot refused
      """)

  @Argument(help: "Directory of the new vault; must not exist.")
  var directory: String

  @Option(help: "How the vault is unsealed: file:PATH or passphrase.")
  var unseal: String

  @Option(help: "File of the epoch slot, outside the vault; must not exist.")
  var slot: String

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
    let settings = VaultSettings(
      origin: try origin ?? "lethe.invalid/\(random.bytes(count: 8).hexadecimal)", unseal: method,
      slot: absolute(slot), isDemo: demo, segmentThreshold: 20)
    let newKey = newKeyPath(method)
    do {
      try Vault.create(
        directory: absolute(directory), policies: policies, settings: settings,
        unsealKey: try unsealKey(method, random))
    } catch {
      // A key that opens nothing would be taken for one that matters.
      if let newKey { try? FileManager.default.removeItem(atPath: newKey) }
      throw error
    }
    try Console(isJSON: isJSON).answer(
      [
        ("vault", .string(absolute(directory))), ("origin", .string(settings.origin)),
        ("slot", .string(settings.slot)), ("unseal", .string(method.text)), ("demo", .bool(demo)),
      ],
      lines: [
        "made vault \(directory)", "log origin: \(settings.origin)",
        "keep the slot \(settings.slot) out of every backup; keep copies of keys.sqlite in step with the vault",
      ])
  }

  /// The method, with an absolute path, so that the vault opens from any directory.
  private func unsealMethod() throws -> UnsealMethod {
    guard let method = try? UnsealMethod(unseal) else {
      throw UsageError(message: "--unseal is `file:PATH` or `passphrase`")
    }
    if case .file(let path) = method { return .file(path: absolute(path)) }
    return method
  }

  /// Refuses places that are taken or wrong before anything is made.
  private func requireFree() throws {
    let target = absolute(directory)
    let slot = absolute(slot)
    guard !slot.hasPrefix(target + "/") else {
      throw VaultError(
        .sealed,
        "epoch slot `\(slot)` would lie inside the vault directory, where every backup would take "
          + "it; name another place")
    }
    for path in [target, slot] where FileManager.default.fileExists(atPath: path) {
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

  private func unsealKey(_ method: UnsealMethod, _ random: any RandomSource) throws -> UnsealKey {
    let target = absolute(directory)
    if let path = newKeyPath(method) {
      return try UnsealKey.createFile(at: path, outside: target, random: random)
    }
    return try UnsealPrompt(passphraseFile: passphraseFile).key(method, target)
  }

  private func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
