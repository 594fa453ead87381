import Testing

@testable import Analytics

@Suite struct WriterTests {
  let directory: ScratchDirectory
  let store: AnalyticsStore

  init() throws {
    directory = try ScratchDirectory()
    store = try AnalyticsStore.create(directory.file)
    try store.declare(attributes: exposed)
  }

  private func refusal(
    token: String = token(1), attributes: [AnalyticsAttribute] = [], events: [AnalyticsEvent] = []
  ) throws -> AnalyticsError? {
    var refusal: AnalyticsError?
    try store.replaceAll(day: today) { writer in
      do {
        try writer.profile(token: token, attributes: attributes, events: events)
      } catch let error as AnalyticsError {
        refusal = error
      }
    }
    if refusal != nil { #expect(try store.counts().profiles == 0) }
    return refusal
  }

  @Test(arguments: [
    token(1), "t1_analytics_AAAAAAAAAAAAAAAAAAAAAAAAAA", "t9_analytics_22222222222222222222222222",
  ])
  func takesTokens(token: String) throws {
    #expect(try refusal(token: token) == nil)
  }

  @Test(arguments: [
    "", "t1", "anna@example.org", "t1_analytics_", "t1_analytics_short",
    "t1_audit_aaaaaaaaaaaaaaaaaaaaaaaaaa", "T1_analytics_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "t1_analytics_ääääääääääääääääääääääääää", "t1_analytics_aaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
    "t1_analytics_aaaaaaaaaaaaaaaaaaaaaaaaaa_b", "1t_analytics_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "t1-analytics-aaaaaaaaaaaaaaaaaaaaaaaaaa", "t1_analytics_\("a".repeated(84))",
  ])
  func refusesWhatIsNoToken(token: String) throws {
    let error = try refusal(token: token)
    #expect(error?.code == .invalid)
    #expect(error?.message.contains("example") == false)
  }

  @Test(arguments: [
    AnalyticsAttribute(name: "country", value: .text("DE"), source: "crm"),
    AnalyticsAttribute(name: "country", value: .text("Ä'; DROP TABLE profile; --"), source: "crm"),
    AnalyticsAttribute(name: "age", value: .number(Int64.min), source: "crm"),
    AnalyticsAttribute(name: "spend", value: .number(-1_000_000_000_000), source: "shop"),
    AnalyticsAttribute(name: "newsletter", value: .boolean(true), source: "crm", day: 16_777_215),
  ])
  func takesAttributes(attribute: AnalyticsAttribute) throws {
    #expect(try refusal(attributes: [attribute]) == nil)
    #expect(try store.counts().attributes == 1)
  }

  private static let refusedAttributes: [(AnalyticsAttribute, AnalyticsError.Code)] = [
    (AnalyticsAttribute(name: "email", value: .text("x"), source: "crm"), .undeclared),
    (AnalyticsAttribute(name: "country", value: .text("DE"), source: "shop"), .undeclared),
    (AnalyticsAttribute(name: "country", value: .number(1), source: "crm"), .invalid),
    (country(""), .invalid), (country("a@b.c"), .invalid), (country("a\nb"), .invalid),
    (country("a\u{0}b"), .invalid), (country("x".repeated(129)), .invalid),
    (AnalyticsAttribute(name: "age", value: .text("30"), source: "crm"), .invalid),
    (AnalyticsAttribute(name: "newsletter", value: .number(2), source: "crm"), .invalid),
    (spend(1_000_000_000_001), .invalid), (spend(Int64.min), .invalid),
    (AnalyticsAttribute(name: "age", value: .number(3), source: "crm", day: -1), .invalid),
    (AnalyticsAttribute(name: "age", value: .number(3), source: "crm", day: 1 << 24), .invalid),
  ]

  private static func spend(_ cents: Int64) -> AnalyticsAttribute {
    AnalyticsAttribute(name: "spend", value: .number(cents), source: "shop")
  }

  @Test(arguments: refusedAttributes)
  func refusesAttributes(attribute: AnalyticsAttribute, code: AnalyticsError.Code) throws {
    let error = try refusal(attributes: [country("DE"), attribute])
    #expect(error?.code == code)
    #expect(try !directory.contains("a@b.c"))
  }

  @Test(arguments: [
    order(day: 1), order(day: 16_777_215, amount: -1_000_000_000_000, quantity: 0),
    AnalyticsEvent(source: "web", name: "page \"seen\"; --", day: 7),
  ])
  func takesEvents(event: AnalyticsEvent) throws {
    #expect(try refusal(events: [event]) == nil)
    #expect(try store.counts().events == 1)
  }

  @Test(arguments: [
    order(day: 0), order(day: -5), order(day: 16_777_216),
    order(day: 1, amount: 1_000_000_000_001), order(day: 1, amount: Int64.min),
    order(day: 1, quantity: Int64.max),
    AnalyticsEvent(source: "Shop", name: "order", day: 1),
    AnalyticsEvent(source: "", name: "order", day: 1),
    AnalyticsEvent(source: "a".repeated(33), name: "order", day: 1),
    AnalyticsEvent(source: "shop", name: "", day: 1),
    AnalyticsEvent(source: "shop", name: "mail to anna@example.org", day: 1),
    AnalyticsEvent(source: "shop", name: "x".repeated(129), day: 1),
  ])
  func refusesEvents(event: AnalyticsEvent) throws {
    #expect(try refusal(events: [order(day: 1), event])?.code == .invalid)
  }

  @Test func aCallerCanLeaveOutWhatIsRefused() throws {
    let events = [order(day: 3), order(day: 0), AnalyticsEvent(source: "web", name: "@", day: 1)]
    #expect(events.map(\.isValid) == [true, false, false])
    let values: [AnalyticsValue] = [.text("DE"), .text("@"), .number(1)]
    #expect(values.map { $0.isValid(for: .text) } == [true, false, false])
    #expect(values.map { $0.isValid(for: .boolean) } == [false, false, true])
  }

  @Test func refusesATokenTwiceAndGoesOn() throws {
    try store.replaceAll(day: today) { writer in
      try writer.profile(token: token(1))
      #expect {
        try writer.profile(token: token(1), events: [order(day: 1)])
      } throws: {
        isSame($0, as: .duplicate)
      }
      try writer.profile(token: token(2))
    }
    #expect(try store.counts() == AnalyticsCounts(profiles: 2, attributes: 0, events: 0))
  }

