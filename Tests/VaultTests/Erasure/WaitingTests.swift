import Foundation
import Keyring
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Erasures that cannot be final at once: a grace window, a missing copy of the key store.
@Suite struct WaitingTests {
  private func made(
    _ test: TestVault, replicas: [String] = [], quorum: Int? = nil, graceDays: Int = 0
  ) throws -> Vault {
    let key = try UnsealKey.createFile(
      at: test.keyPath, outside: test.directory, random: test.random)
    try Vault.create(
      directory: test.directory, policies: TestVault.policies,
      settings: test.settings(
        keeping: KeyKeeping(replicas: replicas, quorum: quorum, graceDays: graceDays)),
      unsealKey: key, environment: test.environment)
    let vault = try test.open()
    try vault.ingest([People.anna, People.bert], from: TestSources.crm)
    return vault
  }

  private func member(_ certificate: Certificate, _ key: String) -> CanonicalJSON? {
    guard case .object(let object) = certificate.statement else { return nil }
    return object[key]
  }

  @Test func aGraceWindowMakesFinalityADate() throws {
    let test = try TestVault()
    let vault = try made(test, graceDays: 7)
    let token = try vault.theOne(.email, People.annaEmail)
    let outcome = try vault.eraseNow(token, "R-1")
    let due = test.clock.milliseconds + 7 * VaultClock.millisecondsPerDay
    #expect(!outcome.isFinal && outcome.facts.finalDueMilliseconds == due)
    expect(VaultError.Code.notFound) { _ = try vault.disclose(token, .dpo) }
    let certificate = try vault.certificate("R-1")
    #expect(member(certificate, "state") == .string("pending"))
    #expect(member(certificate, "assurance") == .string("L0"))
    #expect(member(certificate, "final_due_ms") == .integer(due))
    #expect(member(certificate, "final_ms") == nil)

    test.clock.set(day: TestVault.day + 6)
    #expect(try test.open().keysStatus(.dpo).pending.map(\.finalDueMilliseconds) == [due])
    test.clock.set(day: TestVault.day + 7)
    let later = try test.open()
    let final = try later.erasureOutcome("R-1")
    #expect(final.isFinal && final.facts.assurance == 1 && !final.facts.resumed)
    #expect(member(try later.certificate("R-1"), "state") == .string("final"))
    #expect(try later.keysStatus(.dpo).pending.isEmpty)
    let types = try later.logTypes().filter { $0.hasPrefix("erasure.") }
    #expect(
      types == [
        "erasure.requested", "erasure.fenced", "erasure.punctured", "erasure.prepared",
        "erasure.committed", "erasure.replicated", "erasure.pending", "erasure.retired",
        "erasure.final", "erasure.swept",
      ])
  }

  @Test func aMissingCopyKeepsTheErasureWaitingAndTheOthersAtWork() throws {
    let test = try TestVault()
    let copies = ["copy-a", "copy-b"].map { test.root.appending(path: $0).path }
    for copy in copies {
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    }
    let vault = try made(test, replicas: copies, quorum: 2)
    let token = try vault.theOne(.email, People.annaEmail)
    try FileManager.default.moveItem(atPath: copies[1], toPath: copies[1] + ".away")
    expect(KeyringError.Code.replica) { _ = try vault.eraseNow(token, "R-1") }
    #expect(try vault.value(String.self, "SELECT state FROM erasure") == "committed")
    let other = try test.open()
    #expect(try other.values(try other.theOne(.email, People.bertEmail)).count > 3)
    let status = try other.keysStatus(.dpo)
    #expect(status.pending.map(\.state) == [.committed] && status.keys.pendingEpochs == [1])
    #expect(status.keys.replicas.map(\.condition) == [.current, .missing])
    expect(VaultError.Code.notFound) { _ = try other.certificate("R-1") }

    try FileManager.default.moveItem(atPath: copies[1] + ".away", toPath: copies[1])
    let final = try test.open().erasureOutcome("R-1")
    #expect(final.isFinal && final.facts.replicas.map(\.state) == ["current", "current"])
    #expect(final.facts.replicaQuorum == 2 && final.facts.oldEpoch == 1)
  }

  @Test func endingTheEpochTakesItsNumber() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    expect(VaultError.Code.denied) { _ = try vault.endEpoch(1, .dpo) }
    expect(VaultError.Code.stale) { _ = try vault.endEpoch(2, .engineer) }
    let receipt = try vault.endEpoch(1, .engineer)
    #expect(receipt.record.newEpoch == 2 && receipt.slotReceipts.count == 1)
    expect(VaultError.Code.stale) { _ = try vault.endEpoch(1, .engineer) }
    #expect(try vault.theOne(.email, People.annaEmail).domain == "desk")
    #expect(try vault.logTypes().last { $0 != "person.found" } == "epoch.ended")
  }

  @Test func theUnsealKeyIsRotatedAndTheSettingsFollow() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let path = test.root.appending(path: "key/second.key").path
    let new = try UnsealKey.createFile(at: path, outside: test.directory, random: test.random)
    try vault.rotateUnseal(to: .file(path: path), new, .engineer)
    let settings = try VaultSettings(readFrom: test.layout)
    #expect(settings.unseal == .file(path: path) && settings.previousUnseal == nil)
    expect(KeyringError.Code.sealed) { _ = try test.open() }
    let again = try Vault.open(
      directory: test.directory, unsealKey: UnsealKey.file(at: path, outside: test.directory),
      environment: test.environment)
    #expect(try again.count(.email, People.annaEmail) == 1)
    #expect(try again.logTypes().contains("unseal.rotated"))
  }

  @Test func aRotationThatFailsLeavesTheFormerWay() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let before = try VaultSettings(readFrom: test.layout)
    let path = test.root.appending(path: "key/second.key").path
    let new = try UnsealKey.createFile(at: path, outside: test.directory, random: test.random)
    test.random.fail(after: 0)
    do {
      try vault.rotateUnseal(to: .file(path: path), new, .engineer)
      Issue.record("nothing failed")
    } catch {}
    test.random.fail(after: nil)
    #expect(try VaultSettings(readFrom: test.layout) == before)
    #expect(try test.open().count(.email, People.annaEmail) == 1)
  }
}
