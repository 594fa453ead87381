import Testing
import Vault

@testable import Intake

/// A value of a type and what becomes of it: the stored form, `!code`, or nil for an absent value.
struct ValueCase: CustomTestStringConvertible, Sendable {
  let type: FieldType
  let sent: String
  let expected: String?
  var testDescription: String { "\(type.rawValue) \(sent.debugDescription)" }

  init(_ type: FieldType, _ sent: String, _ expected: String?) {
    self.type = type
    self.sent = sent
    self.expected = expected
  }
}

@Suite("Values to the form of their type")
struct NormaliserTests {
  static let dates: [ValueCase] = [
    .init(.date, "2024-02-29", "2024-02-29"), .init(.date, "20000229", "2000-02-29"),
    .init(.date, " 1957-06-11 ", "1957-06-11"), .init(.date, "0001-01-01", "0001-01-01"),
    .init(.date, "9999-12-31", "9999-12-31"),
    .init(.date, "2023-02-29", "!impossible_date"), .init(.date, "1900-02-29", "!impossible_date"),
    .init(.date, "19871131", "!impossible_date"), .init(.date, "2024-13-01", "!impossible_date"),
    .init(.date, "2024-00-10", "!impossible_date"), .init(.date, "2024-01-00", "!impossible_date"),
    .init(.date, "0000-01-01", "!impossible_date"), .init(.date, "2024-1-1", "!malformed_date"),
    .init(.date, "01.02.2024", "!malformed_date"), .init(.date, "03/04/2020", "!malformed_date"),
    .init(.date, "2024-01-01T", "!malformed_date"), .init(.date, "2024/01/01", "!malformed_date"),
    .init(.date, "-2024-1-1", "!malformed_date"), .init(.date, "yesterday", "!malformed_date"),
    .init(.date, "２０２４0101", "!malformed_date"),
  ]

  /// The first seven are the examples of RFC 3339 §5.8 and neighbours of them.
  static let datetimes: [ValueCase] = [
    .init(.datetime, "1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.52Z"),
    .init(.datetime, "1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z"),
    .init(.datetime, "1990-12-31T23:59:60Z", "1990-12-31T23:59:60Z"),
    .init(.datetime, "1990-12-31T15:59:60-08:00", "1990-12-31T23:59:60Z"),
    .init(.datetime, "1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.87Z"),
    .init(.datetime, "2024-03-01t00:30:00z", "2024-03-01T00:30:00Z"),
    .init(.datetime, "2024-03-01 00:30:00+01:00", "2024-02-29T23:30:00Z"),
    .init(.datetime, "2024-03-01T00:30:00-00:00", "2024-03-01T00:30:00Z"),
    .init(.datetime, "1969-12-31T23:00:00-02:00", "1970-01-01T01:00:00Z"),
    .init(.datetime, "2024-03-01T00:30:00", "!malformed_datetime"),
    .init(.datetime, "2024-03-01", "!malformed_datetime"),
    .init(.datetime, "2024-03-01T00:30Z", "!malformed_datetime"),
    .init(.datetime, "2024-03-01T00:30:00.Z", "!malformed_datetime"),
    .init(.datetime, "2024-03-01T00:30:00.1234567890Z", "!malformed_datetime"),
    .init(.datetime, "2024-03-01T00:30:00+0100", "!malformed_datetime"),
    .init(.datetime, "2024-03-01T00:30:00+24:00", "!malformed_datetime"),
    .init(.datetime, "2024-03-01T00:30:00ZZ", "!malformed_datetime"),
    .init(.datetime, "2024-03-01T24:00:00Z", "!impossible_date"),
    .init(.datetime, "2024-03-01T00:60:00Z", "!impossible_date"),
    .init(.datetime, "2024-03-01T00:30:60Z", "!impossible_date"),
    .init(.datetime, "2023-02-29T00:30:00Z", "!impossible_date"),
    .init(.datetime, "9999-12-31T23:59:59-01:00", "!impossible_date"),
    .init(.datetime, "0001-01-01T00:00:00+01:00", "!impossible_date"),
    .init(.datetime, "1709251200", "!malformed_datetime"),
  ]

