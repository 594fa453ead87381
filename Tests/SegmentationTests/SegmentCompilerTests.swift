import Analytics
import Testing

@testable import Segmentation

@Suite struct SegmentCompilerTests {
  private static func one(_ name: String, _ values: AnalyticsValue...) -> AnalyticsCondition {
    .attribute(AttributeCondition(name: name, test: .oneOf(values)))
  }

  private static func within(_ name: String, _ range: ClosedRange<Int64>) -> AnalyticsCondition {
    .attribute(AttributeCondition(name: name, test: .within(range)))
  }

  private static func events(
    _ measure: EventCondition.Measure, _ range: ClosedRange<Int64>, source: String? = nil,
    days: ClosedRange<Int>? = nil
  ) -> AnalyticsCondition {
    .event(
      EventCondition(name: "order", source: source, days: days, measure: measure, range: range))
  }

  @Test(
    arguments: [
      ("{attribute: country, is: DE}", one("country", .text("DE"))),
      ("{attribute: country, is: NO}", one("country", .text("NO"))),
      ("{attribute: country, is: 007}", one("country", .text("007"))),
      ("{attribute: country, is: true}", one("country", .text("true"))),
      ("{attribute: country, is_not: DE}", .not(one("country", .text("DE")))),
      ("{attribute: country, in: [DE, FR]}", one("country", .text("DE"), .text("FR"))),
      ("{attribute: country, not_in: [DE]}", .not(one("country", .text("DE")))),
      ("{attribute: age, is: 30}", one("age", .number(30))),
      ("{attribute: age, is: -030}", one("age", .number(-30))),
      ("{attribute: age, at_least: 18}", within("age", 18...Int64.max)),
      ("{attribute: age, at_most: 18}", within("age", Int64.min...18)),
      ("{attribute: age, between: [18, 18]}", within("age", 18...18)),
      ("{attribute: spend, at_least: 50.5}", within("spend", 5_050...Int64.max)),
      ("{attribute: spend, is: 12}", one("spend", .number(1_200))),
      ("{attribute: newsletter, is: true}", one("newsletter", .number(1))),
      ("{attribute: newsletter, is: false}", one("newsletter", .number(0))),
      (
        "{attribute: age, exists: false}",
        .not(.attribute(AttributeCondition(name: "age", test: .exists)))
      ),
      ("{event: order}", events(.count, 1...Int64.max)),
      ("{event: order, count: {at_most: 2}}", events(.count, Int64.min...2)),
      (
        "{event: order, source: shop, within_days: 365, count: {at_least: 2}}",
        events(.count, 2...Int64.max, source: "shop", days: 19_636...20_000)
      ),
      ("{event: order, within_days: 1}", events(.count, 1...Int64.max, days: 20_000...20_000)),
      ("{event: order, within_days: 36000}", events(.count, 1...Int64.max, days: 1...20_000)),
      (
        "{event: order, sum: {of: amount, at_least: 0.10}}", events(.amount, 10...Int64.max)
      ),
      (
        "{event: order, count: {at_least: 2}, sum: {of: quantity, at_most: 9}}",
        .all([events(.count, 2...Int64.max), events(.quantity, Int64.min...9)])
      ),
      (
        "{all: [{any: [{event: order}]}, {not: {event: order}}]}",
        .all([.any([events(.count, 1...Int64.max)]), .not(events(.count, 1...Int64.max))])
      ),
    ] as [(String, AnalyticsCondition)])
  func compiles(condition: String, expected: AnalyticsCondition) throws {
    #expect(try compiled(condition) == expected)
  }

  @Test(arguments: [
    (
      "{all: [{event: a}, {attribute: contry, is: DE}]}", SegmentationError.Code.unknownAttribute,
      "where.all[1].attribute: unknown attribute `contry`, did you mean `country`?"
    ),
    (
      "{attribute: email, is: DE}", .unknownAttribute,
      "where.attribute: unknown attribute `email`"
    ),
    (
      "{attribute: \"x' OR 1=1 --\", is: DE}", .unknownAttribute,
      "where.attribute: unknown attribute `x' OR 1=1 --`"
    ),
    (
      "{attribute: country, at_least: 5}", .wrongType,
      "where: attribute `country` is text, only a number or amount has an order"
    ),
    (
      "{attribute: newsletter, between: [0, 1]}", .wrongType,
      "where: attribute `newsletter` is boolean, only a number or amount has an order"
    ),
    ("{attribute: age, is: old}", .wrongType, "where.is: attribute `age` needs a whole number"),
    ("{attribute: age, is: \"30\"}", .wrongType, "where.is: attribute `age` needs a whole number"),
    ("{attribute: age, is: 3.5}", .wrongType, "where.is: attribute `age` needs a whole number"),
    (
      "{attribute: age, in: [30, x]}", .wrongType,
      "where.in[1]: attribute `age` needs a whole number"
    ),
    (
      "{attribute: age, at_most: ten}", .wrongType,
      "where.at_most: attribute `age` needs a whole number"
    ),
    (
      "{attribute: spend, is: 1.999}", .wrongType,
      "where.is: attribute `spend` needs an amount with at most two decimals"
    ),
    (
      "{attribute: newsletter, is: yes}", .wrongType,
      "where.is: attribute `newsletter` needs `true` or `false`"
    ),
    (
      "{attribute: newsletter, is: 1}", .wrongType,
      "where.is: attribute `newsletter` needs `true` or `false`"
    ),
    (
      "{attribute: age, between: [9, 1]}", .invalidValue,
      "where: the lower bound is above the upper"
    ),
    (
      "{attribute: country, is: \(String(repeating: "x", count: 129))}", .invalidValue,
      "where.is: longer than 128 bytes"
    ),
  ])
  func refuses(condition: String, code: SegmentationError.Code, line: String) {
    let error = refusal { _ = try compiled(condition) }
    #expect(error?.code == code)
    #expect(error?.description == line)
  }

  @Test func theLargestRuleFitsTheStore() throws {
    let both = "{event: a, within_days: 9, count: {at_least: 1}, sum: {of: amount, at_least: 1}}"
    let rules = Array(repeating: both, count: SegmentLimits.conditionCount - 1)
    let scratch = try ScratchStore()
    let wide = try compiled("{any: [\(rules.joined(separator: ", "))]}")
    #expect(try scratch.store.count(wide).matching == 0)
    var nested = both
    for _ in 2...SegmentLimits.conditionDepth { nested = "{all: [{event: a}, \(nested)]}" }
    #expect(try scratch.store.count(compiled(nested)).matching == 0)
  }

  @Test(arguments: [0, -1, 16_777_216])
  func refusesADayOutOfRange(day: Int) {
    #expect(
      refusal { _ = try SegmentCompiler(attributes: [], today: day) }?.code == .invalidValue)
  }
}
