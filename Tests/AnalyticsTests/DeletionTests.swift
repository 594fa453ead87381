import GRDB
import Testing

@testable import Analytics

@Suite struct DeletionTests {
  let directory: ScratchDirectory
  let store: AnalyticsStore

  init() throws {
    directory = try ScratchDirectory()
    store = try AnalyticsStore.create(directory.file)
  }

  /// Fills the store so that rows share pages with those of other profiles.
  private func fill(profiles: Int) throws {
    try store.replaceAll(day: today, attributes: exposed) { writer in
      for number in 1...profiles {
        let interest = AnalyticsAttribute(
          name: "interest", value: .text("interest-\(token(number))"), source: "dmp",
          day: number % 50 + 1)
        let events = (1...(number % 7 + 1)).map { day in
          AnalyticsEvent(source: "web", name: "seen-\(token(number))", day: day)
        }
        try writer.profile(token: token(number), attributes: [interest], events: events)
      }
    }
  }

  @Test func erasedProfilesLeaveNoByteBehind() throws {
    try fill(profiles: 3_000)
    let erased = (1...3_000).filter { $0 % 3 == 0 }.map(token)
    let deletion = try store.deleteProfiles(tokens: erased)
    #expect(deletion.counts.profiles == 1_000)
    #expect(deletion.counts.attributes == 1_000)
    #expect(deletion.isSwept)
    #expect(try store.counts().profiles == 2_000)
    #expect(try directory.contains(token(1)))
    let left = try directory.tokens().intersection(erased)
    #expect(left.isEmpty)
  }

  @Test func withoutOverwritingTheBytesWouldStay() throws {
    try fill(profiles: 300)
    try store.pool.writeWithoutTransaction {
      _ = try Int.fetchOne($0, sql: "PRAGMA secure_delete = 0")
    }
    let erased = (1...300).filter { $0 % 3 == 0 }.map(token)
    #expect(try store.deleteProfiles(tokens: erased).isSwept)
    #expect(try !directory.tokens().isDisjoint(with: erased))
  }

  @Test func expiredDaysLeaveNoByteBehind() throws {
    try fill(profiles: 1_000)
    let deletion = try store.expire(source: "dmp", collectedOn: [3, 4, 9])
    #expect(deletion.counts == AnalyticsCounts(profiles: 0, attributes: 60, events: 0))
    #expect(try !directory.contains("interest-\(token(2))"))
    #expect(try !directory.contains("interest-\(token(58))"))
    #expect(try directory.contains("interest-\(token(1))"))
  }

  @Test func erasingAgainIsHarmless() throws {
    try fill(profiles: 10)
    #expect(try store.deleteProfiles(tokens: [token(1), token(1)]).counts.profiles == 1)
    #expect(try store.deleteProfiles(tokens: [token(1)]).counts.profiles == 0)
    #expect(try store.deleteProfiles(tokens: []).counts.profiles == 0)
  }

  @Test(arguments: ["' OR 1=1 --", "%", "t1_analytics_*", "\(token(1))\u{0}x", "\u{0}", ""])
  func refusesWhatIsNeitherTokenNorSource(text: String) throws {
    try fill(profiles: 10)
    for act: () throws -> Void in [
      { _ = try store.deleteProfiles(tokens: [token(2), text]) },
      { _ = try store.expire(source: text, collectedBefore: 99) },
      { _ = try store.expire(source: text, collectedOn: [2]) },
    ] {
      #expect {
        try act()
      } throws: {
        isSame($0, as: .invalid)
      }
    }
    #expect(try store.counts().attributes == 10)
  }

  @Test(arguments: [
    (-5, 0), (0, 0), (1, 0), (5, 0), (6, 1), (7, 2), (8, 2), (20_000, 2),
  ])
  func expiryKeepsTheDayItNames(day: Int, gone: Int) throws {
    try store.replaceAll(day: today, attributes: exposed) { writer in
      let permanent = AnalyticsAttribute(name: "interest", value: .text("a"), source: "dmp")
      let other = AnalyticsAttribute(name: "country", value: .text("DE"), source: "crm", day: 1)
      let events = [5, 6].map { AnalyticsEvent(source: "dmp", name: "seen", day: $0) }
      try writer.profile(
        token: token(1), attributes: [permanent, other], events: events + [order(day: 1)])
    }
    let counts = try store.expire(source: "dmp", collectedBefore: day).counts
    #expect(counts == AnalyticsCounts(profiles: 0, attributes: 0, events: gone))
    #expect(try store.counts().attributes == 2)
    #expect(try store.counts().events == 3 - gone)
  }

  @Test(
    arguments: [
      ([], []), ([0, -1, 16_777_216], []), ([7], [7...7]), ([3, 1, 2], [1...3]),
      ([0, 1, 3, 4, 9], [1...1, 3...4, 9...9]),
    ] as [(Set<Int>, [ClosedRange<Int>])])
  func joinsNeighbouringDays(days: Set<Int>, runs: [ClosedRange<Int>]) {
    #expect(AnalyticsStore.runs(of: days) == runs)
  }
}
