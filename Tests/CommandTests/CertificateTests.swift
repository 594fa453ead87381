import Foundation
import Testing

/// Certificates as somebody without the vault sees them.
@Suite struct CertificateTests {
  private let stage: Stage
  private let key: String
  private let logKey: String

  /// Erases a person, and takes the certificate's files to a place of their own.
  init() throws {
    stage = try Stage(Template.full)
    let erase = ["dsr", "erase", stage.token, "--case", "C-1", "--as", "dana"]
    let digest = try #require(
      try stage.lethe(erase + ["--json"]).document()["confirm"] as? String)
    let outcome = try stage.lethe(erase + ["--confirm", digest, "--certificate", "certs"])
    #expect(outcome.status == 0, "\(outcome.error)")
    for name in ["vault", "slot", "unseal.key"] {
      try FileManager.default.removeItem(atPath: stage.path(name))
    }
    key = try Self.line(stage.path("certs/certificates.vkey"))
    logKey = try Self.line(stage.path("certs/log.vkey"))
  }

  private static func line(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines)
  }

  private func verify(_ more: String...) throws -> Outcome {
    try stage.lethe(["certificate", "verify", "certs/C-1.certificate"] + more)
  }

  private func flip(_ name: String, at offset: Int) throws {
    let url = URL(fileURLWithPath: stage.path("certs/\(name)"))
    var bytes = try Data(contentsOf: url)
    bytes[offset % bytes.count] ^= 1
    try bytes.write(to: url)
  }

  @Test func validWithoutTheVault() throws {
    let answer = try verify("--json").document()
    #expect(answer["valid"] as? Bool == true && answer["key_given"] as? Bool == false)
    #expect(answer["reference"] as? String == "C-1" && answer["kind"] as? String == "person")
    #expect((answer["not_covered"] as? [String])?.isEmpty == false)
    #expect((answer["notes"] as? [String])?.filter { $0.contains("from elsewhere") }.count == 2)
    let given = try verify("--vkey", key, "--log-vkey", logKey)
    #expect(given.status == 0 && given.output.isEmpty)
    #expect(!given.error.contains("from elsewhere") && given.error.contains("not covered: "))
    #expect(given.error.contains("the certificate is valid: `C-1`"))
  }

  /// This program, the kit in Python and the recipe with standard tools agree.
  @Test func allThreeVerifiersAgree() throws {
    let kit = [
      "python3", Program.repository + "/audit/verify.py", "--certificate",
      "certs/C-1.certificate", "--vkey", key, "--log-vkey", logKey,
    ]
    let recipe = [
      Program.repository + "/audit/verify-certificate.sh", "certs/C-1.certificate",
    ]
    func statuses() throws -> [Int32] {
      try [kit, recipe].map {
        try Program.start($0, executable: "/usr/bin/env", in: stage.directory).wait().status
      } + [verify("--vkey", key, "--log-vkey", logKey).status]
    }
    #expect(try statuses() == [0, 0, 0])
    try flip("C-1.certificate", at: 100)
    #expect(try statuses() == [1, 1, 4])
  }

  @Test(arguments: [
    "C-1.certificate", "C-1.entry.json", "C-1.tlog-proof", "certificates.vkey", "log.vkey",
  ])
  func oneFlippedByteShows(name: String) throws {
    for offset in [0, 17, 61] {
      try flip(name, at: offset)
      let outcome = try verify("--json")
      #expect(outcome.status == 4, "\(name) at \(offset)")
      let answer = try outcome.document()
      #expect(answer["valid"] as? Bool == false && answer["reference"] == nil)
      let page = try stage.lethe(
        "certificate", "page", "certs/C-1.certificate", "--out", "page.html")
      expectRefusal(page, 4, "integrity", naming: ["certs/C-1.certificate"])
      #expect(!stage.exists("page.html"))
      try flip(name, at: offset)
    }
    #expect(try verify().status == 0)
  }

  @Test func missingFilesAndOtherKeys() throws {
    expectRefusal(
      try stage.lethe("certificate", "verify", "certs/none.certificate"), 1, "unreadable",
      naming: ["none.certificate"])
    expectRefusal(
      try stage.lethe("certificate", "verify", "certs"), 1, "unreadable", naming: ["certs"])
    for words in [["--vkey", "garbage"], ["--log-vkey", ""], ["--witness", key]] {
      let outcome = try stage.lethe(["certificate", "verify", "certs/C-1.certificate"] + words)
      expectRefusal(outcome, 2, "usage", naming: ["--"])
    }
    #expect(try verify("--vkey", logKey).status == 4 && verify("--log-vkey", key).status == 4)
    try FileManager.default.removeItem(atPath: stage.path("certs/C-1.tlog-proof"))
    let outcome = try verify()
    #expect(outcome.status == 4 && outcome.error.contains("`C-1.tlog-proof` is not there"))
    try FileManager.default.removeItem(atPath: stage.path("certs/log.vkey"))
    expectRefusal(try verify(), 2, "usage", naming: ["log.vkey", "--log-vkey"])
  }

  @Test func aPageIsPrivateInBothLanguagesAndNeverReplaced() throws {
    for (language, title) in [("en", "Certificate of erasure"), ("ru", "Свидетельство")] {
      let words = [
        "certificate", "page", "certs/C-1.certificate", "--language", language, "--out",
        "page.\(language).html",
      ]
      let files = try stage.lethe(words + ["--json"]).document()["files"] as? [String]
      #expect(files == ["page.\(language).html"])
      let path = stage.path("page.\(language).html")
      #expect(try String(contentsOfFile: path, encoding: .utf8).contains("<h1>\(title)"))
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      expectRefusal(
        try stage.lethe(words), 1, "already_exists", naming: ["page.\(language).html"])
    }
    // The page beside the certificate is the same.
    #expect(
      FileManager.default.contents(atPath: stage.path("certs/C-1.html"))
        == FileManager.default.contents(atPath: stage.path("page.en.html")))
    try stage.write("", "file")
    expectRefusal(
      try stage.lethe("certificate", "page", "certs/C-1.certificate", "--out", "file/p.html"), 1,
      "unwritable", naming: ["file"])
  }
}
