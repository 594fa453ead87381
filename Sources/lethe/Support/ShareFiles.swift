import Foundation
import Keyring
import Sealing
import Vault

/// Writes shares of the unseal key, each to a file of its own.
struct ShareFiles {
  let directory: String

  private func path(_ index: Int) -> String { "\(directory)/share-\(index).txt" }

  /// Refuses names that are taken and places that a backup of the vault would hold.
  func requireFree(_ count: Int, outside vaultDirectory: String) throws {
    let place = URL(fileURLWithPath: directory).standardizedFileURL.path
    let vault = URL(fileURLWithPath: vaultDirectory).standardizedFileURL.path
    guard place != vault, !place.hasPrefix(vault + "/") else {
      throw KeyringError(
        .permission, "`\(directory)` lies inside the vault directory; write the shares elsewhere")
    }
    for index in 1...max(count, 1) where FileManager.default.fileExists(atPath: path(index)) {
      throw VaultError(
        .invalidInput, "`\(path(index))` exists already; name another directory")
    }
  }

  /// Writes the shares.
  ///
  /// - Returns: The paths.
  /// - Throws: ``VaultError`` `.storage`; what was written before is removed.
  func write(_ shares: [KeyShare]) throws -> [String] {
    let files = FileManager.default
    var written: [String] = []
    do {
      try files.createDirectory(
        atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]
      )
      for share in shares {
        let text = try ShareText.encode(share).plaintextCopy() + [0x0A]
        let isMade = files.createFile(
          atPath: path(share.index), contents: Data(text), attributes: [.posixPermissions: 0o600])
        guard isMade else { throw CocoaError(.fileWriteUnknown) }
        written.append(path(share.index))
      }
      return written
    } catch {
      for file in written { try? files.removeItem(atPath: file) }
      throw VaultError(
        .storage,
        "`\(directory)` cannot be written; no share was left there, check space and "
          + "permissions")
    }
  }
}

/// Gets shares from files, or from people one after the other.
struct SharePrompt {
  /// Files with a share each; none asks people.
  let files: [String]

  /// The shares, at least as many as their threshold.
  func shares() throws -> [KeyShare] {
    guard files.isEmpty else {
      return try files.enumerated().map { position, file in
        let prompt = UnsealPrompt(passphraseFile: file)
        let line = try prompt.secret("share", "a share is needed")
        return try ShareText.decode(line, position: position + 1)
      }
    }
    var shares: [KeyShare] = []
    var needed = 2
    while shares.count < needed {
      let name = "Share \(shares.count + 1)" + (shares.isEmpty ? "" : " of \(needed)")
      let line = try UnsealPrompt(passphraseFile: nil).secret(name, "shares are needed")
      let share = try ShareText.decode(line, position: shares.count + 1)
      needed = share.threshold
      shares.append(share)
    }
    return shares
  }
}
