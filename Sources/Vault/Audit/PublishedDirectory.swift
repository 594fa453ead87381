import Foundation
internal import Transparency

/// One directory in which a log is published: static files that any web server can serve.
///
/// Only the holder of the publication lock writes. A file appears whole or not at all, and what was
/// written is on the device when ``sync()`` returns.
final class PublishedDirectory {
  static let fileMode: mode_t = 0o644
  static let directoryMode: mode_t = 0o755
  static let keyName = "log.vkey"
  /// Name of a file that is not whole yet; also what a killed process leaves.
  static let makingName = ".making"

  let path: String
  /// Directories with names that may not be durable yet.
  private var touched: Set<String> = []
  /// Directories known to be there.
  private var known: Set<String> = []

  /// Names a directory; nothing is written yet.
  init(_ path: String) {
    self.path = path
  }

  /// Makes the directory if it is missing, and opens it for everybody to read.
  ///
  /// - Parameter isMade: Whether a missing directory is made; a place that is only mounted at times
  ///   must not be made where it is not mounted.
  /// - Throws: ``VaultError`` `.storage` when it is not there or cannot be written.
  func open(isMade: Bool) throws {
    if !DurableFiles.isDirectory(path) {
      guard isMade else {
        throw VaultError(.storage, "`\(path)` is not there; mount or make the directory")
      }
      try make(path)
    }
    guard unsafe chmod(path, Self.directoryMode) == 0 || access(path, W_OK) == 0 else {
      throw DurableFiles.unwritable(path)
    }
    known.insert(path)
  }

  /// The checkpoint that is published here; nil when there is none.
  ///
  /// - Throws: ``VaultError`` `.integrity` when it is not one that this log has signed.
  func checkpoint(signedBy key: NoteVerifierKey) throws -> Checkpoint? {
    guard let bytes = contents(LogVerifier.checkpointPath) else { return nil }
    do {
      return try VerifiedCheckpoint(verifying: SignedNote(encoded: bytes), logKey: key).checkpoint
    } catch {
      throw VaultError(
        .integrity,
        "`\(path)/\(LogVerifier.checkpointPath)` is not a checkpoint that this vault's log has "
          + "signed; nothing was published there, find out who wrote it and move it away")
    }
  }

  /// The content of a file; nil when there is none.
  func contents(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(path)/\(name)").map { [UInt8]($0) }
  }

  /// Writes a file in place of what is there.
  func write(_ bytes: [UInt8], _ name: String) throws {
    let file = "\(path)/\(name)"
    let parent = DurableFiles.parent(of: file)
    try make(parent)
    try DurableFiles.replace(
      bytes, at: file, through: "\(path)/\(Self.makingName)", mode: Self.fileMode)
    touched.insert(parent)
  }

  /// Writes a file unless it is there with this content.
  func write(_ bytes: [UInt8], _ name: String, ifOther: Bool) throws -> Bool {
    guard contents(name) != bytes else { return false }
    try write(bytes, name)
    return true
  }

  /// Waits until everything that was written is on the device.
  func sync() throws {
    for directory in touched.sorted() { try DurableFiles.sync(directory) }
    touched = []
  }

  /// Makes a directory and those above it, up to the first one that is there.
  private func make(_ directory: String) throws {
    guard !known.contains(directory) else { return }
    if !DurableFiles.isDirectory(directory) {
      let parent = DurableFiles.parent(of: directory)
      if parent != directory { try make(parent) }
      guard unsafe mkdir(directory, Self.directoryMode) == 0,
        unsafe chmod(directory, Self.directoryMode) == 0
      else { throw DurableFiles.unwritable(directory) }
      touched.insert(parent)
    }
    known.insert(directory)
  }
}

extension PublishedDirectory {
  /// Whether bundles below an index are still here; the last one goes last.
  func hasBundles(below minimumIndex: Int) -> Bool {
    guard let last = bundle(minimumIndex / TileAddress.fullWidth - 1) else { return false }
    return FileManager.default.fileExists(atPath: last)
  }

  /// Deletes the bundles that lie wholly below an index, in order.
  ///
  /// - Returns: Number of full bundles deleted.
  func deleteBundles(below minimumIndex: Int) throws -> Int {
    var deleted = 0
    for index in 0..<minimumIndex / TileAddress.fullWidth {
      guard let file = bundle(index) else { continue }
      try deletePartials(file + ".p")
      let isDeleted = unsafe unlink(file) == 0
      guard isDeleted || errno == ENOENT else { throw DurableFiles.unwritable(file) }
      if isDeleted { deleted += 1 }
      touched.insert(DurableFiles.parent(of: file))
    }
    touched = touched.filter(DurableFiles.isDirectory)
    try sync()
    return deleted
  }

  private func deletePartials(_ directory: String) throws {
    guard DurableFiles.isDirectory(directory) else { return }
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      unsafe unlink("\(directory)/\(name)")
    }
    guard unsafe rmdir(directory) == 0 else { throw DurableFiles.unwritable(directory) }
  }

  private func bundle(_ index: Int) -> String? {
    (try? TileAddress(kind: .entries, index: index)).map { "\(path)/\($0.path)" }
  }
}
