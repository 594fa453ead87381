import Testing

@testable import Vault

/// Coarse values for analysts; what cannot be coarsened is left out, never passed through.
@Suite struct GeneralisingTests {
  /// 2024-10-04.
  static let today = 20_000

  @Test(arguments: [
    ("DE", FieldType.country, Generaliser.exact, "DE"), ("1980-02-29", .date, .year, "1980"),
    ("1980-02-29", .date, .month, "1980-02"), ("1980-02-29", .date, .ageBand, "40-49"),
    ("2010-10-04", .date, .ageBand, "0-17"), ("2006-10-04", .date, .ageBand, "18-29"),
    ("2006-10-05", .date, .ageBand, "0-17"), ("1930-01-01", .date, .ageBand, "80+"),
    ("20097", .postcode, .prefix(length: 2), "20"), ("a@gmx.de", .email, .emailDomain, "gmx.de"),
    ("a@my-own.example", .email, .emailDomain, "other"), ("57", .integer, .bucket(width: 10), "50"),
    ("-3", .integer, .bucket(width: 10), "-10"), ("x", .text, .present, "yes"),
    ("2024-10-01T10:00:00Z", .datetime, .day, "2024-10-01"),
  ])
  func coarse(value: String, type: FieldType, generaliser: Generaliser, expected: String) {
    let found = Generalising.generalised(
      Array(value.utf8), of: type, by: generaliser, today: Self.today)
    #expect(found == expected)
  }

  @Test(arguments: [
    ("anna@example.org", FieldType.email, Generaliser.exact), ("Anna", .name, .exact),
    ("1980-02-30", .date, .year), ("soon", .date, .ageBand), ("2025-01-01", .date, .ageBand),
    ("1850-01-01", .date, .ageBand), ("20", .postcode, .prefix(length: 2)),
    ("2", .postcode, .prefix(length: 2)), ("20097", .postcode, .prefix(length: 0)),
    ("no address", .email, .emailDomain), ("12a", .integer, .bucket(width: 10)),
    ("12", .integer, .bucket(width: 0)), ("", .text, .present), ("DE\nFR", .country, .exact),
    ("99999999999999999999", .integer, .bucket(width: 10)),
    ("-9223372036854775808", .integer, .bucket(width: 10)), ("+5", .integer, .bucket(width: 10)),
    ("57", .text, .bucket(width: 10)), ("1.50", .amount, .bucket(width: 100)),
    ("1980-02-28", .text, .year), ("1980-13-01", .date, .month), ("1900-02-29", .date, .day),
    ("1980-02-28T10:00:00Z", .date, .day), ("1980-02-28 10:00", .datetime, .day),
    ("0000-01-01", .date, .ageBand), ("2\n097", .postcode, .prefix(length: 2)),
    ("20", .postcode, .prefix(length: -1)), ("a@b@gmx.de", .email, .emailDomain),
    ("Main Street 1", .address, .exact), ("192.0.2.1", .ip, .exact),
  ])
  func whatCannotBeCoarsenedIsLeftOut(value: String, type: FieldType, generaliser: Generaliser) {
    let found = Generalising.generalised(
      Array(value.utf8), of: type, by: generaliser, today: Self.today)
    #expect(found == nil)
  }

  @Test func bytesThatAreNoTextAreLeftOut() {
    #expect(
      Generalising.generalised([0xFF], of: .country, by: .exact, today: Self.today) == nil)
  }

  @Test(arguments: [("12345", "123.45"), ("5", "0.05"), ("-5", "-0.05"), ("0", "0.00"), ("x", "x")])
  func amountsAreShownWithAPoint(stored: String, shown: String) {
    #expect(FieldType.amount.plainText(Array(stored.utf8)) == shown)
  }
}
