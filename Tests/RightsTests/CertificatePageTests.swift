import Foundation
import Rights
import Testing
import Transparency

/// The page tells everything the statement says, in words, and can do no harm.
@Suite struct CertificatePageTests {
  private static func page(
    _ members: SampleStatement.Members, _ language: PackageLanguage = .english
  ) throws -> String {
    try CertificatePage(
      try SampleCertificate(members).report, certificateAt: "certs/C-2026-17.certificate",
      language: language
    ).html
  }

  @Test(arguments: [
    (PackageLanguage.english, "certificate-page.en.html"),
    (.russian, "certificate-page.ru.html"),
  ])
  func thePageIsAsReviewed(language: PackageLanguage, golden: String) throws {
    let found = try Self.page(SampleStatement.person.members, language)
    let place = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Golden/Rights/\(golden)")
    if ProcessInfo.processInfo.environment["LETHE_UPDATE_GOLDEN"] == "1" {
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

  @Test(arguments: SampleStatement.allCases, PackageLanguage.allCases)
  func pageIsOneFileWithoutScript(sample: SampleStatement, language: PackageLanguage) throws {
    let page = try Self.page(sample.members, language)
    for forbidden in [
      "http://", "https://", "<script", "<img", "<link", "url(", "@import", "<iframe", "onclick",
    ] {
      #expect(!page.contains(forbidden), "the page holds \(forbidden)")
    }
    #expect(page.contains("default-src 'none'") && page.contains("@page{size:A4"))
    #expect(page.contains("lang=\"\(language.rawValue)\""))
    for tag in ["section", "dl", "table", "ul", "div", "dd", "li", "td"] {
      let open =
        page.components(separatedBy: "<\(tag)>").count
        + page.components(separatedBy: "<\(tag) ").count - 2
      #expect(open == page.components(separatedBy: "</\(tag)>").count - 1, "<\(tag)>")
    }
  }

  /// The statement stands there to the letter, so nothing it says can be left out.
  @Test(arguments: SampleStatement.allCases)
  func nothingIsLeftOut(sample: SampleStatement) throws {
    let page = try Self.page(sample.members)
    for (name, value) in sample.members {
      let text = String(decoding: try value.canonicalBytes(), as: UTF8.self)
        .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
      #expect(page.contains("&quot;\(name)&quot;:\(text)"), "\(name)")
    }
  }

  @Test func unknownWordsAreShownAsTheyAre() throws {
    let page = try Self.page(SampleStatement.pending.members, .russian)
    for text in [
      "moon_phase", "melted", "serial: 7&lt;b&gt;", "later_member",
      "inner: &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", "<dt>later</dt><dd>5</dd>",
      "<span lang=\"en\">something that only a later vault knows of</span>",
    ] {
      #expect(page.contains(text), "\(text) is missing")
    }
  }

  @Test(arguments: [
    (
      PackageLanguage.english, "Not final yet", "2026-12-01 09:44:05 UTC",
      "the only one of its kind"
    ),
    (.russian, "Ещё не окончательно", "01.12.2026 09:44:05 UTC", "был единственным"),
  ])
  func aPendingCertificateSaysSo(
    language: PackageLanguage, state: String, due: String, unique: String
  ) throws {
    let page = try Self.page(SampleStatement.pending.members, language)
    for text in [state, due, unique] { #expect(page.contains(text), "\(text) is missing") }
    #expect(page.contains("class=\"state open\""))
  }

  @Test func everyCodeOfTheFormatHasItsWords() throws {
    let questions = [
      "encrypted_from_start", "key_strength_bits", "entropy_source", "target_keys",
      "wrapping_keys", "all_copies", "escrow", "areas_addressed", "areas_not_addressed",
      "reversible", "verification",
    ]
    for language in PackageLanguage.allCases {
      let page = try Self.page(SampleStatement.person.members, language)
      for code in questions + ["software_slot", "no_witness", "overwritten_twice", "lagging"] {
        #expect(!page.contains("<dt>\(code)<") && !page.contains(">\(code)<"), "\(code)")
      }
    }
  }

  /// A page of a refused certificate would look like one of a good certificate.
  @Test func aRefusedCertificateHasNoPage() throws {
    var sample = try SampleCertificate(SampleStatement.person.members)
    sample.certificate[20] ^= 1
    #expect(throws: RightsError(.notValid, "")) {
      _ = try CertificatePage(sample.report, certificateAt: "C-2026-17.certificate")
    }
  }

  /// Commands are copied into a shell; the name of a file or key must stay a name.
  @Test func namesCannotBecomeCommands() throws {
    let page = try CertificatePage(
      try SampleCertificate(SampleStatement.person.members).report,
      certificateAt: "x'; touch y; '.certificate"
    ).html
    #expect(
      page.contains(
        "verify &#39;x&#39;\\&#39;&#39;; touch y; &#39;\\&#39;&#39;.certificate&#39; --vkey"))
  }

  @Test func fingerprintIsThatOfTheKeyFile() throws {
    let sample = try SampleCertificate(SampleStatement.person.members)
    let page = try Self.page(SampleStatement.person.members)
    for file in [sample.keyFile, sample.logKeyFile] {
      let digits = Array(SampleCertificate.digest(file))
      let groups = stride(from: 0, to: 64, by: 8).map { String(digits[$0..<$0 + 8]) }
      #expect(page.contains("<code>\(groups.joined(separator: " "))</code>"))
    }
  }
}
