import Foundation

/// A program of the system that tests compare ours with.
public struct Tool: Sendable {
  private let path: String

  /// Finds the program; nil when it is not installed.
  public init?(_ name: String) {
    let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let found = places.map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    path = found
  }

  /// Runs the program in a directory of its own that holds the given files.
  ///
  /// - Returns: What it wrote to standard output, and its exit status.
  public func run(
    _ arguments: [String], files: [String: [UInt8]]
  ) throws -> (status: Int32, output: [UInt8]) {
    let place = FileManager.default.temporaryDirectory
      .appending(path: "lethe-tool-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    for (name, bytes) in files { try Data(bytes).write(to: place.appending(path: name)) }
    let output = place.appending(path: "standard-output")
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = place
    process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output.path)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, [UInt8](try Data(contentsOf: output)))
  }
}
