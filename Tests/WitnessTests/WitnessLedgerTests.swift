import Foundation
import Sealing
import Testing
import Transparency

@testable import Witness

@Suite struct WitnessLedgerTests {
  private static let log = SignedLog(300)

  /// A witness that has cosigned a tree of seven entries.
  private func prepared(_ place: Place) throws -> WitnessHome {
    let home = try place.witness(trusting: Self.log)
    let verdict = try WitnessLedger(home).answer(Self.log.request(0, 7), timeSeconds: 5)
    guard case .cosignatures = verdict.answer else { throw CocoaError(.featureUnsupported) }
    return home
  }

  private var checkpoint: String { Self.log.state + "/checkpoint" }

  @Test func storedNoteIsThere() throws {
    let place = try Place()
    let home = try prepared(place)
    #expect(try place.names("/state") == [String(Self.log.state.dropFirst(7)), "lock"])
    #expect(try place.names(Self.log.state) == ["checkpoint"])
    let standing = try #require(home.standings().first)
    #expect(standing.origin == SignedLog.origin && standing.isTrusted)
    #expect(standing.treeSize == 7 && standing.cosignedSeconds == 5)
    #expect(standing.forkCount == 0 && standing.unprovenCount == 0)
    #expect(try WitnessLedger(home).note(digest: "../witness") == nil)
  }

