import SampleData
import Testing

@Suite struct TruthTests {
  private let sample: SampleGenerator
  private let summary: SampleSummary

  init() throws {
    sample = try generator(people: 2000)
    summary = sample.summary()
  }

  @Test func everyRecordOfEveryFileIsInTheTruthOnce() throws {
    let truth = try sample.table(.truth).map(Entry.init)
    #expect(Set(truth.map(\.key)).count == truth.count)
    var found: Set<String> = []
    for row in try sample.table(.crm) {
      let number = try #require(row["customer_number"])
      #expect(found.insert("crm|\(number)|\(number)").inserted)
    }
    for order in try sample.objects(.orders) {
      let buyer = try #require(order["buyer_id"]?.string)
      let record = try #require(order["order_id"]?.string)
      #expect(found.insert("orders|\(buyer)|\(record)").inserted)
    }
    for call in try sample.objects(.web) {
      let cookie = try #require(call["anonymousId"]?.string)
      let record = try #require(call["messageId"]?.string)
      #expect(found.insert("web|\(cookie)|\(record)").inserted)
    }
    for row in try sample.table(.thirdParty) {
      let cookie = try #require(row["cookie_id"])
      found.insert("dmp|\(cookie)|\(cookie)")
    }
    #expect(found == Set(truth.map(\.key)))
  }

  @Test func aSubjectIsOnePerson() throws {
    var owners: [String: Int] = [:]
    for entry in try sample.table(.truth).map(Entry.init) {
      let known = owners.updateValue(entry.person, forKey: entry.source + "|" + entry.subject)
      #expect(known == nil || known == entry.person)
    }
  }

  @Test func summaryAgreesWithTheFiles() throws {
    let truth = try sample.table(.truth).map(Entry.init)
    for file in SampleFile.allCases where file != .truth {
      let figures = try #require(summary.sources[file])
      let entries = truth.filter { $0.source == file.source }
      #expect(figures.records == entries.count)
      #expect(figures.subjects == Set(entries.map(\.subject)).count)
      #expect(figures.people == Set(entries.map(\.person).filter { $0 <= 2000 }).count)
      #expect(figures.badRows == 0)
    }
    #expect(summary.people == 2000)
    #expect(summary.sources[.crm]?.rows == (try sample.table(.crm).count))
    #expect(summary.sources[.orders]?.rows == sample.lines(.orders).count)
    #expect(summary.sources[.web]?.rows == sample.lines(.web).count)
    #expect(summary.sources[.thirdParty]?.rows == 4000)
    #expect(summary.sources[.truth] == nil)
    let strangers = Set(truth.map(\.person).filter { $0 > 2000 })
    #expect(summary.strangers == strangers.count)
    #expect(strangers == Set(2001..<(2001 + strangers.count)))
  }

  @Test func peopleAreInOneToFourSources() throws {
    var sources: [Int: Set<String>] = [:]
    for entry in try sample.table(.truth).map(Entry.init) where entry.person <= 2000 {
      sources[entry.person, default: []].insert(entry.source)
    }
    #expect(sources.count == 2000)
    let sizes = Dictionary(grouping: sources.values, by: \.count).mapValues(\.count)
    #expect(Set(sizes.keys) == [1, 2, 3, 4])
    #expect(sizes.values.allSatisfy { $0 > 100 })
    #expect(summary.peopleInSeveralSources == sources.values.count { $0.count > 1 })
  }

  @Test func aboutSixPercentAreTwiceInTheCRM() throws {
    let truth = try sample.table(.truth).map(Entry.init).filter { $0.source == "crm" }
    let twice = Dictionary(grouping: truth, by: \.person).values.filter { $0.count == 2 }.count
    #expect(twice == summary.peopleTwiceInCRM)
    #expect(try #require(summary.sources[.crm]).rows == truth.count)
    let share = Double(twice) / Double(truth.count - twice)
    #expect((0.04...0.08).contains(share))
  }

  @Test(arguments: [0, 1, 100, 999])
  func thirdPartyRowsCanBeCutShort(rows: Int) throws {
    let cut = try generator(people: 1000, thirdPartyRows: rows)
    let table = try cut.table(.thirdParty)
    let figures = cut.summary()
    #expect(table.count == rows)
    #expect(figures.sources[.thirdParty]?.rows == rows)
    #expect(figures.thirdPartyRowsByAge.reduce(0, +) == rows)
    let cookies = Set(table.compactMap { $0["cookie_id"] }).count
    #expect(figures.thirdPartySubjectsByAge.reduce(0, +) == cookies)
    let truth = try cut.table(.truth).map(Entry.init).filter { $0.source == "dmp" }
    #expect(Set(truth.map(\.subject)).count == cookies)
  }

  struct Entry {
    let source: String
    let subject: String
    let person: Int
    let key: String

    init(_ row: [String: String]) throws {
      source = try #require(row["source"])
      subject = try #require(row["subject"])
      let record = try #require(row["record"])
      person = try #require(Int(row["person"] ?? ""))
      key = [source, subject, record].joined(separator: "|")
    }
  }
}
