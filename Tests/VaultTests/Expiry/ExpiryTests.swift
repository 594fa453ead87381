import Analytics
import GRDB
import Keyring
import Sealing
import Testing
import VaultTesting

@testable import Vault

@Suite struct ExpiryTests {
  private static func cookie(
    _ id: String, day: Int, _ segment: String = "s", email: String? = nil
  ) -> IncomingRecord {
    guard let email else {
      return TestSources.dmp.record(
        id, day: TestVault.day + day, ["cookie": id, "segments": segment])
    }
    return TestSources.dmp.record(
      id, day: TestVault.day + day, ["cookie": id, "segments": segment, "email": email])
  }

  @discardableResult
  private static func expire(_ vault: Vault, _ reference: String) throws -> ErasureOutcome {
    let plan = try vault.planExpiry(TestSources.classes, .dpo)
    return try vault.expire(plan, confirming: plan.digest, reference: reference, .dpo)
  }

  struct Term: Sendable, CustomTestStringConvertible {
    let idle: Int?
    let cap: Int?
    let collected: Int
    let first: Int
    let due: Int?
    var testDescription: String {
      "idle \(idle ?? -1) cap \(cap ?? -1) collected \(collected) first \(first)"
    }
  }

  /// The first day on which the value is due, by idle term and cap.
  static let terms = [
    Term(idle: nil, cap: nil, collected: 500, first: 100, due: nil),
    Term(idle: 30, cap: nil, collected: 500, first: 100, due: 530),
    Term(idle: nil, cap: 90, collected: 500, first: 500, due: 590),
    Term(idle: nil, cap: 90, collected: 580, first: 500, due: 590),
    Term(idle: 30, cap: 90, collected: 500, first: 500, due: 530),
    Term(idle: 30, cap: 90, collected: 559, first: 500, due: 589),
    Term(idle: 30, cap: 90, collected: 560, first: 500, due: 590),
    Term(idle: 30, cap: 90, collected: 561, first: 500, due: 590),
    Term(idle: 30, cap: 90, collected: 589, first: 500, due: 590),
    Term(idle: 30, cap: 30, collected: 520, first: 500, due: 530),
  ]

  @Test(arguments: terms) func theBucketKeepsBothTerms(_ term: Term) {
    let rule = RetentionClass(name: "t", number: 9, idleDays: term.idle, capDays: term.cap)
    let bucket = rule.bucket(collectedDay: term.collected, firstDay: term.first)
    #expect(bucket.retentionClass == 9)
    #expect(rule.expiryDay(of: bucket) == term.due)
    if term.due == nil { #expect(bucket.day == 0) }
  }

  @Test func theDayBeforeNothingIsDueAndOnTheDayItIs() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest([Self.cookie("c-1", day: 0)], from: TestSources.dmp)
    for (day, due) in [(0, 0), (29, 0), (30, 1), (31, 1), (4000, 1)] {
      test.clock.set(day: TestVault.day + day)
      #expect(try vault.planExpiry(TestSources.classes, .dpo).buckets.count == due)
    }
    test.clock.set(day: TestVault.day + 30)
    let outcome = try Self.expire(vault, "E-1")
    #expect(outcome.facts.buckets.count == 1 && outcome.facts.subjects == 1)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM subject") == 0)
    #expect(try vault.count(.cookie, "c-1") == 0)
    #expect(try vault.planExpiry(TestSources.classes, .dpo).buckets.isEmpty)
  }

