import Foundation
import GRDB
import Keyring
import Sealing
import TestSupport
import Testing
import VaultTesting

@testable import Vault

/// Rectification, erasure of fields, withdrawn consent: what was there before dies in every copy.
@Suite struct ChangeTests {
  private static let newEmail = "anna.new@example.com"
  private static let rectification = SubjectChange.rectify([
    RectifiedField(
      path: "crm.email", stored: Array("Anna.New@example.com".utf8),
      matched: Array(newEmail.utf8))
  ])
  private static let consented = TestSources.withConsent(TestSources.dmp)

  private func change(
    _ vault: Vault, _ change: SubjectChange, _ token: TokenText, _ reference: String = "R-1"
  ) throws -> ChangeOutcome {
    let preview = try vault.previewChange(change, of: token, .dpo)
    return try vault.apply(
      change, to: token, confirming: preview.digest, reference: reference, .dpo)
  }

  @Test func aRectifiedValueReplacesTheOldOneEverywhere() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    _ = try vault.project(.service)
    let token = try vault.theOne(.email, People.annaEmail)
    let before = try vault.values(token)
    let backup = try test.copyDirectory("backup")

    let preview = try vault.previewChange(Self.rectification, of: token, .dpo)
    #expect(preview.subjects == 1 && preview.changed == ["crm": 1] && preview.dropped.isEmpty)
    let outcome = try change(vault, Self.rectification, token)

    var expected = before
    expected["crm.email"] = ["Anna.New@example.com"]
    for reader in [vault, try test.open()] {
      #expect(try reader.values(token) == expected)
      #expect(try reader.count(.email, People.annaEmail) == 0)
      #expect(try reader.theOne(.email, Self.newEmail) == token)
      #expect(try reader.count(.phone, People.phone) == 2)
    }
    let facts = try #require(outcome.erasure?.facts)
    #expect(facts.generations == ["1": 1] && facts.verifiedUnreadable == 1)
    #expect(facts.unlinked.profiles == 1)
    #expect(outcome.erasure?.kind == .rekey && outcome.erasure?.isFinal == true)
    #expect(try vault.value(Int.self, "SELECT generation FROM subject WHERE leaf = 0") == 2)

