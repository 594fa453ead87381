import Foundation
import GRDB
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Notes: free text that dies with the person, and commitments that then tell nothing.
@Suite struct AuditNoteTests {
  private static let text = "she called about her invoice"

  private static func officer(_ note: String? = text) -> Requester {
    Requester(
      operatorName: "dana", purpose: "subject_rights", caseReference: "C-1",
      note: note.map { Array($0.utf8) })
  }

  /// Discloses with a note; the place of the event.
  private static func look(_ vault: Vault, _ requester: Requester = officer()) throws -> Int {
    try vault.disclose(try vault.theOne(.email, People.annaEmail), requester).logSequence
  }

  private static func commitment(_ vault: Vault, _ sequence: Int) throws -> String? {
    let entry = try vault.queue.read { try AuditStore(database: $0).entry(sequence) }
    guard case .object(let event) = try CanonicalJSON(canonicalBytes: entry),
      case .string(let commitment)? = event["payload_commitment"]
    else { return nil }
    return commitment
  }

  @Test func theEntryCommitsToTheNoteAndNothingElse() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let (first, second) = (try Self.look(vault), try Self.look(vault))
    let note = try vault.readNote(first, Self.officer(nil))
    #expect(String(decoding: note.text, as: UTF8.self) == Self.text)
    var code = try HMACKey(SecretBytes(copying: note.key))
    #expect(code.authenticate(note.text).hexadecimal == (try Self.commitment(vault, first)))
    // Equal notes have nothing in common.
    #expect(try Self.commitment(vault, first) != Self.commitment(vault, second))
    #expect(try vault.readNote(second, Self.officer(nil)).key != note.key)
    #expect(try vault.logTypes().last == "log.read")
    #expect(try Self.commitment(vault, try Self.look(vault, Self.officer(nil))) == nil)
    for name in ["vault.sqlite", "vault.sqlite-wal"] {
      let bytes = FileManager.default.contents(atPath: "\(test.directory)/\(name)") ?? Data()
      #expect(bytes.range(of: Data("invoice".utf8)) == nil)
    }
  }

  @Test func theNoteDiesWithThePerson() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let sequence = try Self.look(vault)
    let before = try Self.commitment(vault, sequence)
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    expect(.notFound) { _ = try vault.readNote(sequence, Self.officer(nil)) }
    let rows = try vault.queue.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM audit_payload")
    }
    #expect(rows == 0)
    // The entry, and with it every proof, stays what it was.
    #expect(try Self.commitment(vault, sequence) == before)
  }

  @Test func theNoteOutlivesAChangeOfThePersonsKey() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let sequence = try Self.look(vault)
    let token = try vault.theOne(.email, People.annaEmail)
    let change = SubjectChange.eraseFields(["crm.first_name"])
    let requester = Self.officer("asked for in her letter")
    let digest = try vault.previewChange(change, of: token, requester).digest
    let outcome = try vault.apply(
      change, to: token, confirming: digest, reference: "C-2", requester)
    #expect(
      String(decoding: try vault.readNote(sequence, Self.officer(nil)).text, as: UTF8.self)
        == Self.text)
    #expect(
      String(
        decoding: try vault.readNote(outcome.logSequence, Self.officer(nil)).text, as: UTF8.self)
        == "asked for in her letter")
  }

  static let unfit: [[UInt8]] = [
    [], [0xFF], Array(repeating: 0x61, count: Requester.noteByteCountMaximum + 1),
  ]

  @Test(arguments: unfit) func anUnfitNoteIsRefusedBeforeAnythingIsShown(note: [UInt8]) throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let size = try vault.logEntries().count
    expect(.invalidInput) {
      _ = try vault.disclose(
        token, Requester(operatorName: "dana", purpose: "subject_rights", note: note))
    }
    #expect(try vault.logEntries().count == size)
  }

  @Test func whoMayNotAnswerPeopleReadsNoNote() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let sequence = try Self.look(vault)
    expect(.denied) {
      _ = try vault.readNote(
        sequence, Requester(operatorName: "aude", purpose: "essential.legal_obligation"))
    }
    for absent in [0, sequence + 1, 1_000_000] {
      expect(.notFound) { _ = try vault.readNote(absent, Self.officer(nil)) }
    }
  }

  /// A note moved to another entry does not open there.
  @Test func aNoteIsBoundToItsEntry() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let sequence = try Self.look(vault)
    let other = try Self.look(vault, Self.officer(nil))
    try vault.queue.write {
      try $0.execute(
        sql: "UPDATE audit_payload SET seq = ? WHERE seq = ?", arguments: [other, sequence])
    }
    #expect(throws: SealingError.self) { _ = try vault.readNote(other, Self.officer(nil)) }
  }
}