  @Test func refreshingMovesARecordUpToTheCap() throws {
    let test = try TestVault()
    let vault = try test.made()
    for day in stride(from: 0, through: 85, by: 17) {
      test.clock.set(day: TestVault.day + day)
      try vault.ingest([Self.cookie("c-1", day: day, "s\(day)")], from: TestSources.dmp)
      try Self.expire(vault, "E-\(day)")
      #expect(try vault.count(.cookie, "c-1") == 1, "day \(day): it was collected lately")
    }
    test.clock.set(day: TestVault.day + 89)
    try Self.expire(vault, "E-89")
    #expect(try vault.count(.cookie, "c-1") == 1)
    test.clock.set(day: TestVault.day + 90)
    try Self.expire(vault, "E-90")
    #expect(
      try vault.count(.cookie, "c-1") == 0, "the cap ends it, five days after the last refresh")
  }

  @Test func dataWithoutTermStays() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    test.clock.set(day: TestVault.day + 20_000)
    let plan = try vault.planExpiry(TestSources.classes, .dpo)
    #expect(plan.buckets.isEmpty && plan.subjects.isEmpty && plan.records == 0)
    try Self.expire(vault, "E-1")
    #expect(try vault.keyring.status().epoch == 1)
    #expect(try vault.count(.email, People.annaEmail) == 1)
  }

  @Test func anotherDigestIsStale() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest([Self.cookie("c-1", day: 0)], from: TestSources.dmp)
    test.clock.set(day: TestVault.day + 30)
    let plan = try vault.planExpiry(TestSources.classes, .dpo)
    for wrong in ["", "x", String(plan.digest.dropLast())] {
      expect(VaultError.Code.stale) {
        _ = try vault.expire(plan, confirming: wrong, reference: "E-1", .dpo)
      }
    }
    #expect(try vault.count(.cookie, "c-1") == 1)
  }

  /// The cookie came back between plan and confirmation: its fresh data must not go with the old.
  @Test func aPlanThatIsOvertakenIsRefused() throws {
    let test = try TestVault()
    let vault = try test.made()
    let batch = ["c-1", "c-2"].map { Self.cookie($0, day: 0) }
    try vault.ingest(batch, from: TestSources.dmp)
    test.clock.set(day: TestVault.day + 30)
    let plan = try vault.planExpiry(TestSources.classes, .dpo)
    #expect(plan.subjects.count == 2)
    try test.open().ingest([Self.cookie("c-1", day: 30, "fresh")], from: TestSources.dmp)
    expect(VaultError.Code.stale) {
      _ = try vault.expire(plan, confirming: plan.digest, reference: "E-1", .dpo)
    }
    #expect(try vault.count(.cookie, "c-2") == 1, "a refused plan changes nothing")
    try Self.expire(vault, "E-2")
    let token = try vault.theOne(.cookie, "c-1")
    #expect(try vault.values(token)["dmp.segments"] == ["fresh"])
    #expect(try vault.count(.cookie, "c-2") == 0)
  }

  /// A subject that stays loses the identifiers of what went, and only those.
  @Test func aSurvivorKeepsWhatItStillHas() throws {
    let test = try TestVault()
    let vault = try test.made()
    func event(_ id: String, _ day: Int, _ number: String) -> IncomingRecord {
      TestSources.web.record(
        "w-1", id, day: TestVault.day + day, ["cookie": "w-1", "number": number, "page": id])
    }
    try vault.ingest(
      [event("m-1", -390, "OLD"), event("m-2", -390, "BOTH"), event("m-3", 0, "BOTH")],
      from: TestSources.web)
    test.clock.set(day: TestVault.day + 5)
    let outcome = try Self.expire(vault, "E-1")
    #expect(outcome.facts.subjects == 0 && outcome.facts.sweptRecords == 2)
    #expect(try vault.count(.customerNumber, "OLD") == 0)
    #expect(try vault.count(.customerNumber, "BOTH") == 1)
    #expect(try vault.count(.cookie, "w-1") == 1)
    #expect(try vault.values(try vault.theOne(.cookie, "w-1"))["web.page"] == ["m-3"])
  }

  @Test func theAnalystsRowsFollow() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      [Self.cookie("c-1", day: -25, "old"), Self.cookie("c-2", day: 0, "new")],
      from: TestSources.dmp)
    #expect(try vault.project(.service).attributes == 2)
    test.clock.set(day: TestVault.day + 6)
    try Self.expire(vault, "E-1")
    let counts = try vault.openAnalytics().counts()
    #expect(counts.profiles == 1 && counts.attributes == 1)
  }

  @Test func dyingAtEveryDrawIsResumed() throws {
    let origin = try TestVault()
    let vault = try origin.made()
    try vault.ingest(
      [Self.cookie("c-1", day: -20), Self.cookie("c-2", day: 0)], from: TestSources.dmp)
    try vault.queue.close()
    try vault.indexQueue.close()
    var deaths = 0
    for draws in 0..<200 {
      let test = try origin.clone()
      test.clock.set(day: TestVault.day + 15)
      let dying = try test.open()
      test.random.fail(after: draws)
      do {
        try Self.expire(dying, "E-1")
        break
      } catch {
        deaths += 1
        test.random.fail(after: nil)
        let again = try test.open()
        #expect(try again.count(.cookie, "c-2") == 1)
        if try again.planExpiry(TestSources.classes, .dpo).buckets.count == 1 {
          try Self.expire(again, "E-2")
        }
        #expect(try again.count(.cookie, "c-1") == 0)
        #expect(try again.value(Int.self, "SELECT count(*) FROM record") == 1)
      }
    }
    #expect((5..<200).contains(deaths))
  }

  @Test func aBucketWhoseRecordsWentEarlierStillDies() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest([Self.cookie("c-1", day: 0, "first")], from: TestSources.dmp)
    try vault.ingest([Self.cookie("c-1", day: 20, "second")], from: TestSources.dmp)
    test.clock.set(day: TestVault.day + 30)
    let plan = try vault.planExpiry(TestSources.classes, .dpo)
    #expect(plan.buckets.map(\.records) == [0], "an old backup may still hold its ciphertext")
    try Self.expire(vault, "E-1")
    expect(KeyringError.Code.keyDestroyed) {
      try vault.keyring.withBucketKey(
        Bucket(retentionClass: 2, day: UInt32(TestVault.day)), createIfMissing: true
      ) { _ in }
    }
    #expect(try vault.count(.cookie, "c-1") == 1)
  }

  @Test func aShortenedRuleNamesWhatItCannotReach() throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest([Self.cookie("c-1", day: 0)], from: TestSources.dmp)
    try vault.ingest([Self.cookie("c-1", day: 25)], from: TestSources.dmp)
    test.clock.set(day: TestVault.day + 26)
    let short = RetentionClass(name: "dmp", number: 2, idleDays: 10, capDays: 20)
    let plan = try vault.planExpiry([short], .dpo)
    #expect(plan.overdue == 1)
    #expect(plan.records == 0)
  }
}
