internal import Foundation
internal import Sealing

/// Reads and writes a witness's files so that a power failure leaves them whole or not there.
enum WitnessFiles {
  /// Names a file that is not finished; one that lies there after a crash is overwritten.
  static let unfinished = ".new"

  /// Writes a file that must not be there yet.
  static func create(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws {
    try write(path, bytes, flags: O_CREAT | O_EXCL, mode: mode)
  }

  /// Puts new content in the place of a file in one step.
  static func replace(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws {
    let draft = path + unfinished
    try write(draft, bytes, flags: O_CREAT | O_TRUNC, mode: mode)
    try move(draft, to: path)
  }

  /// Renames a file or directory and waits until the new name is on the device.
  static func move(_ path: String, to target: String) throws {
    guard unsafe rename(path, target) == 0 else { throw unwritable(target) }
    try sync(directory: parent(of: target))
  }

  /// Waits until the names in a directory are on the device.
  static func sync(directory: String) throws {
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(directory) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw unwritable(directory) }
  }

  /// Makes a directory for its owner alone; true when it was not there before.
  @discardableResult
  static func makeDirectory(_ path: String) throws -> Bool {
    if unsafe mkdir(path, 0o700) == 0 {
      try sync(directory: parent(of: path))
      return true
    }
    guard errno == EEXIST else { throw unwritable(path) }
    return false
  }

  /// Reads a file; nil when there is none.
  static func read(_ path: String, limit: Int) throws -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      guard errno == ENOENT || errno == ENOTDIR else { throw unreadable(path) }
      return nil
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe fill($0, from: descriptor) }
    guard let count else { throw unreadable(path) }
    guard count <= limit else {
      throw WitnessError(.malformed, "`\(path)` is longer than \(limit) bytes")
    }
    return Array(bytes[..<count])
  }

  /// Reads a key file's one line into secret memory.
  ///
  /// - Throws: ``WitnessError`` `.permission` when others may read it, `.malformed` when it is not
  ///   there or too long.
  static func readSecretLine(_ path: String, limit: Int) throws -> SecretBytes {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? WitnessError(.malformed, "`\(path)` is missing") : unreadable(path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw unreadable(path) }
    guard status.st_mode & 0o077 == 0 else {
      throw WitnessError(.permission, "`\(path)` is open to others; run `chmod 600` on it")
    }
    var buffer = try SecretBytes(zeroCount: limit + 1)
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe fill($0, from: descriptor) }
    guard let count else { throw unreadable(path) }
    let hasLineEnd = try buffer.slice(max(0, count - 1)..<count)
      .isEqual(to: SecretBytes(copying: [0x0A]))
    let length = hasLineEnd ? count - 1 : count
    guard length > 0, count <= limit else {
      throw WitnessError(.malformed, "`\(path)` is not a key")
    }
    return try buffer.slice(0..<length)
  }

  private static func parent(of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  static func unwritable(_ path: String) -> WitnessError {
    WitnessError(.storage, "`\(path)` cannot be written; check space and permissions")
  }

  static func unreadable(_ path: String) -> WitnessError {
    WitnessError(.storage, "`\(path)` cannot be read; check the permissions")
  }

  private static func write(
    _ path: String, _ bytes: [UInt8], flags: Int32, mode: mode_t
  ) throws {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | flags, mode)
    guard descriptor >= 0 else {
      throw errno == EEXIST
        ? WitnessError(.taken, "`\(path)` is there already") : unwritable(path)
    }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Foundation.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw unwritable(path) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw unwritable(path) }
  }

  /// Reads until the end or until the buffer is full; nil on failure.
  private static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32
  ) -> Int? {
    var count = 0
    while count < buffer.count {
      let start = count
      let got = unsafe Foundation.read(
        descriptor, buffer.baseAddress.map { unsafe $0 + start }, buffer.count - start)
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { return nil }
      if got == 0 { break }
      count += got
    }
    return count
  }
}
