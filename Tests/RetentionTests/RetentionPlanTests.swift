import Retention
import Testing
import Vault
import VaultTesting

@Suite struct RetentionPlanTests {
  private static func filled() throws -> (TestVault, Vault) {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      [(0, "a"), (5, "b"), (5, "c"), (20, "d")].map { age, id in
        TestSources.dmp.record(id, day: TestVault.day - age, ["cookie": id, "segments": "s"])
      }, from: TestSources.dmp)
    try vault.ingest(
      [TestSources.crm.record("K-1", ["number": "K-1"])], from: TestSources.crm)
    return (test, vault)
  }

  @Test func aLineSaysWhatIsDueByClass() throws {
    let (test, vault) = try Self.filled()
    test.clock.set(day: TestVault.day + 25)
    let plan = try RetentionPlan(vault, classes: TestSources.classes, .dpo)
    #expect(plan.lines.map(\.className) == ["customer", "dmp", "web"])
    let dmp = plan.lines[1]
    #expect(dmp.days == 2 && dmp.records == 3)
    #expect(dmp.firstDay == TestVault.day - 20 && dmp.lastDay == TestVault.day - 5)
    for line in [plan.lines[0], plan.lines[2]] {
      #expect(line.days == 0 && line.records == 0 && line.firstDay == nil && line.lastDay == nil)
    }
    #expect(!plan.isEmpty)
  }

  @Test func applyingDestroysExactlyThat() throws {
    let (test, vault) = try Self.filled()
    test.clock.set(day: TestVault.day + 25)
    let plan = try RetentionPlan(vault, classes: TestSources.classes, .dpo)
    let outcome = try plan.apply(to: vault, confirming: plan.expiry.digest, .dpo)
    #expect(outcome.reference == "expiry-2024-10-29-\(plan.expiry.digest)")
    #expect(outcome.kind == .expiry && outcome.facts.subjects == 3)
    #expect(outcome.facts.records == ["dmp": 3])
    for (id, count) in [("a", 1), ("b", 0), ("c", 0), ("d", 0)] {
      #expect(try vault.count(.cookie, id) == count)
    }
    #expect(try vault.count(.customerNumber, "K-1") == 1)
    #expect(try RetentionPlan(vault, classes: TestSources.classes, .dpo).isEmpty)
  }

  @Test func anotherFingerprintIsRefused() throws {
    let (test, vault) = try Self.filled()
    test.clock.set(day: TestVault.day + 25)
    let plan = try RetentionPlan(vault, classes: TestSources.classes, .dpo)
    for wrong in ["", "0000000000000000", plan.expiry.digest.uppercased() + " "] {
      #expect(throws: VaultError(.stale, "")) {
        _ = try plan.apply(to: vault, confirming: wrong, .dpo)
      }
    }
    #expect(try vault.count(.cookie, "d") == 1)
  }

  @Test func anOldPlanIsRefused() throws {
    let (test, vault) = try Self.filled()
    test.clock.set(day: TestVault.day + 25)
    let plan = try RetentionPlan(vault, classes: TestSources.classes, .dpo)
    try vault.ingest(
      [TestSources.dmp.record("b", day: TestVault.day + 24, ["cookie": "b", "segments": "new"])],
      from: TestSources.dmp)
    #expect(throws: VaultError(.stale, "")) {
      _ = try plan.apply(to: vault, confirming: plan.expiry.digest, .dpo)
    }
    #expect(try vault.count(.cookie, "b") == 1)
  }

  @Test func aPlanIsAppliedOnce() throws {
    let (test, vault) = try Self.filled()
    test.clock.set(day: TestVault.day + 25)
    let plan = try RetentionPlan(vault, classes: TestSources.classes, .dpo)
    _ = try plan.apply(to: vault, confirming: plan.expiry.digest, .dpo)
    #expect(throws: VaultError.self) {
      _ = try plan.apply(to: vault, confirming: plan.expiry.digest, .dpo)
    }
  }

  @Test func thePlanIsTheSameUntilSomethingChanges() throws {
    let (test, vault) = try Self.filled()
    test.clock.set(day: TestVault.day + 25)
    let digests = try (0..<3).map { _ in
      try RetentionPlan(vault, classes: TestSources.classes, .dpo).expiry.digest
    }
    #expect(Set(digests).count == 1)
    test.clock.set(day: TestVault.day + 30)
    #expect(
      try RetentionPlan(vault, classes: TestSources.classes, .dpo).expiry.digest != digests[0])
  }

  @Test func onlyWhoMayExpireDoes() throws {
    let (_, vault) = try Self.filled()
    for requester in [Requester.analyst, .support, .engineer] {
      #expect(throws: VaultError(.denied, "")) {
        _ = try RetentionPlan(vault, classes: TestSources.classes, requester)
      }
    }
  }

  static let rules: [(Int?, Int?, String)] = [
    (nil, nil, "no fixed term; erased per person"),
    (30, nil, "30 days after the last collection"),
    (nil, 90, "90 days after the first collection"),
    (30, 90, "30 days after the last collection, at the latest 90 days after the first"),
  ]

  @Test(arguments: rules) func aRuleIsSaidInWords(idle: Int?, cap: Int?, words: String) {
    let rule = RetentionClass(name: "r", number: 1, idleDays: idle, capDays: cap)
    #expect(rule.explained == words)
  }
}
