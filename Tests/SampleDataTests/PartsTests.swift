import Testing

@testable import SampleData

@Suite struct PartsTests {
  /// The first outputs of the published algorithm, as listed with its reference text.
  @Test func splitMixMatchesPublishedOutput() {
    var random = SplitMix64(state: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect(expected.map { _ in random.next() } == expected)
  }

  @Test func sequencesDiffer() {
    var seen: Set<UInt64> = []
    for seed in 0..<4 as Range<UInt64> {
      for index in 0..<50 {
        var crm = SplitMix64(seed: seed, stream: .crm, index: index)
        var web = SplitMix64(seed: seed, stream: .web, index: index)
        seen.insert(crm.next())
        seen.insert(web.next())
      }
    }
    #expect(seen.count == 400)
  }

  @Test func drawsStayBelowTheBound() {
    var random = SplitMix64(state: 7)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<6000 { counts[random.below(6)] += 1 }
    #expect(counts.allSatisfy { (850...1150).contains($0) })
  }

  @Test(arguments: [1, 2, 3, 10, 600, 5000, 5040])
  func shuffleVisitsEveryoneOnce(count: Int) {
    let order = Shuffle(count: count, seed: 42, index: 1)
    #expect(Set((0..<count).map { order[$0] }) == Set(0..<count))
  }

  @Test func scatteringNeverClashes() {
    for factor in [0x2_C9B5, 0x7_4F29, 0x3_60D1, 0x1_9E37] {
      let count = 1 << 20
      var seen = [Bool](repeating: false, count: count)
      for value in 0..<count { seen[scattered(value, factor: factor)] = true }
      #expect(!seen.contains(false))
    }
  }

  @Test(arguments: [
    (1970, 1, 1, 0), (2000, 2, 29, 11_016), (1969, 12, 31, -1), (2026, 6, 1, 20_605),
    (1600, 2, 29, -135_081), (2199, 12, 31, 84_005),
  ])
  func daysMatchTheCalendar(year: Int, month: Int, day: Int, days: Int) throws {
    let civil = try #require(CivilDay(year: year, month: month, day: day))
    #expect(civil.daysSince1970 == days)
    #expect(CivilDay(daysSince1970: days).parts == (year, month, day))
  }

  @Test(arguments: [
    (2023, 2, 29), (1900, 2, 29), (2024, 4, 31), (2024, 13, 1), (2024, 0, 1), (2024, 1, 0),
    (2024, 1, 32), (0, 1, 1), (10_000, 1, 1),
  ])
  func refusesImpossibleDays(year: Int, month: Int, day: Int) {
    #expect(CivilDay(year: year, month: month, day: day) == nil)
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    let days = -135_081..<(-135_081 + 146_097)
    let wrong = days.filter { number in
      let parts = CivilDay(daysSince1970: number).parts
      return CivilDay(year: parts.year, month: parts.month, day: parts.day)?.daysSince1970 != number
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: [
    ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""),
    ("a\r\nb", "\"a\r\nb\""), (" a", "\" a\""), ("a ", "\"a \""), ("", ""), ("ß", "ß"),
  ])
  func quotesFields(text: String, expected: String) {
    #expect(CSVText.field(text) == expected)
  }

  @Test func escapesJSON() throws {
    let text = "\"\\\n\r\t\u{1}\u{1F} Ж"
    let json = JSONText.object([("k", .string(text)), ("n", .number("1.50")), ("e", .object([]))])
    let value = try JSONChecker.value(json.text)
    #expect(value == .object(["k": .string(text), "n": .number("1.50"), "e": .object([:])]))
  }

  @Test func typosKeepAddressesApart() {
    var random = SplitMix64(state: 3)
    var kinds: Set<String> = []
    for _ in 0..<500 {
      let spoiled = SampleNoise.typo(inEmail: "anna.meyer12345@mail.example.org", &random)
      #expect(spoiled.hasSuffix(".meyer12345@mail.example.org"))
      kinds.insert(String(spoiled.prefix { $0 != "." }))
    }
    // The letters of `anna` swapped, dropped and doubled; swapping the two `n` shows nothing.
    #expect(kinds == ["anna", "anan", "ana", "annna"])
    #expect(SampleNoise.typo("Ida", &random) == "Ida")
    #expect(SampleNoise.typo(inEmail: "no-at-sign", &random) == "no-at-sign")
  }

  @Test(arguments: [
    (SampleCountry.germany, 5099), (.unitedKingdom, 3000), (.france, 10_000),
    (.unitedStates, 1400), (.austria, 0), (.bulgaria, 0),
  ])
  func phoneRangesHoldEachNumberOnce(country: SampleCountry, count: Int) {
    let numbers = (0..<count).compactMap {
      SamplePhone.number(country: country, rank: $0)?.international
    }
    #expect(Set(numbers).count == count)
    #expect(!numbers.contains(SamplePhone.hotline.international))
    #expect(SamplePhone.number(country: country, rank: count) == nil)
  }
}
