import Foundation

/// A file that grows piece by piece and gets its name when it is whole.
///
/// Until then it has another name, and it is removed when it is given up.
final class OutputStreamFile {
  private static let partialSuffix = ".partial"

  private let path: String
  private let partialPath: String
  private let handle: FileHandle
  private var isFinished = false

  /// Begins the file; private to its owner from its first byte.
  init(_ path: String) throws {
    self.path = path
    partialPath = path + Self.partialSuffix
    let files = FileManager.default
    // What an interrupted run left behind is sealed, and of no use to anybody.
    try? files.removeItem(atPath: partialPath)
    guard
      files.createFile(
        atPath: partialPath, contents: nil, attributes: [.posixPermissions: 0o600]),
      let handle = FileHandle(forWritingAtPath: partialPath)
    else { throw Self.refusal(path) }
    self.handle = handle
  }

  deinit {
    try? handle.close()
    if !isFinished { try? FileManager.default.removeItem(atPath: partialPath) }
  }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws {
    do {
      try handle.write(contentsOf: Data(bytes))
    } catch {
      throw Self.refusal(path)
    }
  }

  /// Makes the file durable and gives it its name, which must be free.
  func finish() throws -> String {
    do {
      try handle.synchronize()
      try handle.close()
      // Refuses when the name is taken by now; a link would too, but not every disk has links.
      try FileManager.default.moveItem(atPath: partialPath, toPath: path)
    } catch {
      throw Self.refusal(path)
    }
    isFinished = true
    return path
  }

  private static func refusal(_ path: String) -> RightsError {
    RightsError(.unwritable, "`\(path)` cannot be written; check space and permissions")
  }
}
