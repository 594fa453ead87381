import Foundation
internal import Sealing

/// Writes, copies and places files so that a power failure leaves them whole or not there.
enum DurableFiles {
  /// Bytes held in memory while copying.
  static let chunkByteCount = 1 << 20

  /// Length and SHA-256 of a file.
  struct Fingerprint: Equatable {
    let byteCount: Int
    let digest: [UInt8]
  }

  /// Reads a file for its length and digest.
  static func fingerprint(
    of path: String, _ progress: (Int) -> Void = { _ in }
  ) throws -> Fingerprint {
    try read(path, progress) { _ in }
  }

  /// Copies a file to a new one, durably, and gives the length and digest of what was copied.
  static func copy(
    _ source: String, to target: String, _ progress: (Int) -> Void = { _ in }
  ) throws -> Fingerprint {
    try makeParent(of: target)
    let isMade = FileManager.default.createFile(
      atPath: target, contents: nil, attributes: [.posixPermissions: 0o600])
    guard isMade, let output = FileHandle(forWritingAtPath: target) else {
      throw unwritable(target)
    }
    defer { try? output.close() }
    let found = try read(source, progress) { chunk in
      do {
        try output.write(contentsOf: chunk)
      } catch {
        throw unwritable(target)
      }
    }
    try sync(target)
    return found
  }

  /// Writes a new file durably.
  static func write(_ bytes: [UInt8], to path: String) throws {
    try makeParent(of: path)
    let isMade = FileManager.default.createFile(
      atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
    guard isMade else { throw unwritable(path) }
    try sync(path)
  }

  /// Puts a file in the place of another, durably, in one step; its name is durable only when its
  /// directory is.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - path: The file, whose directory exists.
  ///   - making: Name of the unfinished file, on the same file system.
  ///   - mode: Mode of the file, whatever the process's mask.
  /// - Throws: ``VaultError`` `.storage`; the old file is there still.
  static func replace(
    _ bytes: [UInt8], at path: String, through making: String, mode: mode_t
  ) throws {
    let descriptor = unsafe open(
      making, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw unwritable(path) }
    let isWritten = fchmod(descriptor, mode) == 0 && writeAll(bytes, descriptor)
    let isDurable = isWritten && fsync(descriptor) == 0
    guard close(descriptor) == 0, isDurable, unsafe rename(making, path) == 0 else {
      unsafe unlink(making)
      throw unwritable(path)
    }
  }

  private static func writeAll(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
    unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = unsafe Foundation.write(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
  }

  /// Waits until a file, or the names in a directory, are on the device.
  static func sync(_ path: String) throws {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw unwritable(path) }
  }

  /// Waits for every directory of a tree.
  static func syncDirectories(of root: String) throws {
    try sync(root)
    for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
      let full = "\(root)/\(path)"
      if isDirectory(full) { try sync(full) }
    }
  }

  /// Puts a finished directory in its place, which is free or an empty directory, in one step.
  static func place(_ making: String, at final: String) throws {
    guard unsafe rename(making, final) == 0 else {
      throw VaultError(
        .vaultDirectory, "`\(final)` is not free any more; name a new directory or empty it")
    }
    try sync(parent(of: final))
  }

  static func makeDirectory(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw unwritable(path)
    }
  }

  static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }

  static func parent(of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  static func unwritable(_ path: String) -> VaultError {
    VaultError(.storage, "`\(path)` cannot be written; check space and permissions")
  }

  private static func makeParent(of path: String) throws { try makeDirectory(parent(of: path)) }

  private static func read(
    _ path: String, _ progress: (Int) -> Void, _ body: (Data) throws -> Void
  ) throws -> Fingerprint {
    guard !isDirectory(path), let input = FileHandle(forReadingAtPath: path) else {
      throw VaultError(.storage, "`\(path)` cannot be read; check that it is there and readable")
    }
    defer { try? input.close() }
    var hasher = SHA256.Hasher()
    var count = 0
    while true {
      let chunk: Data
      do {
        chunk = try input.read(upToCount: chunkByteCount) ?? Data()
      } catch {
        throw VaultError(.storage, "`\(path)` cannot be read; the medium may be damaged")
      }
      guard !chunk.isEmpty else { break }
      hasher.update([UInt8](chunk))
      count += chunk.count
      try body(chunk)
      progress(count)
    }
    return Fingerprint(byteCount: count, digest: hasher.finalize())
  }
}