  @Test func aValueSeenTwiceIsOneValueOfTheLatestDay() throws {
    let run = try store.replaceAll(day: today) { writer in
      try writer.profile(
        token: token(1),
        attributes: [10, 30, 20].map {
          AnalyticsAttribute(name: "interest", value: .text("cars"), source: "dmp", day: $0)
        })
    }
    #expect(run.counts.attributes == 1)
    #expect(try store.expire(source: "dmp", collectedBefore: 30).counts.attributes == 0)
    #expect(try store.expire(source: "dmp", collectedBefore: 31).counts.attributes == 1)
  }

  @Test(arguments: [0, -1, 16_777_216])
  func refusesADayOutOfRange(day: Int) {
    let error = #expect(throws: AnalyticsError.self) { try store.replaceAll(day: day) { _ in } }
    #expect(error?.code == .invalid)
  }

  @Test func aRunReplacesTheOneBefore() throws {
    for number in 1...3 {
      let run = try store.replaceAll(day: today + number) {
        try $0.profile(token: token(number), attributes: [country("DE")])
      }
      #expect(run.number == number)
      #expect(try store.latestRun() == run)
      #expect(try store.counts() == AnalyticsCounts(profiles: 1, attributes: 1, events: 0))
    }
    #expect(try !directory.contains(token(2)))
  }

  @Test func declaresAndTakesAway() throws {
    try store.replaceAll(day: today) { writer in
      let age = AnalyticsAttribute(name: "age", value: .number(3), source: "crm")
      try writer.profile(token: token(1), attributes: [country("ATLANTIS"), age])
    }
    try store.declare(attributes: exposed.filter { $0.name != "country" })
    #expect(try store.counts().attributes == 1)
    #expect(try !directory.contains("ATLANTIS"))
    let asText = exposed.filter { $0.name == "age" }.map {
      ExposedAttribute(name: $0.name, type: .text, source: $0.source)
    }
    try store.declare(attributes: asText)
    #expect(try store.counts().attributes == 0)
    #expect(try store.exposedAttributes() == asText)
  }

  private static func declaration(
    _ name: String, _ type: AnalyticsAttributeType = .text, _ source: String = "crm"
  ) -> ExposedAttribute {
    ExposedAttribute(name: name, type: type, source: source)
  }

  private static let refusedDeclarations: [([ExposedAttribute], AnalyticsError.Code)] = [
    ([declaration("Country")], .invalid), ([declaration("")], .invalid),
    ([declaration("a; --")], .invalid), ([declaration("a".repeated(65))], .invalid),
    ([declaration("a", .text, "C R M")], .invalid),
    ([declaration("a"), declaration("a", .number, "shop")], .invalid),
    ([declaration("a"), declaration("a")], .duplicate),
  ]

  @Test(arguments: refusedDeclarations)
  func refusesDeclarations(attributes: [ExposedAttribute], code: AnalyticsError.Code) throws {
    let error = #expect(throws: AnalyticsError.self) { try store.declare(attributes: attributes) }
    #expect(error?.code == code)
    #expect(try store.exposedAttributes().count == exposed.count)
  }
}
