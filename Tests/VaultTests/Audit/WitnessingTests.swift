import Foundation
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Witnesses in publishing: what they cosign is published, and what happens without them.
@Suite struct WitnessingTests {
  private static func cosigners(_ scene: WitnessedScene, _ note: SignedNote) throws -> [String] {
    let verified = try VerifiedCheckpoint(
      verifying: note, logKey: NoteVerifierKey(encoded: scene.vault.logVerifierKey()),
      witnesses: scene.witnesses.map(\.entry.key))
    return verified.cosigners.map(\.key.name)
  }

  @Test func thePublishedCheckpointCarriesEveryCosignature() throws {
    let scene = try WitnessedScene()
    let published = try scene.vault.publishLog()
    #expect(published.isWitnessed == true && !published.isWithheld)
    #expect(published.witnesses.map(\.outcome.word) == ["cosigned", "cosigned"])
    let names = scene.witnesses.map(\.entry.key.name)
    #expect(try Self.cosigners(scene, scene.vault.publishedNote()) == names)
    #expect(scene.witnesses.map(\.size) == [published.size, published.size])
    let (entry, proof) = try scene.vault.prove(0)
    let parsed = try LogProof(encoded: proof)
    #expect(try Self.cosigners(scene, parsed.checkpoint) == names)
    try parsed.verify(
      entry: entry, logKey: NoteVerifierKey(encoded: scene.vault.logVerifierKey()))
    let status = try scene.vault.logStatus(.dpo)
    #expect(status.isWitnessed && status.witnessing?.size == published.size)
    #expect(status.witnessing?.witnesses.map(\.size) == [published.size, published.size])
    #expect(status.witnessing?.quorum == "both" && status.witnessing?.isClosed == false)
    // Nothing new: nobody is asked again.
    let asked = scene.witnesses[0].seconds.count
    #expect(try scene.vault.publishLog(patience: .publication).files == 0)
    #expect(scene.witnesses[0].seconds.count == asked)
  }

  @Test func theTimeIsShared() throws {
    let scene = try WitnessedScene()
    try scene.vault.publishLog()
    let (first, second) = (scene.witnesses[0].seconds, scene.witnesses[1].seconds)
    #expect(first.allSatisfy { $0 <= WitnessPatience.commandSeconds / 2 })
    #expect(second.allSatisfy { $0 <= WitnessPatience.commandSeconds })
    try scene.vault.addEntries(1)
    try scene.vault.publishLog(patience: .publication)
    #expect(scene.witnesses[0].seconds.last ?? 0 > WitnessPatience.commandSeconds)
    #expect(scene.witnesses[0].seconds.last ?? .infinity <= WitnessPatience.publicationSeconds / 2)
  }

  /// One witness of two is missing: the other's cosignature is kept, and the quorum is not reached.
  @Test func degradingPublishesAndSaysSo() throws {
    let scene = try WitnessedScene(mode: .degrade)
    scene.witnesses[1].mood = .silent
    let published = try scene.vault.publishLog()
    #expect(published.isWitnessed == false && !published.isWithheld && published.files > 0)
    #expect(published.witnesses.map(\.outcome.word) == ["cosigned", "unreachable"])
    let first = scene.witnesses[0].entry.key.name
    #expect(try Self.cosigners(scene, scene.vault.publishedNote()) == [first])
    let status = try scene.vault.logStatus(.dpo)
    #expect(!status.isWitnessed && status.witnessing?.size == nil)
    #expect(status.witnessing?.witnesses.map(\.size) == [published.size, nil])
    // Acts go on, however long it takes.
    scene.test.clock.set(day: TestVault.day + 100)
    _ = try scene.vault.disclose(
      scene.vault.theOne(.email, People.annaEmail), fields: ["email"], .dpo)
    // The end of a command does not ask again without new entries; publishing does.
    try scene.vault.publishLog()
    scene.silence(false)
    #expect(try scene.vault.publishLog().witnesses.isEmpty)
    #expect(try scene.vault.publishLog(patience: .publication).isWitnessed == true)
    #expect(try Self.cosigners(scene, scene.vault.publishedNote()).count == 2)
    #expect(try scene.vault.logStatus(.dpo).isWitnessed)
  }

  @Test func closedKeepsTheOldCheckpoint() throws {
    let scene = try WitnessedScene(mode: .closed)
    try scene.vault.publishLog()
    let old = try scene.vault.publishedNote()
    scene.silence()
    try scene.vault.addEntries(300)
    let withheld = try scene.vault.publishLog()
    #expect(withheld.isWithheld && withheld.isWitnessed == false)
    #expect(withheld.size == (try Checkpoint(text: old.text).treeSize))
    #expect(try scene.vault.publishedNote() == old)
    #expect(try scene.vault.report().isValid, "tiles that go further are no damage")
    // What lies under the old checkpoint can be proved, what came since cannot yet.
    _ = try scene.vault.prove(0)
    let size = try scene.vault.logEntries().count
    expect(VaultError.Code.notFound) { _ = try scene.vault.prove(size - 1) }
    #expect(try scene.vault.receipt(size - 1) == nil)
    scene.silence(false)
    let published = try scene.vault.publishLog()
    #expect(!published.isWithheld && published.size == size)
    #expect(try scene.vault.report().isValid)
    #expect(try scene.vault.receipt(size - 1)?.sequence == size - 1)
  }

