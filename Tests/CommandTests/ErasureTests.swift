import Foundation
import Testing

@Suite struct ErasureTests {
  private let stage: Stage

  init() throws {
    stage = try Stage(Template.full)
  }

  private func erase(_ more: String...) -> [String] {
    ["dsr", "erase", stage.token, "--case", "C-1", "--as", "dana"] + more
  }

  private func fingerprint() throws -> String {
    try #require(try stage.lethe(erase("--json")).document()["confirm"] as? String)
  }

  @Test func withoutConfirmationNothingChanges() throws {
    let before = try stage.snapshot()
    let text = try stage.lethe(erase())
    let digest = try fingerprint()
    #expect(text.status == 0 && text.output.isEmpty && text.error.contains("--confirm \(digest)"))
    #expect(try stage.snapshot() == before)
  }

  @Test func aWrongFingerprintIsRefused() throws {
    for digest in ["0000000000000000", "", "x"] {
      try stage.expectRefused(erase("--confirm", digest), 1, "stale", naming: ["preview"])
    }
  }

  @Test func aPlaceForTheCertificateIsLookedForFirst() throws {
    let digest = try fingerprint()
    try stage.write("", "file")
    try stage.expectRefused(
      erase("--confirm", digest, "--certificate", "file"), 1, "unwritable", naming: ["file"])
    try FileManager.default.createDirectory(
      atPath: stage.path("certs"), withIntermediateDirectories: true)
    try stage.write("other", "certs/C-1.certificate")
    try stage.expectRefused(
      erase("--confirm", digest, "--certificate", "certs"), 1, "already_exists",
      naming: ["certs/C-1.certificate"])
  }

  @Test func whoIsErasedIsGoneAndStaysAway() throws {
    let digest = try fingerprint()
    let answer = try stage.lethe(
      erase("--confirm", digest, "--certificate", "certs", "--json")
    ).document()
    #expect(answer["subjects"] as? Int ?? 0 >= 3 && (answer["files"] as? [String])?.count == 6)
    let found = try stage.lethe(
      "find", "email", "-", "--as", "dana", "--json", input: stage.email)
    let persons = try found.document()["persons"] as? [Any]
    #expect(found.status == 1 && persons?.isEmpty == true)
    try stage.expectRefused(
      ["reveal", stage.token, "--as", "dana", "--purpose", "subject_rights"], 1, "not_found")
    let again = try stage.ask("ingest", "crm.csv", "--contract", "crm", "--as", "eve")
    #expect(again["suppressed"] as? Int ?? 0 >= 1 && again["added"] as? Int == 0)
    try expectNoByte(of: stage.email)
    let receipt = try Program.start(
      [
        "python3", Program.repository + "/audit/verify.py", stage.vault + "/audit", "--proof",
        "certs/C-1.tlog-proof", "--entry", "certs/C-1.entry.json",
      ], executable: "/usr/bin/env", in: stage.directory
    ).wait()
    #expect(receipt.status == 0, "\(receipt.error)")
  }

  @Test func whatWasInterruptedIsFinishedAndToldOnce() throws {
    #expect(try stage.lethe(erase("--confirm", try fingerprint())).status == 0)
    // As a crash before the last step leaves it.
    try stage.execute("UPDATE erasure SET state = 'final'", on: "vault.sqlite")
    let outcome = try stage.lethe("status", "--as", "dana", "--json")
    let status = try outcome.document(mayNotice: true)
    #expect((status["open_erasures"] as? [Any])?.isEmpty == true)
    #expect(outcome.notices.count == 1 && outcome.notices.first?.contains("`C-1`") == true)
    #expect(try stage.lethe("status", "--as", "dana", "--json").document()["fenced"] as? Int == 0)
  }

  @Test func aReferenceIsUsedOnce() throws {
    let digest = try fingerprint()
    #expect(try stage.lethe(erase("--confirm", digest)).status == 0)
    let other = try stage.anotherPerson()
    let words = ["dsr", "erase", other, "--case", "C-1", "--as", "dana"]
    let second = try #require(try stage.lethe(words + ["--json"]).document()["confirm"] as? String)
    try stage.expectRefused(words + ["--confirm", second], 1, "invalid_input", naming: ["`C-1`"])
    try stage.expectRefused(
      ["dsr", "certificate", "C-2", "--out", "certs"], 1, "not_found", naming: ["`C-2`"])
  }

  @Test func anAccessPackageIsPrivateAndNeverReplaced() throws {
    let words = ["dsr", "access", stage.token, "--case", "C-1", "--out", "package", "--as", "dana"]
    #expect(try stage.lethe(words).status == 0)
    for name in ["data.json", "index.html", "manifest.json"] {
      let attributes = try FileManager.default.attributesOfItem(
        atPath: stage.path("package/\(name)"))
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
    try stage.expectRefused(words, 1, "already_exists", naming: ["package/data.json"])
  }

  private func expectNoByte(of text: String) throws {
    for path in try FileManager.default.subpathsOfDirectory(atPath: stage.vault) {
      guard let data = FileManager.default.contents(atPath: "\(stage.vault)/\(path)") else {
        continue
      }
      for form in [text, text.lowercased()] {
        #expect(data.range(of: Data(form.utf8)) == nil, "\(path)")
      }
    }
  }
}

extension Stage {
  /// A person besides the one the stage knows.
  func anotherPerson() throws -> String {
    for other in try Sample.emails(of: directory) where other != email {
      let answer = try lethe("find", "email", "-", "--as", "dana", "--json", input: other)
      let persons = try answer.document()["persons"] as? [[String: Any]] ?? []
      if persons.count == 1, let found = persons[0]["token"] as? String, found != token {
        return found
      }
    }
    throw CocoaError(.featureUnsupported)
  }
}
