import Testing

@testable import Cedar

@Suite("Datetime and duration")
struct DateTimeTests {
  static let instants: [(CedarString, Int64)] = [
    ("1970-01-01", 0), ("1970-01-02", 86_400_000), ("1969-12-31", -86_400_000),
    ("2000-02-29", 951_782_400_000), ("2024-10-15T11:35:00Z", 1_728_992_100_000),
    ("2024-10-15T11:35:00.123Z", 1_728_992_100_123), ("1970-01-01T00:00:00+0100", -3_600_000),
    ("1970-01-01T00:00:00-0130", 5_400_000), ("1970-01-01T23:59:59.999-2359", 172_739_999),
    ("0000-01-01", -62_167_219_200_000), ("9999-12-31", 253_402_214_400_000),
  ]

  @Test("datetime reads", arguments: instants)
  func readsInstant(_ text: CedarString, _ milliseconds: Int64) throws {
    #expect(try CedarDateTime(parsing: text).milliseconds == milliseconds)
  }

  @Test(
    "datetime refuses",
    arguments: [
      "", "2024", "2024-1-1", "2024-13-01", "2024-00-01", "2024-01-00", "2024-04-31", "2023-02-29",
      "1900-02-29", "24-01-01", "+2024-01-01", "2024-01-01T", "2024-01-01T00:00:00",
      "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z",
      "2024-01-01T00:00:00.1Z", "2024-01-01T00:00:00.1234Z", "2024-01-01T00:00:00.Z",
      "2024-01-01T00:00Z", "2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00+2400",
      "2024-01-01T00:00:00+0060", "2024-01-01T00:00:00+01", "2024-01-01 00:00:00Z",
      "2024-01-01t00:00:00Z", "2024-01-01T00:00:00z", "2024-01-01Z", "2024-01-01T00:00:00ZZ",
      " 2024-01-01", "2024-01-01 ",
    ] as [CedarString])
  func refusesInstant(_ text: CedarString) {
    #expect(throws: CedarError(.extensionFormat, "")) { try CedarDateTime(parsing: text) }
  }

  static let lengths: [(CedarString, Int64)] = [
    ("0ms", 0), ("1d", 86_400_000), ("1h", 3_600_000), ("1m", 60_000), ("1s", 1_000), ("1ms", 1),
    ("1d2h3m4s5ms", 93_784_005), ("-1h30m", -5_400_000), ("90m", 5_400_000), ("1m1ms", 60_001),
    ("9223372036854775807ms", .max), ("-9223372036854775808ms", .min), ("000000001s", 1_000),
  ]

  @Test("duration reads", arguments: lengths)
  func readsLength(_ text: CedarString, _ milliseconds: Int64) throws {
    #expect(try CedarDuration(parsing: text).milliseconds == milliseconds)
  }

  @Test(
    "duration refuses",
    arguments: [
      "", "-", "1", "h", "1x", "1h1d", "1h1h", "1s1m", "1ms1s", "1.5h", "+1h", "1h-1m", "1 h",
      " 1h", "1h ", "--1h", "1H", "1dms", "P1D", "9223372036854775808ms", "-9223372036854775809ms",
      "106751991168d", "99999999999999999999999999999999999999999999d",
    ] as [CedarString])
  func refusesLength(_ text: CedarString) {
    #expect(throws: CedarError.self) { try CedarDuration(parsing: text) }
  }

  @Test("a day is found again after every kind of month and leap year")
  func countsDays() {
    var expected = CivilDate.days(year: 1899, month: 12, day: 31)
    for year in 1900...2101 {
      for month in 1...12 {
        for day in 1...31 {
          guard let days = CivilDate.days(year: year, month: month, day: day) else { continue }
          expected = expected.map { $0 + 1 }
          #expect(days == expected)
        }
      }
    }
    #expect(CivilDate.days(year: 2101, month: 12, day: 31) == 48_211)
  }
}
