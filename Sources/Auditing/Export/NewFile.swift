import Foundation

/// A file that grows piece by piece and gets its name when it is whole and durable.
///
/// It is private to its owner from its first byte, never replaces another, and leaves nothing
/// behind when it is given up.
final class NewFile {
  /// Stands behind the name of a file that is being written.
  static let partialSuffix = ".partial"

  private let path: String
  private let handle: FileHandle
  private var isPlaced = false

  private var partialPath: String { path + Self.partialSuffix }

  /// Begins the file.
  ///
  /// - Throws: ``AuditingError`` `.alreadyExists`, `.unwritable`.
  init(_ path: String) throws {
    self.path = path
    try Self.requireFree(path)
    let partial = path + Self.partialSuffix
    // What an interrupted run left.
    try? FileManager.default.removeItem(atPath: partial)
    let descriptor = unsafe open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.unwritable(path) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  deinit {
    if !isPlaced { try? FileManager.default.removeItem(atPath: path + Self.partialSuffix) }
  }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws {
    do {
      try handle.write(contentsOf: Data(bytes))
    } catch {
      throw Self.unwritable(path)
    }
  }

  /// Waits until the bytes are on the device.
  func synchronise() throws {
    do {
      try handle.synchronize()
    } catch {
      throw Self.unwritable(path)
    }
  }

  /// Gives the file its name, which must still be free.
  func place() throws {
    if unsafe link(partialPath, path) == 0 {
      try? FileManager.default.removeItem(atPath: partialPath)
    } else {
      // Not every disk has links.
      try Self.requireFree(path)
      do {
        try FileManager.default.moveItem(atPath: partialPath, toPath: path)
      } catch {
        throw Self.unwritable(path)
      }
    }
    isPlaced = true
    try Self.synchroniseDirectory(of: path)
  }

  /// Writes a whole file.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try NewFile(path)
    try file.write(bytes)
    try file.synchronise()
    try file.place()
  }

  /// Refuses a name that is taken; a link that leads nowhere takes it too.
  static func requireFree(_ path: String) throws {
    let isTaken =
      FileManager.default.fileExists(atPath: path)
      || (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    guard !isTaken else {
      throw AuditingError(.alreadyExists, "`\(path)` exists already; choose another name")
    }
  }

  static func unwritable(_ path: String) -> AuditingError {
    AuditingError(.unwritable, "`\(path)` cannot be written; check space and permissions")
  }

  private static func synchroniseDirectory(of path: String) throws {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let descriptor = unsafe open(directory, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw unwritable(path) }
  }
}
