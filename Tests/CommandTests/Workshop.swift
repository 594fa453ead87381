import Foundation
import SampleData
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Temporary directories of this test run.
enum Workshop {
  /// Holds all of them; removed when the tests end.
  static let root: String = {
    let path = URL(fileURLWithPath: NSTemporaryDirectory())
      .appendingPathComponent("lethe-commands-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: Workshop.root) }
    return path
  }()

  /// Makes a directory.
  static func place() throws -> String {
    let path = "\(root)/\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}

/// The four files every stage with data is made from.
enum Sample {
  static let people = 240
  static let seed: UInt64 = 7

  /// Writes the files into a directory.
  static func write(to directory: String, badRows: Bool = false, seed: UInt64 = seed) throws {
    let today = CivilDay(daysSince1970: Int(Date().timeIntervalSince1970) / 86_400)
    let generator = try SampleGenerator(
      seed: seed, people: people, today: today, badRows: badRows)
    for file in SampleFile.allCases {
      var text = ""
      generator.write(file) { text += $0 }
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(file.rawValue)"))
    }
  }

  /// Name, command words and contract of each file, in the order they are brought in.
  static let sources = ["crm.csv", "orders.jsonl", "web.jsonl", "dmp.csv"]

  /// What no message may ever show: e-mails, phones and names of the sample.
  static func secrets(of directory: String) throws -> [String] {
    let text = try String(contentsOfFile: "\(directory)/crm.csv", encoding: .utf8)
    let rows = text.split(whereSeparator: \.isNewline).dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    return rows.filter { $0.count > 5 && !$0[0...5].contains { $0.contains("\"") } }
      .flatMap { [$0[1], $0[2], $0[4], $0[5]] }
      .filter { $0.count >= 6 && $0 != "test@test.com" }
  }

  /// The e-mails of the CRM, in the order of the file.
  static func emails(of directory: String) throws -> [String] {
    try secrets(of: directory).filter { $0.contains("@") }
  }
}

/// Vaults made once; every stage starts from a copy.
enum Template {
  /// A vault with nothing in it.
  static let bare = Result { try make(full: false) }
  /// A vault with the sample, unified and projected; and a person known to three sources.
  static let full = Result { try make(full: true) }

  /// What a template holds.
  struct Made {
    let directory: String
    let email: String
    let token: String
    let secrets: [String]
  }

  private static func make(full: Bool) throws -> Made {
    let directory = try Workshop.place()
    let stage = Stage(directory: directory)
    try stage.succeed(
      "init", stage.vault, "--unseal", "file:unseal.key", "--slot", "slot", "--policies",
      Program.repository + "/policies", "--origin", "test.lethe.invalid/audit")
    guard full else { return Made(directory: directory, email: "", token: "", secrets: []) }
    try Sample.write(to: directory)
    for file in Sample.sources {
      let contract = String(file.prefix { $0 != "." })
      try stage.succeed("ingest", file, "--contract", contract, "--as", "eve")
    }
    try stage.succeed("unify", "--as", "lethe")
    try stage.succeed("project", "--as", "lethe")
    for email in try Sample.emails(of: directory) {
      let answer = try stage.lethe("find", "email", "-", "--as", "dana", "--json", input: email)
        .document()
      guard let persons = answer["persons"] as? [[String: Any]], persons.count == 1,
        let sources = persons[0]["sources"] as? [String], sources.count >= 3,
        let token = persons[0]["token"] as? String
      else { continue }
      return Made(
        directory: directory, email: email, token: token,
        secrets: try Sample.secrets(of: directory))
    }
    throw CocoaError(.featureUnsupported)
  }
}
