import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

/// A synthetic log with known answers.
@Suite struct AnomalyTests {
  /// Monday, 2024-10-07.
  static let monday = 20_003

  private static let hour: Int64 = 3_600_000

  /// Writes entries: who, which type, on which day, at which minute of it, how often.
  private struct Script {
    var entries: [LogEntry] = []

    mutating func add(
      _ actor: String, _ type: String = "field.disclosed", day: Int, minute: Int = 600,
      count: Int = 1, spacing: Int64 = 1000, decision: String? = nil
    ) throws {
      for index in 0..<count {
        var members: [(key: String, value: CanonicalJSON)] = [
          ("actor", .string(actor)), ("id", .string("00")), ("seq", .integer(Int64(entries.count))),
          (
            "time",
            .integer(
              Int64(day) * VaultClock.millisecondsPerDay + Int64(minute) * 60_000
                + Int64(index) * spacing)
          ),
          ("type", .string(type)),
        ]
        if let decision { members.append(("decision", .string(decision))) }
        entries.append(
          LogEntry(
            sequence: entries.count,
            bytes: try CanonicalJSON.object(try JSONObject(members)).canonicalBytes()))
      }
    }

    func findings(_ rules: AnomalyRules) throws -> [Anomaly] {
      var finder = try AnomalyFinder(rules)
      for entry in entries { try finder.add(entry) }
      return finder.findings()
    }
  }

  private static func rules(
    _ day: Int = monday, days: Int = 1, _ change: (inout AnomalyRules) -> Void = { _ in }
  ) -> AnomalyRules {
    var rules = AnomalyRules(
      fromMilliseconds: Int64(day) * VaultClock.millisecondsPerDay,
      toMilliseconds: Int64(day + days) * VaultClock.millisecondsPerDay)
    change(&rules)
    return rules
  }

  /// Twenty looks a day with a deviation of two on the ten working days before.
  private static func steady(_ script: inout Script, _ actor: String) throws {
    for (index, before) in [3, 4, 5, 6, 7, 10, 11, 12, 13, 14].enumerated() {
      try script.add(actor, day: monday - before, count: [18, 20, 22][index % 3])
    }
  }

  /// Median 20, deviation 2, so the day is unusual from 20 + 6·2 + 1 = 33 on, and from 50 at least.
  @Test(arguments: [
    (49, 50, nil), (50, 50, 50), (32, 1, nil), (33, 1, 33), (200, 1, 33), (20, 1, nil),
    (0, 1, nil),
  ])
  func volumeIsMeasuredAgainstOnesOwnBaseline(count: Int, minimum: Int, threshold: Int?) throws {
    var script = Script()
    try Self.steady(&script, "op_a")
    try Self.steady(&script, "op_b")
    let first = script.entries.count
    try script.add("op_a", day: Self.monday, count: count)
    let findings = try script.findings(Self.rules { $0.volumeMinimum = minimum })
    guard let threshold else { return #expect(findings.isEmpty) }
    #expect(findings.count == 1)
    let finding = try #require(findings.first)
    #expect(finding.code == .volume && finding.actor == "op_a")
    #expect(finding.count == count && finding.threshold == threshold)
    #expect(finding.entries == Array((first..<first + count).prefix(Anomaly.entriesMaximum)))
  }

  @Test(arguments: [(199, 4, 0), (200, 4, 1), (196, 5, 0), (500, 0, 1)])
  func withoutABaselineThereIsAFixedLimit(count: Int, daysBefore: Int, found: Int) throws {
    var script = Script()
    for day in 0..<daysBefore { try script.add("op_n", day: Self.monday - 3 - day, count: 190) }
    try script.add("op_n", day: Self.monday, count: count)
    let findings = try script.findings(Self.rules())
    #expect(findings.count == found)
    #expect(findings.allSatisfy { $0.code == .newcomerVolume && $0.threshold == 200 })
  }

  /// The 29th day before is no part of the baseline any more.
  @Test func theBaselineIsTwentyEightDays() throws {
    for (oldest, isBaseline) in [(28, true), (29, false)] {
      var script = Script()
      for before in [oldest, 4, 3, 2, 1] {
        try script.add("op_a", day: Self.monday - before, count: 3)
      }
      try script.add("op_a", day: Self.monday, count: 60)
      let findings = try script.findings(Self.rules())
      #expect(findings.map(\.code) == (isBaseline ? [.volume] : []))
    }
  }

  /// Only looks at persons make volume, and only days within the period are asked about.
  @Test func otherEventsAndOtherDaysAreNoVolume() throws {
    var script = Script()
    try script.add("op_a", "records.ingested", day: Self.monday, count: 500)
    try script.add("op_a", day: Self.monday + 1, count: 500)
    try script.add("op_a", day: Self.monday - 1, count: 500)
    #expect(try script.findings(Self.rules()).isEmpty)
    #expect(
      try script.findings(Self.rules { $0.exceptedActors = ["op_a"] }).isEmpty)
  }

