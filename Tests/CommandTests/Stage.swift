import Foundation
import GRDB
import Testing

/// A directory of a test's own, with a vault, its keys beside it, and the program.
final class Stage {
  let directory: String
  /// E-mail of a person known to three sources; empty without data.
  private(set) var email = ""
  /// The person's token.
  private(set) var token = ""
  private(set) var secrets: [String] = []
  private let isOwned: Bool

  var vault: String { directory + "/vault" }
  var key: String { directory + "/unseal.key" }
  var slot: String { directory + "/slot" }
  var settings: String { vault + "/lethe.yaml" }

  /// Works in a directory that somebody else removes.
  init(directory: String) {
    self.directory = directory
    isOwned = false
  }

  /// Copies a template.
  init(_ template: Result<Template.Made, any Error>) throws {
    let made = try template.get()
    directory = try Workshop.place()
    isOwned = true
    email = made.email
    token = made.token
    secrets = made.secrets
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: made.directory) {
      try files.copyItem(atPath: "\(made.directory)/\(name)", toPath: "\(directory)/\(name)")
    }
    for path in [key, slot] { try setMode(0o600, path) }
    try edit(settings) { $0.replacingOccurrences(of: made.directory, with: directory) }
  }

  deinit { if isOwned { try? FileManager.default.removeItem(atPath: directory) } }

  /// Runs the program in the directory; the vault is named by the environment.
  @discardableResult
  func lethe(
    _ arguments: String..., input: String? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    try lethe(arguments, input: input, environment: environment)
  }

  /// Runs the program in the directory.
  @discardableResult
  func lethe(
    _ arguments: [String], input: String? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    try start(arguments, input: input, environment: environment).wait()
  }

  /// Starts the program in the directory.
  func start(
    _ arguments: [String], input: String? = nil, environment: [String: String] = [:]
  ) throws -> Running {
    try Program.start(
      arguments, in: directory,
      environment: ["LETHE_VAULT": vault].merging(environment) { _, new in new }, input: input)
  }

  /// Runs a command that has to succeed.
  @discardableResult
  func succeed(
    _ arguments: String..., input: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    let outcome = try lethe(arguments, input: input)
    #expect(
      outcome.status == 0 && !outcome.wasKilled, "\(arguments): \(outcome.error)",
      sourceLocation: sourceLocation)
    return outcome
  }

  /// Runs a command for its JSON answer.
  func ask(
    _ arguments: String..., input: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String: Any] {
    let outcome = try lethe(arguments + ["--json"], input: input)
    #expect(
      outcome.status == 0, "\(arguments): \(outcome.error)", sourceLocation: sourceLocation)
    return try outcome.document(sourceLocation: sourceLocation)
  }

  /// The numbers of `lethe status` by name.
  func counts() throws -> [String: Int] {
    try ask("status", "--as", "dana").compactMapValues { $0 as? Int }
  }
}

extension Stage {
  func path(_ name: String) -> String { "\(directory)/\(name)" }

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
  }

  func edit(_ path: String, _ change: (String) -> String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try Data(change(text).utf8).write(to: URL(fileURLWithPath: path))
  }

  func setMode(_ mode: Int, _ path: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Makes third-party data due that is younger than the policy says.
  func shortenRetention() throws {
    try edit(vault + "/policies/retention.yaml") { $0.replacing("P30D", "P5D") }
  }

  /// Runs a statement on a database of the vault.
  func execute(_ sql: String, on name: String) throws {
    try DatabaseQueue(path: "\(vault)/\(name)").writeWithoutTransaction {
      try $0.execute(sql: sql)
    }
  }

  /// Everything a refused command must leave as it was.
  func snapshot() throws -> Snapshot { try Snapshot(of: directory) }
}

/// The files below a directory and the number of rows in every table.
struct Snapshot: Equatable {
  private(set) var files: [String: Int] = [:]
  private(set) var rows: [String: Int] = [:]

  init(of directory: String) throws {
    for path in try FileManager.default.subpathsOfDirectory(atPath: directory) {
      let full = "\(directory)/\(path)"
      // SQLite makes and removes its side files as it likes, and moves pages about in the others.
      if path.hasSuffix("-wal") || path.hasSuffix("-shm") { continue }
      if path.hasSuffix(".sqlite") {
        files[path] = 0
        for (table, count) in try Self.counts(full) { rows["\(path).\(table)"] = count }
      } else {
        files[path] = FileManager.default.contents(atPath: full)?.hashValue ?? 0
      }
    }
  }

  /// Without the log, where a denial leaves its entry.
  var withoutLog: Snapshot {
    var copy = self
    copy.files = files.filter { !$0.key.contains("/audit/") }
    copy.rows = rows.filter { !$0.key.contains(".audit_") }
    return copy
  }

  /// Entries of the log.
  var logSize: Int { rows["vault/vault.sqlite.audit_entry"] ?? 0 }

  private static func counts(_ path: String) throws -> [String: Int] {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(10)
    guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else {
      return [:]
    }
    return try queue.read { database in
      let tables = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
      return try tables.reduce(into: [:]) { counts, table in
        counts[table] = try Int.fetchOne(database, sql: "SELECT count(*) FROM \"\(table)\"")
      }
    }
  }
}

/// Expects a refusal: exit code, nothing on standard output, one line that names what and where.
func expectRefusal(
  _ outcome: Outcome, _ status: Int32, _ code: String, naming names: [String] = [],
  secrets: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(outcome.status == status, "\(outcome.error)", sourceLocation: sourceLocation)
  #expect(!outcome.wasKilled && outcome.output.isEmpty, sourceLocation: sourceLocation)
  #expect(outcome.complaints.count == 1, "\(outcome.error)", sourceLocation: sourceLocation)
  let line = outcome.complaints.last ?? ""
  #expect(
    line.hasPrefix("lethe: ") && line.hasSuffix("[\(code)]"), "\(line)",
    sourceLocation: sourceLocation)
  for name in names {
    #expect(line.contains(name), "\(line)", sourceLocation: sourceLocation)
  }
  #expect(!secrets.contains { line.contains($0) }, "\(line)", sourceLocation: sourceLocation)
}

extension Stage {
  /// Expects a command to be refused and to leave everything as it was.
  ///
  /// `logged` is the number of entries the refusal leaves in the log.
  func expectRefused(
    _ arguments: [String], _ status: Int32, _ code: String, naming names: [String] = [],
    logged: Int = 0, input: String? = nil, environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try snapshot()
    let outcome = try lethe(arguments, input: input, environment: environment)
    expectRefusal(
      outcome, status, code, naming: names, secrets: secrets, sourceLocation: sourceLocation)
    let after = try snapshot()
    #expect(after.withoutLog == before.withoutLog, sourceLocation: sourceLocation)
    #expect(after.logSize - before.logSize == logged, sourceLocation: sourceLocation)
    if logged == 0 { #expect(after == before, sourceLocation: sourceLocation) }
  }
}
