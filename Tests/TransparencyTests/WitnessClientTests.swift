import Sealing
import Testing
import Transparency

@Suite struct WitnessClientTests {
  private static let log = MemoryLog(numbered: 20)

  private func policy(_ witnesses: MemoryWitness..., quorum: Int = 1) throws -> WitnessPolicy {
    let names = witnesses.map(\.entry.name)
    return try WitnessPolicy(
      witnesses: witnesses.map(\.entry),
      groups: [WitnessPolicy.Group(name: "quorum", threshold: quorum, members: names)],
      quorum: "quorum")
  }

  @Test func firstCheckpointIsCosigned() throws {
    let witness = try MemoryWitness()
    let note = try Self.log.signedCheckpoint(size: 7)
    let done = try Self.log.client(witness).cosign(note, policy: policy(witness))
    #expect(done.isQuorumReached)
    #expect(
      done.results.map(\.outcome)
        == [.cosigned(timeSeconds: Witnesses.seconds, continuing: 0)])
    #expect(done.conflicts.isEmpty)
    let verified = try VerifiedCheckpoint(
      verifying: SignedNote(encoded: done.note.encoded), logKey: MemoryLog.logKey,
      witnesses: [witness.entry.key])
    #expect(verified.cosigners.map(\.key) == [witness.entry.key])
    #expect(done.cosigners == verified.cosigners)
    #expect(witness.witnessed?.treeSize == 7)
  }

  @Test func knownSizeIsTheStart() throws {
    let witness = try MemoryWitness()
    try witness.remember(Self.log, size: 7)
    let note = try Self.log.signedCheckpoint()
    let done = try Self.log.client(witness).cosign(
      note, policy: policy(witness), known: [witness.entry.key: 7])
    #expect(done.isQuorumReached)
    #expect(witness.requests.map(\.oldSize) == [7])
  }

  /// Forgotten or wrong sizes on our side cost one more request.
  @Test(arguments: [(0, 7), (3, 7), (7, 3), (7, 0), (20, 7), (3, 20), (20, 20), (0, 0), (99, 7)])
  func otherSizesAreCaughtUpWith(known: Int, held: Int) throws {
    let witness = try MemoryWitness()
    if held > 0 { try witness.remember(Self.log, size: held) }
    let note = try Self.log.signedCheckpoint()
    let done = try Self.log.client(witness).cosign(
      note, policy: policy(witness), known: [witness.entry.key: known])
    #expect(
      done.results.map(\.outcome)
        == [.cosigned(timeSeconds: Witnesses.seconds, continuing: held)])
    #expect(done.results.map(\.hasGoneBack) == [held < known])
    let first = known > 20 ? 0 : known
    #expect(witness.requests.map(\.oldSize) == (first == held ? [held] : [first, held]))
  }

  @Test func sameCheckpointIsCosignedAgainWithoutASecondLine() throws {
    let witness = try MemoryWitness()
    let client = Self.log.client(witness)
    let once = try client.cosign(Self.log.signedCheckpoint(), policy: policy(witness))
    let twice = try client.cosign(
      once.note, policy: policy(witness), known: [witness.entry.key: 20])
    #expect(twice.note.signatures.count == 2)
    #expect(twice.isQuorumReached)
  }

  @Test(arguments: [8, 20])
  func largerTreeIsAhead(held: Int) throws {
    let witness = try MemoryWitness()
    try witness.remember(Self.log, size: held)
    let note = try Self.log.signedCheckpoint(size: 7)
    for known in [0, 7, held] {
      let done = try Self.log.client(witness).cosign(
        note, policy: policy(witness), known: [witness.entry.key: known])
      #expect(done.results.map(\.outcome) == [.ahead(size: held)])
      #expect(done.conflicts.count == 1)
      #expect(!done.isQuorumReached)
      #expect(done.note == note)
    }
  }

  @Test(arguments: [7, 20])
  func otherTreeConflicts(held: Int) throws {
    var other = MemoryLog(numbered: 6)
    while other.size < held { other.append(ascii("other")) }
    let witness = try MemoryWitness()
    try witness.remember(other, size: held)
    let done = try Self.log.client(witness).cosign(
      Self.log.signedCheckpoint(), policy: policy(witness))
    #expect(done.results.map(\.outcome) == [.conflicting(size: held)])
    #expect(done.conflicts.count == 1)
    #expect(witness.witnessed?.treeSize == held)
  }

  @Test func unknownLogAndUntrustedKeyAreRefused() throws {
    let stranger = try MemoryLog.signingKey(name: "other.example").verifierKey
    let impostor = try MemoryLog.signingKey(seedOf: "other seed").verifierKey
    for (key, status) in [(stranger, 404), (impostor, 403)] {
      let witness = try MemoryWitness(trusts: [key])
      let done = try Self.log.client(witness).cosign(
        Self.log.signedCheckpoint(), policy: policy(witness))
      #expect(done.results.map(\.outcome) == [.refused(status: status)])
      #expect(done.conflicts.isEmpty)
      #expect(!done.isQuorumReached)
    }
  }

  @Test func oneOfTwoIsEnoughOrNot() throws {
    let good = try MemoryWitness()
    let gone = try MemoryWitness("gone.example")
    let note = try Self.log.signedCheckpoint()
    for (quorum, isReached) in [(1, true), (2, false)] {
      let done = try Self.log.client(good).cosign(note, policy: policy(gone, good, quorum: quorum))
      #expect(done.isQuorumReached == isReached)
      #expect(done.results.map(\.outcome.word) == ["unreachable", "cosigned"])
      #expect(done.note.signatures.count == 2)
    }
  }

  @Test func earlierCosignatureIsKeptWhenTheWitnessIsGone() throws {
    let witness = try MemoryWitness()
    let once = try Self.log.client(witness).cosign(
      Self.log.signedCheckpoint(), policy: policy(witness))
    let later = try Self.log.client().cosign(once.note, policy: policy(witness))
    #expect(later.note == once.note)
    #expect(later.isQuorumReached)
    #expect(later.results.map(\.outcome.word) == ["unreachable"])
  }

  @Test func earlierLineThatDoesNotVerifyIsLeftOut() throws {
    let witness = try MemoryWitness()
    var note = try Self.log.signedCheckpoint()
    try note.add(Witnesses.key().cosign(Self.log.checkpoint(size: 3), timeSeconds: 1))
    let later = try Self.log.client().cosign(note, policy: policy(witness))
    #expect(later.note.signatures.count == 1)
    #expect(!later.isQuorumReached)
  }

  @Test func witnessWithoutAddressIsNotAsked() throws {
    let entry = WitnessPolicy.Witness(name: "w", key: try Witnesses.key().verifierKey)
    let policy = try WitnessPolicy(witnesses: [entry], quorum: "w")
    let done = try Self.log.client().cosign(Self.log.signedCheckpoint(), policy: policy)
    #expect(done.results.map(\.outcome) == [.unreachable(reason: "the policy gives no address")])
  }

  @Test func addressMayEndInASlash() throws {
    let witness = try MemoryWitness()
    let client = Self.log.client { address, body in
      #expect(address == "https://w/x/add-checkpoint")
      return try witness.answer(body)
    }
    for url in ["https://w/x", "https://w/x/"] {
      let entry = WitnessPolicy.Witness(name: "w", key: witness.entry.key, url: url)
      #expect(try client.ask(entry, note: Self.log.signedCheckpoint()).cosignature != nil)
    }
    #expect(witness.requests.map(\.oldSize) == [0, 0, 20])
  }

  @Test func whatTheProverThrowsIsThrown() throws {
    let witness = try MemoryWitness()
    try witness.remember(Self.log, size: 7)
    let client = WitnessClient(
      transport: { try witness.answer($1) }, prove: { _, _ in throw CancellationError() })
    let note = try Self.log.signedCheckpoint()
    #expect(throws: CancellationError.self) {
      try client.cosign(note, policy: policy(witness))
    }
    expect(.malformedCheckpoint) {
      let note = try SignedNote(
        text: ascii("text\n"), signatures: [MemoryLog.signingKey().sign(ascii("text\n"))])
      _ = try client.cosign(note, policy: policy(witness))
    }
  }
}