  @Test(arguments: [
    (monday, 419, true), (monday, 420, false), (monday, 1199, false), (monday, 1200, true),
    (monday + 4, 600, false), (monday + 5, 600, true), (monday + 6, 600, true),
  ])
  func hoursAndDaysOfWork(day: Int, minute: Int, isLate: Bool) throws {
    var script = Script()
    try script.add("op_a", "person.found", day: day, minute: minute)
    let findings = try script.findings(Self.rules(day))
    #expect(findings.map(\.code) == (isLate ? [.outOfHours] : []))
  }

  /// 05:00 UTC is eight o'clock in Moscow; 22:30 UTC on Sunday is Monday there.
  @Test func theClockIsTheOneOfTheOffset() throws {
    var script = Script()
    try script.add("op_a", day: Self.monday, minute: 5 * 60)
    try script.add("op_a", day: Self.monday, minute: 17 * 60)
    let moscow = Self.rules { $0.offsetMinutes = 180 }
    let findings = try script.findings(moscow)
    #expect(findings.map(\.entries) == [[1]])
    #expect(try script.findings(Self.rules()).map(\.entries) == [[0]])
    #expect(moscow.day(Int64(Self.monday) * VaultClock.millisecondsPerDay - 1) == Self.monday)
  }

  @Test func anAnalysisIsTheSameEveryTime() throws {
    var script = Script()
    for actor in ["op_c", "op_a", "op_b"] {
      try Self.steady(&script, actor)
      try script.add(actor, day: Self.monday, count: 70)
      try script.add(actor, day: Self.monday, minute: 60, count: 2)
      try script.add(actor, "operation.denied", day: Self.monday, minute: 700, count: 6)
    }
    let rules = Self.rules()
    let first = try script.findings(rules)
    #expect(
      first.map(\.code) == [
        .volume, .volume, .volume, .outOfHours, .outOfHours, .outOfHours,
        .denials, .denials, .denials,
      ])
    #expect(first.map(\.actor).prefix(3) == ["op_a", "op_b", "op_c"])
    for _ in 0..<5 { #expect(try script.findings(rules) == first) }
  }

  /// Five refusals within ten minutes.
  @Test(arguments: [
    (4, 1000, []), (5, 1000, [5]), (5, 150_000, [5]), (5, 150_001, []), (12, 1000, [12]),
    (12, 150_000, [12]),
  ])
  func burstsOfRefusals(count: Int, spacing: Int64, found: [Int]) throws {
    var script = Script()
    try script.add(
      "op_a", "operation.denied", day: Self.monday, count: count, spacing: spacing)
    #expect(try script.findings(Self.rules()).filter { $0.code == .denials }.map(\.count) == found)
  }

  @Test func refusalsOfDifferentKindsAndPeople() throws {
    var script = Script()
    try script.add("op_a", "operation.denied", day: Self.monday, count: 2)
    try script.add("op_a", day: Self.monday, minute: 601, count: 2, decision: "deny")
    try script.add("op_a", day: Self.monday, minute: 601, count: 9, decision: "allow")
    try script.add("op_b", "operation.denied", day: Self.monday, count: 4)
    #expect(try script.findings(Self.rules()).isEmpty)
    try script.add("op_a", "operator.rejected", day: Self.monday, minute: 602)
    let findings = try script.findings(Self.rules())
    #expect(findings.map(\.code) == [.denials] && findings.first?.count == 5)
    // Two bursts with a pause are two findings.
    try script.add("op_a", "operation.denied", day: Self.monday, minute: 700, count: 5)
    #expect(try script.findings(Self.rules()).map(\.count) == [5, 5])
  }

  @Test func theMedianIsAWholeNumber() {
    #expect(AnomalyFinder.median([]) == 0 && AnomalyFinder.median([3]) == 3)
    #expect(AnomalyFinder.median([4, 1]) == 1 && AnomalyFinder.median([9, 1, 5]) == 5)
    #expect(AnomalyFinder.median([4, 1, 3, 2]) == 2)
  }

  @Test func rulesThatCannotBeMeantAreRefused() {
    let unfit: [(inout AnomalyRules) -> Void] = [
      { $0.volumeMinimum = 0 }, { $0.deviationFactor = -1 }, { $0.denialMinutes = 1_000_001 },
      { $0.baselineDaysMinimum = 29 }, { $0.hours = 7..<7 }, { $0.hours = 7..<25 },
      { $0.weekdays = [0] }, { $0.weekdays = [8] }, { $0.offsetMinutes = 900 },
    ]
    for change in unfit {
      expect(.invalidQuery) { try Self.rules(Self.monday, days: 1, change).check() }
    }
    expect(.invalidQuery) {
      try AnomalyRules(fromMilliseconds: 5, toMilliseconds: 5).check()
    }
    expect(.invalidQuery) {
      try AnomalyRules(fromMilliseconds: -5, toMilliseconds: 5).check()
    }
  }
}