    // The old data with the present keys: Anna's old values do not open, Bert's do.
    try FileManager.default.removeItem(atPath: backup + "/keys.sqlite")
    for suffix in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: backup + "/keys.sqlite" + suffix)
    }
    for suffix in ["", "-wal"] {
      try? FileManager.default.copyItem(
        atPath: test.layout.keys + suffix, toPath: backup + "/keys.sqlite" + suffix)
    }
    let old = try test.open(backup)
    expect(KeyringError.Code.keyDestroyed) { _ = try old.values(token) }
    let bert = try old.theOne(.email, People.bertEmail)
    #expect(try old.values(bert)["crm.email"] == [People.bertEmail])
    AttackReport.record(
      number: 15, name: "rectified value in an old backup",
      tried: "data from before the rectification with the present keys",
      result: "the old value does not open, everyone else does")
  }

  @Test func aSourceThatRepeatsTheOldValueDoesNotBringItBack() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    _ = try change(vault, Self.rectification, token)
    #expect(try vault.ingest([People.anna], from: TestSources.crm).unchanged == 1)
    #expect(try vault.values(token)["crm.email"] == ["Anna.New@example.com"])
  }

  @Test func anErasedFieldIsGoneAndTheRestStays() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    var expected = try vault.values(token)
    _ = try change(vault, .eraseFields(["crm.phone", "crm.diagnosis"]), token)
    expected["crm.phone"] = nil
    expected["crm.diagnosis"] = nil
    #expect(try vault.values(token) == expected)
    #expect(try vault.count(.phone, People.phone) == 1)
    #expect(try vault.theOne(.email, People.annaEmail) == token)
    #expect(
      try vault.logEntries().filter { $0.text("type") == "fields.erased" }
        .map { $0.number("rekeyed") } == [1])
  }

  @Test func anErasedFieldInAnOldBackupDoesNotOpen() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let bert = try vault.theOne(.email, People.bertEmail)
    let backup = try test.copyDirectory("backup")
    #expect(try test.open(backup).values(token)["crm.diagnosis"] == ["hay fever"])
    _ = try change(vault, .eraseFields(["crm.diagnosis"]), token)
    try BackupAttackTests.bring(["keys.sqlite"], from: test.directory, to: backup)
    let old = try test.open(backup)
    expect(KeyringError.Code.keyDestroyed) { _ = try old.values(token) }
    #expect(try old.values(bert)["crm.email"] == [People.bertEmail])
    AttackReport.record(
      number: 15, name: "single erased field in an old backup",
      tried: "data from before the erasure of one field with the present keys",
      result: "nothing of the subject's old generation opens, everyone else does")
  }

  @Test func aRecordWithoutFieldsIsNoRecord() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let orders = TestSources.orders
    let order = orders.record("K-1", "O-1", ["amount": "4200"])
    try vault.ingest([order], from: orders)
    let token = try #require(
      try vault.theToken(of: vault.leaf(orders, "K-1")))
    let outcome = try change(vault, .eraseFields(["orders.amount"]), token)
    #expect(outcome.erasure?.facts.records == ["orders": 1])
    #expect(try vault.value(Int.self, "SELECT count(*) FROM record WHERE subject = 2") == 0)
  }

  @Test func withdrawnConsentTakesWhatItAlonePermitted() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let cookie = Self.consented.record(
      "C-1", ["cookie": "c-1", "segments": "cars|travel", "email": People.annaEmail])
    try vault.ingest([cookie], from: Self.consented)
    let leaf = try vault.leaf(Self.consented, "C-1")
    let token = try #require(try vault.theToken(of: leaf))
    let change = SubjectChange.withdraw(purpose: "marketing")
    let preview = try vault.previewChange(change, of: token, .dpo)
    #expect(preview.dropped == ["dmp": 1] && preview.changed.isEmpty)
    let outcome = try self.change(vault, change, token)
    #expect(outcome.erasure?.facts.records == ["dmp": 1])
    #expect(try vault.value(Int.self, "SELECT count(*) FROM record WHERE subject = \(leaf)") == 0)
    #expect(try vault.count(.cookie, "c-1") == 0)
    let again = try vault.ingest([cookie], from: Self.consented)
    #expect(again.withdrawn == 1 && again.added == 0)
    let event = try #require(
      try vault.logEntries().last { $0.text("type") == "consent.withdrawn" })
    #expect(event.text("withdrawn") == "marketing")
  }

  @Test func withdrawnConsentToOneOfTwoPurposesDestroysNothingAndStopsThatUse() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let both = TestSources.withConsent(
      TestSources.source(
        "news", .profile, .first, ["marketing", "analytics.reporting"], TestSources.customer,
        [("email", .email, "user.contact.email", .email, nil)]))
    try vault.ingest([both.record("N-1", ["email": "news@example.com"])], from: both)
    let token = try vault.theOne(.email, "news@example.com")
    let outcome = try change(vault, .withdraw(purpose: "marketing"), token)
    #expect(outcome.erasure == nil)
    let marketing = Requester(operatorName: "max", purpose: "marketing")
    expect(VaultError.Code.denied) { _ = try vault.disclose(token, marketing) }
    #expect(try vault.values(token)["news.email"] == ["news@example.com"])
  }

  static let refused: [(SubjectChange, VaultError.Code)] = [
    (.eraseFields(["crm.fone"]), .invalidInput), (.eraseFields(["phone"]), .invalidInput),
    (.eraseFields([]), .invalidInput), (.eraseFields(["orders.amount"]), .invalidInput),
    (.rectify([]), .invalidInput), (.withdraw(purpose: "marketting"), .unknownPurpose),
  ]

  @Test(arguments: refused.indices) func whatIsNotThereIsRefused(index: Int) throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let before = try vault.dump(\.queue)
    let (change, code) = Self.refused[index]
    expect(code) { _ = try vault.previewChange(change, of: token, .dpo) }
    expect(code) {
      _ = try vault.apply(change, to: token, confirming: "", reference: "R-1", .dpo)
    }
    #expect(try vault.dump(\.queue) == before)
  }

  @Test func eventsAreNotRectified() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.ingest(
      [TestSources.orders.record("K-1", "O-1", ["amount": "4200"])], from: TestSources.orders)
    let token = try #require(
      try vault.theToken(of: vault.leaf(TestSources.orders, "K-1")))
    let change = SubjectChange.rectify([
      RectifiedField(path: "orders.amount", stored: [0x31], matched: [0x31])
    ])
    expect(VaultError.Code.invalidInput) { _ = try vault.previewChange(change, of: token, .dpo) }
  }

  @Test func aStalePreviewAWrongRoleAndAUsedReferenceChangeNothing() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let before = try vault.values(token)
    expect(VaultError.Code.stale) {
      _ = try vault.apply(
        Self.rectification, to: token, confirming: "0123456789abcdef", reference: "R-1", .dpo)
    }
    for operation in [Self.rectification, .withdraw(purpose: "marketing")] {
      expect(VaultError.Code.denied) {
        _ = try vault.previewChange(operation, of: token, .engineer)
      }
    }
    _ = try vault.eraseNow(try vault.theOne(.email, People.bertEmail), "R-1")
    let preview = try vault.previewChange(Self.rectification, of: token, .dpo)
    expect(VaultError.Code.invalidInput) {
      _ = try vault.apply(
        Self.rectification, to: token, confirming: preview.digest, reference: "R-1", .dpo)
    }
    #expect(try vault.values(token) == before)
  }

  @Test func dyingAtEveryDrawLeavesTheOldOrTheNewValue() throws {
    let origin = try TestVault()
    let vault = try origin.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let digest = try vault.previewChange(Self.rectification, of: token, .dpo).digest
    try vault.queue.close()
    try vault.indexQueue.close()
    var outcomes: Set<String> = []
    for draws in 0..<200 {
      let test = try origin.clone()
      let dying = try test.open()
      test.random.fail(after: draws)
      do {
        _ = try dying.apply(
          Self.rectification, to: token, confirming: digest, reference: "R-1", .dpo)
        break
      } catch {}
      test.random.fail(after: nil)
      let again = try test.open()
      let value = try #require(try again.values(token)["crm.email"]?.first)
      outcomes.insert(value)
      let isNew = value != People.annaEmail
      #expect(try again.count(.email, People.annaEmail) == (isNew ? 0 : 1))
      #expect(try again.value(Int.self, "SELECT count(*) FROM erasure") == (isNew ? 1 : 0))
      #expect(
        try again.value(Int.self, "SELECT count(*) FROM erasure WHERE state <> 'swept'") == 0)
      expect(throws: KeyringError(.keyDestroyed, ""), isNew) {
        try again.keyring.withSubjectKey(0) { _ in }
      }
    }
    #expect(outcomes.count == 2)
  }
}

/// Expects an error only when a condition holds, and none otherwise.
private func expect(
  throws error: KeyringError, _ isExpected: Bool, _ body: () throws -> Void
) {
  if isExpected {
    #expect(throws: error, performing: body)
  } else {
    #expect(throws: Never.self, performing: body)
  }
}

extension Vault {
  /// The desk token of a subject's person.
  func theToken(of leaf: Int64) throws -> TokenText? {
    let row = try queue.read { try SubjectStore(database: $0).find(leaf) }
    return try row.map { try issue(.desk, for: [SubjectOpener(self).open($0)])[0] }
  }
}
