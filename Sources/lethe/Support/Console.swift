import ArgumentParser
import Foundation
import Transparency

/// Where output goes: one JSON document or nothing on standard output for programs, text for
/// people.
struct Console {
  /// Whether the command answers with JSON.
  let isJSON: Bool

  /// Whether standard error is a terminal.
  static var isErrorTerminal: Bool { isatty(2) == 1 }

  /// Prints the answer of a command: the document, or the lines for people.
  ///
  /// Text for people goes to standard error when standard output is piped, so that a pipe carries
  /// either JSON or nothing.
  func answer(
    _ members: @autoclosure () throws -> [(key: String, value: CanonicalJSON)], lines: [String]
  ) throws {
    if isJSON {
      let document = CanonicalJSON.object(try JSONObject(try members()))
      let bytes = try document.canonicalBytes(byteCountMaximum: .max)
      do {
        try FileHandle.standardOutput.write(contentsOf: Data(bytes + [0x0A]))
      } catch {
        throw OutputFailure(message: "the answer cannot be written to standard output")
      }
    } else {
      lines.forEach(say)
    }
  }

  /// The members and lines of an answer.
  struct Answer {
    let members: [(key: String, value: CanonicalJSON)]
    let lines: [String]
  }

  /// Runs a check and answers with its verdict, also when it does not pass.
  ///
  /// - Parameters:
  ///   - member: Name of the verdict in the document.
  ///   - words: What a failed check is called.
  ///   - check: The check; what it throws about integrity is the verdict.
  /// - Throws: `ExitCode` of an integrity failure; whatever else the check throws.
  func answerVerdict(
    _ member: String, failing words: String, _ check: () throws -> Answer
  ) throws {
    let answer: Answer
    do {
      answer = try check()
    } catch {
      guard let (status, code, message) = ExitStatus.describe(error), status == .integrity else {
        throw error
      }
      try self.answer(
        [(member, .bool(false)), ("code", .string(code)), ("reason", .string(message))],
        lines: ["\(words): \(message)"])
      throw ExitCode(status.rawValue)
    }
    try self.answer([(member, .bool(true))] + answer.members, lines: answer.lines)
  }

  /// Prints text for people; nothing when the command answers with JSON.
  func say(_ text: String) {
    guard !isJSON else { return }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let harmless = lines.map { TerminalText.harmless(String($0)) }.joined(separator: "\n")
    Self.write(harmless, to: isatty(1) == 1 ? FileHandle.standardOutput : .standardError)
  }

  /// Prints one line on standard error, whatever the text holds.
  static func complain(_ line: String) {
    write(TerminalText.harmless(line), to: .standardError)
  }

  /// Prints text of the program's own on standard output.
  static func write(_ text: String) {
    write(text, to: .standardOutput)
  }

  /// Text for people has nowhere to complain to; a full disk behind it must not end the work.
  private static func write(_ text: String, to target: FileHandle) {
    try? target.write(contentsOf: Data((text + "\n").utf8))
  }

  /// Reads one line from standard input, without its end.
  ///
  /// - Throws: ``UsageError`` when there is none.
  static func readLine(for what: String) throws -> String {
    guard let line = Swift.readLine(strippingNewline: true), !line.isEmpty else {
      throw UsageError(message: "standard input has no line with the \(what)")
    }
    return line
  }

  /// Asks a person to type a word; false when they type anything else or nobody is there.
  static func confirm(_ question: String, word: String) -> Bool {
    guard isatty(0) == 1 else { return false }
    FileHandle.standardError.write(Data("\(question) Type \(word) to go on: ".utf8))
    return Swift.readLine(strippingNewline: true) == word
  }
}

extension CanonicalJSON {
  /// A count.
  static func count(_ number: Int) -> CanonicalJSON { .integer(Int64(number)) }

  /// A list of texts.
  static func texts(_ texts: some Sequence<String>) -> CanonicalJSON {
    .array(texts.map { .string($0) })
  }

  /// An object.
  static func members(_ members: [(key: String, value: CanonicalJSON)]) throws -> CanonicalJSON {
    .object(try JSONObject(members))
  }
}
