import Foundation
import GRDB
import Sealing
import Synchronization
import Testing

@testable import Keyring

/// Repeats the same bytes in every run: blocks of SHA-256 over a seed and a counter.
final class SeededRandom: RandomSource {
  private let seed: UInt64
  private let counter = Mutex<UInt64>(0)
  /// Kept until the last keyring that draws from here is gone.
  private let scratch: ScratchDirectory?

  init(seed: UInt64 = 1, scratch: ScratchDirectory? = nil) {
    self.seed = seed
    self.scratch = scratch
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) {
    var offset = 0
    while offset < buffer.count {
      let number = counter.withLock { value in
        value += 1
        return value
      }
      for byte in SHA256.hash(seed.bigEndianBytes + number.bigEndianBytes)
      where offset < buffer.count {
        unsafe buffer[offset] = byte
        offset += 1
      }
    }
  }
}

/// A temporary directory, removed with the last one who uses it.
final class ScratchDirectory: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "keyring-\(UUID().uuidString)")
    for name in ["vault", "slot", "key"] {
      try FileManager.default.createDirectory(
        at: url.appending(path: name), withIntermediateDirectories: true)
    }
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }
}

/// Keeps epochs in memory, as a hardware slot would keep them elsewhere.
final class MemorySlot: EpochSlot {
  static let custodian = SlotCustodian(
    name: "memory", kind: .command, assurance: .l0, weakness: "test")

  let custodians = [MemorySlot.custodian]
  let paths: [String] = []
  private let epochs = Mutex<[EpochSecret]>([])
  private let rests = Mutex<[RestingEpoch]>([])

  func read() throws -> [EpochSecret] {
    epochs.withLock { $0.sorted { $0.epoch < $1.epoch } }
  }

  func prepare(_ next: EpochSecret) throws {
    try epochs.withLock { epochs in
      guard epochs.count < 2 else { throw KeyringError(.limit, "two epochs are alive") }
      epochs.append(next)
    }
  }

  func resting() throws -> [RestingEpoch] { rests.withLock { $0 } }

  func rest(_ epoch: UInt64, untilUnixSeconds: Int64) throws {
    epochs.withLock { epochs in
      guard let index = epochs.firstIndex(where: { $0.epoch == epoch }) else { return }
      let secret = epochs.remove(at: index)
      rests.withLock {
        $0.append(RestingEpoch(secret: secret, untilUnixSeconds: untilUnixSeconds))
      }
    }
  }

  func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> [SlotReceipt] {
    let isThere =
      try read().contains { $0.epoch == epoch }
      || resting().contains { $0.secret.epoch == epoch }
    epochs.withLock { $0.removeAll { $0.epoch == epoch } }
    rests.withLock { $0.removeAll { $0.secret.epoch == epoch } }
    return [
      SlotReceipt(
        custodian: Self.custodian, epoch: epoch,
        method: isThere ? .objectDestroyed : .alreadyAbsent, unixSeconds: unixSeconds)
    ]
  }

  func sweep() throws {}
}

/// Stops a roll at one step, as a crash would.
struct Crash: Error {}

/// A vault in a temporary directory: key store, slot and unseal key in three places.
final class TestVault {
  static let time: Int64 = 1_790_000_000

  let vault: VaultID
  let random: any RandomSource
  private let scratch: ScratchDirectory

  var directory: URL { scratch.url }
  var vaultDirectory: URL { directory.appending(path: "vault") }
  var storePath: String { vaultDirectory.appending(path: "keys.sqlite").path }
  var slotPath: String { directory.appending(path: "slot/epoch.slot").path }
  var keyPath: String { directory.appending(path: "key/unseal.key").path }

  init(seed: UInt64 = 1) throws {
    scratch = try ScratchDirectory()
    vault = try VaultID(rawBytes: Array(SHA256.hash(seed.bigEndianBytes).prefix(16)))
    random = SeededRandom(seed: seed, scratch: scratch)
  }

  func slot() throws -> FileEpochSlot {
    try FileEpochSlot.open(at: slotPath, vault: vault, random: random)
  }

  func unsealKey() throws -> UnsealKey {
    try UnsealKey.file(at: keyPath, outside: vaultDirectory.path)
  }