  static let numbers: [ValueCase] = [
    .init(.amount, "29.33", "2933"), .init(.amount, "29.3", "2930"), .init(.amount, "29", "2900"),
    .init(.amount, "-0.01", "-1"), .init(.amount, "+7.50", "750"),
    .init(.amount, "12.5000", "1250"),
    .init(.amount, "-0", "0"), .init(.amount, "10000000000000.00", "1000000000000000"),
    .init(.amount, "0.10", "10"),
    .init(.amount, "29.333", "!amount_too_precise"), .init(.amount, "29,33", "!malformed_amount"),
    .init(.amount, "1,234.00", "!malformed_amount"), .init(.amount, "€5", "!malformed_amount"),
    .init(.amount, "5 EUR", "!malformed_amount"), .init(.amount, "1e3", "!malformed_amount"),
    .init(.amount, ".5", "!malformed_amount"), .init(.amount, "5.", "!malformed_amount"),
    .init(.amount, "1.2.3", "!malformed_amount"), .init(.amount, "-", "!malformed_amount"),
    .init(.amount, "--1", "!malformed_amount"), .init(.amount, "NaN", "!malformed_amount"),
    .init(.amount, "10000000000000.01", "!number_out_of_range"),
    .init(.amount, String(repeating: "9", count: 40), "!number_out_of_range"),
    .init(.integer, "007", "7"), .init(.integer, "-0", "0"), .init(.integer, "+12", "12"),
    .init(.integer, "999999999999999999", "999999999999999999"),
    .init(.integer, "1.0", "!malformed_integer"), .init(.integer, "1e3", "!malformed_integer"),
    .init(.integer, "one", "!malformed_integer"), .init(.integer, "-", "!malformed_integer"),
    .init(.integer, "0x10", "!malformed_integer"),
    .init(.integer, "1000000000000000000", "!number_out_of_range"),
    .init(.boolean, "TRUE", "true"), .init(.boolean, "y", "true"), .init(.boolean, "1", "true"),
    .init(.boolean, "no", "false"), .init(.boolean, "0", "false"),
    .init(.boolean, "2", "!malformed_boolean"), .init(.boolean, "ja", "!malformed_boolean"),
    .init(.boolean, "on", "!malformed_boolean"),
  ]

  static let places: [ValueCase] = [
    .init(.country, "de", "DE"), .init(.country, "UK", "GB"), .init(.country, "EL", "GR"),
    .init(.country, "DEU", "!unknown_country"), .init(.country, "XX", "!unknown_country"),
    .init(.country, "Germany", "!unknown_country"), .init(.country, "D", "!unknown_country"),
    .init(.postcode, "sw1a 1aa", "SW1A 1AA"), .init(.postcode, "SW1A   1AA", "SW1A 1AA"),
    .init(.postcode, "01067", "01067"), .init(.postcode, "12345-6789", "12345-6789"),
    .init(.postcode, "Berlin", "!malformed_postcode"), .init(.postcode, "1", "!malformed_postcode"),
    .init(.postcode, "1234567890123", "!malformed_postcode"),
    .init(.postcode, "D-10115;", "!malformed_postcode"),
    .init(.postcode, "１０１１５", "!malformed_postcode"),
  ]

  static let web: [ValueCase] = [
    .init(.url, "https://shop.example/a?b=c", "https://shop.example/a?b=c"),
    .init(.url, "HTTP://x.example", "HTTP://x.example"), .init(.url, "/cart", "/cart"),
    .init(.url, "shop.example", "!malformed_url"), .init(.url, "https://", "!malformed_url"),
    .init(.url, "https:///x", "!malformed_url"),
    .init(.url, "javascript:alert(1)", "!malformed_url"),
    .init(.url, "https://a b", "!malformed_url"), .init(.url, "ftp://x.example", "!malformed_url"),
    .init(.ip, "192.0.2.1", "192.0.2.1"), .init(.ip, "2001:DB8::1", "2001:db8::1"),
    .init(.ip, "::", "::"), .init(.ip, "::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    .init(.ip, "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), .init(.ip, "1::", "1::"),
    .init(.ip, "256.0.0.1", "!malformed_ip"), .init(.ip, "192.0.2", "!malformed_ip"),
    .init(.ip, "192.0.02.1", "!malformed_ip"), .init(.ip, "1::2::3", "!malformed_ip"),
    .init(.ip, ":::", "!malformed_ip"), .init(.ip, "1:2:3:4:5:6:7", "!malformed_ip"),
    .init(.ip, "1:2:3:4:5:6:7:8:9", "!malformed_ip"), .init(.ip, "12345::", "!malformed_ip"),
    .init(.ip, "192.0.2.1::", "!malformed_ip"), .init(.ip, "1:2:3:4:5:6:7:8::", "!malformed_ip"),
    .init(.ip, "fe80::1%eth0", "!malformed_ip"), .init(.ip, ":1", "!malformed_ip"),
    .init(.language, "en_us", "en-US"), .init(.language, "DE", "de"),
    .init(.language, "ZH-hant-tw", "zh-Hant-TW"), .init(.language, "sr-Latn", "sr-Latn"),
    .init(.language, "e", "!malformed_language"),
    .init(.language, "english", "!malformed_language"),
    .init(.language, "en-", "!malformed_language"),
    .init(.language, "en--us", "!malformed_language"),
    .init(.gender, "F", "female"), .init(.gender, "male", "male"), .init(.gender, "X", "diverse"),
    .init(.gender, "frau", "!unknown_gender"), .init(.gender, "1", "!unknown_gender"),
  ]

