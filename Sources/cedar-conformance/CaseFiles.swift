import Foundation

/// Finds test files and what they refer to.
struct CaseFiles {
  /// Says that something on the disk cannot be used.
  struct Unusable: Error {
    let message: String
  }

  /// Endings of files that belong to a test but are none.
  private static let companions = [".entities.json", ".cedarschema.json", ".schema.json"]
  private static let archiveEnding = ".tar.gz"

  /// The test files in the order of their paths.
  private(set) var files: [String] = []
  /// Directories made for unpacked archives, to be removed at the end.
  private(set) var unpacked: [String] = []
  /// The directory that paths of test files were last found to be relative to.
  private var root: String?

  /// Adds a file, an archive, or everything in a directory; archives whose contents do not lie
  /// beside them are unpacked elsewhere.
  mutating func add(_ path: String) throws {
    let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
    guard FileManager.default.fileExists(atPath: absolute) else {
      throw Unusable(message: "`\(path)` does not exist")
    }
    let kind = try FileManager.default.attributesOfItem(atPath: absolute)[.type]
    guard kind as? FileAttributeType == .typeDirectory else {
      if absolute.hasSuffix(CaseFiles.archiveEnding) {
        try addArchive(absolute)
      } else {
        files.append(absolute)
      }
      return
    }
    try addDirectory(absolute)
  }

  /// Removes what was unpacked.
  func removeUnpacked() {
    for directory in unpacked { try? FileManager.default.removeItem(atPath: directory) }
  }

  private mutating func addDirectory(_ directory: String) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
    for name in names where name.hasSuffix(".json") {
      guard !CaseFiles.companions.contains(where: { name.hasSuffix($0) }) else { continue }
      files.append("\(directory)/\(name)")
    }
    for name in names where name.hasSuffix(CaseFiles.archiveEnding) {
      let archive = "\(directory)/\(name)"
      let beside = String(archive.dropLast(CaseFiles.archiveEnding.count))
      if !FileManager.default.fileExists(atPath: beside) { try addArchive(archive) }
    }
  }

  private mutating func addArchive(_ archive: String) throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("cedar-conformance-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    unpacked.append(directory)
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "-xzf", archive, "-C", directory]
    try tar.run()
    tar.waitUntilExit()
    guard tar.terminationStatus == 0 else {
      throw Unusable(message: "`tar` cannot unpack `\(archive)`")
    }
    try addDirectory(directory)
  }

  // MARK: Contents

  /// Reads a file that a test names; its path is relative to some directory above the test.
  mutating func bytes(_ path: String, namedBy file: String) throws -> [UInt8] {
    if path.hasPrefix("/") { return try CaseFiles.bytes(path) }
    if let root, FileManager.default.fileExists(atPath: "\(root)/\(path)") {
      return try CaseFiles.bytes("\(root)/\(path)")
    }
    var directory = URL(fileURLWithPath: file).deletingLastPathComponent()
    while true {
      let candidate = "\(directory.path)/\(path)"
      if FileManager.default.fileExists(atPath: candidate) {
        root = directory.path
        return try CaseFiles.bytes(candidate)
      }
      guard directory.path != "/" else { break }
      directory.deleteLastPathComponent()
    }
    throw Unusable(message: "`\(path)` is not found in any directory above the test")
  }

  /// Reads a file.
  static func bytes(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Unusable(message: "`\(path)` cannot be read")
    }
    return [UInt8](data)
  }
}
