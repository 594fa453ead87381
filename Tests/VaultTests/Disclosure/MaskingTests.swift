import Testing

@testable import Vault

/// Masks show the little they say they show, and nothing of what is short or malformed.
@Suite struct MaskingTests {
  @Test(arguments: [
    ("anna@example.org", FieldType.email, "***@example.org"), ("no address", .email, "***"),
    ("@", .email, "***"), ("", .email, "***"), ("a@b@c", .email, "***"),
    ("+491711234567", .phone, "***67"), ("123", .phone, "***"), ("", .phone, "***"),
    ("Anna", .name, "A***"), ("Ян", .name, "***"), ("Ольга", .name, "О***"), ("", .name, "***"),
    ("1980-02-29", .date, "1980-**-**"), ("1980-02-30", .date, "***"), ("then", .date, "***"),
    ("20097", .postcode, "20***"), ("200", .postcode, "***"), ("K-10042", .customerNumber, "***42"),
    ("K-1", .customerNumber, "***"), ("DE", .country, "***"), ("f", .gender, "***"),
    ("Main Street 1", .address, "***"), ("12345", .amount, "***"),
    ("123-45-6789", .nationalID, "***"),
    ("true", .boolean, "***"), ("192.0.2.1", .ip, "***"),
  ])
  func mask(value: String, type: FieldType, expected: String) {
    #expect(Masking.masked(Array(value.utf8), of: type) == expected)
  }

  @Test(arguments: FieldType.allCases)
  func bytesThatAreNoTextAreHidden(type: FieldType) {
    #expect(Masking.masked([0xFF, 0xFE, 0x41, 0x42, 0x43, 0x44], of: type) == "***")
  }

  /// The number of asterisks must not tell the length.
  @Test(arguments: FieldType.allCases)
  func lengthIsHidden(type: FieldType) {
    let masked = (8..<40).map { Masking.masked(Array(repeating: 0x61, count: $0), of: type).count }
    #expect(Set(masked).count == 1)
  }
}
