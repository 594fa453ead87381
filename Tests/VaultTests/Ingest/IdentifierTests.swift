import GRDB
import Testing
import VaultTesting

@testable import Vault

/// The match index follows the records: nobody is found by what is not theirs any more.
@Suite struct IdentifierTests {
  private static func crm(_ id: String, day: Int, _ email: String) -> IncomingRecord {
    TestSources.crm.record(id, day: TestVault.day + day, ["number": id, "email": email])
  }

  @Test func aReplacedIdentifierNoLongerFinds() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest([Self.crm("K-1", day: 0, "old@example.com")], from: TestSources.crm)
    try vault.ingest([Self.crm("K-1", day: 1, "new@example.com")], from: TestSources.crm)
    #expect(try vault.count(.email, "old@example.com") == 0)
    #expect(try vault.count(.email, "new@example.com") == 1)
    #expect(try vault.count(.customerNumber, "K-1") == 1)
  }

  @Test func whatAnotherRecordOfTheSubjectStillUsesIsKept() throws {
    let test = try TestVault()
    let vault = try test.made()
    let two = TestSources.source(
      "cards", .profile, .first, ["essential.service"], TestSources.customer,
      [("email", .email, "user.contact.email", .email, nil)])
    let shared = "both@example.com"
    try vault.ingest(
      [two.record("S", "1", ["email": shared]), two.record("S", "2", ["email": shared])], from: two)
    try vault.ingest(
      [two.record("S", "1", day: TestVault.day + 1, ["email": "x@example.com"])], from: two)
    #expect(try vault.count(.email, shared) == 1)
    try vault.ingest(
      [two.record("S", "2", day: TestVault.day + 1, ["email": "x@example.com"])], from: two)
    #expect(try vault.count(.email, shared) == 0)
  }

  @Test func backAndForthInOneBatch() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest([Self.crm("K-1", day: 0, "a@example.com")], from: TestSources.crm)
    try vault.ingest(
      [
        Self.crm("K-1", day: 1, "b@example.com"), Self.crm("K-1", day: 2, "c@example.com"),
        Self.crm("K-1", day: 3, "a@example.com"),
      ], from: TestSources.crm)
    let counts = try ["a", "b", "c"].map { try vault.count(.email, "\($0)@example.com") }
    #expect(counts == [1, 0, 0])
  }

  @Test func theIndexHoldsOneLengthAndNoPlaintext() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let lengths = try vault.indexQueue.read {
      try Set(Int.fetchAll($0, sql: "SELECT length(code) FROM match"))
    }
    #expect(lengths == [16])
    let first = try vault.indexQueue.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM match")
    }
    #expect(first == 8, "two people with an id, a number, an e-mail and a phone each")
  }

  @Test func equalTextsOfTwoKindsHaveNothingInCommon() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest([TestSources.crm.record("42", ["number": "42"])], from: TestSources.crm)
    #expect(try vault.count(.customerNumber, "42") == 1)
    #expect(try vault.count(.cookie, "42") == 0)
    #expect(try vault.count(.nationalID, "42") == 0)
  }
}
