import Auditing
import Foundation
import Transparency
import Vault

/// The files of a published log.
struct PublishedLogFiles {
  let directory: String

  init(_ directory: String) throws {
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { throw UsageError(message: "there is no published log at `\(directory)`") }
    self.directory = directory
  }

  /// Verifies the log with a key, or with the one beside it.
  func verify(vkey: String?) throws -> LogReport {
    let key = try key(vkey)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: directory)
    return try LogVerifier(logKey: key).verify(paths: paths, read: contents)
  }

  /// The key that was given, or the one beside the log.
  func key(_ vkey: String?) throws -> NoteVerifierKey {
    let text = try vkey ?? keyBesideLog()
    guard let key = try? NoteVerifierKey(encoded: text) else {
      throw vkey == nil
        ? VaultError(.integrity, "`\(directory)/log.vkey` is not a verifier key")
        : UsageError(message: "--vkey is not a verifier key; copy it whole") as any Error
    }
    return key
  }

  /// The content of a file of the log; nil when there is none.
  func contents(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(directory)/\(path)").map { [UInt8]($0) }
  }

  /// The entries, to run a query over again.
  var entries: PublishedEntries {
    let directory = directory
    return PublishedEntries { path in
      FileManager.default.contents(atPath: "\(directory)/\(path)").map { [UInt8]($0) }
    }
  }

  private func keyBesideLog() throws -> String {
    guard let data = FileManager.default.contents(atPath: "\(directory)/log.vkey") else {
      throw UsageError(message: "no `log.vkey` beside the log; give the key with --vkey")
    }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
