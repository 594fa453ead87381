import Foundation
import Sealing
import Synchronization
import TestSupport
import Testing

@testable import Keyring

/// Copies of the key store, the grace window, several custodians.
@Suite struct KeepingTests {
  private final class Clock: Sendable {
    private let time = Mutex<Int64>(TestVault.time)
    var now: Int64 { time.withLock { $0 } }
    func advance(days: Int64) { time.withLock { $0 += days * 86_400 } }
  }

  /// A key store with a clock, copies and a slot of its own choosing.
  private struct Scene {
    let vault: TestVault
    let clock = Clock()
    let slot: any EpochSlot
    let keeping: KeyKeeping

    init(replicas: Int = 0, quorum: Int? = nil, graceDays: Int = 0, restingCount: Int = 8) throws {
      let vault = try TestVault()
      self.vault = vault
      slot = try FileEpochSlot.create(
        at: vault.slotPath, vault: vault.vault, restingCount: restingCount, random: vault.random)
      let directories = (0..<replicas).map { vault.directory.appending(path: "copy\($0)").path }
      for directory in directories {
        try FileManager.default.createDirectory(
          atPath: directory, withIntermediateDirectories: true)
      }
      keeping = try KeyKeeping(replicas: directories, quorum: quorum, graceDays: graceDays)
    }

    func create() throws -> Keyring {
      let clock = clock
      return try Keyring.create(
        at: vault.storePath, vault: vault.vault,
        unsealKey: UnsealKey.createFile(
          at: vault.keyPath, outside: vault.vaultDirectory.path, random: vault.random),
        slot: slot, keeping: keeping, random: vault.random, now: { clock.now })
    }

    func open() throws -> Keyring {
      let clock = clock
      return try Keyring.open(
        at: vault.storePath, unsealKey: vault.unsealKey(), slot: slot, keeping: keeping,
        random: vault.random, now: { clock.now })
    }

    func replicaPath(_ index: Int) -> String { keeping.replicas[index] + "/keys.sqlite" }
  }

  // MARK: - Copies

  @Test func copiesFollowEveryCommitAndOpenLikeTheOriginal() throws {
    let scene = try Scene(replicas: 2)
    let keyring = try scene.create()
    _ = try keyring.createSubjectKeys(count: 300)
    _ = try keyring.bucketKey(.permanent)
    let receipt = try keyring.erase(subjects: [7, 250])
    try keyring.keep([SuppressionEntry(code: -5, reason: 1, sinceDay: 20_000)])
    #expect(receipt.replicas.map(\.condition) == [.current, .current])
    let status = try keyring.status()
    for index in 0..<2 {
      #expect(status.replicas[index].generation == status.generation)
      let copy = try Keyring.open(
        at: scene.replicaPath(index), unsealKey: scene.vault.unsealKey(), slot: scene.slot,
        random: scene.vault.random, now: { TestVault.time })
      expect(.keyDestroyed) { _ = try copy.subjectKey(7) }
      #expect(try copy.subjectKey(8) == keyring.subjectKey(8))
      #expect(try copy.bucketKey(.permanent) == keyring.bucketKey(.permanent))
      #expect(try copy.suppressionEntries().map(\.code) == [-5])
    }
  }

  @Test func aCopyThatIsGoneIsMadeAnew() throws {
    let scene = try Scene(replicas: 2)
    let keyring = try scene.create()
    _ = try keyring.createSubjectKeys(count: 5)
    try FileManager.default.removeItem(atPath: scene.replicaPath(0))
    _ = try keyring.createSubjectKeys(count: 5)
    #expect(try keyring.status().replicas.map(\.condition) == [.current, .current])
    #expect(FileManager.default.fileExists(atPath: scene.replicaPath(0)))
  }