  /// Longer than the settings allow: nothing is disclosed or destroyed, the way out stays open.
  @Test func closedRefusesActsAfterAWhile() throws {
    let scene = try WitnessedScene(mode: .closed, hours: 48)
    let vault = scene.vault
    let token = try vault.theOne(.email, People.annaEmail)
    try vault.publishLog()
    scene.silence()
    try vault.addEntries(1)
    scene.test.clock.set(day: TestVault.day + 2)
    _ = try vault.disclose(token, fields: ["email"], .dpo)
    scene.test.clock.set(day: TestVault.day + 3)
    let acts: [(String, () throws -> Void)] = [
      ("disclose", { _ = try vault.disclose(token, fields: ["email"], .dpo) }),
      ("find", { _ = try vault.theOne(.email, People.annaEmail) }),
      ("erase", { _ = try vault.previewErasure(token, .dpo) }),
      ("access", { _ = try vault.events(about: token, .dpo) }),
      ("expire", { _ = try vault.planExpiry([], .service) }),
      ("project", { _ = try vault.project(.service) }),
      ("tokenise", { _ = try vault.token(for: token, in: "analytics", .dpo) }),
    ]
    for (name, act) in acts {
      let before = try vault.logEntries().count
      expect(VaultError.Code.unwitnessed) { try act() }
      let entries = try vault.logEntries()
      #expect(entries.count == before + 1, "\(name)")
      #expect(entries.last?.text("type") == "operation.denied")
      #expect(entries.last?.text("operation") == name)
    }
    #expect(try vault.logStatus(.dpo).witnessing?.isClosed == true)
    _ = try vault.status(.dpo)
    _ = try vault.readLog(0, Requester(operatorName: "aude", purpose: "essential.service"))
    try vault.ingest([MorePeople.dora], from: TestSources.crm)
    try vault.authorise(.publishLog, .service)
    #expect(try vault.publishLog().isWithheld)
    scene.silence(false)
    #expect(try !vault.publishLog().isWithheld)
    _ = try vault.disclose(token, fields: ["email"], .dpo)
  }

  /// A vault that never had witnesses begins with everything unwitnessed.
  @Test func closedBeginsClosed() throws {
    let scene = try WitnessedScene(mode: .closed, hours: 1)
    scene.test.clock.set(day: TestVault.day + 1)
    expect(VaultError.Code.unwitnessed) {
      _ = try scene.vault.theOne(.email, People.annaEmail)
    }
    try scene.vault.publishLog()
    _ = try scene.vault.theOne(.email, People.annaEmail)
  }

  @Test(arguments: LogSettings.WitnessMode.allCases)
  func aWitnessThatIsAheadStopsPublishing(mode: LogSettings.WitnessMode) throws {
    let scene = try WitnessedScene(mode: mode)
    try scene.vault.publishLog()
    let old = try scene.vault.publishedNote()
    let size = try Checkpoint(text: old.text).treeSize
    scene.witnesses[1].remember(
      try Checkpoint(
        origin: scene.vault.settings.origin, treeSize: size + 1000, rootHash: .leaf([1])))
    for _ in 0..<3 {
      try scene.vault.addEntries(1)
      let error = #expect(throws: VaultError.self) { try scene.vault.publishLog() }
      #expect(error?.code == .integrity)
      #expect(error?.message.contains("witness `two`") == true)
      #expect(error?.message.contains("\(size + 1000)") == true)
    }
    #expect(try scene.vault.publishedNote() == old)
    // It is in the log, once.
    let events = try scene.vault.logEntries().filter { $0.text("type") == "witness.conflicted" }
    #expect(events.count == 1)
    #expect(events.first?.text("witness") == "two.example-w")
    #expect(events.first?.number("witness_size") == Int64(size + 1000))
    #expect(events.first?.text("outcome") == "ahead")
    #expect(try scene.vault.logStatus(.dpo).witnessing?.witnesses[1].conflictSize == size + 1000)
    #expect(try scene.vault.logStatus(.dpo).witnessing?.witnesses[0].conflictSize == nil)
  }

  @Test func aWitnessOfAnotherTreeStopsPublishing() throws {
    let scene = try WitnessedScene()
    let size = try scene.vault.publishLog().size
    scene.witnesses[0].remember(
      try Checkpoint(
        origin: scene.vault.settings.origin, treeSize: size, rootHash: .leaf([2])))
    try scene.vault.addEntries(2)
    expect(VaultError.Code.integrity) { try scene.vault.publishLog() }
    let event = try scene.vault.logEntries().last { $0.text("type") == "witness.conflicted" }
    #expect(event?.text("outcome") == "conflicting")
  }

