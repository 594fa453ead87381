import Foundation

/// Writes the files of a package or certificate: private to their owner, never over another file.
struct OutputDirectory {
  private let path: String

  /// Names the directory; it is made with the first file.
  init(_ path: String) {
    self.path = path
  }

  /// Refuses when one of the names is taken or nothing can be written, before anything is.
  func requireFree(_ names: [String]) throws {
    try requireWritable()
    for name in names where FileManager.default.fileExists(atPath: "\(path)/\(name)") {
      throw RightsError(
        .alreadyExists, "`\(path)/\(name)` exists already; choose another directory")
    }
  }

  /// Refuses when a name is taken by a file with other bytes.
  func requireFree(_ name: String, unlessEqualTo bytes: [UInt8]) throws {
    guard let present = FileManager.default.contents(atPath: "\(path)/\(name)"),
      [UInt8](present) != bytes
    else { return }
    throw RightsError(
      .alreadyExists, "`\(path)/\(name)` belongs to another vault; choose another directory")
  }

  /// Writes a file and gives its path.
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = "\(path)/\(name)"
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try Data(bytes).write(to: URL(fileURLWithPath: file), options: .atomic)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    } catch {
      throw RightsError(.unwritable, "`\(file)` cannot be written; check space and permissions")
    }
    return file
  }

  /// Begins a file that is written piece by piece.
  func begin(_ name: String) throws -> OutputStreamFile {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw RightsError(.unwritable, "directory `\(path)` cannot be made; check the permissions")
    }
    return try OutputStreamFile("\(path)/\(name)")
  }

  /// Asks the directory, or the nearest one above that is there.
  private func requireWritable() throws {
    let files = FileManager.default
    var place = URL(fileURLWithPath: path).standardizedFileURL
    while !files.fileExists(atPath: place.path), place.path != "/" {
      place = place.deletingLastPathComponent()
    }
    var isDirectory: ObjCBool = false
    _ = unsafe files.fileExists(atPath: place.path, isDirectory: &isDirectory)
    guard isDirectory.boolValue, files.isWritableFile(atPath: place.path) else {
      throw RightsError(.unwritable, "directory `\(path)` cannot be written; check the permissions")
    }
  }
}
