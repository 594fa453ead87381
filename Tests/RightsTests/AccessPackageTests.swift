import Foundation
import Rights
import Sealing
import Testing
import Transparency
import Vault
import VaultTesting

/// What a person is given, complete and safe to open.
@Suite struct AccessPackageTests {
  /// Values that would do harm on a page or a terminal if they were not escaped.
  static let hostile = "<script>alert('x')</script>\"&\u{1B}[2J"

  private struct Scene {
    let test: TestVault
    let vault: Vault
    let token: TokenText
    let requester: Requester

    var directory: String { test.root.appending(path: "package").path }

    func write(_ language: PackageLanguage = .english, to directory: String? = nil) throws
      -> WrittenPackage
    {
      try AccessPackage(vault, token, requester, language: language)
        .write(to: directory ?? self.directory)
    }

    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
    }
  }

  private static func scene(name: String = "Anna") throws -> Scene {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      [
        TestSources.crm.record(
          "K-1", day: TestVault.day,
          [
            "number": "K-1", "email": "anna@example.org", "first_name": name,
            "birth_date": "1980-02-29", "country": "DE",
          ])
      ], from: TestSources.crm)
    try vault.ingest(
      [
        TestSources.orders.record(
          "a-1", day: TestVault.day,
          ["order": "O-1", "email": "anna@example.org", "amount": "12345"])
      ], from: TestSources.orders)
    // What a unification would find: both are one person.
    _ = try vault.assign([(subject: 1, person: 0)], .none, .service)
    let token = try vault.theOne(.email, "anna@example.org")
    return Scene(
      test: test, vault: vault, token: token,
      requester: Requester(
        operatorName: "dana", purpose: "subject_rights", caseReference: "C-1"))
  }

  @Test func packageHoldsEveryFieldAndSaysWhoLooked() throws {
    let scene = try Self.scene()
    _ = try scene.vault.disclose(
      scene.token, Requester(operatorName: "sam", purpose: "essential.service"))
    let package = try scene.write()
    #expect(package.files.count == 5 && package.isProved)
    #expect(package.lookUps >= 3, "found, shown to support, shown for the package")
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(scene.text("data.json").utf8)) as? [String: Any])
    #expect(json["lethe_access_package"] as? Int == 1)
    #expect(json["reference"] as? String == "C-1")
    let sources = try #require(json["sources"] as? [[String: Any]])
    #expect(sources.compactMap { $0["name"] as? String } == ["crm", "orders"])
    let data = try scene.text("data.json")
    for value in ["anna@example.org", "1980-02-29", "K-1", "essential.service", "123.45"] {
      #expect(data.contains(value), "\(value) is missing")
    }
    #expect(!data.contains("sam"), "staff are not named")
  }

  @Test func pageLoadsNothingFromElsewhere() throws {
    let scene = try Self.scene()
    _ = try scene.write()
    let page = try scene.text("index.html")
    for forbidden in [
      "http://", "https://", "<script", "<img", "<link", "url(", "@import", "<iframe",
    ] {
      #expect(!page.contains(forbidden), "the page holds \(forbidden)")
    }
    #expect(page.contains("default-src 'none'"))
  }

  @Test func valuesCannotBecomeMarkup() throws {
    let scene = try Self.scene(name: Self.hostile)
    _ = try scene.write()
    let page = try scene.text("index.html")
    #expect(!page.contains("<script>"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;\u{FFFD}[2J"))
    #expect(!page.contains("\u{1B}"))
  }

  @Test(arguments: [
    (PackageLanguage.english, "lang=\"en\"", "Your personal data", "Providing the service"),
    (.russian, "lang=\"ru\"", "Ваши персональные данные", "Оказание услуги"),
  ])
  func pageSpeaksTheLanguage(
    language: PackageLanguage, tag: String, title: String, purpose: String
  ) throws {
    let scene = try Self.scene()
    _ = try scene.write(language)
    let page = try scene.text("index.html")
    for text in [tag, title, purpose] { #expect(page.contains(text), "\(text) is missing") }
  }

  @Test func manifestFitsTheFiles() throws {
    let scene = try Self.scene()
    let package = try scene.write()
    let manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(scene.text("manifest.json").utf8))
        as? [String: Any])
    #expect(manifest["log_entry"] as? Int == package.logSequence)
    let digests = try #require(manifest["sha256"] as? [String: String])
    #expect(digests.keys.sorted() == ["data.json", "index.html"])
    #expect(digests.values.allSatisfy { $0.count == 64 })
  }

  /// Whoever has the package can show what the log says of it, with nothing but the log's key.
  @Test func receiptProvesThePackage() throws {
    let scene = try Self.scene()
    let package = try scene.write()
    let entry = Array(try scene.text("log-entry.json").utf8)
    let proof = try LogProof(encoded: Array(try scene.text("log-entry.tlog-proof").utf8))
    let key = try NoteVerifierKey(encoded: scene.vault.logVerifierKey())
    try proof.verify(entry: entry, logKey: key)
    #expect(proof.leafIndex == package.logSequence)
    #expect(throws: TransparencyError.self) { try proof.verify(entry: entry + [0], logKey: key) }
    let event = try #require(
      try JSONSerialization.jsonObject(with: Data(entry)) as? [String: Any])
    #expect(event["type"] as? String == "access.packaged")
    let files = try #require(event["files"] as? [String: String])
    let data = SHA256.hash(Array(try scene.text("data.json").utf8)).hexadecimal
    #expect(files["data.json"] == data)
    let manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(scene.text("manifest.json").utf8))
        as? [String: Any])
    let receipt = try #require(manifest["log_receipt"] as? [String: String])
    #expect(receipt["entry"] == "log-entry.json" && receipt["proof"] == "log-entry.tlog-proof")
    #expect(receipt["entry_sha256"] == SHA256.hash(entry).hexadecimal)
    #expect(receipt["proof_sha256"] == SHA256.hash(proof.encoded).hexadecimal)
  }

  @Test func packageIsPrivateAndNeverWrittenOver() throws {
    let scene = try Self.scene()
    let package = try scene.write()
    for path in package.files {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
    let before = try scene.text("data.json")
    #expect(throws: RightsError(.alreadyExists, "")) { _ = try scene.write() }
    #expect(try scene.text("data.json") == before)
  }

  @Test(arguments: [
    ("sam", "subject_rights"), ("ana", "analytics.reporting"), ("eve", "essential.service"),
    ("aude", "essential.legal_obligation"), ("max", "marketing"),
  ])
  func othersGetNoPackage(name: String, purpose: String) throws {
    let scene = try Self.scene()
    #expect(throws: VaultError(.denied, "")) {
      _ = try AccessPackage(
        scene.vault, scene.token, Requester(operatorName: name, purpose: purpose))
    }
  }

  /// With another purpose the DPO sees masked values; half an answer must not pass for a whole one.
  @Test func halfAnAnswerIsRefused() throws {
    let scene = try Self.scene()
    let package = try AccessPackage(
      scene.vault, scene.token, Requester(operatorName: "dana", purpose: "essential.service"))
    #expect(throws: RightsError(.incomplete, "")) {
      _ = try package.write(to: scene.directory)
    }
    #expect(!FileManager.default.fileExists(atPath: "\(scene.directory)/data.json"))
  }

  @Test func erasedPersonHasNoPackage() throws {
    let scene = try Self.scene()
    _ = try scene.vault.eraseNow(scene.token, "C-9")
    #expect(throws: VaultError(.notFound, "")) { _ = try scene.write() }
  }

  @Test func unwritablePlaceIsOneClearLine() throws {
    let scene = try Self.scene()
    let file = scene.test.root.appending(path: "file").path
    try Data().write(to: URL(fileURLWithPath: file))
    #expect(throws: RightsError(.unwritable, "")) { _ = try scene.write(to: "\(file)/below") }
  }
}
