import Foundation
import Rights
import Testing
import Transparency
import Vault
import VaultTesting

/// A certificate is worth what can be verified with its own files and a key from elsewhere.
@Suite struct CertificateFilesTests {
  private static func erased() throws -> (test: TestVault, vault: Vault) {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      [
        TestSources.crm.record(
          "K-1", day: TestVault.day, ["number": "K-1", "email": "anna@example.org"])
      ], from: TestSources.crm)
    _ = try vault.eraseNow(try vault.theOne(.email, "anna@example.org"), "C/2026 1")
    return (test, vault)
  }

  private static func read(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  @Test func filesVerifyWithoutTheVault() throws {
    let (test, vault) = try Self.erased()
    let files = try CertificateFiles(vault, "C/2026 1").write(
      to: test.root.appending(path: "certificates").path)
    #expect(files.count == 6)
    #expect(files[3].hasSuffix("/C-2026-1.html"))
    #expect(files[0].hasSuffix("/C-2026-1.certificate"), "a reference is made fit for a file name")
    let note = try SignedNote(encoded: try Self.read(files[0]))
    let key = try NoteVerifierKey(encoded: try vault.certificateVerifierKey())
    #expect(try note.verified(by: [key]).signers.count == 1)
    let logKey = try NoteVerifierKey(encoded: try vault.logVerifierKey())
    let proof = try LogProof(encoded: try Self.read(files[2]))
    let checkpoint = try proof.verify(
      entry: try Self.read(files[1]), logKey: logKey, witnesses: [])
    #expect(checkpoint.checkpoint.treeSize > 0)
  }

  /// The verifier for everyone accepts what the vault writes, and the page beside it is the same.
  @Test(arguments: PackageLanguage.allCases)
  func filesPassTheVerifier(language: PackageLanguage) throws {
    let (test, vault) = try Self.erased()
    let files = try CertificateFiles(vault, "C/2026 1", language: language).write(
      to: test.root.appending(path: "certificates").path)
    let report = try CertificateVerifier(CertificateEvidence(certificateAt: files[0])).report()
    #expect(report.isValid, "\(report.checks)")
    #expect(report.statement?.reference == "C/2026 1")
    let page = try CertificatePage(report, certificateAt: files[0], language: language).html
    #expect(try Self.read(files[3]) == Array(page.utf8))
    #expect(page.contains("C-2026-1.certificate") && page.contains("C/2026 1"))
  }

  @Test func changedStatementOrEntryDoesNotVerify() throws {
    let (test, vault) = try Self.erased()
    let files = try CertificateFiles(vault, "C/2026 1").write(
      to: test.root.appending(path: "certificates").path)
    let key = try NoteVerifierKey(encoded: try vault.certificateVerifierKey())
    let text = String(decoding: try Self.read(files[0]), as: UTF8.self)
    let raised = text.replacingOccurrences(of: "\"assurance\":\"L1\"", with: "\"assurance\":\"L3\"")
    #expect(raised != text)
    #expect(throws: (any Error).self) {
      _ = try SignedNote(encoded: Array(raised.utf8)).verified(by: [key])
    }
    let logKey = try NoteVerifierKey(encoded: try vault.logVerifierKey())
    let proof = try LogProof(encoded: try Self.read(files[2]))
    var entry = try Self.read(files[1])
    entry[10] ^= 1
    #expect(throws: (any Error).self) {
      _ = try proof.verify(entry: entry, logKey: logKey, witnesses: [])
    }
  }

  @Test func statementSaysWhatItDoesNotCoverAndNamesNobody() throws {
    let (test, vault) = try Self.erased()
    let files = try CertificateFiles(vault, "C/2026 1").write(
      to: test.root.appending(path: "certificates").path)
    let text = String(decoding: try Self.read(files[0]), as: UTF8.self)
    #expect(text.contains("\"not_covered\":["))
    for secret in ["anna", "K-1", "example.org", "dana"] { #expect(!text.contains(secret)) }
  }

  @Test(arguments: ["C-2", "", "c/2026 1"])
  func unknownReferenceHasNoCertificate(reference: String) throws {
    let (test, vault) = try Self.erased()
    #expect(throws: VaultError(.notFound, "")) {
      _ = try CertificateFiles(vault, reference).write(
        to: test.root.appending(path: "none").path)
    }
  }

  @Test func aCertificateIsNeverWrittenOver() throws {
    let (test, vault) = try Self.erased()
    let place = test.root.appending(path: "certificates").path
    _ = try CertificateFiles(vault, "C/2026 1").write(to: place)
    #expect(throws: RightsError(.alreadyExists, "")) {
      _ = try CertificateFiles(vault, "C/2026 1").write(to: place)
    }
  }
}
