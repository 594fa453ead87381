/// Makes four source files that look like a shop's, and the truth about who is who in them.
///
/// Every line is a function of the parameters alone, so two runs anywhere give the same bytes.
/// Lines are handed to a closure one by one and nothing is kept: a file of a million rows needs no
/// more memory than one of ten. No address or number reaches a real person; `docs/sample-data.md`
/// lists the reserved ranges used.
public struct SampleGenerator: Sendable {
  /// The most people a sample may have; identifiers are unique up to here.
  public static let peopleLimit = 500_000
  /// The most rows `dmp.csv` may have.
  public static let thirdPartyRowLimit = 50_000_000
  /// The days that may be taken for today.
  public static let dayRange =
    CivilDay(daysSince1970: 10_957)...CivilDay(daysSince1970: 84_005)  // 2000-01-01...2199-12-31

  /// The seed of every random choice.
  public let seed: UInt64
  /// The number of people.
  public let people: Int
  /// The day the files are made on; nothing in them is later.
  public let today: CivilDay
  /// The number of rows of `dmp.csv`, bad rows and header not counted.
  public let thirdPartyRows: Int
  /// Whether each source file also holds rows that a reader has to refuse.
  public let badRows: Bool

  let crowd: SamplePeople
  private let ownThirdPartyRows: Int

  /// Checks the parameters.
  ///
  /// - Parameters:
  ///   - seed: Any number; the same number gives the same files.
  ///   - people: 1…``peopleLimit``.
  ///   - today: A day in ``dayRange``; the caller's clock decides.
  ///   - thirdPartyRows: 0…``thirdPartyRowLimit``; without it, twice the number of people. Rows
  ///     about the people count first; cookies that no other source knows make up the rest.
  ///   - badRows: Adds ``SampleSummary/Source/badRows`` rows to each source file.
  /// - Throws: ``SampleError`` when a parameter is out of range.
  /// - Complexity: O(people).
  public init(
    seed: UInt64, people: Int, today: CivilDay, thirdPartyRows: Int? = nil, badRows: Bool = false
  ) throws(SampleError) {
    guard (1...Self.peopleLimit).contains(people) else {
      throw SampleError(
        .peopleOutOfRange, "`people` must be between 1 and \(Self.peopleLimit), not \(people)")
    }
    let rows = thirdPartyRows ?? 2 * people
    guard (0...Self.thirdPartyRowLimit).contains(rows) else {
      throw SampleError(
        .rowsOutOfRange,
        "`thirdPartyRows` must be between 0 and \(Self.thirdPartyRowLimit), not \(rows)")
    }
    guard Self.dayRange.contains(today) else {
      throw SampleError(.dayOutOfRange, "`today` must lie between 2000 and 2199")
    }
    self.seed = seed
    self.people = people
    self.today = today
    self.thirdPartyRows = rows
    self.badRows = badRows
    let crowd = SamplePeople(seed: seed, count: people, today: today)
    self.crowd = crowd
    ownThirdPartyRows = (0..<people).reduce(0) { sum, index in
      sum + ThirdPartyRow.rows(of: crowd.person(at: index), people: crowd).count
    }
  }

  /// Writes one file.
  ///
  /// - Parameters:
  ///   - file: Which file.
  ///   - sink: Takes one line after the other, line ends included; a CSV line may hold line breaks
  ///     within quotes.
  /// - Throws: Whatever the sink throws; the file is then incomplete.
  public func write<Failure: Error>(
    _ file: SampleFile, to sink: (String) throws(Failure) -> Void
  ) throws(Failure) {
    switch file {
    case .crm: try writeCRM(to: sink)
    case .orders: try writeOrders(to: sink)
    case .web: try writeWeb(to: sink)
    case .thirdParty: try writeThirdParty(to: sink)
    case .truth: try writeTruth(to: sink)
    }
  }

  /// Writes `crm.csv`: RFC 4180 with a header, one row per customer number.
  public func writeCRM<Failure: Error>(
    to sink: (String) throws(Failure) -> Void
  ) throws(Failure) {
    try sink(CSVText.row(CRMRow.columns))
    try walk(.crm, bad: CRMRow.badLines, to: sink) { person in
      CRMRow.rows(of: person, people: crowd).map { CSVText.row($0.fields) }
    }
  }

  /// Writes `orders.jsonl`: one shop order per line.
  public func writeOrders<Failure: Error>(
    to sink: (String) throws(Failure) -> Void
  ) throws(Failure) {
    try walk(.orders, bad: OrderRow.badLines, to: sink) { person in
      OrderRow.rows(of: person, people: crowd).map { $0.json.text + "\n" }
    }
  }

  /// Writes `web.jsonl`: one identify, track or page call of the Segment specification per line.
  public func writeWeb<Failure: Error>(
    to sink: (String) throws(Failure) -> Void
  ) throws(Failure) {
    try walk(.web, bad: WebRow.badLines, to: sink) { person in
      WebRow.rows(of: person, people: crowd).map { $0.json.text + "\n" }
    }
  }

