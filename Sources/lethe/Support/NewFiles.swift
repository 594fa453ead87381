import Foundation
import Vault

/// Writes files of an answer into a directory, private to their owner, never over another file.
struct NewFiles {
  let directory: String

  private func path(_ name: String) -> String { "\(directory)/\(name)" }

  /// Refuses names that are taken, before anything is done.
  func requireFree(_ names: [String]) throws {
    for name in names where FileManager.default.fileExists(atPath: path(name)) {
      throw VaultError(
        .invalidInput, "`\(path(name))` exists already; name another directory")
    }
  }

  /// Writes the files.
  ///
  /// - Returns: The paths.
  func write(_ files: [(name: String, bytes: [UInt8])]) throws -> [String] {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      for file in files {
        // Refuses when the name is taken by now.
        try Data(file.bytes).write(
          to: URL(fileURLWithPath: path(file.name)), options: .withoutOverwriting)
      }
    } catch {
      throw VaultError(.storage, "`\(directory)` cannot be written; check space and permissions")
    }
    return files.map { path($0.name) }
  }

  /// Reads a small file that is given on the command line.
  static func read(_ path: String, atMost maximum: Int) throws -> [UInt8] {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: maximum + 1) ?? Data()
    else { throw UsageError(message: "`\(path)` cannot be read") }
    guard data.count <= maximum else {
      throw VaultError(.integrity, "`\(path)` has more than \(maximum) bytes")
    }
    return [UInt8](data)
  }
}
