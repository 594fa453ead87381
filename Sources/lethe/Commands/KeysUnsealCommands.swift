import ArgumentParser
import Foundation
import Keyring
import Sealing
import Transparency
import Vault

/// Runs `lethe keys rotate-unseal`.
struct KeysRotateUnsealCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate-unseal", abstract: "Seal the root under another unseal key.",
    discussion: """
      Only the root node is sealed anew, whatever the size of the vault. This erases nothing: a copy of \
      keys.sqlite from before opens with the old unseal key while its epoch lives. When the old key may \
      be known to somebody, run `lethe keys roll` as well.

      A key file that does not exist is made; a token's key is made on the token when it is missing.

      EXAMPLES
        lethe keys rotate-unseal --to file:/secure/new.key --as eve
        lethe keys rotate-unseal --to passphrase --new-passphrase-file p --as eve
        lethe keys rotate-unseal --as eve \\\\
          --to 'pkcs11:token=lethe;object=unseal?module-path=/usr/lib/softhsm/libsofthsm2.so'

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed or the new key refused
      """)

  @OptionGroup var options: VaultOptions

  @Option(name: .customLong("to"), help: "How the vault is unsealed from now on.")
  var target: String

  @Option(help: "File with the new passphrase or the new token's PIN; otherwise it is asked for.")
  var newPassphraseFile: String?

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let directory = try options.requireDirectory()
    var method = try UnsealMethod(target)
    if case .file(let path) = method {
      method = .file(path: URL(fileURLWithPath: path).standardizedFileURL.path)
    }
    try options.withVault { vault in
      try vault.authorise(.manageKeys, requester)
      let key = try newKey(method, vault, directory)
      try vault.rotateUnseal(to: method, key, requester)
    }
    try options.console.answer(
      [("unseal", .string(method.text)), ("erased", .count(0))],
      lines: [
        "the vault is unsealed by \(method.text) from now on",
        "nothing was erased: copies of keys.sqlite from before open with the old key while epoch lives",
        "keep the old key until the vault has opened with the new one; `lethe keys roll` ends the epoch",
      ])
  }

  private func newKey(
    _ method: UnsealMethod, _ vault: Vault, _ directory: String
  ) throws -> UnsealKey {
    let prompt = UnsealPrompt(passphraseFile: newPassphraseFile)
    let environment = prompt.environment()
    switch method {
    case .file(let path) where !FileManager.default.fileExists(atPath: path):
      return try UnsealKey.createFile(at: path, outside: directory, random: environment.random)
    case .token(let address):
      try PKCS11KeyWrap(
        token: environment.token(try PKCS11URI(address)), vault: vault.id,
        random: environment.random
      ).createKeyIfMissing()
    case .file, .passphrase: break
    }
    return try prompt.key(method, directory, environment) { vault.id }
  }
}

/// Runs `lethe keys split`.
struct KeysSplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split", abstract: "Split the unseal key into shares for several holders.",
    discussion: """
      The key stays in force. Give each share to another holder, check that the vault unseals from \
      them, then remove the key file; after a restart `lethe keys unseal` asks for the shares.

      EXAMPLES
        lethe keys split --shares 5 --threshold 3 --out shares --as eve

      EXIT CODES
        0 written · 1 refused · 2 wrong usage · 3 vault sealed, or its unseal key is not a file
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Shares to make, 2 to 16.")
  var shares = 5

  @Option(help: "Shares needed, 2 to the number of shares.")
  var threshold = 3

  @Option(name: .customLong("out"), help: "Directory for the files share-1.txt …; mode 0600.")
  var directory: String

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let vaultDirectory = try options.requireDirectory()
    let files = try options.withVault { vault in
      guard case .file(let path) = vault.settings.unseal else {
        throw KeyringError(
          .permission, "only an unseal key in a file can be split; rotate to one first")
      }
      let writer = ShareFiles(directory: directory)
      try writer.requireFree(shares, outside: vaultDirectory)
      let made = try vault.splitUnseal(
        try UnsealKey.file(at: path, outside: vaultDirectory), threshold: threshold, count: shares,
        requester)
      return try writer.write(made)
    }
    try options.console.answer(
      [
        ("shares", .count(shares)), ("threshold", .count(threshold)), ("files", .texts(files)),
      ],
      lines: files.map { "wrote \($0)" } + [
        "\(threshold) of \(shares) shares give the unseal key; hand each to another holder"
      ])
  }
}

/// Runs `lethe keys unseal`.
struct KeysUnsealCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unseal", abstract: "Put the unseal key together from its shares.",
    discussion: """
      Asks for the shares one by one, checks the key against the vault and writes it where lethe.yaml \
      expects it; best on a file system in memory, so that it is gone at the next start.

      EXAMPLES
        lethe keys unseal --vault my-vault
        lethe keys unseal --vault my-vault --share-file a.txt --share-file b.txt --share-file c.txt

      EXIT CODES
        0 unsealed · 1 refused, or the key file exists · 2 wrong usage · 3 shares that do not give the key
        4 a share is mistyped
      """)

  @OptionGroup var options: VaultOptions

  @Option(name: .customLong("share-file"), help: "File with one share; repeatable.")
  var shareFiles: [String] = []

  func run() throws {
    let directory = try options.requireDirectory()
    let layout = VaultLayout(directory: directory)
    let settings = try VaultSettings(readFrom: layout)
    guard case .file(let path) = settings.unseal else {
      throw KeyringError(
        .permission, "this vault is not unsealed by a key file; there is nothing to put together")
    }
    guard !FileManager.default.fileExists(atPath: path) else {
      throw VaultError(.invalidInput, "`\(path)` exists already; the vault is unsealed")
    }
    let id = try Keyring.vaultID(at: layout.keys)
    let prompt = SharePrompt(files: shareFiles)
    let secret = try KeyShare.combine(try prompt.shares(), vault: id)
    let environment = UnsealPrompt(passphraseFile: options.passphraseFile).environment()
    // Opening is the check; a key that does not open the vault is never written.
    _ = try Vault.open(
      directory: directory, unsealKey: try UnsealKey.key(try secret.copy()),
      environment: environment)
    try UnsealKey.key(secret).write(to: path, outside: directory)
    try options.console.answer(
      [("unseal", .string(path))], lines: ["unsealed; the key is in \(path)"])
  }
}
