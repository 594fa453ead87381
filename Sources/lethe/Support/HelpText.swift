import ArgumentParser
import Foundation

/// The help of a command, with its examples and exit codes at the end.
///
/// The parser puts the whole discussion at the top and wraps it; examples are to be copied, so they
/// are taken as they stand in the command.
struct HelpText {
  /// Begins the part of a discussion that belongs at the end.
  private static let examples = "EXAMPLES"
  private static let usage = "USAGE: "

  /// The text to print, without the last line end.
  let text: String

  /// Reorders what the parser made; anything but help stays as it is.
  init(rendered: String) {
    var lines = rendered.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    if let usage = lines.firstIndex(where: { $0.hasPrefix(Self.usage) }),
      let ending = Self.ending(of: Self.command(in: lines[usage]))
    {
      if let start = lines.firstIndex(of: Self.examples), start < usage {
        lines.removeSubrange(start..<usage)
      }
      lines += ["", ending]
    }
    text = lines.joined(separator: "\n")
  }

  /// Every command, with the words that call it.
  static func commands(
    below command: any ParsableCommand.Type = LetheCommand.self, path: [String] = []
  ) -> [(path: [String], command: any ParsableCommand.Type)] {
    let path = path + [command.configuration.commandName ?? ""]
    return [(path, command)]
      + command.configuration.subcommands.flatMap { commands(below: $0, path: path) }
  }

  /// The command whose usage line this is: the one with the longest matching words.
  private static func command(in line: String) -> (any ParsableCommand.Type)? {
    let words = line.dropFirst(usage.count).split(separator: " ").map(String.init)
    return commands().filter { words.starts(with: $0.path) }
      .max { $0.path.count < $1.path.count }?.command
  }

  private static func ending(of command: (any ParsableCommand.Type)?) -> String? {
    guard let discussion = command?.configuration.discussion,
      let start = discussion.range(of: examples)
    else { return nil }
    return String(discussion[start.lowerBound...])
  }
}

/// One line about a command line that cannot be parsed.
struct UsageText {
  /// Digits in a row from which a word may be a number of a person.
  private static let suspectDigits = 5

  /// The line.
  let line: String

  /// Makes the line from the parser's message and its full text, which names the command.
  ///
  /// What was typed may be somebody's e-mail or phone; words that look like one are left out.
  init(message: String, full: String) {
    let words = message.split(whereSeparator: \.isWhitespace).map { word in
      Self.isSuspect(word) ? "'…'" : String(word)
    }
    let text = words.joined(separator: " ")
    let hint = full.split(separator: "'").first {
      $0.hasPrefix("lethe ") && $0.hasSuffix(" --help")
    }
    let end = text.hasSuffix(".") ? text.dropLast() : text[...]
    line = end.prefix(1).lowercased() + end.dropFirst() + "; see `\(hint ?? "lethe --help")`"
  }

  private static func isSuspect(_ word: Substring) -> Bool {
    word.contains("@") || word.count(where: \.isNumber) >= suspectDigits
  }
}
