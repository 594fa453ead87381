import Foundation
import GRDB
import Keyring
import Sealing
import Testing
import VaultTesting

@testable import Vault

/// Events about those who were turned away, and about a policy that changed outside.
@Suite struct TurnedAwayTests {
  static let strangers: [(Requester, VaultError.Code, String)] = [
    (Requester(operatorName: "nobody", purpose: "analytics"), .unknownOperator, "unknown_operator"),
    (
      Requester(operatorName: "anna.tester@example.com", purpose: "analytics"), .unknownOperator,
      "unknown_operator"
    ),
    (Requester(operatorName: "dana", purpose: "curiosity"), .unknownPurpose, "unknown_purpose"),
  ]

  @Test(arguments: strangers.indices) func aStrangerIsLogged(index: Int) throws {
    let (stranger, code, reason) = Self.strangers[index]
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let size = try vault.logEntries().count
    expect(code) { _ = try vault.disclose(token, stranger) }
    expect(code) { try vault.authorise(.find, stranger) }
    let entries = try vault.logEntries()
    #expect(entries.count == size + 2)
    let entry = try #require(entries.last)
    #expect(entry.text("type") == "operator.rejected")
    #expect(entry.text("reason") == reason)
    #expect(entry.text("actor") == (try vault.actor(stranger.operatorName)))
    let bytes = try vault.queue.read { try AuditStore(database: $0).entry(size + 1) }
    #expect(!String(decoding: bytes, as: UTF8.self).contains(stranger.operatorName))
  }

  @Test func aChangedPolicyIsLoggedOnce() throws {
    let test = try TestVault()
    _ = try test.made()
    let path = test.layout.policies + "/vault.cedar"
    let old = try String(contentsOfFile: path, encoding: .utf8)
    try (old + "\n// changed\n").write(toFile: path, atomically: true, encoding: .utf8)
    for _ in 0..<2 {
      let vault = try test.open()
      let changes = try vault.logEntries().filter { $0.text("type") == "policy.changed" }
      #expect(changes.count == 1)
      #expect(changes[0].text("policy_set") == vault.policy.digest.hexadecimal)
    }
    try old.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(try test.open().logEntries().count { $0.text("type") == "policy.changed" } == 2)
  }

  @Test func aWrongKeyIsLoggedAndPublishedByTheNextOpening() throws {
    let test = try TestVault()
    _ = try test.made()
    let wrong = test.root.appending(path: "key/wrong.key").path
    _ = try UnsealKey.createFile(at: wrong, outside: test.directory, random: test.random)
    let open = {
      try Vault.open(
        directory: test.directory,
        unsealKey: try UnsealKey.file(at: wrong, outside: test.directory),
        environment: test.environment)
    }
    for _ in 0..<Vault.failedUnsealMaximum + 5 {
      expect(KeyringError.Code.sealed) { _ = try open() }
    }
    let vault = try test.open()
    let failures = try vault.logEntries().filter { $0.text("type") == "unseal.failed" }
    #expect(failures.count == Vault.failedUnsealMaximum)
    #expect(failures[0].text("method") == "file")
    #expect(try vault.publishLog().size == vault.logEntries().count)
    test.clock.set(day: TestVault.day + 1)
    expect(KeyringError.Code.sealed) { _ = try open() }
    #expect(
      try test.open().logEntries().count { $0.text("type") == "unseal.failed" }
        == Vault.failedUnsealMaximum + 1)
  }
}