  /// Writes `dmp.csv`: third-party rows keyed by cookie, collected from 120 days ago to today.
  public func writeThirdParty<Failure: Error>(
    to sink: (String) throws(Failure) -> Void
  ) throws(Failure) {
    try sink(CSVText.row(ThirdPartyRow.columns))
    let bad = badRows ? ThirdPartyRow.badLines : []
    var written = 0
    var refused = 0
    try walkThirdParty { (row) throws(Failure) in
      while refused < bad.count, written >= (refused + 1) * thirdPartyRows / (bad.count + 1) {
        try sink(bad[refused])
        refused += 1
      }
      try sink(CSVText.row(row.fields))
      written += 1
    }
    for line in bad[refused...] { try sink(line) }
  }

  /// Writes `truth.csv`: source, subject, record and person number of every good record.
  ///
  /// Subject and record are the values of the fields that the source contracts name so. Numbers
  /// above the count of people belong to cookies that only the third party knows.
  public func writeTruth<Failure: Error>(
    to sink: (String) throws(Failure) -> Void
  ) throws(Failure) {
    try sink(CSVText.row(["source", "subject", "record", "person"]))
    func line(
      _ source: SampleFile, _ subject: String, _ record: String, _ person: Int
    ) throws(Failure) {
      try sink(CSVText.row([source.source, subject, record, String(person)]))
    }
    for position in 0..<people {
      let person = crowd.person(at: position)
      for row in CRMRow.rows(of: person, people: crowd) {
        try line(.crm, row.customerNumber, row.customerNumber, row.person)
      }
      for row in OrderRow.rows(of: person, people: crowd) {
        try line(.orders, row.buyerID, row.orderID, row.person)
      }
      for row in WebRow.rows(of: person, people: crowd) {
        try line(.web, row.anonymousID, row.messageID, row.person)
      }
    }
    var previous: String?
    try walkThirdParty { (row) throws(Failure) in
      if row.cookieID != previous {
        try line(.thirdParty, row.cookieID, row.cookieID, row.person)
      }
      previous = row.cookieID
    }
  }
}

extension SampleGenerator {
  /// Visits everyone in the file's own order and puts bad lines between them.
  private func walk<Failure: Error>(
    _ file: SampleFile, bad lines: [String], to sink: (String) throws(Failure) -> Void,
    linesOf: (SamplePerson) -> [String]
  ) throws(Failure) {
    let bad = badRows ? lines : []
    let order = Shuffle(count: people, seed: seed, index: file.shuffleIndex)
    var refused = 0
    for position in 0..<people {
      while refused < bad.count, position >= (refused + 1) * people / (bad.count + 1) {
        try sink(bad[refused])
        refused += 1
      }
      for line in linesOf(crowd.person(at: order[position])) { try sink(line) }
    }
  }

  /// Visits the third-party rows: people's cookies with strangers' spread evenly between them.
  func walkThirdParty<Failure: Error>(
    _ body: (ThirdPartyRow) throws(Failure) -> Void
  ) throws(Failure) {
    let order = Shuffle(count: people, seed: seed, index: SampleFile.thirdParty.shuffleIndex)
    let foreign = max(0, thirdPartyRows - ownThirdPartyRows)
    var left = thirdPartyRows
    var stranger = 0
    var strangerRows = 0
    for position in 0..<people {
      let own = ThirdPartyRow.rows(of: crowd.person(at: order[position]), people: crowd)
      for row in ThirdPartyRow.cut(own, to: left) { try body(row) }
      left -= min(left, own.count)
      while strangerRows < foreign * (position + 1) / people {
        let rows = ThirdPartyRow.rows(ofStranger: stranger, people: crowd)
        let room = min(left, foreign - strangerRows)
        for row in ThirdPartyRow.cut(rows, to: room) { try body(row) }
        strangerRows += min(room, rows.count)
        left -= min(room, rows.count)
        stranger += 1
      }
    }
  }
}

/// Names the files of a sample; the raw value is the file's name.
public enum SampleFile: String, CaseIterable, Sendable {
  /// Customers of the CRM system.
  case crm = "crm.csv"
  /// Orders of the shop.
  case orders = "orders.jsonl"
  /// Events of the web site.
  case web = "web.jsonl"
  /// Rows of the data management platform.
  case thirdParty = "dmp.csv"
  /// Which record belongs to whom.
  case truth = "truth.csv"

  /// The name of the source contract, which is the file's name without its ending.
  public var source: String { String(rawValue.prefix { $0 != "." }) }

  var shuffleIndex: Int {
    switch self {
    case .crm: 1
    case .orders: 2
    case .web: 3
    case .thirdParty: 4
    case .truth: 5
    }
  }
}
