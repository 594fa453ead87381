import Testing

@testable import Vault

/// The calendar that every term, bucket and age rests on.
@Suite struct CivilDateTests {
  @Test(arguments: [
    (0, "1970-01-01"), (-1, "1969-12-31"), (-719_162, "0001-01-01"), (2_932_896, "9999-12-31"),
    (11_016, "2000-02-29"), (20_513, "2026-03-01"), (-25_508, "1900-03-01"),
    (-25_509, "1900-02-28"),
  ])
  func knownDays(day: Int, text: String) {
    #expect(CivilDate(day: day).text == text)
    #expect(CivilDate(text)?.day == day)
  }

  @Test func everyDayGoesThereAndBack() throws {
    for day in stride(from: -719_162, through: 2_932_896, by: 97) {
      let date = CivilDate(day: day)
      let again = try #require(
        CivilDate(year: date.year, month: date.month, dayOfMonth: date.dayOfMonth))
      #expect(again.day == day)
    }
  }

  @Test(arguments: [
    (2023, 2, 29), (1900, 2, 29), (2024, 4, 31), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0),
    (0, 1, 1),
    (10_000, 1, 1),
  ])
  func impossibleDays(year: Int, month: Int, dayOfMonth: Int) {
    #expect(CivilDate(year: year, month: month, dayOfMonth: dayOfMonth) == nil)
  }

  @Test(arguments: ["2024-2-3", "2024-02-30", "20240203", "2024-02-03 ", "", "abcd-ef-gh"])
  func otherTextIsNoDate(text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test(arguments: [
    (Int64(0), 0), (-1, -1), (86_399_999, 0), (86_400_000, 1), (-86_400_000, -1), (-86_400_001, -2),
  ])
  func instantsRoundDown(milliseconds: Int64, day: Int) {
    #expect(CivilDate.day(ofMilliseconds: milliseconds) == day)
  }
}
