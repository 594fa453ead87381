import GRDB
import Sealing
import Testing
import VaultTesting

@testable import Vault

@Suite struct IngestTests {
  @Test func theSameBatchTwiceChangesNoByte() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let order = TestSources.orders.record(
      "B-1", "O-1", ["order": "O-1", "email": People.annaEmail, "amount": "1999"])
    try vault.ingest([order], from: TestSources.orders)
    let before = (try vault.dump(\.queue), try vault.dump(\.indexQueue))
    let first = try vault.ingest([People.anna, People.bert], from: TestSources.crm)
    let second = try vault.ingest([order], from: TestSources.orders)
    #expect(first.unchanged == 2 && first.total == 2)
    #expect(second.unchanged == 1 && second.total == 1)
    #expect(try vault.dump(\.queue) == before.0)
    #expect(try vault.dump(\.indexQueue) == before.1)
  }

  /// Third-party files hold two rows of a cookie now and then; the file as a whole is still
  /// idempotent.
  @Test func aFileWithTwoRowsOfOneProfileCanBeRepeated() throws {
    let test = try TestVault()
    let vault = try test.made()
    let rows = [20, 3].map { age in
      TestSources.dmp.record(
        "c-1", day: TestVault.day - age, ["cookie": "c-1", "segments": "age-\(age)"])
    }
    let first = try vault.ingest(rows, from: TestSources.dmp)
    #expect(first.added == 1 && first.replaced == 1)
    let before = (try vault.dump(\.queue), try vault.dump(\.indexQueue))
    let again = try vault.ingest(rows, from: TestSources.dmp)
    #expect(again.outdated == 1 && again.unchanged == 1 && again.total == 2)
    #expect(try vault.dump(\.queue) == before.0)
    #expect(try vault.dump(\.indexQueue) == before.1)
  }

  @Test func theLatestProfileWins() throws {
    let test = try TestVault()
    let vault = try test.made()
    func send(_ day: Int, _ city: String) throws -> IngestReport {
      try vault.ingest(
        [TestSources.crm.record("K-9", day: day, ["number": "K-9", "country": city])],
        from: TestSources.crm)
    }
    #expect(try send(TestVault.day - 5, "DE").added == 1)
    #expect(try send(TestVault.day - 5, "AT").replaced == 1)
    #expect(try send(TestVault.day - 2, "CH").replaced == 1)
    #expect(try send(TestVault.day - 3, "FR").outdated == 1)
    let token = try vault.theOne(.customerNumber, "K-9")
    #expect(try vault.values(token)["crm.country"] == ["CH"])
    #expect(try vault.value(Int.self, "SELECT count(*) FROM record") == 1)
  }

  @Test func anEventNeverChanges() throws {
    let test = try TestVault()
    let vault = try test.made()
    func send(_ amount: String) throws -> IngestReport {
      try vault.ingest(
        [TestSources.orders.record("B-1", "O-1", ["number": "K-1", "amount": amount])],
        from: TestSources.orders)
    }
    #expect(try send("100").added == 1)
    let token = try vault.theOne(.customerNumber, "K-1")
    let first = try vault.values(token)
    let before = try vault.dump(\.queue)
    #expect(try send("900").conflicting == 1)
    #expect(try vault.dump(\.queue) == before)
    #expect(try vault.values(token) == first)
    #expect(first["orders.amount"]?.count == 1)
  }

  @Test func recordIdsAreTheSubjectsOwn() throws {
    let test = try TestVault()
    let vault = try test.made()
    let report = try vault.ingest(
      ["B-1", "B-2"].map { TestSources.orders.record($0, "O-1", ["amount": "1"]) },
      from: TestSources.orders)
    #expect(report.added == 2 && report.subjects == 2)
    #expect(
      try vault.value(Int.self, "SELECT count(DISTINCT id_code) FROM record") == 2,
      "a record id must not be recognisable across subjects")
  }

  @Test func oneIdInTwoSourcesIsTwoSubjects() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest([TestSources.crm.record("7", ["number": "7"])], from: TestSources.crm)
    let report = try vault.ingest(
      [TestSources.orders.record("7", "O-1", ["amount": "1"])], from: TestSources.orders)
    #expect(report.subjects == 1)
    #expect(try vault.leaf(TestSources.crm, "7") != vault.leaf(TestSources.orders, "7"))
  }

  @Test(arguments: [(89, 0), (30, 0), (29, 1), (0, 1), (-400, 1)])
  func expiredOnArrivalIsLeftOut(age: Int, added: Int) throws {
    let test = try TestVault()
    let vault = try test.made()
    let report = try vault.ingest(
      [TestSources.dmp.record("c-1", day: TestVault.day - age, ["cookie": "c-1"])],
      from: TestSources.dmp)
    #expect(report.added == added && report.expired == 1 - added && report.total == 1)
    #expect(try vault.count(.cookie, "c-1") == added)
  }

  /// A rule that was shortened and lengthened again has destroyed days that look alive.
  @Test func aRecordOfADestroyedDayCountsAsExpired() throws {
    let test = try TestVault()
    let vault = try test.made()
    let old = TestSources.web.record("w-1", "m-1", day: TestVault.day - 60, ["cookie": "w-1"])
    try vault.ingest([old], from: TestSources.web)
    let short = RetentionClass(name: "web", number: 3, idleDays: nil, capDays: 30)
    let plan = try vault.planExpiry([short], .dpo)
    _ = try vault.expire(plan, confirming: plan.digest, reference: "short", .dpo)
    let fresh = TestSources.web.record("w-1", "m-2", ["cookie": "w-1"])
    let report = try vault.ingest([old, fresh], from: TestSources.web)
    #expect(report.expired == 1 && report.added == 1)
  }

  @Test func aFencedPersonsRecordsAreNotStored() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    try vault.queue.write { try SubjectStore(database: $0).fence(leaf) }
    let before = try vault.dump(\.queue)
    let changed = TestSources.crm.record("K-1", day: TestVault.day + 1, ["number": "K-1"])
    let report = try vault.ingest([changed, People.bert], from: TestSources.crm)
    #expect(report.fenced == 1 && report.unchanged == 1)
    #expect(try vault.dump(\.queue) == before)
  }

  @Test func aBatchHasALimit() throws {
    let test = try TestVault()
    let vault = try test.made()
    let run = try vault.beginIngest(TestSources.web, .engineer)
    let many = (0...Vault.maximumIngestBatch).map {
      TestSources.web.record("w-\($0)", [:])
    }
    expect(VaultError.Code.limit) { _ = try vault.ingest(many, into: run) }
    #expect(try vault.value(Int.self, "SELECT count(*) FROM record") == 0)
    #expect(try vault.ingest([], into: run).total == 0)
    #expect(try vault.logTypes().filter { $0 == "records.ingested" }.isEmpty)
  }

  @Test func onlyWhoMayIngestDoes() throws {
    let test = try TestVault()
    let vault = try test.made()
    for (name, code) in [("sam", VaultError.Code.denied), ("nobody", .unknownOperator)] {
      expect(code) {
        _ = try vault.beginIngest(
          TestSources.crm, Requester(operatorName: name, purpose: "essential.service"))
      }
    }
    expect(VaultError.Code.unknownPurpose) {
      _ = try vault.beginIngest(
        TestSources.crm, Requester(operatorName: "eve", purpose: "essential.curiosity"))
    }
    let odd = TestSources.source(
      "odd", .profile, .first, ["essential.curiosity"], TestSources.customer, [])
    expect(VaultError.Code.unknownPurpose) { _ = try vault.beginIngest(odd, .engineer) }
    #expect(try vault.value(Int.self, "SELECT count(*) FROM source") == 0)
  }

  @Test func valuesOfAllSizesComeBack() throws {
    let test = try TestVault()
    let vault = try test.made()
    let values = ["x", String(repeating: "ä", count: 31), String(repeating: "z", count: 60_000)]
    for (index, value) in values.enumerated() {
      try vault.ingest(
        [TestSources.crm.record("K-\(index)", ["number": "K-\(index)", "diagnosis": value])],
        from: TestSources.crm)
      let token = try vault.theOne(.customerNumber, "K-\(index)")
      #expect(try vault.values(token)["crm.diagnosis"] == [value])
    }
  }
}
