public import Foundation
public import Keyring
public import Sealing
import Synchronization
import TestSupport
public import Vault

/// A vault in a temporary directory: vault, slot and unseal key in three places, with a clock that
/// stands still and randomness that repeats.
public final class TestVault {
  /// The day on which tests begin, 2024-10-04.
  public static let day = 20_000

  /// The directory that holds everything; removed when neither test nor vault uses it any more.
  public var root: URL { place.url }
  /// The time.
  public let clock: TestClock
  /// Randomness that tests can make fail.
  public let random: TestRandom
  /// What the vault's settings say about the log.
  public var log = LogSettings()
  /// The way to witnesses.
  public var witnessTransport: VaultEnvironment.WitnessTransport?
  private let place: TestPlace

  /// Names the places; nothing but their parents exists yet.
  public init(seed: UInt64 = 1) throws {
    place = TestPlace()
    clock = TestClock(day: Self.day)
    random = TestRandom(try SeededRandom(seed: seed), place)
    for name in ["slot", "key"] {
      try FileManager.default.createDirectory(
        at: root.appending(path: name), withIntermediateDirectories: true)
    }
  }

  private init(copying other: TestVault) throws {
    place = TestPlace()
    clock = TestClock(milliseconds: other.clock.milliseconds)
    random = TestRandom(try SeededRandom(seed: 99), place)
    try FileManager.default.copyItem(at: other.root, to: root)
    // Key and slot of the copy are its own.
    let text = try String(contentsOfFile: layout.settings, encoding: .utf8)
    try text.replacingOccurrences(of: other.root.path, with: root.path)
      .write(toFile: layout.settings, atomically: true, encoding: .utf8)
  }

  /// The vault directory.
  public var directory: String { root.appending(path: "vault").path }
  /// The vault's files.
  public var layout: VaultLayout { VaultLayout(directory: directory) }
  /// The epoch slot.
  public var slotPath: String { root.appending(path: "slot/epoch.slot").path }
  /// The unseal key.
  public var keyPath: String { root.appending(path: "key/unseal.key").path }
  /// The policies of the repository.
  public static var policies: String {
    var place = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { place.deleteLastPathComponent() }
    return place.appending(path: "policies").path
  }

  /// Clock and randomness.
  public var environment: VaultEnvironment {
    VaultEnvironment(clock: clock.clock, random: random, witnessTransport: witnessTransport)
  }

  /// The settings of the vault.
  public func settings(
    isDemo: Bool = false, slot: String? = nil, custodians: [SlotPlace] = [],
    keeping: KeyKeeping = KeyKeeping()
  ) -> VaultSettings {
    VaultSettings(
      origin: "test.lethe.invalid/audit", unseal: .file(path: keyPath),
      slot: .file(path: slot ?? slotPath), custodians: custodians, keeping: keeping,
      isDemo: isDemo, segmentThreshold: 20, log: log)
  }

  /// Makes the vault with a fresh unseal key.
  public func create(policies: String = TestVault.policies) throws {
    let key = try UnsealKey.createFile(at: keyPath, outside: directory, random: random)
    try Vault.create(
      directory: directory, policies: policies, settings: settings(), unsealKey: key,
      environment: environment)
  }

  /// Opens the vault, or a copy of its directory, with the present key and the present slot.
  public func open(_ copy: String? = nil) throws -> Vault {
    let place = copy ?? directory
    return try Vault.open(
      directory: place, unsealKey: try UnsealKey.file(at: keyPath, outside: place),
      environment: environment)
  }

  /// Makes the vault and opens it.
  public func made() throws -> Vault {
    try create()
    return try open()
  }

  /// Copies the vault directory as it is on disk, as a backup of all its files would.
  public func copyDirectory(_ name: String) throws -> String {
    let copy = root.appending(path: name)
    try FileManager.default.copyItem(at: URL(filePath: directory), to: copy)
    return copy.path
  }

  /// Copies the policies of the repository into this test's own directory, file by file.
  ///
  /// Never a link: a test that changes its copy must not reach the repository's files.
  public func copyPolicies() throws -> URL {
    let copy = root.appending(path: "key/policies")
    try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.policies) {
      guard let bytes = FileManager.default.contents(atPath: "\(Self.policies)/\(name)") else {
        continue
      }
      try bytes.write(to: copy.appending(path: name), options: .withoutOverwriting)
    }
    return copy
  }

  /// Copies vault, slot and key: a world of its own, as it was at this moment.
  public func clone() throws -> TestVault { try TestVault(copying: self) }
}

/// A temporary directory, removed with the last one who uses it.
final class TestPlace: Sendable {
  let url = FileManager.default.temporaryDirectory.appending(path: "vault-\(UUID().uuidString)")

  deinit {
    try? FileManager.default.removeItem(at: url)
  }
}

/// A clock that stands still until a test moves it.
public final class TestClock: Sendable {
  private let time: Mutex<Int64>

  init(day: Int) { time = Mutex(Int64(day) * VaultClock.millisecondsPerDay + 36_000_000) }
  init(milliseconds: Int64) { time = Mutex(milliseconds) }

  /// Milliseconds since 1970-01-01 UTC.
  public var milliseconds: Int64 { time.withLock { $0 } }
  /// The clock as the vault takes it.
  public var clock: VaultClock { VaultClock { self.milliseconds } }

  /// Moves to ten o'clock of a day.
  public func set(day: Int) {
    time.withLock { $0 = Int64(day) * VaultClock.millisecondsPerDay + 36_000_000 }
  }
}

/// Randomness that fails after a number of draws, as a process that dies between two steps would.
public final class TestRandom: RandomSource {
  private let source: any RandomSource
  private let left = Mutex<Int?>(nil)
  /// Kept until the last vault that draws from here is gone.
  private let place: TestPlace

  init(_ source: any RandomSource, _ place: TestPlace) {
    self.source = source
    self.place = place
  }

  /// Lets this many draws through and fails all later ones; nil heals.
  public func fail(after draws: Int?) { left.withLock { $0 = draws } }

  /// Fills the buffer or fails.
  public func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) {
    let isDead = left.withLock { left in
      guard let count = left else { return false }
      left = max(0, count - 1)
      return count == 0
    }
    guard !isDead else { throw SealingError(.entropyUnavailable, "the test stops here") }
    try unsafe source.fill(buffer)
  }
}
