import Foundation
import Rights
import Testing
import Vault
import VaultTesting

/// What a person is given, to the letter; `scripts/update-golden` writes the files anew.
@Suite struct GoldenPackageTests {
  /// Set to write the files anew instead of comparing.
  private static let variable = "LETHE_UPDATE_GOLDEN"

  private static var folder: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/Rights")
  }

  /// A person of two sources, looked at once by support, in a package of the DPO.
  private static func package(_ language: PackageLanguage) throws -> URL {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      [
        TestSources.crm.record(
          "K-1",
          [
            "number": "K-1", "email": "anna@example.org", "phone": "+4930123456",
            "first_name": "Anna", "last_name": "O'Neill <i>&amp;", "birth_date": "1980-02-29",
            "country": "DE",
          ])
      ], from: TestSources.crm)
    try vault.ingest(
      [TestSources.dmp.record("c-1", ["cookie": "c-1", "segments": "travel|garden"])],
      from: TestSources.dmp)
    _ = try vault.assign(
      [(subject: 1, person: 0)], .none, .service)
    let token = try vault.theOne(.email, "anna@example.org")
    _ = try vault.disclose(token, fields: ["email"], .support)
    let target = FileManager.default.temporaryDirectory
      .appending(path: "golden-\(UUID().uuidString)")
    _ = try AccessPackage(vault, token, .dpo, language: language).write(to: target.path)
    return target
  }

  /// The text without what differs from vault to vault.
  private static func stable(_ text: String) -> String {
    text.replacingOccurrences(
      of: "t1_([a-z]+)_[a-z2-7]{26}", with: "t1_$1_TOKEN", options: .regularExpression)
  }

  @Test(arguments: [
    (PackageLanguage.english, "index.html", "access-page.en.html"),
    (.russian, "index.html", "access-page.ru.html"),
    (.english, "data.json", "access-data.json"),
  ])
  func thePackageIsAsReviewed(language: PackageLanguage, file: String, golden: String) throws {
    let directory = try Self.package(language)
    defer { try? FileManager.default.removeItem(at: directory) }
    let written = try String(contentsOf: directory.appending(path: file), encoding: .utf8)
    let found = Self.stable(written)
    #expect(found != written, "the pseudonym is on it")
    let place = Self.folder.appending(path: golden)
    if ProcessInfo.processInfo.environment[Self.variable] == "1" {
      try FileManager.default.createDirectory(
        at: Self.folder, withIntermediateDirectories: true)
      try Data(found.utf8).write(to: place)
    }
    let expected = try String(contentsOf: place, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let lines = found.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, (old, new)) in zip(expected, lines).enumerated() where old != new {
      Issue.record("\(golden), line \(number + 1): `\(new)` instead of `\(old)`")
      return
    }
    #expect(lines.count == expected.count)
  }
}
