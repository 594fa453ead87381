import SampleData
import Testing

@Suite struct DeterminismTests {
  /// Checksums of every file for seed 42, 600 people, 2026-06-01. They change only with the
  /// generator: then look at the difference, and replace them on purpose.
  @Test(arguments: [
    (SampleFile.crm, 12_407_662_465_926_188_681 as UInt64, 83_544),
    (.orders, 13_212_887_202_061_269_635, 463_054), (.web, 4_349_509_722_942_548_881, 2_270_828),
    (.thirdParty, 336_671_703_434_743_220, 112_317),
    (.truth, 11_440_906_623_454_319_954, 426_877),
  ])
  func filesAreTheSameEverywhere(file: SampleFile, checksum: UInt64, byteCount: Int) throws {
    var found = Checksum()
    try generator(badRows: true).write(file) { found.add($0) }
    #expect(found.value == checksum)
    #expect(found.byteCount == byteCount)
  }

  @Test(arguments: SampleFile.allCases)
  func twoRunsAgree(file: SampleFile) throws {
    #expect(try generator(people: 50).text(file) == generator(people: 50).text(file))
  }

  @Test(arguments: SampleFile.allCases)
  func anotherSeedGivesAnotherFile(file: SampleFile) throws {
    #expect(try generator(people: 50).text(file) != generator(seed: 43, people: 50).text(file))
  }

  @Test(arguments: SampleFile.allCases)
  func methodsAndWriteAgree(file: SampleFile) throws {
    let sample = try generator(people: 20)
    var lines: [String] = []
    switch file {
    case .crm: sample.writeCRM { lines.append($0) }
    case .orders: sample.writeOrders { lines.append($0) }
    case .web: sample.writeWeb { lines.append($0) }
    case .thirdParty: sample.writeThirdParty { lines.append($0) }
    case .truth: sample.writeTruth { lines.append($0) }
    }
    #expect(lines == sample.lines(file))
  }

  @Test(arguments: SampleFile.allCases)
  func aFailingSinkStopsTheFile(file: SampleFile) throws {
    let sample = try generator(people: 50)
    var count = 0
    #expect(throws: CheckFailure("full")) {
      try sample.write(file) { _ throws(CheckFailure) in
        count += 1
        if count == 5 { throw CheckFailure("full") }
      }
    }
    #expect(count == 5)
  }

  @Test func strangersFillUpTheThirdPartyFile() throws {
    let sample = try generator(people: 10, thirdPartyRows: 20_000)
    var rows = 0
    sample.writeThirdParty { _ in rows += 1 }
    #expect(rows == 20_001)
  }
}

@Suite struct ParameterTests {
  @Test(arguments: [0, -1, SampleGenerator.peopleLimit + 1, Int.max, Int.min])
  func refusesPeople(people: Int) {
    #expect(throws: SampleError.self) { try generator(people: people) }
    #expect(code { try generator(people: people) } == .peopleOutOfRange)
  }

  @Test(arguments: [-1, SampleGenerator.thirdPartyRowLimit + 1])
  func refusesRows(rows: Int) {
    #expect(code { try generator(people: 1, thirdPartyRows: rows) } == .rowsOutOfRange)
  }

  @Test(arguments: [10_956, 84_006, 0, -1, Int.max])
  func refusesDays(day: Int) {
    let today = CivilDay(daysSince1970: day)
    #expect(code { try SampleGenerator(seed: 1, people: 1, today: today) } == .dayOutOfRange)
  }

  @Test(arguments: [10_957, 84_005])
  func acceptsTheEdgesOfTime(day: Int) throws {
    let today = CivilDay(daysSince1970: day)
    let sample = try SampleGenerator(seed: 1, people: 30, today: today)
    #expect(try CSVChecker.rows(sample.text(.crm)).count > 10)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 79, 80, 81])
  func smallSamplesWork(people: Int) throws {
    let sample = try generator(people: people, badRows: true)
    let numbers = try sample.table(.truth).compactMap { Int($0["person"] ?? "") }
    #expect(Set(numbers.filter { $0 <= people }) == Set(1...people))
  }

  private func code(_ body: () throws -> SampleGenerator) -> SampleError.Code? {
    do {
      _ = try body()
      return nil
    } catch let error as SampleError {
      return error.code
    } catch {
      return nil
    }
  }
}
