import Foundation
import GRDB
import Keyring
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Old entries go by the published rule; hashes and proofs stay.
@Suite struct PruneTests {
  static let keepDays = 100

  /// 700 entries of old and 300 of a year later, published.
  private static func scene(
    keepDays: Int? = keepDays, mirror: Bool = false
  ) throws -> (test: TestVault, vault: Vault) {
    let test = try TestVault()
    if mirror {
      try FileManager.default.createDirectory(
        atPath: test.place("mirror"), withIntermediateDirectories: true)
    }
    test.log = LogSettings(publishTo: mirror ? [test.place("mirror")] : [], keepDays: keepDays)
    let vault = try test.withPeople()
    try vault.addEntries(700)
    try vault.publishLog()
    test.clock.set(day: TestVault.day + 365)
    try vault.addEntries(300)
    try vault.publishLog()
    return (test, vault)
  }

  private static func prune(_ vault: Vault, _ line: PruneLine = .rule) throws -> PruneReport {
    let plan = try vault.planPrune(line, .dpo)
    return try vault.prune(plan, confirming: plan.digest, .dpo)
  }

  private static func rows(_ vault: Vault, below index: Int) throws -> [Int] {
    try ["audit_entry", "audit_subject", "audit_payload"].map {
      try vault.value(Int.self, "SELECT count(*) FROM \($0) WHERE seq < \(index)") ?? -1
    }
  }

  @Test func fullBundlesOfOldEntriesGo() throws {
    let (test, vault) = try Self.scene(mirror: true)
    let nodes = try vault.value(Int.self, "SELECT count(*) FROM audit_node")
    let before = try #require(try vault.published())
    let report = try Self.prune(vault)
    #expect(report.minimumIndex == 512 && report.entries == 512)
    #expect(try Self.rows(vault, below: 512) == [0, 0, 0])
    #expect(try vault.value(Int.self, "SELECT count(*) FROM audit_node") ?? 0 > nodes ?? 0)
    for directory in [vault.layout.audit, test.place("mirror")] {
      for index in 0..<2 {
        let address = try TileAddress(kind: .entries, index: index)
        #expect(!test.exists("\(directory)/\(address.path)"))
        #expect(!test.exists("\(directory)/\(address.path).p"))
      }
      #expect(test.exists("\(directory)/\(try TileAddress(kind: .entries, index: 2).path)"))
      let found = try vault.report(in: directory, minimumIndex: 512)
      #expect(found.isValid && found.prunedEntryCount == 512, "\(found.findings)")
      let rule = try String(contentsOfFile: "\(directory)/retention", encoding: .utf8)
      let lines = ["keep_days 100", "minimum_index 512", "entry \(report.logSequence)"]
      #expect(rule == (["lethe-log-retention 1"] + lines).map { $0 + "\n" }.joined())
    }
    let event = try vault.entryObject(report.logSequence)
    #expect(event.text("type") == "log.pruned" && event.number("minimum_index") == 512)
    #expect(event.number("keep_days") == 100)
    #expect(event.number("tree_size") == Int64(report.logSequence))
    #expect(event.text("root").count == 64)
    let cutoff = Int64(TestVault.day + 265) * VaultClock.millisecondsPerDay + 36_000_000
    #expect(event.number("before") == cutoff)
    #expect(report.published.size > before.treeSize)
    // Nothing more is due.
    #expect(try vault.planPrune(.rule, .dpo).isEmpty)
  }

  @Test func proofsKeepWorkingAndEntriesAreTold() throws {
    let (_, vault) = try Self.scene()
    let key = try NoteVerifierKey(encoded: vault.logVerifierKey())
    let (old, _) = try vault.prove(300)
    let known = try #require(try vault.published())
    _ = try Self.prune(vault)
    let error = #expect(throws: VaultError.self) { _ = try vault.prove(300) }
    #expect(error?.code == .notFound && error?.message.contains("pruned") == true)
    // Whoever kept the entry can still prove it.
    try LogProof(encoded: vault.proofAlone(300)).verify(entry: old, logKey: key)
    let auditor = Requester(operatorName: "aude", purpose: "essential.legal_obligation")
    let (entry, proof) = try vault.readLog(300, auditor)
    #expect(entry == nil)
    try LogProof(encoded: proof).verify(entry: old, logKey: key)
    for sequence in [512, 900] {
      let (entry, proof) = try vault.prove(sequence)
      try LogProof(encoded: proof).verify(entry: entry, logKey: key)
    }
    // The log still continues what others saw before.
    let verifier = LogVerifier(
      logKey: key, knownCheckpoints: [known], minimumEntryIndex: 512)
    let report = try verifier.verify {
      FileManager.default.contents(atPath: "\(vault.layout.audit)/\($0)").map { [UInt8]($0) }
    }
    #expect(report.isValid)
    // The log says itself what is gone; a bundle more is missing.
    #expect(try vault.report().isValid)
    let bundle = try TileAddress(kind: .entries, index: 2).path
    try FileManager.default.removeItem(atPath: "\(vault.layout.audit)/\(bundle)")
    #expect(try vault.report().findings.contains { $0.kind == .missingFile && $0.path == bundle })
  }

