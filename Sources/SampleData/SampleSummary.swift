/// Counts what a sample holds, so that a demonstration can compare its results with the truth.
public struct SampleSummary: Equatable, Sendable {
  /// Counts the rows of one source file.
  public struct Source: Equatable, Sendable {
    /// Rows that a reader has to take in; the CSV header is not counted.
    public internal(set) var rows = 0
    /// Different values of the field that names the subject.
    public internal(set) var subjects = 0
    /// Different values of the field that names the record.
    public internal(set) var records = 0
    /// People of the sample who have at least one row.
    public internal(set) var people = 0
    /// Rows that a reader has to put into quarantine.
    public internal(set) var badRows = 0
  }

  /// People in the sample.
  public internal(set) var people = 0
  /// People whom at least two sources know.
  public internal(set) var peopleInSeveralSources = 0
  /// People with two rows in the CRM file.
  public internal(set) var peopleTwiceInCRM = 0
  /// Cookies in the third-party file that no person of the sample uses.
  public internal(set) var strangers = 0
  /// Records that hold `test@test.com`.
  public internal(set) var hubEmailRecords = 0
  /// Orders that hold the call centre's telephone number.
  public internal(set) var hubPhoneRecords = 0
  /// Sum of all order amounts in hundredths, whatever the currency.
  public internal(set) var orderCents = 0
  /// Third-party rows by age in days, 0…120.
  public internal(set) var thirdPartyRowsByAge: [Int] = []
  /// Cookies of the third-party file by the age of their latest row in days, 0…120.
  public internal(set) var thirdPartySubjectsByAge: [Int] = []

  /// Figures by source file; ``SampleFile/truth`` has none.
  public internal(set) var sources: [SampleFile: Source] = [:]

  /// Counts the third-party cookies whose latest row is older than a number of days.
  ///
  /// - Parameter days: The longest age that is still kept, for example 30.
  /// - Returns: How many cookies a rule with that idle term lets go today.
  public func thirdPartySubjects(olderThan days: Int) -> Int {
    thirdPartySubjectsByAge.dropFirst(max(0, days + 1)).reduce(0, +)
  }
}

extension SampleGenerator {
  /// Counts everything by making every row once.
  ///
  /// - Complexity: O(rows) time; memory does not grow with the rows.
  public func summary() -> SampleSummary {
    var counter = SampleCounter()
    counter.summary.people = people
    for position in 0..<people { counter.add(crowd.person(at: position), people: crowd) }
    walkThirdParty { row in counter.add(row, people: people) }
    counter.summary.sources[.thirdParty]?.people = counter.peopleSeen
    let bad: [(SampleFile, Int)] = [
      (.crm, CRMRow.badLines.count), (.orders, OrderRow.badLines.count),
      (.web, WebRow.badLines.count), (.thirdParty, ThirdPartyRow.badLines.count),
    ]
    for (file, count) in bad { counter.summary.sources[file]?.badRows = badRows ? count : 0 }
    return counter.summary
  }
}

/// Adds up the figures of a summary.
private struct SampleCounter {
  var summary = SampleSummary()
  private(set) var peopleSeen = 0
  private var cookie: String?
  private var person: Int?

  init() {
    for file in SampleFile.allCases where file != .truth { summary.sources[file] = .init() }
    let ages = [Int](repeating: 0, count: ThirdPartyRow.oldestDays + 1)
    summary.thirdPartyRowsByAge = ages
    summary.thirdPartySubjectsByAge = ages
  }

  mutating func add(_ person: SamplePerson, people: SamplePeople) {
    let sources = person.sources
    let known = [sources.inCRM, sources.inShop, sources.inWeb, sources.inThirdParty]
    if known.count(where: { $0 }) > 1 { summary.peopleInSeveralSources += 1 }
    if sources.isDuplicated { summary.peopleTwiceInCRM += 1 }

    let customers = CRMRow.rows(of: person, people: people)
    add(.crm, customers, subject: \.customerNumber)
    summary.hubEmailRecords += customers.count { $0.hasHubEmail }

    let orders = OrderRow.rows(of: person, people: people)
    add(.orders, orders, subject: \.buyerID)
    summary.hubEmailRecords += orders.count { $0.hasHubEmail }
    summary.hubPhoneRecords += orders.count { $0.hasHubPhone }
    summary.orderCents += orders.reduce(0) { $0 + $1.cents }

    add(.web, WebRow.rows(of: person, people: people), subject: \.anonymousID)
  }

  private mutating func add<Row>(
    _ file: SampleFile, _ rows: [Row], subject: KeyPath<Row, String>
  ) {
    guard !rows.isEmpty else { return }
    summary.sources[file]?.rows += rows.count
    summary.sources[file]?.records += rows.count
    summary.sources[file]?.subjects += Set(rows.map { $0[keyPath: subject] }).count
    summary.sources[file]?.people += 1
  }

  mutating func add(_ row: ThirdPartyRow, people: Int) {
    summary.sources[.thirdParty]?.rows += 1
    summary.thirdPartyRowsByAge[row.ageDays] += 1
    if row.cookieID != cookie {
      summary.sources[.thirdParty]?.subjects += 1
      summary.sources[.thirdParty]?.records += 1
      if row.person > people { summary.strangers += 1 }
    }
    if row.isLatest { summary.thirdPartySubjectsByAge[row.ageDays] += 1 }
    if row.person <= people, row.person != person { peopleSeen += 1 }
    (cookie, person) = (row.cookieID, row.person <= people ? row.person : person)
  }
}
