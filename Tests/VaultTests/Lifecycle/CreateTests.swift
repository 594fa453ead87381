import Foundation
import Keyring
import Testing
import VaultTesting

@testable import Vault

@Suite struct CreateTests {
  private static func names(_ directory: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  @Test func aNewVaultIsComplete() throws {
    let test = try TestVault()
    let vault = try test.made()
    let names = try Self.names(URL(filePath: test.directory))
      .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
    #expect(
      names == [
        "analytics.sqlite", "audit", "index.sqlite", "keys.sqlite", "lethe.yaml", "policies",
        "vault.sqlite",
      ])
    #expect(try vault.logTypes() == ["vault.created"])
    #expect(FileManager.default.fileExists(atPath: vault.layout.audit + "/checkpoint"))
    #expect(try Self.names(test.root) == ["key", "slot", "vault"])
    #expect(vault.settings == test.settings())
  }

  @Test func theDirectoryIsItsOwnersAlone() throws {
    let test = try TestVault()
    try test.create()
    let mode = try FileManager.default.attributesOfItem(atPath: test.directory)[.posixPermissions]
    #expect((mode as? NSNumber)?.intValue == 0o700)
  }

  @Test(arguments: ["", "/", "//"]) func aTakenPlaceIsRefusedAndLeftAlone(ending: String) throws {
    let test = try TestVault()
    try test.create()
    let before = try Data(contentsOf: URL(filePath: test.layout.settings))
    let key = test.root.appending(path: "key/second.key").path
    expect(VaultError.Code.vaultDirectory) {
      try Vault.create(
        directory: test.directory + ending, policies: TestVault.policies,
        settings: test.settings(slot: test.root.appending(path: "slot/second").path),
        unsealKey: try UnsealKey.createFile(at: key, outside: test.directory, random: test.random),
        environment: test.environment)
    }
    #expect(try Data(contentsOf: URL(filePath: test.layout.settings)) == before)
    #expect(try Self.names(test.root) == ["key", "slot", "vault"])
    #expect(try Self.names(test.root.appending(path: "slot")) == ["epoch.slot"])
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let file: String
    let text: String?
  }

  static let faults = [
    Fault(testDescription: "no schema", file: "vault.cedarschema", text: nil),
    Fault(testDescription: "no operators", file: "operators.yaml", text: nil),
    Fault(testDescription: "no purposes", file: "purposes.yaml", text: nil),
    Fault(testDescription: "no policy", file: "vault.cedar", text: nil),
    Fault(testDescription: "broken policy", file: "vault.cedar", text: "permit (principal, act"),
    Fault(testDescription: "broken operators", file: "operators.yaml", text: "lethe_operators: 9"),
    Fault(testDescription: "not UTF-8", file: "purposes.yaml", text: "\u{0}\u{1}"),
  ]

  /// A copy of the policies with one fault.
  private static func policies(_ fault: Fault, in test: TestVault) throws -> String {
    let copy = try test.copyPolicies()
    let file = copy.appending(path: fault.file)
    try FileManager.default.removeItem(at: file)
    if let text = fault.text { try text.write(to: file, atomically: true, encoding: .utf8) }
    return copy.path
  }

  @Test(arguments: faults) func brokenPoliciesLeaveNothingBehind(_ fault: Fault) throws {
    let test = try TestVault()
    let policies = try Self.policies(fault, in: test)
    expect(VaultError.Code.policyFile) { try test.create(policies: policies) }
    #expect(try Self.names(test.root) == ["key", "slot"])
    #expect(try Self.names(test.root.appending(path: "slot")).isEmpty)
  }

  /// The vault obeys its own copy, also when it was pointed to a link.
  @Test func aLinkToThePoliciesIsFollowedOnce() throws {
    let test = try TestVault()
    let original = try test.copyPolicies()
    let link = test.root.appending(path: "key/link")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: original)
    try test.create(policies: link.path)
    let kind = try FileManager.default.attributesOfItem(atPath: test.layout.policies)[.type]
    #expect(kind as? FileAttributeType == .typeDirectory)
    try FileManager.default.removeItem(at: original)
    #expect(try test.open().logTypes() == ["vault.created"])
  }

  @Test(arguments: faults) func brokenPoliciesKeepAVaultShut(_ fault: Fault) throws {
    let test = try TestVault()
    try test.create()
    let policies = try Self.policies(fault, in: test)
    try FileManager.default.removeItem(atPath: test.layout.policies)
    try FileManager.default.moveItem(atPath: policies, toPath: test.layout.policies)
    expect(VaultError.Code.policyFile) { _ = try test.open() }
  }

  /// The published demo key, as `keys-example/` has it.
  private static func demoKey(in test: TestVault) throws -> UnsealKey {
    let path = test.root.appending(path: "key/demo.key").path
    let example = URL(filePath: TestVault.policies).deletingLastPathComponent()
      .appending(path: "keys-example")
    let files = try FileManager.default.contentsOfDirectory(atPath: example.path)
    let name = try #require(files.first { $0.hasSuffix(".key") })
    try Data(contentsOf: example.appending(path: name)).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    return try UnsealKey.file(at: path, outside: test.directory)
  }

  @Test func theDemoKeyIsRefusedAndCanBeTriedAgain() throws {
    let test = try TestVault()
    expect(KeyringError.Code.demoKey) {
      try Vault.create(
        directory: test.directory, policies: TestVault.policies, settings: test.settings(),
        unsealKey: try Self.demoKey(in: test), environment: test.environment)
    }
    #expect(try Self.names(test.root) == ["key", "slot"])
    #expect(try Self.names(test.root.appending(path: "slot")).isEmpty)
    try test.create()
    #expect(try test.open().logTypes() == ["vault.created"])
  }

  @Test func theDemoKeyOpensDemoVaults() throws {
    let test = try TestVault()
    try Vault.create(
      directory: test.directory, policies: TestVault.policies,
      settings: test.settings(isDemo: true),
      unsealKey: try Self.demoKey(in: test), environment: test.environment)
    let vault = try Vault.open(
      directory: test.directory, unsealKey: try Self.demoKey(in: test),
      environment: test.environment)
    #expect(vault.settings.isDemo)
  }

  @Test func aForeignSlotFileIsRefusedAndKept() throws {
    let test = try TestVault()
    try Data("mine".utf8).write(to: URL(filePath: test.slotPath))
    #expect(throws: KeyringError.self) { try test.create() }
    #expect(try Data(contentsOf: URL(filePath: test.slotPath)) == Data("mine".utf8))
    #expect(try Self.names(test.root) == ["key", "slot"])
  }

  /// Creating a vault draws randomness at every step; dying at any of them leaves no vault.
  @Test func dyingWhileCreatingLeavesNothing() throws {
    var survived = 0
    for draws in 0..<100 {
      let test = try TestVault()
      let key = try UnsealKey.createFile(
        at: test.keyPath, outside: test.directory, random: test.random)
      test.random.fail(after: draws)
      do {
        try Vault.create(
          directory: test.directory, policies: TestVault.policies, settings: test.settings(),
          unsealKey: key, environment: test.environment)
        break
      } catch {
        survived += 1
        #expect(try Self.names(test.root) == ["key", "slot"])
        #expect(try Self.names(test.root.appending(path: "slot")).isEmpty)
      }
    }
    #expect((3..<100).contains(survived))
  }
}