  @Test func whatIsLeftAboutAPersonIsStillFound() throws {
    let (_, vault) = try Self.scene()
    let token = try vault.theOne(.email, People.annaEmail)
    _ = try vault.disclose(token, fields: ["email"], .dpo)
    let before = try vault.events(about: token, .dpo)
    _ = try Self.prune(vault)
    let after = try vault.events(about: token, .dpo)
    #expect(after.map(\.sequence) == before.map(\.sequence).filter { $0 >= 512 })
    #expect(!after.isEmpty)
  }

  @Test func aNewDirectoryGetsWhatIsLeft() throws {
    let (test, vault) = try Self.scene()
    _ = try Self.prune(vault)
    try FileManager.default.removeItem(atPath: vault.layout.audit)
    try vault.publishLog(to: [test.place("late")])
    for directory in [vault.layout.audit, test.place("late")] {
      let report = try vault.report(in: directory, minimumIndex: 512)
      #expect(report.isValid && report.prunedEntryCount == 512)
    }
  }

  static let refusals: [(line: PruneLine, code: VaultError.Code?)] = [
    (.olderThan(days: 99), .invalidInput), (.olderThan(days: 0), .invalidInput),
    (.below(sequence: 800), .invalidInput), (.below(sequence: -1), .invalidInput),
    (.below(sequence: 1_000_000), .invalidInput), (.olderThan(days: 100), nil),
    (.olderThan(days: 400), nil), (.below(sequence: 255), nil), (.below(sequence: 256), nil),
    (.below(sequence: 0), nil),
  ]

  @Test func linesAreHeldAgainstTheRule() throws {
    let (_, vault) = try Self.scene()
    let expected = [512, 0, 0, 256, 0]
    var found: [Int] = []
    for (line, code) in Self.refusals {
      if let code {
        expect(code) { _ = try vault.planPrune(line, .dpo) }
      } else {
        found.append(try vault.planPrune(line, .dpo).minimumIndex)
      }
    }
    #expect(found == expected)
  }

  @Test func withoutARuleNothingGoes() throws {
    let (test, vault) = try Self.scene(keepDays: nil)
    let error = #expect(throws: VaultError.self) { _ = try vault.planPrune(.rule, .dpo) }
    #expect(error?.code == .invalidInput && error?.message.contains("log_keep_days") == true)
    #expect(!test.exists(vault.layout.audit + "/retention"))
  }

  @Test func othersMayNot() throws {
    let (_, vault) = try Self.scene()
    let plan = try vault.planPrune(.rule, .dpo)
    for name in ["aude", "eve", "lethe", "sam", "ana"] {
      let requester = Requester(operatorName: name, purpose: "essential.legal_obligation")
      expect(VaultError.Code.denied) { _ = try vault.planPrune(.rule, requester) }
      expect(VaultError.Code.denied) {
        _ = try vault.prune(plan, confirming: plan.digest, requester)
      }
    }
    #expect(try Self.rows(vault, below: 512)[0] == 512)
  }

  @Test func onlyWhatWasLookedAtGoes() throws {
    let (test, vault) = try Self.scene()
    let plan = try vault.planPrune(.below(sequence: 256), .dpo)
    expect(VaultError.Code.stale) { _ = try vault.prune(plan, confirming: "0", .dpo) }
    // The log may grow meanwhile, also past midnight.
    try vault.addEntries(400)
    test.clock.set(day: TestVault.day + 366)
    #expect(try vault.planPrune(.below(sequence: 256), .dpo).digest == plan.digest)
    _ = try vault.prune(plan, confirming: plan.digest, .dpo)
    // The same once more is no plan of this log.
    expect(VaultError.Code.stale) {
      _ = try vault.prune(plan, confirming: plan.digest, .dpo)
    }
    #expect(try vault.planPrune(.rule, .dpo).entries == 256)
  }