/// Witnesses that do not keep to the rules.
@Suite struct LyingWitnessTests {
  private static let log = MemoryLog(numbered: 20)

  /// Asks a witness that always gives the same reply.
  private func outcome(of reply: WitnessReply) throws -> (WitnessOutcome, NoteSignature?) {
    let entry = WitnessPolicy.Witness(
      name: "w", key: try Witnesses.key().verifierKey, url: "https://w.example")
    return try Self.log.client { _, _ in reply }.ask(
      entry, note: Self.log.signedCheckpoint())
  }

  private func lines(_ lines: NoteSignature...) throws -> WitnessReply {
    try #require(WitnessAnswer.cosignatures(lines).reply)
  }

  @Test func onlyItsOwnCosignatureOfThisCheckpointCounts() throws {
    let key = try Witnesses.key()
    let checkpoint = try Self.log.checkpoint()
    let good = try key.cosign(checkpoint, timeSeconds: 5)
    let older = try key.cosign(Self.log.checkpoint(size: 19), timeSeconds: 5)
    let stranger = try Witnesses.key(seedOf: "other").cosign(checkpoint, timeSeconds: 5)
    let retimed = try NoteSignature(
      name: good.name, keyID: good.keyID, payload: flipped(good.payload, byte: 7))
    let logLine = try MemoryLog.signingKey().sign(checkpoint.text)
    let plain = try NoteSignature(
      name: good.name, keyID: good.keyID, payload: Array(good.payload.dropFirst(8)))
    for bad in [[older], [stranger], [retimed], [logLine], [plain], [good, older], [older, good]] {
      let reply = try #require(WitnessAnswer.cosignatures(bad).reply)
      let (outcome, line) = try outcome(of: reply)
      #expect(outcome.word == "lied", "\(bad)")
      #expect(line == nil)
    }
    let (outcome, line) = try outcome(of: lines(stranger, good))
    #expect(outcome == .cosigned(timeSeconds: 5, continuing: 0))
    #expect(line == good)
  }

