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

  /// What would open more than the person's own values stays in the vault.
  @Test func onlyFieldKeysAreInIt() throws {
    let (test, vault, token) = try Self.prepared()
    var file: [UInt8] = []
    try vault.prepareExport(token, to: Self.recipients(), .dpo).seal { file += $0 }
    guard let bytes = try AgeProgram.open(file, .first) else {
      #expect(!AgeProgram.isPresent, "age refuses the file")
      return
    }
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.matches(of: /"fk":"[0-9a-f]{64}"/).count == 1)
    #expect(text.matches(of: /[0-9a-f]{64}/).count == 1, "and no other key")
    let subjectKey = try vault.keyring.withSubjectKey(0) { $0.plaintextCopy().hexadecimal }
    #expect(!text.contains(subjectKey))
    let buckets = try vault.queue.read { try RecordStore(database: $0).ofSubject(0) }.map(\.bucket)
    for bucket in buckets + [.permanent] {
      let bucketKey = try vault.keyring.withBucketKey(bucket, createIfMissing: false) {
        $0.plaintextCopy().hexadecimal
      }
      #expect(!text.contains(bucketKey))
    }
    #expect(buckets.count == 1 && !buckets.contains(.permanent))
    withExtendedLifetime(test) {}
  }

  /// A record of nothing in another bucket does not fetch that bucket's key, such as the one of the
  /// subject's own fields.
  @Test func aRecordWithoutFieldsBringsNoKey() throws {
    let (test, vault, token) = try Self.prepared()
    let empty = SealedFields.encode([]).hexadecimal
    try test.tamper(
      vault.layout.vault, "UPDATE record SET bucket = 0, sealed = x'\(empty)' WHERE subject = 0")
    let export = try vault.prepareExport(token, to: Self.recipients(), .dpo)
    #expect(export.recordCount == 0)
    var file: [UInt8] = []
    try export.seal { file += $0 }
    guard let text = try AgeProgram.open(file, .first) else {
      #expect(!AgeProgram.isPresent, "age refuses the file")
      return
    }
    #expect(String(decoding: text, as: UTF8.self).contains(#"{"keys":[],"#))
  }

  /// An envelope that its reader would refuse is found before anything is handed out.
  @Test func whatDoesNotOpenIsNotExported() throws {
    let (test, vault, token) = try Self.prepared()
    let other = "(SELECT sealed FROM record WHERE subject = 1)"
    try test.tamper(vault.layout.vault, "UPDATE record SET sealed = \(other) WHERE subject = 0")
    let export = try vault.prepareExport(token, to: Self.recipients(), .dpo)
    do {
      try export.seal { _ in }
      Issue.record("Bert's envelopes went out as Anna's")
    } catch let error as SealingError {
      #expect(error.code == .authenticationFailure)
    }
  }

  /// A source of two purposes; without consent to the export's own purpose it would be half one.
  @Test(arguments: [("marketing", nil), ("subject_rights", VaultError.Code.incomplete)])
  func withdrawnConsentCounts(purpose: String, code: VaultError.Code?) throws {
    let (test, vault, token) = try Self.prepared()
    let news = TestSources.withConsent(
      TestSources.source(
        "news", .profile, .first, ["marketing", "subject_rights"], TestSources.customer,
        [("email", .email, "user.contact.email", .email, nil)]))
    try vault.ingest([news.record("N-1", ["email": "news@example.com"])], from: news)
    _ = try vault.assign(
      [(subject: vault.leaf(news, "N-1"), person: 0)], .none, .service)
    let change = SubjectChange.withdraw(purpose: purpose)
    let digest = try vault.previewChange(change, of: token, .dpo).digest
    _ = try vault.apply(change, to: token, confirming: digest, reference: "R-1", .dpo)
    if let code {
      expect(code) {
        _ = try vault.prepareExport(token, to: Self.recipients(), .dpo).logSequence
      }
    } else {
      let export = try vault.prepareExport(token, to: Self.recipients(), .dpo)
      #expect(export.recordCount == 2 && export.subjectCount == 2)
    }
    #expect(try vault.logTypes().contains("access.exported") == (code == nil))
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

  /// An erasure or a change between decision and sealing wins: the keys are not there any more.
  @Test(arguments: [false, true]) func aChangeMeanwhileLeavesNothingToSeal(isErasure: Bool) throws {
    let (test, vault, token) = try Self.prepared()
    let export = try vault.prepareExport(token, to: Self.recipients(), .dpo)
    if isErasure {
      _ = try vault.eraseNow(token, "C-9")
    } else {
      let change = SubjectChange.eraseFields(["crm.phone"])
      let digest = try vault.previewChange(change, of: token, .dpo).digest
      _ = try vault.apply(change, to: token, confirming: digest, reference: "R-1", .dpo)
    }
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
