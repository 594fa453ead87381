import Foundation
import Intake
import Keyring
import Sealing
import Synchronization
import Transparency
import Vault

/// A clock the demo can move, so that twenty days pass in a moment.
final class DemoClock: Sendable {
  private let offset = Mutex<Int64>(0)

  /// The clock as the vault takes it.
  var clock: VaultClock {
    VaultClock { VaultClock.system.milliseconds + self.offset.withLock { $0 } }
  }

  /// Sets the distance from the machine's clock.
  func set(days: Int) {
    offset.withLock { $0 = Int64(days) * VaultClock.millisecondsPerDay }
  }
}

/// The state of one demo: places, clock, vault, the table and the checks.
final class DemoRun {
  /// Operators of `policies/operators.yaml` that play in the demo.
  enum Actor {
    static let dpo = "dana"
    static let analyst = "ana"
    static let support = "sam"
    static let engineer = "eve"
    static let service = "lethe"
  }

  /// Names what a demo has made, so that only that is ever replaced.
  private static let marker = ".lethe-demo"

  let directory: String
  let keysDirectory: String
  let dataDirectory: String
  let console: Console
  let clock = DemoClock()
  private let policies: String
  private(set) var rows: [(step: String, result: String, seconds: Double)] = []
  private(set) var passed = 0
  private(set) var failures: [String] = []

  init(directory: String, policies: String, console: Console) {
    self.directory = URL(fileURLWithPath: directory).standardizedFileURL.path
    keysDirectory = self.directory + "-keys"
    dataDirectory = self.directory + "-data"
    self.policies = policies
    self.console = console
  }

  /// Makes the vault, with a slot and a random unseal key outside it, in place of an older demo.
  func makeVault() throws {
    guard FileManager.default.fileExists(atPath: "\(policies)/vault.cedar") else {
      throw UsageError(
        message: "`\(policies)` holds no policies; name their directory with --policies")
    }
    try clear()
    for (path, mode) in [(keysDirectory, 0o700), (dataDirectory, 0o755)] {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
      try Data().write(to: URL(fileURLWithPath: "\(path)/\(Self.marker)"))
    }
    let key = try UnsealKey.createFile(
      at: keyPath, outside: directory, random: SystemRandom())
    let settings = VaultSettings(
      origin: "demo.lethe.invalid/audit", unseal: .file(path: keyPath),
      slot: .file(path: keysDirectory + "/slot"), isDemo: true, segmentThreshold: 20)
    try Vault.create(
      directory: directory, policies: policies, settings: settings, unsealKey: key,
      environment: VaultEnvironment(clock: clock.clock))
  }

  /// Opens a vault of the demo: the live one, or a copy that an attacker would try.
  func open(_ directory: String? = nil) throws -> Vault {
    try Vault.open(
      directory: directory ?? self.directory,
      unsealKey: try UnsealKey.file(at: keyPath, outside: directory ?? self.directory),
      environment: VaultEnvironment(clock: clock.clock))
  }

  /// Runs a step, times it and adds a row to the table.
  @discardableResult
  func step<R>(_ name: String, _ body: () throws -> (R, String)) throws -> R {
    let started = ContinuousClock.now
    let (value, result) = try body()
    let seconds = (ContinuousClock.now - started).seconds
    rows.append((name, result, seconds))
    console.say("  \(name.padding(to: 26)) \(Self.time(seconds))  \(result)")
    return value
  }

  /// Notes whether something is as it must be.
  func check(_ what: String, _ isTrue: Bool) {
    if isTrue {
      passed += 1
    } else {
      failures.append(what)
      console.say("  FAILED: \(what)")
    }
  }

  /// Notes whether something fails in the way it must.
  func checkRefused(_ what: String, _ body: () throws -> Void) {
    do {
      try body()
      check(what, false)
    } catch {
      check(what, ExitStatus.describe(error) != nil)
    }
  }

  /// Prints the end and fails when a check did.
  func finish() throws {
    let table = try rows.map { row in
      try CanonicalJSON.members([
        ("step", .string(row.step)), ("result", .string(row.result)),
        ("milliseconds", .integer(Int64(row.seconds * 1000))),
      ])
    }
    try console.answer(
      [
        ("vault", .string(directory)), ("passed", .count(passed)),
        ("failed", .count(failures.count)),
        ("failures", .texts(failures)), ("steps", .array(table)),
      ],
      lines: [
        "the vault is in \(directory), its keys in \(keysDirectory); try",
        "  lethe status --vault \(directory) --as \(Actor.dpo)",
        "  python3 audit/verify.py \(directory)/audit",
        "demo: \(passed) checks passed, \(failures.count) failed",
      ])
    guard failures.isEmpty else {
      throw CheckFailure(message: "\(failures.count) checks of the demo failed: \(failures[0])")
    }
  }

  func requester(_ name: String, _ purpose: String, case reference: String? = nil) -> Requester {
    Requester(operatorName: name, purpose: purpose, caseReference: reference)
  }

  /// Brings a file in and gives what became of it.
  func ingest(_ vault: Vault, _ path: String, contract name: String) throws -> FileIngestReport {
    let contract = try ContractFiles(vault.layout.policies).contract(name)
    // Beside the demo's own data: next to the file a list of its owner may lie.
    let list = "\(dataDirectory)/\(name).quarantine.jsonl"
    try? FileManager.default.removeItem(atPath: list)
    return try FileIngest(vault, contract: contract).run(
      try FileByteSource(path: path), file: path,
      quarantine: Quarantine(
        path: list, source: name, fileDigest: try FileDigest.sha256(of: path)),
      requester: requester(Actor.engineer, "essential.service"))
  }

  private var keyPath: String { keysDirectory + "/unseal.key" }

  /// Removes what an earlier demo left, and nothing that is not a demo's.
  private func clear() throws {
    let files = FileManager.default
    let isDemoVault = try? VaultSettings(readFrom: VaultLayout(directory: directory)).isDemo
    guard !files.fileExists(atPath: directory) || isDemoVault == true else {
      throw UsageError(
        message: "`\(directory)` exists and is no demo vault; name another directory")
    }
    let besides = [keysDirectory, dataDirectory].filter(files.fileExists)
    for path in besides where !files.fileExists(atPath: "\(path)/\(Self.marker)") {
      throw UsageError(message: "`\(path)` was not made by a demo; name another directory")
    }
    for path in [directory] + besides where files.fileExists(atPath: path) {
      try files.removeItem(atPath: path)
    }
  }

  private static func time(_ seconds: Double) -> String {
    let text =
      seconds < 1 ? "\(Int((seconds * 1000).rounded())) ms" : "\((seconds * 10).rounded() / 10) s"
    return String(repeating: " ", count: max(0, 8 - text.count)) + text
  }
}

extension Duration {
  /// The length in seconds, with its fraction.
  var seconds: Double { self / .seconds(1) }
}