  @Test(arguments: [
    (200, "", ""), (200, "", "hello\n"), (200, "", "— w AAAA\n"), (200, "", "\n"),
    (200, "", "— w AAAAAAE="), (200, "text/x.tlog.size", "7\n"),
    (200, "", String(repeating: "— w AAAAAAE=\n", count: 65)),
    (200, "", String(repeating: "x", count: 65_537)),
    (409, "text/plain", "7\n"), (409, "", "7\n"), (409, "text/x.tlog.size", "7"),
    (409, "text/x.tlog.size", ""), (409, "text/x.tlog.size", "07\n"),
    (409, "text/x.tlog.size", "-7\n"), (409, "text/x.tlog.size", "7\n7\n"),
    (409, "text/x.tlog.size", "7 \n"), (409, "text/x.tlog.size", "9007199254740992\n"),
    (409, "text/x.tlog.sizes", "7\n"), (0, "", ""), (-1, "", ""), (600, "", ""),
  ])
  func garbageIsNoAnswer(status: Int, type: String, body: String) throws {
    let reply = WitnessReply(status: status, contentType: type, body: ascii(body))
    #expect(WitnessAnswer(reply) == .malformed)
    #expect(try outcome(of: reply).0.word == "lied")
  }

  @Test(arguments: [301, 302, 307, 400, 403, 404, 422, 429, 500, 503, 204])
  func otherStatusIsARefusal(status: Int) throws {
    let reply = WitnessReply(status: status, contentType: "", body: ascii("why"))
    #expect(WitnessAnswer(reply) == .refused(status: status))
    #expect(try outcome(of: reply).0 == .refused(status: status))
  }

  @Test func answersGoBothWays() throws {
    let line = try Witnesses.key().cosign(Self.log.checkpoint(), timeSeconds: 5)
    for answer in [
      WitnessAnswer.cosignatures([line, line]), .conflict(size: 0), .conflict(size: 20),
      .refused(status: 422),
    ] {
      #expect(WitnessAnswer(try #require(answer.reply)) == answer)
    }
    #expect(WitnessAnswer.malformed.reply == nil)
    let typed = WitnessReply(
      status: 409, contentType: "text/x.tlog.size; charset=utf-8", body: ascii("7\n"))
    #expect(WitnessAnswer(typed) == .conflict(size: 7))
  }

  /// A witness that names a new size each time does not keep us.
  @Test func endlessConflictsEnd() throws {
    let entry = WitnessPolicy.Witness(
      name: "w", key: try Witnesses.key().verifierKey, url: "https://w.example")
    let wire = MemoryWire()
    let client = Self.log.client { _, body in
      let old = try AddCheckpointRequest(encoded: body).oldSize
      wire.count()
      return try #require(WitnessAnswer.conflict(size: old + 1).reply)
    }
    let (outcome, _) = try client.ask(entry, note: Self.log.signedCheckpoint())
    #expect(outcome == .refused(status: 409))
    #expect(wire.callCount == 1 + WitnessClient.retryCountMaximum)
  }

  @Test func conflictWithTheSizeAskedForIsARefusal() throws {
    let reply = try #require(WitnessAnswer.conflict(size: 0).reply)
    #expect(try outcome(of: reply).0 == .refused(status: 409))
  }

  /// Older witnesses answer a fork at equal size with a conflict that names that size.
  @Test func conflictAtOurOwnSizeIsAnotherTree() throws {
    let reply = try #require(WitnessAnswer.conflict(size: 20).reply)
    #expect(try outcome(of: reply).0 == .conflicting(size: 20))
  }

  @Test func brokenWireIsUnreachable() throws {
    let entry = WitnessPolicy.Witness(
      name: "w", key: try Witnesses.key().verifierKey, url: "https://w.example")
    let client = Self.log.client { _, _ in throw WitnessTransportError("it takes too long") }
    let (outcome, line) = try client.ask(entry, note: Self.log.signedCheckpoint())
    #expect(outcome == .unreachable(reason: "it takes too long"))
    #expect(outcome.description == "could not be asked: it takes too long")
    #expect(line == nil)
    let odd = Self.log.client { _, _ in throw CancellationError() }
    #expect(
      try odd.ask(entry, note: Self.log.signedCheckpoint()).outcome
        == .unreachable(reason: "for an unforeseen reason"))
  }
}
