/// Holds one line of `web.jsonl`: a call of the Segment specification.
struct WebRow: Sendable {
  let messageID: String
  let anonymousID: String
  let json: JSONText
  let person: Int

  /// Lines that a reader has to put into quarantine.
  static let badLines = [
    "{\"type\":\"track\",\"messageId\":\"ajs-bad-1\",\"anonymousId\":\"cut-o\n",
    "{\"type\":\"page\",\"messageId\":\"ajs-bad-2\",\"timestamp\":\"2024-01-02T10:00:00.000Z\"}\n",
    "{\"type\":\"page\",\"messageId\":\"ajs-bad-3\","
      + "\"anonymousId\":\"00000000-0000-4000-8000-000000000003\","
      + "\"timestamp\":\"2024-13-02T10:00Z\"}\n",
    "{\"type\":\"page\",\"anonymousId\":\"00000000-0000-4000-8000-000000000004\","
      + "\"timestamp\":\"2024-01-02T10:00:00.000Z\"}\n",
    "{\"type\":\"page\",\"type\":\"track\",\"messageId\":\"ajs-bad-5\","
      + "\"anonymousId\":\"00000000-0000-4000-8000-000000000005\","
      + "\"timestamp\":\"2024-01-02T10:00:00.000Z\"}\n",
  ]

  static let devicesPerPersonLimit = 2

  /// Gives the cookie of one device, the same in `web.jsonl` and `dmp.csv`.
  static func anonymousID(ofPerson number: Int, device: Int, seed: UInt64) -> String {
    var random = SplitMix64(
      seed: seed, stream: .cookie, index: number * devicesPerPersonLimit + device)
    return sampleUUID(&random)
  }

  /// Tells how many devices a person uses.
  static func devices(of person: SamplePerson, seed: UInt64) -> Int {
    var random = SplitMix64(seed: seed, stream: .devices, index: person.number)
    return random.chance(percent: 30) ? devicesPerPersonLimit : 1
  }

  /// Gives the calls of one person, device by device, oldest first.
  static func rows(of person: SamplePerson, people: SamplePeople) -> [WebRow] {
    guard person.sources.inWeb else { return [] }
    var random = SplitMix64(seed: people.seed, stream: .web, index: person.number)
    var rows: [WebRow] = []
    for device in 0..<devices(of: person, seed: people.seed) {
      var visit = WebVisit(person: person, people: people, device: device, &random)
      rows += visit.rows(&random)
    }
    return rows
  }
}

/// Walks through the sessions of one person on one device.
private struct WebVisit {
  private let person: SamplePerson
  private let anonymousID: String
  private let firstDay: CivilDay
  private let sessions: Int
  private let loginSession: Int?
  private let address: String
  private let userAgent: String
  private let allowsAdvertising: Bool
  private var isLoggedIn = false

  init(
    person: SamplePerson, people: SamplePeople, device: Int, _ random: inout SplitMix64
  ) {
    self.person = person
    anonymousID = WebRow.anonymousID(ofPerson: person.number, device: device, seed: people.seed)
    sessions = 1 + random.below(3)
    loginSession = random.chance(percent: 65) ? random.below(sessions) : nil
    // RFC 5737 and RFC 3849: addresses set aside for documentation.
    address =
      random.chance(percent: 80)
      ? random.pick(["192.0.2.", "198.51.100.", "203.0.113."]) + String(1 + random.below(254))
      : "2001:db8::" + String(1 + random.below(0xFFFE), radix: 16)
    userAgent = random.pick(Self.userAgents)
    allowsAdvertising = random.chance(percent: 60)
    firstDay = people.today.back(days: 1 + (sessions - 1) * 40 + random.below(200))
  }

  mutating func rows(_ random: inout SplitMix64) -> [WebRow] {
    var rows: [WebRow] = []
    for session in 0..<sessions {
      let day = CivilDay(daysSince1970: firstDay.daysSince1970 + session * 40)
      var second = random.below(80_000)
      rows.append(page(day, &second, &random))
      if session == loginSession {
        isLoggedIn = true
        rows.append(identify(day, &second, &random))
      }
      for _ in 0..<(1 + random.below(3)) { rows.append(track(day, &second, &random)) }
    }
    return rows
  }