  @Test func whatIsNotPublishedOrBackedUpStays() throws {
    let test = try TestVault()
    test.log = LogSettings(keepDays: 1)
    let vault = try test.withPeople()
    try vault.addEntries(600)
    test.clock.set(day: TestVault.day + 10)
    #expect(try vault.planPrune(.rule, .dpo).isEmpty, "not published yet")
    _ = try vault.backUp(to: test.backup, .keeper)
    #expect(try vault.planPrune(.rule, .dpo).minimumIndex == 512)
    try vault.addEntries(600)
    try vault.publishLog()
    test.clock.set(day: TestVault.day + 20)
    #expect(try vault.planPrune(.rule, .dpo).minimumIndex == 512, "newer than the last backup")
  }

  /// Wherever it stops, the next publication finishes it.
  @Test(arguments: PublishStep.allCases.filter { $0 != .witnessed })
  func stoppingAtEveryStep(step: PublishStep) throws {
    let (test, vault) = try Self.scene(mirror: true)
    let plan = try vault.planPrune(.rule, .dpo)
    #expect(throws: Death.self) {
      _ = try vault.prune(plan, confirming: plan.digest, .dpo) { if $0 == step { throw Death() } }
    }
    // No bundle goes before the event is published.
    let isPublished = [.checkpoint, .pruned].contains(step)
    #expect(try Self.rows(vault, below: 512)[0] == (step == .pruned ? 0 : 512))
    #expect(test.exists("\(vault.layout.audit)/\(try TileAddress(kind: .entries, index: 0).path)"))
    #expect(try vault.impliedReport(minimumIndex: isPublished ? 512 : 0).isValid)
    let next = try test.open()
    try next.publishLog()
    #expect(try Self.rows(next, below: 512) == [0, 0, 0])
    for directory in [next.layout.audit, test.place("mirror")] {
      let report = try next.report(in: directory, minimumIndex: 512)
      #expect(report.isValid && report.prunedEntryCount == 512)
    }
    #expect(try next.planPrune(.rule, .dpo).isEmpty)
  }

  @Test func closedPrunesWhenWitnessesHaveCosignedTheEvent() throws {
    let scene = try WitnessedScene(mode: .closed)
    try scene.test.configure(
      LogSettings(witnesses: "witnesses", witnessMode: .closed, witnessAgeHours: 720, keepDays: 1))
    let vault = try scene.test.open()
    try vault.addEntries(600)
    try vault.publishLog()
    scene.test.clock.set(day: TestVault.day + 10)
    let plan = try vault.planPrune(.rule, .dpo)
    scene.silence()
    let report = try vault.prune(plan, confirming: plan.digest, .dpo)
    #expect(report.published.isWithheld)
    #expect(try Self.rows(vault, below: 512)[0] == 512)
    scene.silence(false)
    try vault.publishLog()
    #expect(try Self.rows(vault, below: 512)[0] == 0)
    #expect(try vault.report(minimumIndex: 512).isValid)
  }
}

/// A backup, and a log that was pruned since.
@Suite struct PrunedRestoreTests {
  private static func scene() throws -> (test: TestVault, vault: Vault) {
    let test = try TestVault()
    test.log = LogSettings(keepDays: 1)
    let vault = try test.withEverybody()
    try vault.addEntries(600)
    return (test, vault)
  }

  @Test func whatWasPrunedSinceTheBackupStaysGone() throws {
    let (test, vault) = try Self.scene()
    test.clock.set(day: TestVault.day + 3)
    _ = try vault.backUp(to: test.backup, .keeper)
    test.clock.set(day: TestVault.day + 6)
    let plan = try vault.planPrune(.rule, .dpo)
    #expect(plan.minimumIndex == 512)
    _ = try vault.prune(plan, confirming: plan.digest, .dpo)
    try vault.queue.close()
    try vault.indexQueue.close()
    try test.restore()
    let restored = try test.open(test.restored)
    try restored.publishLog()
    #expect(try restored.value(Int.self, "SELECT min(seq) FROM audit_entry") == 512)
    expect(VaultError.Code.notFound) { _ = try restored.prove(5) }
    _ = try restored.proofAlone(5)
    #expect(try restored.report(minimumIndex: 512).isValid)
    #expect(test.exists(test.restored + "/audit/retention"))
  }