  /// Everything was put back, keys included: inside nobody can tell, a witness can.
  @Test func aWitnessTellsThatEverythingWasPutBack() throws {
    let scene = try WitnessedScene()
    try scene.vault.publishLog()
    let old = try scene.test.clone()
    try scene.vault.addEntries(5)
    try scene.vault.publishLog()
    old.witnessTransport = scene.test.witnessTransport
    let vault = try old.open()
    try vault.requireLogFits()
    try vault.addEntries(1)
    expect(VaultError.Code.integrity) { try vault.publishLog() }
    try vault.addEntries(20)
    expect(VaultError.Code.integrity) { try vault.publishLog() }
  }

  static let lies: [(name: String, reply: WitnessReply, word: String)] = [
    ("garbage", WitnessReply(status: 200, contentType: "", body: Array("hi\n".utf8)), "lied"),
    ("nothing", WitnessReply(status: 200, contentType: "", body: []), "lied"),
    ("refusal", WitnessReply(status: 403, contentType: "", body: []), "refused"),
    ("failure", WitnessReply(status: 500, contentType: "", body: []), "refused"),
    ("redirect", WitnessReply(status: 302, contentType: "", body: []), "refused"),
    (
      "ten megabytes",
      WitnessReply(
        status: 200, contentType: "", body: [UInt8](repeating: 65, count: 10_000_000)), "lied"
    ),
  ]

  @Test(arguments: lies.indices) func noAnswerIsACosignature(index: Int) throws {
    let scene = try WitnessedScene(mode: .closed)
    scene.witnesses[0].mood = .answering(Self.lies[index].reply)
    let published = try scene.vault.publishLog()
    #expect(published.isWithheld)
    #expect(published.witnesses.first?.outcome.word == Self.lies[index].word)
    #expect(try scene.vault.logTypes().allSatisfy { $0 != "witness.conflicted" })
  }

  @Test func aProgramWithoutAWayToWitnessesSaysSo() throws {
    let scene = try WitnessedScene(mode: .closed, hasTransport: false)
    let published = try scene.vault.publishLog()
    #expect(published.isWithheld)
    for result in published.witnesses {
      #expect(result.outcome.description.contains("no way to ask witnesses"))
    }
  }

  @Test(arguments: ["", "witness a\n", "quorum nobody\n"])
  func aPolicyThatCannotBeUsedIsNamedBeforeAnythingIsDone(text: String) throws {
    let scene = try WitnessedScene()
    let path = scene.test.layout.policies + "/witnesses"
    try Data(text.utf8).write(to: URL(filePath: path))
    for body in [
      { try scene.vault.requireLogFits() }, { _ = try scene.vault.publishLog() },
      { _ = try scene.vault.logStatus(.dpo) },
    ] {
      let error = #expect(throws: VaultError.self) { try body() }
      #expect(error?.code == .policyFile && error?.message.contains("`witnesses`") == true)
    }
    try FileManager.default.removeItem(atPath: path)
    expect(VaultError.Code.policyFile) { try scene.vault.requireLogFits() }
  }

  static let settings: [(text: String, key: String?)] = [
    ("witnesses: w\nwitness_mode: closed\nwitness_age_hours: 720", nil),
    ("publish_to:\n  - /a\n  - /b", nil), ("log_keep_days: 400", nil),
    ("publish_to:\n  - a", "publish_to"), ("publish_to: /a", "publish_to"),
    ("publish_to:\n  - /a\n  - /a", "publish_to"), ("witnesses: ../w", "witnesses"),
    ("witnesses: .w", "witnesses"), ("witnesses: ''", "witnesses"),
    ("witness_mode: closed", "witness_mode"), ("witness_mode: open", "witness_mode"),
    ("witness_age_hours: 0", "witness_age_hours"), ("witness_age_hours: 721", "witness_age_hours"),
    ("witness_age_hours: x", "witness_age_hours"), ("log_keep_days: 0", "log_keep_days"),
    ("log_keep_days: 36501", "log_keep_days"), ("witness: w", "witness"),
  ]

  @Test(arguments: settings.indices) func settingsAreReadStrictly(index: Int) throws {
    let (text, key) = Self.settings[index]
    let yaml = try TestVault().settings().yaml + text + "\n"
    guard let key else {
      let settings = try VaultSettings(yaml: yaml)
      #expect(settings.log != LogSettings())
      #expect(try VaultSettings(yaml: settings.yaml) == settings)
      return
    }
    let error = #expect(throws: VaultError.self) { try VaultSettings(yaml: yaml) }
    #expect(error?.code == .invalidInput && error?.message.contains("`\(key)") == true)
  }
}