  /// Creates the vault's three parts.
  func create(isDemo: Bool = false) throws -> Keyring {
    let key = try UnsealKey.createFile(
      at: keyPath, outside: vaultDirectory.path, random: random)
    let slot = try FileEpochSlot.create(at: slotPath, vault: vault, random: random)
    return try Keyring.create(
      at: storePath, vault: vault, unsealKey: key, slot: slot, isDemo: isDemo, random: random,
      now: { Self.time })
  }

  /// Opens the vault, as another process would.
  func open(
    slot other: (any EpochSlot)? = nil, crashAt step: RollStep? = nil
  ) throws -> Keyring {
    let slot: any EpochSlot = try other ?? slot()
    let environment = Keyring.Environment(
      slot: slot, random: random, now: { Self.time },
      hook: { if $0 == step { throw Crash() } })
    return try Keyring.open(at: storePath, unsealKey: unsealKey(), environment)
  }

  /// Copies key store and log, optionally the slot, as a backup would.
  func snapshot(withSlot: Bool = false) throws -> URL {
    let target = directory.appending(path: "copy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: storePath + suffix) {
      try FileManager.default.copyItem(
        at: URL(filePath: storePath + suffix), to: target.appending(path: "keys.sqlite" + suffix))
    }
    if withSlot {
      try FileManager.default.copyItem(
        at: URL(filePath: slotPath), to: target.appending(path: "epoch.slot"))
    }
    return target
  }

  /// Puts a copy back in place of the current files.
  func restore(_ copy: URL) throws {
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: storePath + suffix)
      let source = copy.appending(path: "keys.sqlite" + suffix)
      if FileManager.default.fileExists(atPath: source.path) {
        try FileManager.default.copyItem(at: source, to: URL(filePath: storePath + suffix))
      }
    }
    let slotCopy = copy.appending(path: "epoch.slot")
    if FileManager.default.fileExists(atPath: slotCopy.path) {
      try Data(contentsOf: slotCopy).write(to: URL(filePath: slotPath), options: [])
    }
  }

  /// Changes the key store behind the program's back.
  func tamper(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
    let queue = try DatabaseQueue(path: storePath)
    try queue.write { try $0.execute(sql: sql, arguments: arguments) }
    try queue.close()
  }

  /// Reads one value of the key store.
  func value<T: DatabaseValueConvertible>(_ type: T.Type, _ sql: String) throws -> T? {
    let queue = try DatabaseQueue(path: storePath)
    defer { try? queue.close() }
    return try queue.read { try T.fetchOne($0, sql: sql) }
  }

  /// The slot file's bytes.
  func slotBytes() throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: slotPath)))
  }
}

extension Keyring {
  /// A subject key's bytes, for comparison.
  func subjectKey(_ leaf: Int64) throws -> [UInt8] {
    try withSubjectKey(leaf) { $0.plaintextCopy() }
  }

  func bucketKey(_ bucket: Bucket, createIfMissing: Bool = true) throws -> [UInt8] {
    try withBucketKey(bucket, createIfMissing: createIfMissing) { $0.plaintextCopy() }
  }

  func domainKey(_ domain: UInt16, _ epoch: UInt32, create: Bool = true) throws -> [UInt8] {
    try withDomainKey(domain: domain, epoch: epoch, createIfMissing: create) {
      $0.plaintextCopy()
    }
  }

  func indexKey(_ field: UInt16, _ generation: UInt32, create: Bool = true) throws -> [UInt8] {
    try withIndexKey(field: field, generation: generation, createIfMissing: create) {
      $0.plaintextCopy()
    }
  }
}

/// Expects an error of this code.
func expect(
  _ code: KeyringError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  #expect(throws: KeyringError(code, ""), sourceLocation: sourceLocation, performing: body)
}

/// A file's inode number.
func inode(_ path: String) throws -> UInt64? {
  let attributes = try FileManager.default.attributesOfItem(atPath: path)
  return (attributes[.systemFileNumber] as? NSNumber)?.uint64Value
}

extension [UInt8] {
  /// The bytes as SQLite takes them.
  var data: Data { Data(self) }
}
