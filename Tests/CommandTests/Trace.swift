import Foundation
import Testing

/// What a program asked of the file system, in order, as strace(1) saw it.
struct Trace {
  /// One call that succeeded.
  enum Act {
    /// Marks a file opened for writing, or a directory; with the flags as strace names them.
    case open(String, flags: String)
    /// Marks bytes written at an offset, or at the file's position.
    case write(String, at: Int?, [UInt8])
    case truncate(String, Int)
    case sync(String)
    case rename(String, to: String)
    case unlink(String)
  }

  private static let strace = "/usr/bin/strace"
  private static let calls =
    "openat,creat,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,ftruncate,rename,renameat,"
    + "renameat2,unlink,unlinkat,link,linkat,fallocate"
  static let isPossible: Bool = {
    let outcome = try? Program.start(["true"], executable: strace, in: "/").wait()
    return outcome?.status == 0
  }()
  static let absenceNote = "strace is missing or may not trace here; attack skipped"

  let acts: [Act]

  /// Runs the program and keeps its calls.
  static func run(_ words: [String], _ stage: Stage) throws -> (trace: Trace, outcome: Outcome) {
    let file = try Workshop.place() + "/trace"
    let options = ["-f", "-y", "-xx", "-s", "100000000", "-e", "trace=\(calls)", "-o", file]
    let outcome = try start(options, words, stage).wait()
    return (try Trace(Data(contentsOf: URL(fileURLWithPath: file)), in: stage.directory), outcome)
  }

  /// Runs the program and kills it as it enters a sync for the nth time.
  ///
  /// Databases sync by `fdatasync`, published files and directories by `fsync`.
  static func killAtSync(
    _ number: Int, _ words: [String], _ stage: Stage, call: String = "fdatasync"
  ) throws -> Outcome {
    let inject = "inject=\(call):signal=SIGKILL:when=\(number)"
    return try start(
      ["-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e", inject], words, stage
    ).wait()
  }

  private static func start(
    _ options: [String], _ words: [String], _ stage: Stage
  ) throws -> Running {
    try Program.start(
      options + [Program.path] + words, executable: strace, in: stage.directory,
      environment: ["LETHE_VAULT": stage.vault])
  }

  /// Reads strace's lines.
  init(_ data: Data, in directory: String) throws {
    var acts: [Act] = []
    var unfinished: [Substring: String] = [:]
    // One byte is one character here: names and bytes are all in hexadecimal.
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      guard let blank = line.firstIndex(of: " ") else { continue }
      let process = line[..<blank]
      var call = String(line[blank...].drop { $0 == " " })
      if call.hasSuffix("<unfinished ...>") {
        unfinished[process] = String(call.dropLast("<unfinished ...>".count))
        continue
      }
      if call.hasPrefix("<... "), let end = call.range(of: " resumed>") {
        call = (unfinished.removeValue(forKey: process) ?? "") + call[end.upperBound...]
      }
      if let act = try Self.act(call, directory) { acts.append(act) }
    }
    self.acts = acts
  }

  private static func act(_ call: String, _ directory: String) throws -> Act? {
    guard let open = call.firstIndex(of: "("),
      let equals = call.range(of: " = ", options: .backwards),
      !call[equals.upperBound...].hasPrefix("-1")
    else { return nil }
    let name = call[..<open]
    let rest = call[call.index(after: open)..<equals.lowerBound]
    let result = call[equals.upperBound...]
    // Neither a comma nor a blank is in a name or in bytes, which are in hexadecimal.
    let words = rest.dropLast().split(separator: ",").map { word in
      word.split(separator: " ").first ?? ""
    }
    switch name {
    case "openat":
      let flags = String(words[2])
      guard !flags.hasPrefix("O_RDONLY") || flags.contains("O_DIRECTORY") else { return nil }
      return .open(try described(result), flags: flags)
    case "write":
      return .write(try described(words[0]), at: nil, try bytes(words[1]))
    case "pwrite64":
      return .write(try described(words[0]), at: try number(words[3]), try bytes(words[1]))
    case "ftruncate": return .truncate(try described(words[0]), try number(words[1]))
    case "fsync", "fdatasync": return .sync(try described(words[0]))
    case "rename": return .rename(try path(words[0], directory), to: try path(words[1], directory))
    case "unlink": return .unlink(try path(words[0], directory))
    default: throw Unknown(call: String(name))
    }
  }

  /// A call this reader does not know; a model that left it out would prove nothing.
  struct Unknown: Error { let call: String }

  /// The path that `-y` writes behind a descriptor.
  private static func described(_ word: Substring) throws -> String {
    let start = try #require(word.firstIndex(of: "<"))
    let end = try #require(word.lastIndex(of: ">"))
    return String(decoding: try hexadecimal(word[word.index(after: start)..<end]), as: UTF8.self)
  }

  private static func path(_ word: Substring, _ directory: String) throws -> String {
    let path = String(decoding: try bytes(word), as: UTF8.self)
    return path.hasPrefix("/") ? path : "\(directory)/\(path)"
  }

  private static func bytes(_ word: Substring) throws -> [UInt8] {
    try #require(word.hasPrefix("\"") && word.hasSuffix("\""), "bytes were cut short")
    return try hexadecimal(word.dropFirst().dropLast())
  }

  private static func number(_ word: Substring) throws -> Int { try #require(Int(word)) }

  /// Reads `\x2f\x74…`.
  private static func hexadecimal(_ text: Substring) throws -> [UInt8] {
    let digits = Array(text.utf8)
    try #require(digits.count.isMultiple(of: 4))
    func value(_ digit: UInt8) -> UInt8 { digit < 0x3A ? digit & 0x0F : (digit & 0x0F) + 9 }
    return stride(from: 0, to: digits.count, by: 4).map {
      value(digits[$0 + 2]) << 4 | value(digits[$0 + 3])
    }
  }
}