  @Test func aBackupFromBeforeTheFirstEntryLeftIsRefused() throws {
    let (test, vault) = try Self.scene()
    _ = try vault.backUp(to: test.backup, .keeper)
    try vault.addEntries(600)
    test.clock.set(day: TestVault.day + 3)
    _ = try vault.backUp(to: test.place("second"), .keeper)
    test.clock.set(day: TestVault.day + 6)
    let plan = try vault.planPrune(.rule, .dpo)
    #expect(plan.minimumIndex > 768)
    _ = try vault.prune(plan, confirming: plan.digest, .dpo)
    try vault.queue.close()
    try vault.indexQueue.close()
    let error = #expect(throws: VaultError.self) { _ = try test.plan() }
    #expect(error?.code == .integrity)
    #expect(error?.message.contains("pruned") == true, "\(error?.message ?? "")")
    _ = try test.plan(test.request(backup: test.place("second")))
  }
}

/// A restore and how far the log was signed.
@Suite struct RestoreMarkTests {
  private static func scene() throws -> (test: TestVault, mirror: String) {
    let test = try TestVault()
    let vault = try test.withEverybody()
    _ = try vault.backUp(to: test.backup, .keeper)
    let mirror = test.place("mirror")
    try FileManager.default.copyItem(atPath: test.layout.audit, toPath: mirror)
    try vault.addEntries(10)
    try vault.publishLog()
    try vault.queue.close()
    try vault.indexQueue.close()
    return (test, mirror)
  }

  @Test func anOldCopyOfTheLogIsRefused() throws {
    let (test, mirror) = try Self.scene()
    let error = #expect(throws: VaultError.self) { _ = try test.plan(test.request(log: mirror)) }
    #expect(error?.code == .integrity && error?.message.contains("`\(mirror)`") == true)
    #expect(!test.exists(test.restored + ".making"))
    // With the present one the restored vault signs on from there.
    try test.restore()
    let vault = try test.open(test.restored)
    try vault.publishLog()
    #expect(try vault.report().isValid)
  }

  @Test func aLostEndIsGivenUpWhenSomebodySaysSo() throws {
    let (test, mirror) = try Self.scene()
    let request = test.request(log: mirror, isDroppingSignedEnd: true)
    let plan = try test.plan(request)
    #expect(plan.droppedEntries > 0)
    let mark = try #require(try Keyring.mark(at: test.layout.keys).log)
    try test.restore(request)
    let vault = try test.open(test.restored)
    #expect(try #require(try vault.keyring.logMark()).size < mark.size + 5)
    try vault.requireLogFits()
    try vault.publishLog()
    #expect(try vault.report().isValid)
    let event = try #require(try vault.logEntries().last { $0.text("type") == "vault.restored" })
    #expect(event.number("dropped_entries") == Int64(plan.droppedEntries))
  }

  @Test func aRestoreWithoutLossSaysNothingOfIt() throws {
    let (test, _) = try Self.scene()
    #expect(try test.plan(test.request(isDroppingSignedEnd: true)).droppedEntries == 0)
    try test.restore(test.request(isDroppingSignedEnd: true))
    let vault = try test.open(test.restored)
    let event = try #require(try vault.logEntries().last { $0.text("type") == "vault.restored" })
    #expect(event.number("dropped_entries") == -1)
  }

  /// The old vault publishes while another is restored from its files.
  @Test func aPublicationMeanwhileIsNoticed() throws {
    let (test, _) = try Self.scene()
    expect(VaultError.Code.stale) {
      try test.restore { reached in
        guard reached == .closed else { return }
        let old = try test.open()
        try old.addEntries(1)
        try old.publishLog()
      }
    }
    #expect(!test.exists(test.restored))
  }
}

extension Vault {
  fileprivate func entryObject(_ sequence: Int) throws -> JSONObject {
    let bytes = try queue.read { try AuditStore(database: $0).entry(sequence) }
    guard case .object(let object) = try CanonicalJSON(canonicalBytes: bytes) else {
      throw VaultError(.integrity, "entry \(sequence) is no object")
    }
    return object
  }
}
