import GRDB
import Keyring
import Sealing
import TestSupport
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// The sealed export is decided and in the log before there is anything to seal.
@Suite struct ExportTests {
  private static func recipients() throws -> AgeRecipients {
    try AgeRecipients([AgePair.first.recipient])
  }

  private static func prepared() throws -> (test: TestVault, vault: Vault, token: TokenText) {
    let test = try TestVault()
    let vault = try test.withPeople()
    return (test, vault, try vault.theOne(.email, People.annaEmail))
  }

  @Test func bothEventsComeFirst() throws {
    let (test, vault, token) = try Self.prepared()
    let before = try vault.logEntries().count
    let export = try vault.prepareExport(token, to: Self.recipients(), .dpo)
    let added = Array(try vault.logEntries().dropFirst(before))
    try #require(added.map { $0.text("type") } == ["field.disclosed", "access.exported"])
    #expect(added[0].text("decision") == "allow")
    #expect(added[0].texts("fields")["crm.diagnosis"] == "plain")
    let event = added[1]
    #expect(event.number("seq") == Int64(export.logSequence))
    #expect(event.text("case") == "DSR-1" && event.text("purpose") == "subject_rights")
    #expect(event.number("records") == 1 && event.number("bucket_count") == 1)
    guard case .object(let recipients)? = event["recipients"] else {
      Issue.record("the entry names no recipients")
      return
    }
    #expect(recipients.number("count") == 1)
    #expect(recipients.text("sha256") == (try Self.recipients().digest.hexadecimal))
    let entry = String(
      decoding: try vault.queue.read { try AuditStore(database: $0).entry(export.logSequence) },
      as: UTF8.self)
    for secret in ["age1", "dana", People.annaEmail, "Annabella"] {
      #expect(!entry.contains(secret))
    }
    #expect(try vault.events(about: token, .dpo).contains { $0.type == "access.exported" })
    withExtendedLifetime(test) {}
  }

  @Test func packageEventNamesItsRecipientsOnlyWhenSealed() throws {
    let (test, vault, token) = try Self.prepared()
    let sealed = try vault.logAccessPackage(token, files: [], recipients: Self.recipients(), .dpo)
    let clear = try vault.logAccessPackage(token, files: [], .dpo)
    let entries = try vault.logEntries()
    #expect(entries[sealed]["recipients"] != nil && entries[clear]["recipients"] == nil)
    withExtendedLifetime(test) {}
  }

  @Test func theTextIsCanonical() throws {
    let (test, vault, token) = try Self.prepared()
    var file: [UInt8] = []
    try vault.prepareExport(token, to: Self.recipients(), .dpo).seal { file += $0 }
    guard let text = try AgeProgram.open(file, .first) else {
      #expect(!AgeProgram.isPresent, "age refuses the file")
      return
    }
    _ = try CanonicalJSON(canonicalBytes: Array(text.dropLast()), byteCountMaximum: 1 << 20)
    #expect(text.last == 0x0A)
    withExtendedLifetime(test) {}
  }

  /// A field below plain, a denial of the operation, a person that is gone: no `access.exported`.
  @Test(arguments: [
    ("dana", "essential.service", VaultError.Code.incomplete),
    ("sam", "subject_rights", .denied), ("eve", "essential.service", .denied),
    ("nobody", "subject_rights", .unknownOperator), ("dana", "gossip", .unknownPurpose),
  ])
  func refusalsReleaseNothing(name: String, purpose: String, code: VaultError.Code) throws {
    let (test, vault, token) = try Self.prepared()
    let requester = Requester(operatorName: name, purpose: purpose, caseReference: "DSR-1")
    expect(code) {
      _ = try vault.prepareExport(token, to: Self.recipients(), requester).logSequence
    }
    #expect(try !vault.logTypes().contains("access.exported"))
    withExtendedLifetime(test) {}
  }

  @Test func fencedAndErasedPersonsAreNotExported() throws {
    let (test, vault, token) = try Self.prepared()
    try test.tamper(vault.layout.vault, "UPDATE subject SET state = 1 WHERE leaf = 0")
    expect(VaultError.Code.fenced) {
      _ = try vault.prepareExport(token, to: Self.recipients(), .dpo).logSequence
    }
    #expect(try !vault.logTypes().contains("access.exported"))
  }

  /// An erasure between decision and sealing wins: the keys are not there any more.
  @Test func anErasureMeanwhileLeavesNothingToSeal() throws {
    let (test, vault, token) = try Self.prepared()
    let export = try vault.prepareExport(token, to: Self.recipients(), .dpo)
    _ = try vault.eraseNow(token, "C-9")
    do {
      try export.seal { _ in }
      Issue.record("the keys were still there")
    } catch let error as KeyringError {
      #expect(error.code == .keyDestroyed)
    }
    withExtendedLifetime(test) {}
  }

  @Test func aKeyThatDoesNotFitItsCommitmentIsNotExported() throws {
    let (test, vault, token) = try Self.prepared()
    let export = try vault.prepareExport(token, to: Self.recipients(), .dpo)
    try test.tamper(vault.layout.vault, "UPDATE subject SET commitment = zeroblob(32)")
    expect(VaultError.Code.integrity) {
      _ = try vault.prepareExport(token, to: Self.recipients(), .dpo).logSequence
    }
    #expect(export.recordCount == 1)
  }
}
