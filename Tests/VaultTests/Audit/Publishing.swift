import Foundation
import Sealing
import Synchronization
import Testing
import Transparency
import VaultTesting

@testable import Vault

extension TestVault {
  /// Writes other settings of the log into the vault's directory.
  func configure(_ log: LogSettings) throws {
    self.log = log
    try settings().write(to: layout)
  }

  /// A place beside the vault.
  func place(_ name: String) -> String { root.appending(path: name).path }

  /// A vault with a number of entries more than it is made with.
  func busy(_ count: Int) throws -> Vault {
    let vault = try withPeople()
    try vault.addEntries(count)
    return vault
  }

  /// Puts `vault.sqlite` and the published log back to how a copy of the directory has them; the
  /// keys stay.
  func setBack(to copy: String) throws {
    let files = FileManager.default
    for name in ["vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm", "audit"] {
      try? files.removeItem(atPath: "\(directory)/\(name)")
      guard name != "vault.sqlite-shm", files.fileExists(atPath: "\(copy)/\(name)") else {
        continue
      }
      try files.copyItem(atPath: "\(copy)/\(name)", toPath: "\(directory)/\(name)")
    }
  }
}

extension Vault {
  /// Writes entries of no consequence.
  func addEntries(_ count: Int) throws {
    let actor = try actor("lethe")
    _ = try record(
      (0..<count).map { _ in
        AuditEvent(
          .indexRebuilt, actor: actor,
          details: members(.service) + [("entries", .count(0)), ("generation", .count(1))])
      })
  }

  /// Verifies what the checkpoint in a directory implies.
  ///
  /// Tiles that a publication wrote before it stopped may go further.
  func impliedReport(in directory: String? = nil, minimumIndex: Int = 0) throws -> LogReport {
    let place = directory ?? layout.audit
    let verifier = LogVerifier(
      logKey: try NoteVerifierKey(encoded: logVerifierKey()), minimumEntryIndex: minimumIndex)
    return try verifier.verify { path in
      FileManager.default.contents(atPath: "\(place)/\(path)").map { [UInt8]($0) }
    }
  }

  /// Verifies the log in a directory with everything that lies there.
  func report(in directory: String? = nil, minimumIndex: Int = 0) throws -> LogReport {
    let place = directory ?? layout.audit
    let verifier = LogVerifier(
      logKey: try NoteVerifierKey(encoded: logVerifierKey()), minimumEntryIndex: minimumIndex)
    return try verifier.verify(
      paths: try FileManager.default.subpathsOfDirectory(atPath: place)
    ) { path in
      FileManager.default.contents(atPath: "\(place)/\(path)").map { [UInt8]($0) }
    }
  }

  /// The checkpoint in a directory; nil for none.
  func published(in directory: String? = nil) throws -> Checkpoint? {
    try PublishedDirectory(directory ?? layout.audit).checkpoint(
      signedBy: NoteVerifierKey(encoded: logVerifierKey()))
  }

  /// The note in a directory.
  func publishedNote(in directory: String? = nil) throws -> SignedNote {
    let bytes = try #require(PublishedDirectory(directory ?? layout.audit).contents("checkpoint"))
    return try SignedNote(encoded: bytes)
  }
}

/// Stops a publication.
struct Death: Error {}

/// A witness in memory: the pure decision, what it remembers, and what it is made to do.
final class TestWitness: Sendable {
  enum Mood: Sendable {
    case honest, silent
    /// Answers with something else than the truth.
    case answering(WitnessReply)
  }

  private struct State {
    var witnessed: WitnessDecision.Witnessed?
    var mood = Mood.honest
    var seconds: [Double] = []
  }

  let entry: WitnessPolicy.Witness
  private let key: WitnessSigningKey
  private let logKey: NoteVerifierKey
  private let state = Mutex(State())

  init(_ name: String, logKey: NoteVerifierKey) throws {
    key = try WitnessSigningKey(
      name: "\(name).example/w", seed: SecretBytes(copying: SHA256.hash(Array(name.utf8))))
    entry = WitnessPolicy.Witness(
      name: name, key: key.verifierKey, url: "https://\(name).example/")
    self.logKey = logKey
  }

  var mood: Mood {
    get { state.withLock { $0.mood } }
    set { state.withLock { $0.mood = newValue } }
  }
  /// Seconds that each request was given.
  var seconds: [Double] { state.withLock { $0.seconds } }
  var size: Int? { state.withLock { $0.witnessed?.treeSize } }

  func remember(_ checkpoint: Checkpoint) {
    state.withLock { $0.witnessed = WitnessDecision.Witnessed(checkpoint) }
  }

  func answer(_ body: [UInt8], _ seconds: Double) throws -> WitnessReply {
    try state.withLock { state in
      state.seconds.append(seconds)
      switch state.mood {
      case .silent: throw WitnessTransportError("it does not answer")
      case .answering(let reply): return reply
      case .honest: break
      }
      let decision = WitnessDecision(
        try AddCheckpointRequest(encoded: body), logKeys: [logKey], witnessed: state.witnessed)
      let answer: WitnessAnswer
      switch decision.answer {
      case .cosign(let checkpoint, _):
        state.witnessed = WitnessDecision.Witnessed(checkpoint)
        answer = .cosignatures([try key.cosign(checkpoint, timeSeconds: 1_767_225_600)])
      case .conflict(let size): answer = .conflict(size: size)
      case .refuse(let refusal): answer = .refused(status: refusal.rawValue)
      }
      return try #require(answer.reply)
    }
  }
}

/// A vault with two witnesses, of which some have to cosign.
final class WitnessedScene {
  let test: TestVault
  let witnesses: [TestWitness]
  let vault: Vault

  init(
    quorum: String = "both", mode: LogSettings.WitnessMode = .degrade, hours: Int = 24,
    hasTransport: Bool = true
  ) throws {
    let test = try TestVault()
    var vault = try test.withPeople()
    let key = try NoteVerifierKey(encoded: vault.logVerifierKey())
    let witnesses = [try TestWitness("one", logKey: key), try TestWitness("two", logKey: key)]
    if hasTransport {
      test.witnessTransport = { address, body, seconds in
        let found = witnesses.first { address.hasPrefix($0.entry.url ?? "-") }
        guard let found else { throw WitnessTransportError("nobody there") }
        return try found.answer(body, seconds)
      }
    }
    let both = WitnessPolicy.Group(
      name: "both", threshold: 2, members: witnesses.map(\.entry.name))
    let policy = try WitnessPolicy(
      witnesses: witnesses.map(\.entry), groups: [both], quorum: quorum)
    try Data(policy.text.utf8).write(to: URL(filePath: test.layout.policies + "/witnesses"))
    try test.configure(
      LogSettings(witnesses: "witnesses", witnessMode: mode, witnessAgeHours: hours))
    vault = try test.open()
    self.test = test
    self.witnesses = witnesses
    self.vault = vault
  }

  func silence(_ isSilent: Bool = true) {
    for witness in witnesses { witness.mood = isSilent ? .silent : .honest }
  }
}
