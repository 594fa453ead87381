import Testing

@testable import Analytics

@Suite struct CountingTests {
  let directory: ScratchDirectory
  let store: AnalyticsStore

  /// Ten profiles: 1…4 in DE, 5…7 in FR, 8 in both, 9 in Ærø (decomposed), 10 nowhere.
  /// Profile n has n orders of 10.00 on the days 101…100+n, and 10 has a refund of 30.00 more.
  init() throws {
    directory = try ScratchDirectory()
    store = try AnalyticsStore.create(directory.file)
    try store.replaceAll(day: today, attributes: exposed) { writer in
      for number in 1...10 {
        var attributes: [AnalyticsAttribute] = []
        if (1...4).contains(number) || number == 8 { attributes.append(country("DE")) }
        if (5...8).contains(number) { attributes.append(country("FR")) }
        if number == 9 { attributes.append(country("Ångström")) }
        attributes.append(
          AnalyticsAttribute(name: "age", value: .number(Int64(number) * 10), source: "crm"))
        var events = (1...number).map { order(day: 100 + $0, amount: 1_000, quantity: 2) }
        if number == 10 { events.append(order(day: 500, amount: -3_000)) }
        try writer.profile(token: token(number), attributes: attributes, events: events)
      }
      try writer.profile(
        token: token(11), events: [AnalyticsEvent(source: "web", name: "order", day: 105)])
    }
  }

  private static func text(_ values: String...) -> AnalyticsCondition {
    .attribute(AttributeCondition(name: "country", test: .oneOf(values.map { .text($0) })))
  }

  private static func age(_ range: ClosedRange<Int64>) -> AnalyticsCondition {
    .attribute(AttributeCondition(name: "age", test: .within(range)))
  }

  private static func orders(
    _ range: ClosedRange<Int64>, _ measure: EventCondition.Measure = .count,
    source: String? = nil, days: ClosedRange<Int>? = nil
  ) -> AnalyticsCondition {
    .event(
      EventCondition(name: "order", source: source, days: days, measure: measure, range: range))
  }

  private static let hasCountry = AnalyticsCondition.attribute(
    AttributeCondition(name: "country", test: .exists))

  @Test(
    arguments: [
      (.all([]), 11), (.any([]), 0), (.not(.all([])), 0),
      (text("DE"), 5), (text("FR"), 4), (text("DE", "FR"), 8), (text("XX"), 0),
      (.not(text("DE")), 6), (.all([text("DE"), text("FR")]), 1),
      (.any([text("DE"), text("FR")]), 8), (.all([.not(text("DE")), text("FR")]), 3),
      (text("\u{C5}ngström"), 1), (text("A\u{30A}ngstro\u{308}m"), 1), (text("angström"), 0),
      (text("de"), 0), (text("30"), 0),
      (hasCountry, 9), (.not(hasCountry), 2),
      (age(30...30), 1), (age(31...39), 0), (age(Int64.min...50), 5), (age(60...Int64.max), 5),
      (age(Int64.min...Int64.max), 10),
      (.attribute(AttributeCondition(name: "country", test: .within(Int64.min...Int64.max))), 0),
      (.attribute(AttributeCondition(name: "nothing", test: .exists)), 0),
      (.attribute(AttributeCondition(name: "age", test: .oneOf([]))), 0),
      (.attribute(AttributeCondition(name: "age", test: .oneOf([.text("30"), .number(40)]))), 1),
    ] as [(AnalyticsCondition, Int)])
  func countsByAttribute(condition: AnalyticsCondition, matching: Int) throws {
    let match = try store.count(condition)
    #expect(match == AnalyticsMatch(matching: matching, total: 11))
    #expect(try store.count(.not(condition)).matching == 11 - matching)
  }

