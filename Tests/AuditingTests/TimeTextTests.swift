import Auditing
import Testing

@Suite struct TimeTextTests {
  @Test(arguments: [
    ("2024-10-04", false, 1_728_000_000_000), ("2024-10-04", true, 1_728_086_400_000),
    ("2024-10-04T10:30", false, 1_728_037_800_000),
    ("2024-10-04T10:30:15", true, 1_728_037_815_000),
    ("2024-10-04T10:30:15.25Z", false, 1_728_037_815_250),
    ("2024-10-04T13:30+03:00", false, 1_728_037_800_000),
    ("2024-10-04 06:00-0430", false, 1_728_037_800_000),
    ("1728037800000", false, 1_728_037_800_000), ("1970-01-01", false, 0),
  ])
  func timesAreRead(text: String, isEnd: Bool, milliseconds: Int64) throws {
    #expect(try TimeText.milliseconds(text, isEnd: isEnd) == milliseconds)
  }

  @Test(arguments: [
    "", "yesterday", "2024-13-01", "2024-02-30", "2024-10-04T", "2024-10-04T25:00",
    "2024-10-04T10", "2024-10-04T10:60", "2024-10-04T10:30:60", "2024-10-04T10:30:15.",
    "2024-10-04T10:30+15:00", "2024-10-04T10:30+3", "2024-10-04X10:30", "12345678901234567",
    "2024-10-04T10:30.5", "-5", "2024-10-04T10:30:15.1234567890",
  ])
  func otherTextsAreRefused(text: String) {
    #expect(throws: AuditingError(.invalidQuery, "")) { try TimeText.milliseconds(text) }
  }

  @Test(arguments: [("+03:00", 180), ("-0430", -270), ("Z", 0), ("+00:00", 0)])
  func offsetsAreRead(text: String, minutes: Int) throws {
    #expect(try TimeText.offsetMinutes(text) == minutes)
  }

  @Test(arguments: ["", "3", "+3", "03:00 east", "+15:00", "+03:60"])
  func otherOffsetsAreRefused(text: String) {
    #expect(throws: AuditingError(.invalidQuery, "")) { try TimeText.offsetMinutes(text) }
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (1_728_037_815_250, "2024-10-04T10:30:15.250Z"),
  ])
  func timesAreWritten(milliseconds: Int64, text: String) throws {
    #expect(TimeText.text(milliseconds) == text)
    #expect(try TimeText.milliseconds(text) == milliseconds)
  }
}