  static let words: [ValueCase] = [
    .init(.name, "  Zoë \t", "Zoë"), .init(.name, "\u{a0}Жук\u{a0}", "Жук"),
    .init(.name, "a\tb", "!control_character"), .init(.name, "a\u{7f}", "!control_character"),
    .init(.text, "one\r\ntwo", "one\r\ntwo"), .init(.text, "a\u{1}b", "!control_character"),
    .init(.address, "12 High St\nFlat 2", "12 High St\nFlat 2"),
    .init(.customerNumber, " 0042 ", "0042"), .init(.customerNumber, "A b", "A b"),
    .init(.cookie, "c\n1", "!control_character"), .init(.nationalID, "\u{0}", "!control_character"),
    .init(.opaqueID, String(repeating: "x", count: 257), "!value_too_long"),
    .init(.eventName, "Order Completed", "Order Completed"),
    .init(.eventName, String(repeating: "x", count: 129), "!value_too_long"),
    .init(.segmentList, "b;a,b|c", "a|b|c"), .init(.segmentList, "one", "one"),
    .init(.segmentList, "a; ;b", "!malformed_segment_list"), .init(.segmentList, ";;", nil),
    .init(
      .segmentList, String(repeating: "x", count: 129), "!malformed_segment_list"),
    .init(.email, "", nil), .init(.name, " \u{a0}\t", nil), .init(.date, " ", nil),
    .init(.amount, "", nil), .init(.phone, "", nil), .init(.country, "\n", nil),
  ]

  @Test("or a refusal", arguments: dates + datetimes + numbers + places + web + words)
  func values(_ example: ValueCase) {
    let normaliser = Normaliser(type: example.type, region: PhoneRegion(code: "DE"))
    do {
      let value = try normaliser.normalised(Array(example.sent.utf8)[...])
      #expect(value.map { Fixtures.text($0.stored) } == example.expected)
      #expect(value?.stored == value?.match)
    } catch {
      #expect("!\(error.code.rawValue)" == example.expected)
    }
  }

  @Test(
    "e-mail is stored as sent and matched in small letters, dots and tags kept",
    arguments: [
      ("Anna@Example.COM", "anna@example.com"), (" a.b+c@gmail.com ", "a.b+c@gmail.com"),
      ("o'neil@x.example", "o'neil@x.example"), ("ЖУК@Пример.рф", "жук@пример.рф"),
      ("x@sub.a-b.example", "x@sub.a-b.example"), ("1@2.example", "1@2.example"),
    ])
  func email(_ sent: String, _ match: String) throws {
    let value = try #require(
      try Normaliser(type: .email, region: nil).normalised(Array(sent.utf8)[...]))
    #expect(Fixtures.text(value.match) == match)
    #expect(Fixtures.text(value.stored) == sent.trimmingBlanks)
  }

  @Test(
    "what is no e-mail address is refused",
    arguments: [
      "a", "@", "a@", "@b.example", "a@b", "a@@b.example", "a@b@c.example", "a b@c.example",
      ".a@b.example", "a.@b.example", "a..b@c.example", "a@.example", "a@b..example",
      "a@b.example.", "a@-b.example", "a@b-.example", "a@b_c.example", "a@[192.0.2.1]", "a@1.2.3.4",
      "\"a b\"@c.example", "Anna <a@b.example>", "a@b.example, c@d.example", "a(x)@b.example",
      "mailto:a@b.example", String(repeating: "x", count: 65) + "@b.example",
      "a@" + String(repeating: "x", count: 64) + ".example",
      "a@" + String(repeating: "x.", count: 130) + "example", "null", "n/a",
    ])
  func emailRefused(_ sent: String) {
    #expect {
      _ = try Normaliser(type: .email, region: nil).normalised(Array(sent.utf8)[...])
    } throws: {
      ($0 as? ValueFault)?.code == .malformedEmail
    }
  }

  @Test("knows all countries")
  func countries() { #expect(CountryNormaliser.codes.count == 249) }
}

extension String {
  fileprivate var trimmingBlanks: String { split(separator: " ").joined(separator: " ") }
}
