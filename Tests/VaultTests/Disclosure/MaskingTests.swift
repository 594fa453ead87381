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

  /// Text that is odd rather than short: hidden, or shown without what makes it odd.
  @Test(arguments: [
    ("anna@exämple.org", FieldType.email, "***"), ("anna@localhost", .email, "***"),
    ("anna@-x.org", .email, "***"), ("anna@x..org", .email, "***"), ("@x.org", .email, "***"),
    ("anna@x.org\n", .email, "***"), ("anna@EXAMPLE.org", .email, "***@example.org"),
    ("1-0-4-2", .customerNumber, "***"), ("K-100-\n2", .customerNumber, "***"),
    ("😀😀😀😀😀😀", .customerNumber, "***"), ("１２３４５６", .phone, "***"),
    ("\u{301}\u{302}abc", .name, "***"), ("\u{202E}Anna", .name, "***"),
    ("Z\u{301}\u{302}\u{303}oe", .name, "Z***"), (" Anna", .name, "***"),
    ("1980-02-29T10:00", .datetime, "1980-**-**"), ("1980-02-29 secret", .datetime, "***"),
    ("٢٠٢٤-٠١-٠١", .date, "***"), ("1010", .postcode, "***"), ("EC1A 1BB", .postcode, "EC***"),
  ])
  func oddText(value: String, type: FieldType, expected: String) {
    #expect(Masking.masked(Array(value.utf8), of: type) == expected)
  }
}