  @Test func tooFewCopiesKeepTheOldEpochAliveUntilTheyAreBack() throws {
    let scene = try Scene(replicas: 2, quorum: 2)
    let keyring = try scene.create()
    _ = try keyring.createSubjectKeys(count: 5)
    let directory = scene.keeping.replicas[1]
    try FileManager.default.moveItem(atPath: directory, toPath: directory + ".away")
    expect(.replica) { _ = try keyring.erase(subjects: [1]) }
    // The key is gone from the tree, and the epoch is not destroyed yet.
    expect(.keyDestroyed) { _ = try keyring.subjectKey(1) }
    #expect(try scene.slot.read().map(\.epoch) == [1, 2])
    let waiting = try scene.open()
    #expect(try waiting.status().pendingEpochs == [1])
    #expect(try waiting.status().replicas.map(\.condition) == [.current, .missing])
    _ = try waiting.subjectKey(2)
    expect(.replica) { _ = try waiting.erase(subjects: [2]) }

    try FileManager.default.moveItem(atPath: directory + ".away", toPath: directory)
    let again = try scene.open()
    #expect(again.recoveryReceipts.map(\.epoch) == [1])
    #expect(try scene.slot.read().map(\.epoch) == [2])
    #expect(try again.erase(subjects: [2]).replicas.map(\.condition) == [.current, .current])
  }

  @Test func aMajorityIsEnoughAndTheOtherIsNamed() throws {
    let scene = try Scene(replicas: 3)
    let keyring = try scene.create()
    _ = try keyring.createSubjectKeys(count: 5)
    try FileManager.default.removeItem(atPath: scene.keeping.replicas[2])
    let receipt = try keyring.erase(subjects: [1])
    #expect(receipt.replicas.map(\.condition) == [.current, .current, .missing])
    #expect(receipt.slotReceipts.map(\.epoch) == [1])
  }

  @Test func anOlderKeyStoreThanItsCopyIsARollback() throws {
    let scene = try Scene(replicas: 1)
    let keyring = try scene.create()
    let old = try scene.vault.snapshot()
    // The same epoch: only the copy can tell.
    _ = try keyring.createSubjectKeys(count: 5)
    try scene.vault.restore(old)
    expect(.rollback) { _ = try scene.open() }
  }

  @Test func placesThatWouldDefeatTheCopiesAreRefused() throws {
    let vault = try TestVault()
    let slot = try FileEpochSlot.create(
      at: vault.slotPath, vault: vault.vault, random: vault.random)
    let inside = vault.vaultDirectory.appending(path: "copy").path
    let beside = vault.directory.appending(path: "slot").path
    for directory in [inside, beside] {
      expect(.permission) {
        _ = try Keyring.create(
          at: vault.storePath, vault: vault.vault,
          unsealKey: UnsealKey.key(try SecretBytes(randomCount: 32, from: vault.random)),
          slot: slot, keeping: KeyKeeping(replicas: [directory], quorum: nil, graceDays: 0),
          random: vault.random, now: { 0 })
      }
    }
    expect(.limit) { _ = try KeyKeeping(replicas: ["a"], quorum: 2, graceDays: 0) }
    expect(.limit) { _ = try KeyKeeping(replicas: ["a", "a"], quorum: 1, graceDays: 0) }
    expect(.limit) { _ = try KeyKeeping(replicas: [], quorum: 1, graceDays: 0) }
    expect(.limit) { _ = try KeyKeeping(replicas: [], quorum: nil, graceDays: 91) }
  }

  // MARK: - Grace window

  @Test func anEndedEpochRestsAndDiesWhenItsTimeHasCome() throws {
    let scene = try Scene(graceDays: 7)
    let keyring = try scene.create()
    _ = try keyring.createSubjectKeys(count: 5)
    let receipt = try keyring.erase(subjects: [1])
    guard case .resting(let until) = receipt.end else {
      Issue.record("the epoch does not rest")
      return
    }
    #expect(until == TestVault.time + 7 * 86_400)
    expect(.keyDestroyed) { _ = try keyring.subjectKey(1) }
    #expect(try scene.slot.read().map(\.epoch) == [2])
    #expect(try scene.slot.resting().map(\.secret.epoch) == [1])
    let secret = try scene.slot.resting()[0].secret.secret.plaintextCopy()
    #expect(Data(try scene.vault.slotBytes()).range(of: Data(secret)) != nil)

    scene.clock.advance(days: 6)
    #expect(try scene.open().status().restingEpochs.map(\.epoch) == [1])
    scene.clock.advance(days: 1)
    let later = try scene.open()
    #expect(later.recoveryReceipts.map(\.epoch) == [1])
    #expect(try scene.slot.resting().isEmpty)
    #expect(Data(try scene.vault.slotBytes()).range(of: Data(secret)) == nil)
  }