  @Test func logNeverSeenStandsWithNothing() throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log, SignedLog(0, name: "a.example"))
    let standings = try home.standings()
    #expect(standings.map(\.origin) == ["a.example", SignedLog.origin])
    #expect(standings.map(\.treeSize) == [nil, nil])
    try place.write([], "/logs")
    #expect(try home.standings().isEmpty)
  }

  @Test func logNoLongerTrustedIsRefusedAndShown() throws {
    let place = try Place()
    let home = try prepared(place)
    try place.write(ascii("# none\n"), "/logs")
    let verdict = try WitnessLedger(home).answer(Self.log.request(7, 8), timeSeconds: 6)
    #expect(verdict.answer == .refused(status: 404))
    #expect(try home.standings().map(\.isTrusted) == [false])
  }

  /// Every byte of the stored note matters, and a witness does not go on without it.
  @Test func damagedStateIsRefused() throws {
    let place = try Place()
    let home = try prepared(place)
    let good = try place.bytes(checkpoint)
    var changes: [[UInt8]] = [
      [], [0x0A], Array(good.dropLast()), Array(good.dropFirst()), good + [0x0A],
    ]
    for index in good.indices where index % 3 == 0 {
      var bytes = good
      bytes[index] ^= 1
      changes.append(bytes)
    }
    var refused = 0
    for bytes in changes {
      try place.write(bytes, checkpoint)
      do {
        _ = try WitnessLedger(home)
        // The log's own line is not what makes a stored note valid; the witness's is.
        #expect(try SignedNote(encoded: bytes).text == SignedNote(encoded: good).text)
      } catch let error as WitnessError {
        #expect(error.code == .damaged)
        refused += 1
      }
    }
    #expect(refused > changes.count / 2)
    try place.write(good, checkpoint)
    #expect(try WitnessLedger(home).answer(Self.log.request(7, 8), timeSeconds: 6).notice == nil)
  }

  @Test func notesThatAreNotOursAreRefused() throws {
    let place = try Place()
    let home = try prepared(place)
    let other = try WitnessSigningKey(
      name: "witness.example/w1", seed: SecretBytes(copying: SHA256.hash(ascii("other"))))
    var foreign = try Self.log.note(7)
    try foreign.add(other.cosign(Self.log.checkpoint(7), timeSeconds: 5))
    for bytes in [try Self.log.note(7).encoded, foreign.encoded] {
      try place.write(bytes, checkpoint)
      expect(.damaged, naming: "not one this witness cosigned") { _ = try WitnessLedger(home) }
    }
  }

  @Test func noteOfAnotherLogIsRefused() throws {
    let place = try Place()
    let second = SignedLog(3, name: "other.example/audit")
    let home = try place.witness(trusting: Self.log, second)
    for log in [Self.log, second] {
      _ = try WitnessLedger(home).answer(log.request(0, 3), timeSeconds: 5)
    }
    try place.write(place.bytes(second.state + "/checkpoint"), checkpoint)
    expect(.damaged, naming: "another log") { _ = try WitnessLedger(home) }
  }

  @Test func lostNoteIsRefused() throws {
    let place = try Place()
    let home = try prepared(place)
    try FileManager.default.removeItem(atPath: place.path + checkpoint)
    expect(.damaged, naming: "the note is missing") { _ = try WitnessLedger(home) }
    expect(.damaged) { _ = try home.standings() }
  }

  @Test(arguments: ["/state/notes.txt", "/state/0123", "/state/ABCD.new"])
  func strangeFilesAreRefused(path: String) throws {
    let place = try Place()
    let home = try prepared(place)
    try place.write([], path)
    expect(.damaged, naming: "does not belong there") { _ = try WitnessLedger(home) }
    try FileManager.default.removeItem(atPath: place.path + path)
    try place.write([], Self.log.state + "/notes")
    expect(.damaged, naming: "does not belong there") { _ = try WitnessLedger(home) }
  }

  /// A crash before the first note was in place leaves nothing that counts.
  @Test func unfinishedBeginningIsRemoved() throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let draft = Self.log.state + ".new"
    try FileManager.default.createDirectory(
      atPath: place.path + draft, withIntermediateDirectories: false)
    try place.write(ascii("half"), draft + "/checkpoint")
    #expect(try home.standings().map(\.treeSize) == [nil])
    let ledger = try WitnessLedger(home)
    #expect(try place.names("/state") == ["lock"])
    _ = try ledger.answer(Self.log.request(0, 7), timeSeconds: 5)
    // A crash in a later write leaves a draft beside the note, and the note counts.
    try place.write(ascii("half"), checkpoint + ".new")
    let again = try WitnessLedger(home)
    #expect(try again.answer(Self.log.request(0, 8), timeSeconds: 6).answer == .conflict(size: 7))
    #expect(try place.names(Self.log.state).contains("checkpoint.new"))
    _ = try again.answer(Self.log.request(7, 8), timeSeconds: 6)
    #expect(try place.names(Self.log.state) == ["checkpoint"])
  }

  /// Where the note cannot be stored, nothing is cosigned.
  @Test func nothingIsCosignedThatCannotBeStored() throws {
    let place = try Place()
    let home = try prepared(place)
    let ledger = try WitnessLedger(home)
    let before = try place.bytes(checkpoint)
    try FileManager.default.createDirectory(
      atPath: place.path + checkpoint + ".new", withIntermediateDirectories: false)
    expect(.storage) { _ = try ledger.answer(Self.log.request(7, 8), timeSeconds: 6) }
    #expect(try place.bytes(checkpoint) == before)
    let notices = Notices()
    let service = WitnessService(ledger, now: { 6 }, notice: { notices.add($0) })
    let reply = try service.answer(
      method: "POST", path: "/add-checkpoint", body: Self.log.request(7, 8).encoded)
    #expect(reply.status == 500 && reply.body.isEmpty)
    #expect(notices.all.count == 1)
  }

  @Test func damageWhileRunningStopsCosigning() throws {
    let place = try Place()
    let home = try prepared(place)
    let notices = Notices()
    let service = WitnessService(try WitnessLedger(home), now: { 6 }, notice: { notices.add($0) })
    try place.write(ascii("gone"), checkpoint)
    let reply = try service.answer(
      method: "POST", path: "/add-checkpoint", body: Self.log.request(7, 8).encoded)
    #expect(reply.status == 500 && reply.body.isEmpty)
    #expect(notices.all.first?.contains("not one this witness cosigned") == true)
    #expect(try place.bytes(checkpoint) == ascii("gone"))
  }

  @Test func otherProcessHoldsTheLock() throws {
    let place = try Place()
    let home = try prepared(place)
    let ledger = try WitnessLedger(home, lockWaitMilliseconds: 0)
    let descriptor = unsafe open(place.path + "/state/lock", O_RDWR)
    #expect(flock(descriptor, LOCK_EX) == 0)
    expect(.unavailable) { _ = try ledger.answer(Self.log.request(7, 8), timeSeconds: 6) }
    let service = WitnessService(ledger, now: { 6 }, notice: { _ in })
    let reply = try service.answer(
      method: "POST", path: "/add-checkpoint", body: Self.log.request(7, 8).encoded)
    #expect(reply.status == 503)
    close(descriptor)
    _ = try ledger.answer(Self.log.request(7, 8), timeSeconds: 6)
    #expect(try home.standings().map(\.treeSize) == [8])
  }

  /// Whoever sends wrong proofs for ever fills no disk, and pushes no fork out.
  @Test func evidenceHasALimit() throws {
    let place = try Place()
    let home = try prepared(place)
    let ledger = try WitnessLedger(home)
    let most = WitnessLedger.evidenceCountMaximum
    for size in 8..<(most + 20) {
      let request = try AddCheckpointRequest(
        oldSize: 7, hashes: [], note: Self.log.note(size))
      #expect(try ledger.answer(request, timeSeconds: 6).answer == .refused(status: 422))
    }
    let fork = SignedLog(7, otherFrom: 3)
    let verdict = try ledger.answer(fork.request(7, 7), timeSeconds: 6)
    #expect(verdict.notice?.contains("the evidence is in") == true)
    let standing = try #require(home.standings().first)
    #expect(standing.unprovenCount == most && standing.forkCount == 1)
    #expect(try WitnessLedger(home).answer(Self.log.request(7, 8), timeSeconds: 7).notice == nil)
  }

  /// The fork is kept also where the answer is about something else.
  @Test func forkIsKeptWhateverTheOldSize() throws {
    let place = try Place()
    let home = try prepared(place)
    let verdict = try WitnessLedger(home).answer(
      SignedLog(7, otherFrom: 3).request(0, 7), timeSeconds: 6)
    #expect(verdict.answer == .conflict(size: 7))
    #expect(try home.standings().map(\.forkCount) == [1])
  }
}
