import Testing

@testable import Intake

/// A number as a source sends it, its region, and the E.164 form or the code of its refusal.
struct PhoneCase: CustomTestStringConvertible, Sendable {
  let region: String?
  let sent: String
  let expected: String
  var testDescription: String { "\(region ?? "-") \(sent)" }

  init(_ region: String?, _ sent: String, _ expected: String) {
    self.region = region
    self.sent = sent
    self.expected = expected
  }
}

@Suite("Phone numbers to E.164")
struct PhoneNormaliserTests {
  /// Numbers reserved for films and examples. Sources: Ofcom "Telephone numbers for use in TV and
  /// radio drama"; Bundesnetzagentur Mitteilung 148/2021; Arcep decision 2018-0881; ACMA "Phone
  /// numbers for use in TV shows, films and creative works"; NANPA 555-0100…0199; and three known
  /// wrong results of a widely used converter: KZ, RU and UK gave +7012345678, +789161234567 and
  /// +4402079460018.
  static let good: [PhoneCase] = [
    .init("KZ", "701 234 5678", "+77012345678"),
    .init("KZ", "8 701 234 56 78", "+77012345678"),
    .init("KZ", "7 701 234 56 78", "+77012345678"),
    .init("RU", "8 (916) 123-45-67", "+79161234567"),
    .init("RU", "916 123 45 67", "+79161234567"),
    .init("RU", "79161234567", "+79161234567"),
    .init("RU", "+7 8 916 123 45 67", "+79161234567"),
    .init("RU", "800 123 45 67", "+78001234567"),
    .init("RU", "8 10 49 30 23125000", "+493023125000"),
    .init("GB", "020 7946 0018", "+442079460018"),
    .init("GB", "20 7946 0018", "+442079460018"),
    .init("GB", "+44 (0)20 7946 0018", "+442079460018"),
    .init("GB", "0044 20 7946 0018", "+442079460018"),
    .init("GB", "442079460018", "+442079460018"),
    .init("DE", "030 23125 000", "+493023125000"),
    .init("DE", "(030) 23125-000", "+493023125000"),
    .init("DE", "030/23125000", "+493023125000"),
    .init("DE", "0171\u{a0}3920000", "+491713920000"),
    .init("DE", "+49 171 39200\u{2013}00", "+491713920000"),
    .init("DE", "4915123456789", "+4915123456789"),
    .init("FR", "01 99 00 12 34", "+33199001234"),
    .init("AU", "0491 570 156", "+61491570156"),
    .init("AU", "0011 1 202 555 0100", "+12025550100"),
    .init("US", "(202) 555-0100", "+12025550100"),
    .init("US", "1-202-555-0100", "+12025550100"),
    .init("CA", "011 44 20 7946 0018", "+442079460018"),
    .init("IT", "06 1234567", "+39061234567"),
    .init("HU", "06 1 234 5678", "+3612345678"),
    .init("CH", "044 668 18 00", "+41446681800"),
    .init("NL", "020 123 4567", "+31201234567"),
    .init("AT", "01 58858 0", "+431588580"),
    .init(nil, "+442079460018", "+442079460018"),
    .init(nil, "+420 123 456 789", "+420123456789"),
    .init(nil, "+998 71 234 56 78", "+998712345678"),
  ]

  static let bad: [PhoneCase] = [
    .init(nil, "020 7946 0018", "phone_without_region"),
    .init(nil, "0044 20 7946 0018", "phone_without_region"),
    .init("DE", "493023125000", "ambiguous_phone"),
    .init("DE", "1", "malformed_phone"),
    .init("DE", "0", "malformed_phone"),
    .init("DE", "00", "malformed_phone"),
    .init("DE", "+", "malformed_phone"),
    .init("DE", "--", "malformed_phone"),
    .init("DE", "030 23125000 ext. 5", "malformed_phone"),
    .init("DE", "030 23125000 x5", "malformed_phone"),
    .init("DE", "0800 CALL NOW", "malformed_phone"),
    .init("DE", "030+23125000", "malformed_phone"),
    .init("DE", "++493023125000", "malformed_phone"),
    .init("DE", "030 23125000, 030 23125001", "malformed_phone"),
    .init("DE", "0301234567890123", "malformed_phone"),
    .init("DE", "٠٣٠٢٣١٢٥٠٠٠", "malformed_phone"),
    .init("GB", "02079460", "malformed_phone"),
    .init("GB", "+44 20 7946 0018 99", "malformed_phone"),
    .init("US", "555-0100", "malformed_phone"),
    .init("US", "102 555 0100", "malformed_phone"),
    .init("US", "+1 102 555 0100", "malformed_phone"),
    .init("RU", "8 916 123 45", "malformed_phone"),
    .init("RU", "8 216 123 45 67", "malformed_phone"),
    .init("KZ", "12 345", "malformed_phone"),
    .init("FR", "01 99 00 12", "malformed_phone"),
    .init("FR", "+33 0 0 199001234", "malformed_phone"),
    .init(nil, "+0123456789", "malformed_phone"),
    .init(nil, "+99812", "malformed_phone"),
    .init(nil, "+9981234567890123", "malformed_phone"),
  ]

  @Test("are brought to one form", arguments: good)
  func accepts(_ example: PhoneCase) throws {
    let region = try example.region.map { try #require(PhoneRegion(code: $0)) }
    let number = try PhoneNormaliser.normalised(Array(example.sent.utf8)[...], region: region)
    #expect(Fixtures.text(number) == example.expected)
    // What comes out goes in again unchanged.
    #expect(try PhoneNormaliser.normalised(number[...], region: region) == number)
  }

  @Test("that are none, or could be two, are refused", arguments: bad)
  func refuses(_ example: PhoneCase) throws {
    let region = try example.region.map { try #require(PhoneRegion(code: $0)) }
    #expect {
      _ = try PhoneNormaliser.normalised(Array(example.sent.utf8)[...], region: region)
    } throws: {
      ($0 as? ValueFault)?.code.rawValue == example.expected
    }
  }

  @Test("know their regions, and no others")
  func regions() {
    #expect(PhoneRegion.codes.count == Set(PhoneRegion.codes).count)
    #expect(PhoneRegion.codes.allSatisfy(CountryNormaliser.codes.contains))
    for unknown in ["", "de", "XX", "UK", "DEU"] { #expect(PhoneRegion(code: unknown) == nil) }
  }
}
