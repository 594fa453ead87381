import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// What a run of the program left behind.
struct Outcome {
  let status: Int32
  let wasKilled: Bool
  let output: Data
  let error: String

  var outputText: String { String(decoding: output, as: UTF8.self) }

  /// The lines on standard error.
  var complaints: [String] { error.split(separator: "\n").map(String.init) }

  /// What was noticed on the way, on standard error.
  var notices: [String] { complaints.filter { $0.hasPrefix("lethe: notice: ") } }

  /// The answer of a command that was asked for JSON: exactly one document and a line end.
  func document(
    mayNotice: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String: Any] {
    let expected = mayNotice ? notices : []
    #expect(complaints == expected, sourceLocation: sourceLocation)
    #expect(outputText.hasSuffix("}\n"), sourceLocation: sourceLocation)
    #expect(output.count(where: { $0 == 0x0A }) == 1, sourceLocation: sourceLocation)
    return try #require(
      JSONSerialization.jsonObject(with: output) as? [String: Any], sourceLocation: sourceLocation)
  }
}

/// The built program, run as a child process as its users run it.
enum Program {
  /// Longest run of one command, in seconds; a program that hangs fails its test.
  static let timeoutSeconds = 180.0

  /// The executable, in the build directory that also holds the tests.
  static let path: String = {
    var place = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    while place.path != "/" {
      place = place.deletingLastPathComponent()
      let candidate = place.appendingPathComponent("lethe").path
      var isDirectory: ObjCBool = false
      let exists = unsafe FileManager.default.fileExists(
        atPath: candidate, isDirectory: &isDirectory)
      if exists, !isDirectory.boolValue { return candidate }
    }
    return "lethe"
  }()

  /// The repository's directory: the one above this file that has the policies.
  static let repository: String = {
    var place = URL(fileURLWithPath: #filePath)
    repeat {
      place = place.deletingLastPathComponent()
    } while place.path != "/"
      && !FileManager.default.fileExists(atPath: place.path + "/policies/vault.cedar")
    return place.path
  }()

  /// Starts a program; output goes to files, so that no pipe can fill up or stay open.
  static func start(
    _ arguments: [String], executable: String = path, in directory: String,
    environment: [String: String] = [:], input: String? = nil
  ) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    var variables = ProcessInfo.processInfo.environment
    for name in ["LETHE_VAULT", "LETHE_OPERATOR", "COLUMNS"] { variables[name] = nil }
    process.environment = variables.merging(environment) { _, new in new }
    return try Running(process, input: input)
  }
}

/// A program that runs.
final class Running {
  private let process: Process
  private let files: String

  fileprivate init(_ process: Process, input: String?) throws {
    self.process = process
    files = try Workshop.place()
    var streams: [FileHandle] = []
    for name in ["in", "out", "err"] {
      let path = "\(files)/\(name)"
      try Data((name == "in" ? input ?? "" : "").utf8).write(to: URL(fileURLWithPath: path))
      let handle = name == "in" ? FileHandle(forReadingAtPath: path) : .init(forWritingAtPath: path)
      streams.append(try #require(handle))
    }
    process.standardInput = streams[0]
    process.standardOutput = streams[1]
    process.standardError = streams[2]
    try process.run()
  }

  deinit { try? FileManager.default.removeItem(atPath: files) }

  /// Ends the program as a power failure would, as far as a process can tell.
  func killHard() { _ = kill(process.processIdentifier, SIGKILL) }

  /// Asks the program to end.
  func askToEnd(_ signal: Int32 = SIGTERM) { _ = kill(process.processIdentifier, signal) }

  /// Waits until the program has written a number of lines to standard output or error.
  func waitForLines(_ count: Int) throws {
    let end = Date() + Program.timeoutSeconds
    while Date() < end, process.isRunning {
      let lines = try ["out", "err"].map { name in
        try Data(contentsOf: URL(fileURLWithPath: "\(files)/\(name)")).count { $0 == 0x0A }
      }
      if lines.reduce(0, +) >= count { return }
      usleep(5000)
    }
  }

  /// Waits until the program has written a whole line to standard error; nil when it ends before.
  func firstLine() throws -> String? {
    let url = URL(fileURLWithPath: files + "/err")
    let end = Date() + Program.timeoutSeconds
    while Date() < end {
      let isRunning = process.isRunning
      let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
      if let lineEnd = text.firstIndex(of: "\n") { return String(text[..<lineEnd]) }
      if !isRunning { return nil }
      usleep(5000)
    }
    return nil
  }

  /// Waits for the end.
  func wait() throws -> Outcome {
    let identifier = process.processIdentifier
    let watchdog = DispatchWorkItem { _ = kill(identifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(
      deadline: .now() + Program.timeoutSeconds, execute: watchdog)
    process.waitUntilExit()
    watchdog.cancel()
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      output: try Data(contentsOf: URL(fileURLWithPath: files + "/out")),
      error: String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: files + "/err")), as: UTF8.self))
  }
}