  @Test func anOldKeyStoreIsRefusedInTheGraceWindowToo() throws {
    let scene = try Scene(graceDays: 7)
    let keyring = try scene.create()
    _ = try keyring.createSubjectKeys(count: 5)
    let old = try scene.vault.snapshot()
    _ = try keyring.erase(subjects: [1])
    try scene.vault.restore(old)
    expect(.rollback) { _ = try scene.open() }
    // Refusing destroys nothing: the current epoch is still there.
    #expect(try scene.slot.read().map(\.epoch) == [2])
    #expect(try scene.slot.resting().map(\.secret.epoch) == [1])
  }

  @Test func aFullSlotLetsTheErasureWait() throws {
    let scene = try Scene(graceDays: 7, restingCount: 1)
    let keyring = try scene.create()
    _ = try keyring.createSubjectKeys(count: 5)
    _ = try keyring.erase(subjects: [1])
    expect(.limit) { _ = try keyring.erase(subjects: [2]) }
    #expect(try scene.slot.resting().map(\.secret.epoch) == [1])
    scene.clock.advance(days: 7)
    let later = try scene.open()
    _ = try later.erase(subjects: [2])
    #expect(try scene.slot.read().count == 1)
    expect(.keyDestroyed) { _ = try later.subjectKey(2) }
  }

  // MARK: - Custodians

  /// A custodian that can be switched off.
  private final class Switched: EpochSlot {
    let inner: FileEpochSlot
    private let isOff = Mutex(false)
    var custodians: [SlotCustodian] { inner.custodians }
    var paths: [String] { inner.paths }

    init(_ inner: FileEpochSlot) { self.inner = inner }

    func set(off: Bool) { isOff.withLock { $0 = off } }

    private func live() throws -> FileEpochSlot {
      if isOff.withLock({ $0 }) { throw KeyringError(.unavailable, "no route") }
      return inner
    }

    func read() throws -> [EpochSecret] { try live().read() }
    func resting() throws -> [RestingEpoch] { try live().resting() }
    func prepare(_ next: EpochSecret) throws { try live().prepare(next) }
    func rest(_ epoch: UInt64, untilUnixSeconds: Int64) throws {
      try live().rest(epoch, untilUnixSeconds: untilUnixSeconds)
    }
    func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> [SlotReceipt] {
      try live().retire(epoch, unixSeconds: unixSeconds)
    }
    func sweep() throws { try live().sweep() }
  }

  private func mirrored() throws -> (TestVault, Switched, MirroredEpochSlot, Keyring) {
    let vault = try TestVault()
    let first = try FileEpochSlot.create(
      at: vault.slotPath, vault: vault.vault, random: vault.random)
    let second = Switched(
      try FileEpochSlot.create(
        at: vault.directory.appending(path: "key/second.slot").path, vault: vault.vault,
        random: vault.random))
    let slot = MirroredEpochSlot([first, second])
    let keyring = try Keyring.create(
      at: vault.storePath, vault: vault.vault,
      unsealKey: UnsealKey.createFile(
        at: vault.keyPath, outside: vault.vaultDirectory.path, random: vault.random),
      slot: slot, random: vault.random, now: { TestVault.time })
    _ = try keyring.createSubjectKeys(count: 5)
    return (vault, second, slot, keyring)
  }