  private func page(
    _ day: CivilDay, _ second: inout Int, _ random: inout SplitMix64
  ) -> WebRow {
    let path = random.pick(["/", "/shoes", "/books", "/garden", "/help"])
    return call(
      "page", day, &second, &random, path: path,
      body: [
        ("name", .string(path == "/" ? "Home" : "Category")),
        (
          "properties",
          .object([
            ("url", .string("https://shop.example.com" + path)), ("path", .string(path)),
            ("title", .string("Example Shop")),
          ])
        ),
      ])
  }

  private func identify(
    _ day: CivilDay, _ second: inout Int, _ random: inout SplitMix64
  ) -> WebRow {
    var traits: [(String, JSONText)] = [
      ("email", .string(SampleNoise.restyled(person.email, &random)))
    ]
    if random.chance(percent: 40), let phone = person.phone {
      traits.append(("phone", .string(phone.international)))
    }
    traits += [
      ("firstName", .string(person.first.written)), ("lastName", .string(person.last.written)),
    ]
    return call(
      "identify", day, &second, &random, path: "/login", body: [("traits", .object(traits))])
  }

  private func track(
    _ day: CivilDay, _ second: inout Int, _ random: inout SplitMix64
  ) -> WebRow {
    let event = random.pick([
      "Product Viewed", "Product Viewed", "Product Viewed", "Product Added", "Products Searched",
      "Order Completed",
    ])
    var properties: [(String, JSONText)] = [
      ("category", .string(random.pick(["shoes", "books", "garden"]))),
      ("product_id", .string("P" + padded(random.below(900), width: 4))),
    ]
    if event == "Order Completed" {
      properties += [
        ("revenue", .number(decimal(499 + random.below(12_000)))),
        ("currency", .string(person.country.currency)),
      ]
    }
    return call(
      "track", day, &second, &random, path: "/shoes",
      body: [("event", .string(event)), ("properties", .object(properties))])
  }

  private func call(
    _ type: String, _ day: CivilDay, _ second: inout Int, _ random: inout SplitMix64,
    path: String, body: [(String, JSONText)]
  ) -> WebRow {
    second += 5 + random.below(600)
    let moment = SampleMoment(day: day, second: second)
    let milliseconds = random.below(900)
    let messageID = "ajs-" + sampleUUID(&random)
    var members: [(String, JSONText)] = [
      ("type", .string(type)), ("messageId", .string(messageID)),
      ("anonymousId", .string(anonymousID)),
    ]
    // A person without a customer number is known to the shop by e-mail only.
    if isLoggedIn, person.sources.inCRM {
      let number = CRMRow.customerNumber(of: person, isSecond: false)
      members.append(("userId", .string(number)))
    }
    members += body
    members += [
      ("context", context(path: path)),
      ("originalTimestamp", .string(moment.text(milliseconds: milliseconds))),
      ("sentAt", .string(moment.text(milliseconds: milliseconds + 40))),
      ("timestamp", .string(moment.text(milliseconds: milliseconds))),
    ]
    return WebRow(
      messageID: messageID, anonymousID: anonymousID, json: .object(members),
      person: person.number)
  }

  private func context(path: String) -> JSONText {
    .object([
      ("ip", .string(address)), ("userAgent", .string(userAgent)),
      ("locale", .string(person.language.rawValue + "-" + person.country.rawValue)),
      (
        "page",
        .object([
          ("url", .string("https://shop.example.com" + path)), ("path", .string(path)),
          ("referrer", .string("https://www.example.net/")),
        ])
      ),
      ("library", .object([("name", .string("analytics.js")), ("version", .string("next-1.0"))])),
      (
        "consent",
        .object([
          (
            "categoryPreferences",
            .object([("analytics", .bool(true)), ("advertising", .bool(allowsAdvertising))])
          )
        ])
      ),
    ])
  }

  private static let userAgents = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Example/1.0",
    "Mozilla/5.0 (Linux; Android 15) Example Mobile/1.0",
  ]
}
