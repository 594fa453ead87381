import Foundation

/// The repository as the house tests see it.
enum House {
  /// One source file.
  struct File: Sendable {
    let path: String
    let lines: [String]

    /// The target, the folder below `Sources`.
    var target: String { String(path.split(separator: "/")[1]) }
    var name: String { String(path.split(separator: "/").last ?? "") }
  }

  /// The repository's directory, three levels above this file.
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The Swift files below a folder, in order of their paths.
  static func swiftFiles(_ folder: String) throws -> [File] {
    let root = "\(directory)/\(folder)"
    let names = try FileManager.default.subpathsOfDirectory(atPath: root)
    return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
      File(
        path: "\(folder)/\(name)",
        lines: try text("\(folder)/\(name)").components(separatedBy: "\n"))
    }
  }

  /// The text of a file.
  static func text(_ path: String) throws -> String {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(path)"))
    return String(decoding: data, as: UTF8.self)
  }
}
