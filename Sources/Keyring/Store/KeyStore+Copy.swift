internal import Foundation
internal import GRDB
internal import Sealing

extension KeyStore {
  /// Repeats another store's commit on this copy of it.
  ///
  /// - Returns: False when the copy is not of the state before the commit.
  func repeatCommit(_ changes: ChangeSet, vault: VaultID, from generation: UInt64) throws -> Bool {
    guard !changes.isTooLarge else { return false }
    return try write(nil) { rows in
      let meta = try rows.meta()
      guard meta.vault == vault, meta.generation == generation else { return false }
      for (sql, arguments) in changes.statements {
        try rows.db.cachedStatement(sql: sql).execute(arguments: arguments)
      }
      return true
    }
  }

  /// Writes the present state as one file into a directory, in place of what is there.
  ///
  /// A whole new file and a rename: a copy of the key store opens with the epoch secret only, so
  /// nothing need be overwritten.
  func copy(into directory: String, as name: String) throws {
    let final = "\(directory)/\(name)"
    let making = final + ".making"
    let files = FileManager.default
    try? files.removeItem(atPath: making)
    _ = try PosixFile.create(making, purpose: "copy of the key store")
    try run { rows in
      try rows.db.execute(sql: "VACUUM INTO ?", arguments: [making])
    }
    try PosixFile.open(making, forWriting: true, followsLinks: false, purpose: "copy").sync()
    for suffix in ["-wal", "-shm"] { try? files.removeItem(atPath: final + suffix) }
    try PosixFile.rename(making, to: final)
    try PosixFile.syncDirectory(of: final)
  }
}
