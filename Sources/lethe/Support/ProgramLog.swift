import Logging

/// Writes what the program notices on the way as lines on standard error.
///
/// Standard error, also with JSON: standard output carries the answer and nothing else.
struct ProgramLog: LogHandler {
  /// The logger of all commands.
  static let logger = Logger(label: "lethe") { _ in ProgramLog() }

  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.notice

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    Console.complain("lethe: \(event.level.rawValue): \(event.message)")
  }
}
