import Foundation
import Testing
import Transparency
import VaultTesting

@testable import Vault

@Suite struct CertificateTests {
  private static func erased() throws -> (vault: Vault, certificate: Certificate, test: TestVault) {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    return (vault, try vault.certificate("R-1"), test)
  }

  private static func statement(_ certificate: Certificate) throws -> JSONObject {
    guard case .object(let object) = certificate.statement else {
      throw VaultError(.integrity, "the statement is no object")
    }
    return object
  }

  @Test func itVerifiesWithItsFilesAlone() throws {
    let (vault, certificate, _) = try Self.erased()
    let keys = (try vault.certificateVerifierKey(), try vault.logVerifierKey())
    #expect(keys.0 != keys.1)
    // From here on nothing of the vault is used.
    let note = try SignedNote(encoded: certificate.note)
    let verified = try note.verified(by: [NoteVerifierKey(encoded: keys.0)])
    #expect(verified.signers.count == 1)
    let text = try CanonicalJSON(canonicalBytes: Array(verified.text.dropLast()))
    #expect(text == certificate.statement)
    _ = try LogProof(encoded: certificate.logProof).verify(
      entry: certificate.logEntry, logKey: NoteVerifierKey(encoded: keys.1))
    guard case .object(let entry) = try CanonicalJSON(canonicalBytes: certificate.logEntry) else {
      Issue.record("the entry is no object")
      return
    }
    #expect(entry.text("type") == "erasure.final" && entry.text("reference") == "R-1")
    #expect(entry.number("seq") == (try Self.statement(certificate).number("log_entry")))
  }

  @Test func aForgedStatementDoesNotVerify() throws {
    let (vault, certificate, _) = try Self.erased()
    let key = try NoteVerifierKey(encoded: vault.certificateVerifierKey())
    for (old, new) in [("L1", "L3"), ("R-1", "R-2"), ("\"subjects\":1", "\"subjects\":9")] {
      let forged = String(decoding: certificate.note, as: UTF8.self)
        .replacingOccurrences(of: old, with: new)
      #expect(forged != String(decoding: certificate.note, as: UTF8.self))
      #expect(throws: (any Error).self) {
        _ = try SignedNote(encoded: Array(forged.utf8)).verified(by: [key])
      }
    }
    let logKey = try NoteVerifierKey(encoded: vault.logVerifierKey())
    #expect(throws: (any Error).self) {
      _ = try SignedNote(encoded: certificate.note).verified(by: [logKey])
    }
    let entry = certificate.logEntry.map { $0 == UInt8(ascii: "1") ? UInt8(ascii: "2") : $0 }
    #expect(throws: (any Error).self) {
      _ = try LogProof(encoded: certificate.logProof).verify(entry: entry, logKey: logKey)
    }
  }

  @Test func itSaysWhatHappenedAndWhatItDoesNotCover() throws {
    let (_, certificate, _) = try Self.erased()
    let statement = try Self.statement(certificate)
    #expect(statement.text("kind") == "person" && statement.text("assurance") == "L1")
    #expect(statement.number("subjects") == 1 && statement.number("suppression_entries") == 4)
    guard case .object(let keys)? = statement["keys"],
      case .array(let limits)? = statement["not_covered"]
    else {
      Issue.record("members are missing")
      return
    }
    #expect(keys.number("verified_unreadable") == 1)
    #expect(keys.number("new_epoch") == keys.number("old_epoch") + 1)
    #expect(keys.text("old_root_sha256") != keys.text("new_root_sha256"))
    #expect(limits.count >= 5)
    let text = String(decoding: certificate.note, as: UTF8.self).lowercased()
    #expect(!text.contains("gdpr compliant"))
    #expect(!text.contains("is anonymous"))
  }

  @Test func itHoldsNoPersonalData() throws {
    let (_, certificate, _) = try Self.erased()
    let text = String(
      decoding: certificate.note + certificate.logEntry + certificate.logProof, as: UTF8.self)
    for secret in People.annaNeedles + ["K-1", "dana"] { #expect(!text.contains(secret)) }
  }

  @Test func anInterruptedErasureSaysSo() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let digest = try vault.previewErasure(token, .dpo).digest
    test.random.fail(after: 2)
    #expect(throws: (any Error).self) {
      _ = try vault.erase(token, confirming: digest, reference: "R-1", .dpo)
    }
    test.random.fail(after: nil)
    let statement = try Self.statement(try test.open().certificate("R-1"))
    #expect(statement["resumed_after_interruption"] == .bool(true))
  }

  @Test func anExpiryHasOneToo() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      [TestSources.dmp.record("c-1", day: TestVault.day - 29, ["cookie": "c-1"])],
      from: TestSources.dmp)
    test.clock.set(day: TestVault.day + 1)
    let plan = try vault.planExpiry(TestSources.classes, .dpo)
    _ = try vault.expire(plan, confirming: plan.digest, reference: "E-1", .dpo)
    let statement = try Self.statement(try vault.certificate("E-1"))
    #expect(statement.text("kind") == "expiry")
    guard case .array(let buckets)? = statement["buckets"] else {
      Issue.record("no buckets")
      return
    }
    #expect(buckets.count == 1)
  }
}
