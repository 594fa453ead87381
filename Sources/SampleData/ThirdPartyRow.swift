/// Holds one row of `dmp.csv`: what a data management platform says about a cookie.
struct ThirdPartyRow: Sendable {
  /// The fields in the order of ``columns``.
  let fields: [String]
  /// The person, or a number above the count of people for a cookie that no other source knows.
  let person: Int
  /// Days from collection to today.
  let ageDays: Int
  /// False for the earlier of two rows of one cookie; the later row takes its place.
  var isLatest: Bool

  var cookieID: String { fields[0] }

  static let columns = [
    "cookie_id", "partner", "segments", "age_range", "interest", "household_size", "country",
    "collected_at",
  ]

  /// The oldest row is this many days old: older than the hard cap of 90 days for third-party data.
  static let oldestDays = 120

  /// Rows that a reader has to put into quarantine.
  static let badLines = [
    "00000000-0000-4000-8000-00000000d001,adex\r\n",
    "00000000-0000-4000-8000-00000000d002,adex,auto,30-39,travel,2,DE,2024-01-01,surplus\r\n",
    ",adex,auto,30-39,travel,2,DE,2024-01-01\r\n",
    "00000000-0000-4000-8000-00000000d004,adex,auto,30-39,travel,2,DE,2024-13-01\r\n",
    "00000000-0000-4000-8000-00000000d005,adex,auto,30-39,travel,2,DE,\r\n",
  ]

  /// Gives the rows of one person: one or two for every device the platform has seen.
  static func rows(of person: SamplePerson, people: SamplePeople) -> [ThirdPartyRow] {
    guard person.sources.inThirdParty else { return [] }
    var random = SplitMix64(seed: people.seed, stream: .thirdParty, index: person.number)
    let age = (people.today.daysSince1970 - person.birth.daysSince1970) / 365
    var rows: [ThirdPartyRow] = []
    for device in 0..<WebRow.devices(of: person, seed: people.seed) {
      let cookie = WebRow.anonymousID(ofPerson: person.number, device: device, seed: people.seed)
      // A third of the guesses about the age are wrong.
      let guess = random.chance(percent: 67) ? age : 18 + random.below(60)
      let subject = Subject(
        cookie: cookie, person: person.number, country: person.country, age: guess)
      rows += self.rows(of: subject, people: people, &random)
    }
    return rows
  }

  /// Gives the one or two rows of a cookie that only the platform knows.
  static func rows(ofStranger index: Int, people: SamplePeople) -> [ThirdPartyRow] {
    var random = SplitMix64(seed: people.seed, stream: .stranger, index: index)
    let subject = Subject(
      cookie: sampleUUID(&random), person: people.count + 1 + index,
      country: random.pick(SampleCountry.slots), age: 18 + random.below(60))
    return rows(of: subject, people: people, &random)
  }

  /// Keeps the first rows; when a cookie's later row falls away, its earlier one is the latest.
  static func cut(_ rows: [ThirdPartyRow], to count: Int) -> [ThirdPartyRow] {
    var kept = Array(rows.prefix(count))
    if !kept.isEmpty { kept[kept.count - 1].isLatest = true }
    return kept
  }

  private struct Subject {
    let cookie: String
    let person: Int
    let country: SampleCountry
    let age: Int
  }

  private static func rows(
    of subject: Subject, people: SamplePeople, _ random: inout SplitMix64
  ) -> [ThirdPartyRow] {
    let age = random.below(oldestDays + 1)
    guard age > 0, random.chance(percent: 10) else {
      return [row(of: subject, ageDays: age, isLatest: true, people: people, &random)]
    }
    let earlier = row(of: subject, ageDays: age, isLatest: false, people: people, &random)
    let later = random.below(age)
    return [earlier, row(of: subject, ageDays: later, isLatest: true, people: people, &random)]
  }

  private static func row(
    of subject: Subject, ageDays: Int, isLatest: Bool, people: SamplePeople,
    _ random: inout SplitMix64
  ) -> ThirdPartyRow {
    let interest = random.pick(interests)
    let intent = random.pick(["intent_high", "intent_low", "lookalike_3"])
    let fields = [
      subject.cookie, random.pick(["adex", "dataline"]), interest + ";" + intent,
      ageRange(subject.age), interest, String(1 + random.below(5)), subject.country.rawValue,
      people.today.back(days: ageDays).text,
    ]
    return ThirdPartyRow(
      fields: fields, person: subject.person, ageDays: ageDays, isLatest: isLatest)
  }

  private static func ageRange(_ age: Int) -> String {
    switch age {
    case ..<30: "18-29"
    case ..<80: "\(age / 10 * 10)-\(age / 10 * 10 + 9)"
    default: "80+"
    }
  }

  private static let interests = ["travel", "auto", "sport", "garden", "technology", "cooking"]
}
