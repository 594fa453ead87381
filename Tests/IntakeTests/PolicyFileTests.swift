import Testing
import Vault

@testable import Intake

@Suite("Retention classes and purposes")
struct PolicyFileTests {
  private static let head = "lethe_retention: 1\nclasses:\n"

  @Test(
    "terms are days or weeks",
    arguments: [
      ("null", nil), ("~", nil), ("P1D", 1), ("P30D", 30), ("P4W", 28), ("P395D", 395),
      ("\"P7D\"", 7), ("P36500D", 36_500),
    ] as [(String, Int?)])
  func terms(_ text: String, _ days: Int?) throws {
    let classes = try RetentionClasses(
      yaml: Array("\(Self.head)  - {name: a, number: 1, cap: \(text)}".utf8), file: "r")
    #expect(classes["a"]?.capDays == days)
    #expect(classes["b"] == nil)
  }

  @Test(
    "other files are refused",
    arguments: [
      ("{name: a, number: 1, cap: P3M}", .unsupportedDuration),
      ("{name: a, number: 1, cap: P1Y}", .unsupportedDuration),
      ("{name: a, number: 1, cap: P1Y2M}", .unsupportedDuration),
      ("{name: a, number: 1, cap: PT5H}", .unsupportedDuration),
      ("{name: a, number: 1, cap: P-5D}", .unsupportedDuration),
      ("{name: a, number: 1, cap: P+5D}", .unsupportedDuration),
      ("{name: a, number: 1, cap: P5}", .unsupportedDuration),
      ("{name: a, number: 1, cap: PD}", .unsupportedDuration),
      ("{name: a, number: 1, cap: P}", .unsupportedDuration),
      ("{name: a, number: 1, cap: 30 days}", .unsupportedDuration),
      ("{name: a, number: 1, cap: p30d}", .unsupportedDuration),
      ("{name: a, number: 1, cap: P99999999999999999999D}", .unsupportedDuration),
      ("{name: a, number: 1, cap: P0D}", .invalidValue),
      ("{name: a, number: 1, cap: P36501D}", .invalidValue),
      ("{name: a, number: 1, cap: 30}", .wrongType),
      ("{name: a, number: 1, idle: P31D, cap: P30D}", .invalidValue),
      ("{name: a, number: 0}", .invalidValue), ("{name: a, number: 256}", .invalidValue),
      ("{name: a, number: one}", .wrongType), ("{name: A, number: 1}", .invalidValue),
      ("{name: a}", .missingKey), ("{number: 1}", .missingKey),
      ("{name: a, number: 1, caps: P1D}", .unknownKey),
      ("{name: a, number: 1, start: ingest}", .invalidValue),
      ("{name: a, number: 1}\n  - {name: a, number: 2}", .duplicateName),
      ("{name: a, number: 1}\n  - {name: b, number: 1}", .duplicateName),
    ] as [(String, IntakeError.Code)])
  func refuses(_ item: String, _ code: IntakeError.Code) throws {
    let error = try #require(
      refusal {
        _ = try RetentionClasses(yaml: Array("\(Self.head)  - \(item)".utf8), file: "r.yaml")
      })
    #expect(error.code == code, "\(error)")
    #expect(error.message.hasPrefix("r.yaml: classes["))
  }

  @Test(
    "other forms of the files are refused",
    arguments: [
      ("lethe_retention: 2\nclasses: []", .unsupportedVersion), ("classes: []", .missingKey),
      ("lethe_retention: 1\nclasses: []", .missingKey), ("lethe_retention: 1", .missingKey),
      ("lethe_retention: 1\nclasses: {a: 1}", .wrongType),
      ("lethe_retention: 1\nclasses: []\nmore: 1", .unknownKey),
    ] as [(String, IntakeError.Code)])
  func refusesForm(_ text: String, _ code: IntakeError.Code) {
    #expect(refusal { _ = try RetentionClasses(yaml: Array(text.utf8), file: "r") }?.code == code)
  }

  @Test("purposes are the keys of the list")
  func purposes() throws {
    #expect(
      try Fixtures.purposes().keys == ["essential.service", "marketing.advertising.first_party"])
  }

  @Test(
    "other purposes are refused",
    arguments: [
      ("[]", .invalidValue), ("[a]", .wrongType), ("{a: b}", .wrongType),
      ("[{title: x}]", .missingKey),
      ("[{key: A}]", .invalidValue), ("[{key: a..b}]", .invalidValue), ("[{key: 1}]", .wrongType),
      ("[{key: a}, {key: a}]", .duplicateName), ("[{key: a, key: b}]", .duplicateKey),
    ] as [(String, IntakeError.Code)])
  func refusesPurposes(_ list: String, _ code: IntakeError.Code) {
    let text = "lethe_purposes: 1\npurposes: \(list)"
    #expect(refusal { _ = try PurposeCatalogue(yaml: Array(text.utf8), file: "p") }?.code == code)
  }

  @Test("a slip of the pen gets a proposal, nonsense does not")
  func spelling() {
    let words = ["essential.service", "email", "phone"]
    #expect(Spelling.nearest(to: "emial", in: words) == "email")
    #expect(Spelling.nearest(to: "phones", in: words) == "phone")
    #expect(Spelling.nearest(to: "fax", in: words) == nil)
    #expect(Spelling.nearest(to: "", in: words) == nil)
    #expect(Spelling.nearest(to: String(repeating: "e", count: 1000), in: words) == nil)
    #expect(quoted("a\nb\u{1b}") == "`a?b?`")
  }
}
