import Foundation
import Testing

/// Compares what the program prints with a file of `Tests/Golden/Command`.
enum Golden {
  /// Set to write the files anew instead.
  static let variable = "LETHE_UPDATE_GOLDEN"

  static func compare(
    _ text: String, with name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let place = URL(fileURLWithPath: Program.repository + "/Tests/Golden/Command/\(name)")
    if ProcessInfo.processInfo.environment[variable] == "1" {
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: place)
    }
    let expected = try String(contentsOf: place, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    let found = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, (old, new)) in zip(expected, found).enumerated() where old != new {
      Issue.record(
        "\(name), line \(number + 1): `\(new)` instead of `\(old)`", sourceLocation: sourceLocation)
      return
    }
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
  }
}

extension Stage {
  /// A command and its answer as a transcript, without what differs from run to run.
  func transcript(_ arguments: [String], _ outcome: Outcome) -> String {
    var text = "$ lethe \(arguments.joined(separator: " "))\n"
    text += outcome.outputText + outcome.error + "exit \(outcome.status)\n"
    let redactions = [
      (directory, "PLACE"), (Program.repository, "REPOSITORY"),
      ("t1_([a-z-]+)_[a-z2-7]{26}", "t1_$1_…"), ("\\b[0-9a-f]{16}\\b", "0123456789abcdef"),
    ]
    for (pattern, name) in redactions {
      let isPath = pattern.hasPrefix("/")
      text = text.replacingOccurrences(
        of: pattern, with: name, options: isPath ? .literal : .regularExpression)
    }
    return text
  }
}
