import Foundation
import Sealing
import Synchronization
import TestSupport
import Testing

@testable import Keyring

/// Rolls that do one thing wrong; the closure has to notice each of them.
///
/// A walker that never finds an erased key would pass the closure test against any program. So the
/// faults are made here, by giving the roll randomness that repeats an old key, or files that
/// should not be there, and the walker has to recover what was erased.
@Suite struct RollMutantTests {
  /// Randomness that answers chosen draws of 32 bytes with bytes of the test's choosing.
  private final class Rigged: RandomSource {
    private struct State {
      var answers: [Int: [UInt8]] = [:]
      var draws = 0
    }

    private let inner: any RandomSource
    private let state = Mutex(State())

    init(_ inner: any RandomSource) { self.inner = inner }

    /// Counts from here; the first draw is 0.
    func rig(_ answers: [Int: [UInt8]]) {
      state.withLock { $0 = State(answers: answers) }
    }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) {
      let answer = state.withLock { state -> [UInt8]? in
        guard buffer.count == HeldKey.byteCount else { return nil }
        defer { state.draws += 1 }
        return state.answers[state.draws]
      }
      guard let answer else { return try unsafe inner.fill(buffer) }
      unsafe buffer.copyBytes(from: answer)
    }
  }

  /// A custodian that gives receipts and destroys nothing.
  private final class Lying: EpochSlot {
    let inner: FileEpochSlot
    let kept = Mutex<[EpochSecret]>([])
    var custodians: [SlotCustodian] { inner.custodians }
    var paths: [String] { inner.paths }

    init(_ inner: FileEpochSlot) { self.inner = inner }

    func read() throws -> [EpochSecret] { try inner.read() }
    func resting() throws -> [RestingEpoch] { [] }
    func prepare(_ next: EpochSecret) throws { try inner.prepare(next) }
    func rest(_ epoch: UInt64, untilUnixSeconds: Int64) throws {}
    func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> [SlotReceipt] {
      let found = try inner.read().filter { $0.epoch == epoch }
      kept.withLock { $0 += found }
      return try inner.retire(epoch, unixSeconds: unixSeconds)
    }
    func sweep() throws { try inner.sweep() }
  }

  /// What goes wrong. An erasure in a tree of two levels draws the leaf node's key, its parent's,
  /// and the epoch secret.
  enum Fault: String, CaseIterable {
    case none = "nothing"
    case leafKeyKept = "leaf node not re-keyed"
    case parentKeyKept = "parent not re-keyed"
    case rootNotRolled = "root not rolled"
    case slotInBackup = "slot file in the backup"
    case slotKept = "custodian keeps the old secret"
    case oldKeyUsedAgain = "key of an earlier leaf node used again"

    var draw: Int? {
      switch self {
      case .leafKeyKept, .oldKeyUsedAgain: 0
      case .parentKeyKept: 1
      case .rootNotRolled: 2
      case .none, .slotInBackup, .slotKept: nil
      }
    }
  }

  /// A vault of which an adversary has kept every version.
  private final class Scene {
    let vault: TestVault
    let random: Rigged
    let slot: Lying
    let keyring: Keyring
    var adversary = Adversary()
    let keepsSlot: Bool

    init(keepsSlot: Bool) throws {
      vault = try TestVault()
      self.keepsSlot = keepsSlot
      random = Rigged(vault.random)
      _ = try vault.create().createSubjectKeys(count: 200)
      slot = Lying(try vault.slot())
      keyring = try Keyring.open(
        at: vault.storePath, unsealKey: vault.unsealKey(),
        Keyring.Environment(slot: slot, random: random, now: { TestVault.time }))
      keep()
    }

    func keep() {
      adversary.take(vault.vaultDirectory)
      if keepsSlot { adversary.take(URL(filePath: vault.slotPath).deletingLastPathComponent()) }
    }

    /// The key a node is sealed under at present.
    func nodeKey(_ address: NodeAddress) throws -> [UInt8] {
      var present = Adversary()
      try #require(try keyring.store.truncateLog())
      present.take(vault.vaultDirectory)
      return try #require(try vault.closure(present).nodeKeys[address.id]?.first)
    }
  }

  private static let first = NodeAddress(.subjects, height: 0, above: 5)
  private static let top = NodeAddress(.subjects, height: 1, above: 5)

  @Test(arguments: Fault.allCases) func theClosureNoticesEveryFault(fault: Fault) throws {
    let scene = try Scene(keepsSlot: fault == .slotInBackup)
    let (vault, keyring) = (scene.vault, scene.keyring)
    let erased = try [5, 6].map { try keyring.subjectKey($0) }
    let other = try keyring.subjectKey(190)
    let firstKey = try scene.nodeKey(Self.first)
    _ = try keyring.erase(subjects: [6])
    scene.keep()

    let answer: [UInt8]? =
      switch fault {
      case .leafKeyKept: try scene.nodeKey(Self.first)
      case .parentKeyKept: try scene.nodeKey(Self.top)
      case .rootNotRolled: try vault.slot().read()[0].secret.plaintextCopy()
      case .oldKeyUsedAgain: firstKey
      case .none, .slotInBackup, .slotKept: nil
      }
    if let draw = fault.draw, let answer { scene.random.rig([draw: answer]) }
    let receipt = try keyring.erase(subjects: [5])
    #expect(receipt.record.newEpoch == 3 && receipt.slotReceipts.map(\.epoch) == [2])
    scene.keep()

    let kept = fault == .slotKept ? scene.slot.kept.withLock { $0 } : []
    let live = try vault.slot().read()
    let found = try Closure(
      scene.adversary, vault: vault.vault,
      unsealKey: HeldKey(try vault.unsealKey().material.copy()), live: live + kept, newest: 3)
    #expect(found.keys.contains(other))
    let recovered = erased.count { found.keys.contains($0) }
    #expect((recovered > 0) == (fault != .none), "\(fault.rawValue): \(recovered)")
    // What went wrong in this roll gives away at least the key erased by it.
    #expect(found.keys.contains(erased[0]) == (fault != .none))
    AttackReport.record(
      number: 1, name: "mutant of the roll: \(fault.rawValue)",
      tried: "two erasures, every file version kept, closure with all live secrets",
      result: fault == .none
        ? "0 of 2 erased keys recovered" : "caught: \(recovered) of 2 erased keys recovered")
  }
}
