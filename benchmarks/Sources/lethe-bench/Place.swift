import Foundation
import Keyring
import Sealing
import Synchronization
import Vault

/// A clock that begins on a fixed day and runs on by the machine's steady clock.
///
/// It begins at one instant in every run, so that terms can be made due; it runs, so that the times
/// the vault records of itself tell how long its steps took.
final class BenchClock: Sendable {
  /// The day on which every benchmark begins, 2024-10-04.
  static let firstDay = 20_000

  private let base = Mutex(Int64(firstDay) * VaultClock.millisecondsPerDay)
  private let start = ContinuousClock.now

  /// Milliseconds since 1970-01-01 UTC.
  var milliseconds: Int64 {
    let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
    return base.withLock { $0 } + Int64(elapsed)
  }

  /// Moves on by whole days.
  func advance(days: Int) {
    base.withLock { $0 += Int64(days) * VaultClock.millisecondsPerDay }
  }
}

/// A temporary directory with everything that is measured in it; removed at the end.
final class Place {
  let url: URL
  let clock = BenchClock()
  private let random = SystemRandom()
  private var vaults = 0

  init(in parent: URL) throws {
    url = parent.appending(path: "lethe-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  /// Path of a file or directory below.
  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Makes a vault with slot and key beside it, and opens it.
  func makeVault() throws -> Vault {
    vaults += 1
    let directory = path("vault-\(vaults)")
    let outside = url.appending(path: "outside-\(vaults)")
    try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
    let key = outside.appending(path: "unseal.key").path
    let settings = VaultSettings(
      origin: "bench.lethe.invalid/audit", unseal: .file(path: key),
      slot: .file(path: outside.appending(path: "epoch.slot").path), isDemo: false,
      segmentThreshold: 20)
    let clock = clock
    let environment = VaultEnvironment(
      clock: VaultClock { clock.milliseconds }, random: random)
    try Vault.create(
      directory: directory, policies: Self.policies, settings: settings,
      unsealKey: try UnsealKey.createFile(at: key, outside: directory, random: random),
      environment: environment)
    return try Vault.open(
      directory: directory, unsealKey: try UnsealKey.file(at: key, outside: directory),
      environment: environment)
  }

  /// The policies of the repository.
  static var policies: String {
    var place = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { place.deleteLastPathComponent() }
    return place.appending(path: "policies").path
  }

  /// Size of a database with its write-ahead log, in bytes.
  static func size(_ database: String) throws -> Int {
    try ["", "-wal"].reduce(0) { sum, suffix in
      let path = database + suffix
      guard FileManager.default.fileExists(atPath: path) else { return sum }
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      return sum + (size ?? 0)
    }
  }
}

extension Requester {
  /// Runs the sources.
  static let engineer = Requester(operatorName: "eve", purpose: "essential.service")
  /// Answers people.
  static let officer = Requester(
    operatorName: "dana", purpose: "subject_rights", caseReference: "BENCH-1")
  /// The vault's own jobs.
  static let service = Requester(
    operatorName: "lethe", purpose: "essential.legal_obligation")
}