  @Test func everyCustodianGivesAReceipt() throws {
    let (vault, second, slot, keyring) = try mirrored()
    let receipt = try keyring.erase(subjects: [1])
    #expect(receipt.slotReceipts.map(\.custodian.name) == slot.custodians.map(\.name))
    #expect(receipt.slotReceipts.allSatisfy { $0.method == .overwrittenTwice })
    #expect(try vault.slot().read().map(\.epoch) == [2])
    #expect(try second.read().map(\.epoch) == [2])
    #expect(
      try vault.slot().read()[0].secret.isEqual(to: second.read()[0].secret))
  }

  @Test func aCustodianThatDoesNotAnswerBlocksTheEndAndNothingElse() throws {
    let (vault, second, slot, keyring) = try mirrored()
    second.set(off: true)
    expect(.unavailable) { _ = try keyring.erase(subjects: [1]) }
    // Nothing was destroyed: the next secret could not be given to all.
    _ = try keyring.subjectKey(1)
    let reader = try vault.open(slot: slot)
    _ = try reader.subjectKey(1)
    second.set(off: false)
    #expect(try reader.erase(subjects: [1]).slotReceipts.count == 2)
  }

  @Test func aCustodianThatGoesAwayAfterTheCommitIsWaitedFor() throws {
    let (vault, second, slot, keyring) = try mirrored()
    let roll = try keyring.commit(KeyTargets(subjects: [1]), tag: RollTag(reference: "R"))
    second.set(off: true)
    expect(.unavailable) { _ = try keyring.endEpoch(roll.record.oldEpoch) }
    let waiting = try vault.open(slot: slot)
    _ = try waiting.subjectKey(2)
    second.set(off: false)
    #expect(try second.read().map(\.epoch) == [1, 2])
    let again = try vault.open(slot: slot)
    #expect(again.recoveryReceipts.map(\.epoch).contains(1))
    #expect(try second.read().map(\.epoch) == [2])
    AttackReport.record(
      number: 10, name: "custodian unreachable after the commit",
      tried: "one of two custodians gone between COMMITTED and RETIRED, then back",
      result: "no receipt while it is gone, the vault stays in use; retired when it is back")
  }

  @Test func custodiansWithDifferentSecretsAreRefused() throws {
    let (vault, second, slot, keyring) = try mirrored()
    _ = keyring
    _ = try second.retire(1, unixSeconds: 0)
    try second.prepare(
      EpochSecret(epoch: 1, secret: try SecretBytes(randomCount: 32, from: vault.random)))
    expect(.wrongSlot) { _ = try slot.read() }
    expect(.wrongSlot) { _ = try vault.open(slot: slot) }
  }

  // MARK: - Rolls on record and the unseal key

  @Test func aRollIsFoundAgainByItsTag() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 5)
    let tag = RollTag(reference: "C-1")
    let first = try keyring.commit(KeyTargets(subjects: [1, 2]), tag: tag)
    _ = try keyring.erase(subjects: [3])
    let again = try vault.open().commit(KeyTargets(subjects: [1, 2]), tag: tag)
    #expect(again.record == first.record && again.alreadyDestroyed.subjects == 2)
    #expect(try keyring.status().epoch == 3)
  }

  @Test func anotherUnsealKeySealsTheRootAloneAndErasesNothing() throws {
    let vault = try TestVault()
    let keyring = try vault.create()
    _ = try keyring.createSubjectKeys(count: 70)
    let key = try keyring.subjectKey(5)
    let before = try vault.snapshot()
    let passphrase = { try UnsealKey.passphrase(SecretBytes(copying: Array("correct horse".utf8))) }
    let cheap = Scrypt.Parameters(cost: 1 << 15, blockSize: 8, parallelism: 1)
    try keyring.rotateUnseal(to: passphrase(), scrypt: cheap)
    #expect(try keyring.subjectKey(5) == key)
    expect(.sealed) { _ = try vault.open() }
    let open = {
      try Keyring.open(
        at: vault.storePath, unsealKey: passphrase(), slot: vault.slot(), random: vault.random,
        now: { TestVault.time })
    }
    #expect(try open().subjectKey(5) == key)
    // A copy from before still opens with the old key: this is no erasure.
    try vault.restore(before)
    #expect(try vault.open().subjectKey(5) == key)
  }
}
