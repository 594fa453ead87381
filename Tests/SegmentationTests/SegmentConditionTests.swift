import Testing

@testable import Segmentation

@Suite struct SegmentConditionTests {
  @Test(arguments: [
    ("DE", SegmentationError.Code.wrongType, "where"),
    ("[{event: a}]", .wrongType, "where"),
    ("{}", .missingKey, "where"),
    ("{all: []}", .invalidValue, "where.all"),
    ("{all: {event: a}}", .wrongType, "where.all"),
    ("{all: [{event: a}], any: [{event: b}]}", .invalidValue, "where"),
    ("{all: [{event: a}], title: x}", .unknownKey, "where"),
    ("{not: [{event: a}]}", .wrongType, "where.not"),
    ("{not: {}}", .missingKey, "where.not"),
    ("{al: [{event: a}]}", .unknownKey, "where"),
    ("{attribute: country}", .missingKey, "where"),
    ("{attribute: [country], is: DE}", .wrongType, "where.attribute"),
    ("{attribute: country, is: DE, is_not: FR}", .invalidValue, "where"),
    ("{attribute: age, at_least: 1, at_most: 2, is: 3}", .invalidValue, "where"),
    ("{attribute: country, is: [DE]}", .wrongType, "where.is"),
    ("{attribute: country, is: {a: b}}", .wrongType, "where.is"),
    ("{attribute: country, is: }", .invalidValue, "where.is"),
    ("{attribute: country, is: ~}", .invalidValue, "where.is"),
    ("{attribute: country, is: \"a\\u0000b\"}", .invalidValue, "where.is"),
    ("{attribute: country, iss: DE}", .unknownKey, "where"),
    ("{attribute: country, in: DE}", .wrongType, "where.in"),
    ("{attribute: country, in: []}", .invalidValue, "where.in"),
    ("{attribute: country, in: [DE, [FR]]}", .wrongType, "where.in[1]"),
    ("{attribute: age, between: [1]}", .invalidValue, "where.between"),
    ("{attribute: age, between: [1, 2, 3]}", .invalidValue, "where.between"),
    ("{attribute: age, exists: yes}", .wrongType, "where.exists"),
    ("{attribute: age, exists: \"true\"}", .wrongType, "where.exists"),
    ("{event: [a]}", .wrongType, "where.event"),
    ("{event: a, is: b}", .unknownKey, "where"),
    ("{event: a, source: Shop}", .invalidValue, "where.source"),
    ("{event: a, within_days: 0}", .invalidValue, "where.within_days"),
    ("{event: a, within_days: -3}", .invalidValue, "where.within_days"),
    ("{event: a, within_days: 36526}", .invalidValue, "where.within_days"),
    ("{event: a, within_days: 1.5}", .wrongType, "where.within_days"),
    ("{event: a, within_days: \"30\"}", .wrongType, "where.within_days"),
    ("{event: a, within_days: 99999999999999999999}", .wrongType, "where.within_days"),
    ("{event: a, count: 2}", .wrongType, "where.count"),
    ("{event: a, count: {}}", .missingKey, "where.count"),
    ("{event: a, count: {at_least: 0}}", .invalidValue, "where.count.at_least"),
    ("{event: a, count: {at_least: 3, at_most: 2}}", .invalidValue, "where.count"),
    ("{event: a, count: {at_lest: 3}}", .unknownKey, "where.count"),
    ("{event: a, count: {at_least: 0x10}}", .wrongType, "where.count.at_least"),
    ("{event: a, sum: {at_least: 5}}", .missingKey, "where.sum"),
    ("{event: a, sum: {of: amount}}", .missingKey, "where.sum"),
    ("{event: a, sum: {of: money, at_least: 5}}", .invalidValue, "where.sum.of"),
    ("{event: a, sum: {of: amount, at_least: 5.001}}", .wrongType, "where.sum.at_least"),
    ("{event: a, sum: {of: amount, at_least: 5e3}}", .wrongType, "where.sum.at_least"),
    ("{event: a, sum: {of: quantity, at_least: 5.5}}", .wrongType, "where.sum.at_least"),
    ("{event: a, sum: {of: amount, at_least: 2, at_most: 1.99}}", .invalidValue, "where.sum"),
    (
      "{all: [{event: a}, {any: [{not: {attribute: age, is: }}]}]}", .invalidValue,
      "where.all[1].any[0].not.is"
    ),
  ])
  func refuses(condition: String, code: SegmentationError.Code, path: String) {
    let error = refusal { _ = try Segment.parse(yaml: rule(condition)) }
    #expect(error?.code == code)
    #expect(error?.path == path)
    #expect(error?.description.contains("\n") == false)
  }

  @Test(arguments: [
    ("{attribute: country, iss: DE}", "where: unknown key `iss`, did you mean `is`?"),
    (
      "{event: a, sum: {of: amount, at_mots: 3}}",
      "where.sum: unknown key `at_mots`, did you mean `at_most`?"
    ),
    ("{atribute: country, is: DE}", "where: unknown key `atribute`, did you mean `attribute`?"),
    ("{event: a, \"x\\n`y\": 3}", "where: unknown key `xy`"),
  ])
  func suggestsKeys(condition: String, line: String) {
    let error = refusal { _ = try Segment.parse(yaml: rule(condition)) }
    #expect(error?.description == line)
  }

  @Test func neverRepeatsAValue() {
    for condition in [
      "{attribute: age, exists: anna@example.org}", "{event: a, within_days: anna@example.org}",
      "{event: a, sum: {of: anna@example.org, at_least: 1}}",
      "{event: a, source: anna@example.org}",
    ] {
      let error = refusal { _ = try Segment.parse(yaml: rule(condition)) }
      #expect(error != nil)
      #expect(error?.description.contains("anna") == false)
    }
  }

  @Test(
    arguments: [
      ("0", 0), ("50", 5_000), ("50.5", 5_050), ("50.05", 5_005), ("-0.01", -1), ("007", 700),
      ("999999999999999.99", 99_999_999_999_999_999),
    ] as [(String, Int64)])
  func readsAmounts(text: String, cents: Int64) {
    #expect(DecimalText.cents(text) == cents)
  }

  @Test(arguments: [
    "", "-", ".", "5.", ".5", "+5", "5.001", "1e3", "1_000", "1,5", " 5", "5 ", "٣", "--5", "5.-1",
    "1.2.3", "0x1", "1000000000000000", ".inf", "nan",
  ])
  func refusesAmounts(text: String) {
    #expect(DecimalText.cents(text) == nil)
  }

  @Test(arguments: [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (12_345, "123.45"), (-100, "-1.00")])
  func writesAmounts(cents: Int64, text: String) {
    #expect(DecimalText.text(cents: cents) == text)
  }

  @Test(arguments: [
    ("country", "country", 0), ("contry", "country", 1), ("cuontry", "country", 1),
    ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 1),
  ])
  func measuresEditDistance(first: String, second: String, distance: Int) {
    #expect(Suggestion.distance(Array(first.utf8), Array(second.utf8)) == distance)
  }

  @Test(arguments: [
    ("contry", "country"), ("Country", "country"), ("aeg", "age"), ("xyz", nil), ("", nil),
    ("completely_different", nil),
  ])
  func suggestsOnlyWhatIsNear(name: String, suggestion: String?) {
    #expect(Suggestion.nearest(to: name, among: ["age", "country", "county_seat"]) == suggestion)
  }
}