  @Test(
    arguments: [
      (orders(1...Int64.max), 11), (orders(3...Int64.max), 8), (orders(3...3), 1),
      (orders(0...0), 0), (orders(0...2), 3), (orders(Int64.min...1), 2),
      (orders(12...Int64.max), 0),
      (orders(1...Int64.max, source: "shop"), 10), (orders(0...0, source: "shop"), 1),
      (orders(1...Int64.max, source: "web", days: 105...105), 1),
      (orders(1...Int64.max, days: 106...499), 5), (orders(1...Int64.max, days: 500...500), 1),
      (orders(0...0, days: 110...110), 10), (orders(0...0, days: 1...99), 11),
      (orders(5_000...Int64.max, .amount), 6), (orders(7_000...7_000, .amount), 2),
      (orders(Int64.min...0, .amount), 1), (orders(Int64.min...(-1), .amount, days: 500...500), 1),
      (orders(-10...10, .amount, days: 500...500), 10),
      (orders(20...20, .quantity), 1), (orders(0...0, .quantity), 1),
    ] as [(AnalyticsCondition, Int)])
  func countsByEvents(condition: AnalyticsCondition, matching: Int) throws {
    #expect(try store.count(condition).matching == matching)
    #expect(try store.count(.not(condition)).matching == 11 - matching)
  }

  @Test(arguments: [
    "' OR '1'='1", "DE' --", "DE\"; DROP TABLE profile; --", "?", "?1", ":name", "%", "_", "*",
    "p.id", "0) OR (1", "🙂", "\u{202E}ED",
  ])
  func whatAnAnalystWritesIsOnlyEverAValue(text: String) throws {
    for condition: AnalyticsCondition in [
      Self.text(text),
      .attribute(AttributeCondition(name: text, test: .exists)),
      .attribute(AttributeCondition(name: text, test: .within(0...9))),
      .event(EventCondition(name: text, range: 1...9)),
      .event(EventCondition(name: "order", source: text, range: 1...9)),
    ] {
      #expect(try store.count(condition).matching == 0)
      let query = try ConditionSQL(condition)
      #expect(query.text.allSatisfy { $0.isASCII && !"'\";:%-".contains($0) })
    }
    #expect(try store.counts().profiles == 11)
  }

  @Test(arguments: ["DE\u{0}", "\u{0}", "country\u{0}x"])
  func refusesTextThatWouldBeCut(text: String) {
    for condition: AnalyticsCondition in [
      Self.text(text), .not(.attribute(AttributeCondition(name: text, test: .exists))),
      .event(EventCondition(name: text, range: 1...9)),
      .event(EventCondition(name: "order", source: text, range: 1...9)),
    ] {
      #expect {
        try store.count(condition)
      } throws: {
        isSame($0, as: .invalid)
      }
    }
  }

  @Test func refusesConditionsBeyondTheLimits() {
    var deep = Self.text("DE")
    for _ in 1...AnalyticsLimits.conditionDepth { deep = .not(deep) }
    let wide = AnalyticsCondition.any(
      Array(repeating: Self.text("DE"), count: AnalyticsLimits.conditionCount))
    let many = AnalyticsCondition.attribute(
      AttributeCondition(
        name: "age",
        test: .oneOf((0...Int64(AnalyticsLimits.valueCount)).map { .number($0) })))
    for condition in [deep, wide, many] {
      #expect {
        try store.count(condition)
      } throws: {
        isSame($0, as: .invalid)
      }
    }
  }

  @Test func acceptsConditionsAtTheLimits() throws {
    var deep = Self.text("DE")
    for _ in 1..<AnalyticsLimits.conditionDepth { deep = .not(deep) }
    let wide = AnalyticsCondition.any(
      Array(repeating: Self.text("DE"), count: AnalyticsLimits.conditionCount - 1))
    let many = AnalyticsCondition.attribute(
      AttributeCondition(
        name: "age",
        test: .oneOf((2...Int64(AnalyticsLimits.valueCount)).map { .number($0) })))
    #expect(try store.count(deep).matching == 6)
    // The costliest shape for SQLite's parser: the nested part stands last.
    var last = Self.orders(1...Int64.max, .amount, source: "shop", days: 1...500)
    for level in 2...AnalyticsLimits.conditionDepth {
      last = level % 2 == 0 ? .all([Self.text("DE"), last]) : .any([Self.text("DE"), last])
    }
    #expect(try store.count(last).matching == 5)
    #expect(try store.count(wide).matching == 5)
    #expect(try store.count(many).matching == 10)
  }
}
