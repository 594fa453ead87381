import Sealing
import Testing
import Transparency

@Suite struct WitnessDecisionTests {
  private static let log = MemoryLog(numbered: 20)
  /// The same first six entries, then others.
  private static let fork: MemoryLog = {
    var log = MemoryLog(numbered: 6)
    while log.size < 20 { log.append(ascii("other")) }
    return log
  }()

  private func request(
    _ old: Int, _ new: Int, of log: MemoryLog = log, hashes: [TreeHash]? = nil
  ) throws -> AddCheckpointRequest {
    let proof =
      try hashes
      ?? MerkleTree.consistencyProof(
        from: min(old, new), to: new, read: log.read
      ).hashes
    return try AddCheckpointRequest(
      oldSize: old, hashes: proof, note: log.signedCheckpoint(size: new))
  }

  private func decide(
    _ request: AddCheckpointRequest, stored: Int?, keys: [NoteVerifierKey]? = nil
  ) throws -> WitnessDecision {
    WitnessDecision(
      request, logKeys: try keys ?? [MemoryLog.logKey],
      witnessed: try stored.map { try .init(Self.log.checkpoint(size: $0)) })
  }

  @Test(
    arguments: [
      (nil, 0), (nil, 1), (nil, 20), (0, 0), (0, 20), (1, 2), (7, 7), (7, 8), (7, 20), (8, 20),
      (20, 20),
    ] as [(Int?, Int)])
  func continuationIsCosigned(stored: Int?, new: Int) throws {
    let request = try request(stored ?? 0, new)
    let decision = try decide(request, stored: stored)
    #expect(
      decision.answer == .cosign(try Self.log.checkpoint(size: new), note: request.note))
    #expect(decision.evidence == nil)
  }

  @Test(
    arguments: [
      (nil, 3), (7, 0), (7, 6), (7, 8), (20, 7),
    ] as [(Int?, Int)])
  func otherOldSizeIsAConflict(stored: Int?, old: Int) throws {
    let decision = try decide(request(old, 20), stored: stored)
    #expect(decision.answer == .conflict(size: stored ?? 0))
    #expect(decision.evidence == nil)
  }

  @Test func olderCheckpointIsNotCosigned() throws {
    #expect(try decide(request(7, 7), stored: 20).answer == .conflict(size: 20))
    #expect(try decide(request(20, 7), stored: 20).answer == .refuse(.badRequest))
    #expect(try decide(request(8, 7), stored: 7).answer == .refuse(.badRequest))
  }

  @Test func otherTreeOfTheSameSizeIsAFork() throws {
    let decision = try decide(request(7, 7, of: Self.fork), stored: 7)
    #expect(decision.answer == .refuse(.inconsistent))
    #expect(decision.evidence == .fork)
    // The evidence is there whatever size the request starts from.
    let other = try decide(request(3, 7, of: Self.fork), stored: 7)
    #expect(other.answer == .conflict(size: 7))
    #expect(other.evidence == .fork)
  }

  @Test func treeThatDoesNotContinueIsRefused() throws {
    let decision = try decide(request(7, 20, of: Self.fork), stored: 7)
    #expect(decision.answer == .refuse(.inconsistent))
    #expect(decision.evidence == .unproven)
    // Both trees share their first six entries.
    let request = try request(6, 20, of: Self.fork)
    let shared = try decide(request, stored: 6)
    #expect(shared.answer == .cosign(try Self.fork.checkpoint(), note: request.note))
  }

  @Test func wrongProofIsRefused() throws {
    let good = try request(7, 20).hashes
    let wrong = [
      Array(good.dropLast()), good + [good[0]], good.reversed(), [],
      [try flipped(good[0])] + good.dropFirst(),
    ]
    for hashes in wrong {
      let decision = try decide(request(7, 20, hashes: hashes), stored: 7)
      #expect(decision.answer == .refuse(.inconsistent))
      #expect(decision.evidence == .unproven)
    }
    for (stored, old, new) in [(nil, 0, 20), (0, 0, 20), (7, 7, 7)] as [(Int?, Int, Int)] {
      let decision = try decide(request(old, new, hashes: [good[0]]), stored: stored)
      #expect(decision.answer == .refuse(.inconsistent), "\(old)")
    }
  }

  @Test func entriesOfNothingAreRefused() throws {
    let text = ascii("\(MemoryLog.origin)\n0\n\(try Self.log.checkpoint().rootHash)\n")
    let note = try SignedNote(text: text, signatures: [MemoryLog.signingKey().sign(text)])
    let request = try AddCheckpointRequest(oldSize: 0, hashes: [], note: note)
    #expect(try decide(request, stored: nil).answer == .refuse(.inconsistent))
  }

  @Test(arguments: [
    "\(MemoryLog.origin)\n", "\(MemoryLog.origin)\n7\n", "\(MemoryLog.origin)\n07\nAAAA\n",
    "\(MemoryLog.origin)\n7\nAAAA\n", "\(MemoryLog.origin)\n0\nAAAA\n",
  ])
  func signedTextThatIsNoCheckpointIsABadRequest(text: String) throws {
    let note = try SignedNote(
      text: ascii(text), signatures: [MemoryLog.signingKey().sign(ascii(text))])
    let request = try AddCheckpointRequest(oldSize: 0, hashes: [], note: note)
    #expect(try decide(request, stored: nil).answer == .refuse(.badRequest))
  }

  @Test func unknownLogsAndKeysAreRefused() throws {
    let known = try request(7, 20)
    let impostor = try MemoryLog.signingKey(seedOf: "other seed").verifierKey
    let other = try MemoryLog.signingKey(name: "other.example").verifierKey
    let witness = try NoteVerifierKey(
      name: MemoryLog.origin, algorithm: .cosignature, publicKey: MemoryLog.logKey.publicKey)
    #expect(try decide(known, stored: 7, keys: []).answer == .refuse(.unknownLog))
    #expect(try decide(known, stored: 7, keys: [other]).answer == .refuse(.unknownLog))
    #expect(try decide(known, stored: 7, keys: [witness]).answer == .refuse(.unknownLog))
    #expect(try decide(known, stored: 7, keys: [impostor]).answer == .refuse(.untrusted))
    let bad = try NoteSignature(
      name: MemoryLog.origin, keyID: MemoryLog.logKey.keyID, payload: Array(repeating: 0, count: 64)
    )
    let forged = try AddCheckpointRequest(
      oldSize: 7, hashes: known.hashes,
      note: SignedNote(text: known.note.text, signatures: [bad]))
    #expect(try decide(forged, stored: 7).answer == .refuse(.untrusted))
  }

  @Test func onlyTrustedLinesAreKept() throws {
    var note = try Self.log.signedCheckpoint()
    let own = note
    try note.add(MemoryLog.signingKey(seedOf: "other seed").sign(note.text))
    try note.add(Witnesses.key().cosign(Self.log.checkpoint(), timeSeconds: 1))
    let request = try AddCheckpointRequest(oldSize: 0, hashes: [], note: note)
    #expect(
      try decide(request, stored: nil).answer == .cosign(try Self.log.checkpoint(), note: own))
  }
}

@Suite struct AddCheckpointRequestTests {
  private static let log = MemoryLog(numbered: 7)

  private func request(hashCount: Int = 4) throws -> AddCheckpointRequest {
    try AddCheckpointRequest(
      oldSize: 3, hashes: Array(repeating: .emptyRoot, count: hashCount),
      note: Self.log.signedCheckpoint())
  }

  @Test func bodyIsTheOneOfTheSpecification() throws {
    let hashes = try MerkleTree.consistencyProof(from: 3, to: 7, read: Self.log.read).hashes
    let request = try AddCheckpointRequest(
      oldSize: 3, hashes: hashes, note: Self.log.signedCheckpoint())
    let lines = String(decoding: request.encoded, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "old 3")
    #expect(try lines[1...4].map { hex(try Base64.decode(String($0))) } == Vectors.consistency3to7)
    #expect(lines[5...7] == ["", "vault.example/audit", "7"])
  }

  @Test(arguments: [0, 1, 63])
  func bodyGoesBothWays(hashCount: Int) throws {
    let request = try request(hashCount: hashCount)
    #expect(try AddCheckpointRequest(encoded: request.encoded) == request)
  }

  @Test(arguments: [
    ("old 3\n", ""), ("old 3", "old 03"), ("old 3", "old -3"), ("old 3", "old  3"),
    ("old 3", "Old 3"), ("old 3", "old 3 "), ("old 3", "old"), ("old 3\n", "old 3\r\n"),
    ("old 3\n", "old 3\nAAAA\n"), ("old 3\n", "old 3\nx\n"), ("old 3", "old 9007199254740992"),
    ("old 3\n", "\nold 3\n"), ("old 3\n", "old 3\nold 3\n"),
  ])
  func otherBodiesAreRefused(old: String, new: String) throws {
    let text = String(decoding: try request().encoded, as: UTF8.self)
    let changed = ascii(text.replacing(old, with: new))
    expect(.malformedRequest) { _ = try AddCheckpointRequest(encoded: changed) }
  }

  @Test func limitsHold() throws {
    expect(.malformedRequest) { _ = try request(hashCount: 64) }
    let many = "old 3\n" + String(repeating: "\(TreeHash.emptyRoot)\n", count: 64) + "\n"
    let note = try Self.log.signedCheckpoint()
    expect(.malformedRequest) { _ = try AddCheckpointRequest(encoded: ascii(many) + note.encoded) }
    expect(.malformedRequest) { _ = try AddCheckpointRequest(encoded: []) }
    expect(.malformedRequest) { _ = try AddCheckpointRequest(encoded: ascii("old 0\n")) }
    expect(.malformedNote) { _ = try AddCheckpointRequest(encoded: ascii("old 0\n\n")) }
    expect(.malformedNote) { _ = try AddCheckpointRequest(encoded: ascii("old 0\n\ntext\n")) }
    for size in [-1, MerkleTree.sizeMaximum + 1] {
      expect(.malformedRequest) {
        _ = try AddCheckpointRequest(oldSize: size, hashes: [], note: note)
      }
    }
    let long = [UInt8](repeating: 0x61, count: AddCheckpointRequest.byteCountMaximum)
    expect(.malformedRequest) { _ = try AddCheckpointRequest(encoded: ascii("old 0\n\n") + long) }
  }
}

@Suite struct WitnessSigningKeyTests {
  @Test func cosignatureIsTheGoldenOne() throws {
    let golden = try SignedNote(encoded: ascii(Vectors.checkpoint70000))
    let key = try Witnesses.key()
    #expect(key.verifierKey.encoded == Vectors.witnessKey)
    let line = try key.cosign(
      Checkpoint(text: golden.text), timeSeconds: Vectors.cosignatureSeconds)
    #expect(line == golden.signatures[1])
  }

  @Test func textGoesBothWays() throws {
    let seed = try SecretBytes(copying: SHA256.hash(ascii("witness seed")))
    let text = try WitnessSigningKey.encode(name: Witnesses.name, seed: seed)
    let shown = String(decoding: text.plaintextCopy(), as: UTF8.self)
    #expect(shown.hasPrefix("PRIVATE+KEY+witness.example/w1+dbde64cc+"))
    let key = try WitnessSigningKey(encoded: text)
    #expect(key.verifierKey.encoded == Vectors.witnessKey)
    for other in [
      "", shown + "\n", String(shown.dropLast()), shown.replacing("dbde64cc", with: "dbde64cd"),
      Vectors.logSigningKey, Vectors.witnessKey,
    ] {
      let secret = try SecretBytes(copying: ascii(other))
      expect(.malformedKey) { _ = try WitnessSigningKey(encoded: secret) }
    }
    // A log does not sign with a witness's key.
    expect(.malformedKey) { _ = try NoteSigningKey(encoded: text) }
  }

  @Test func unfitPartsAreRefused() throws {
    let seed = try SecretBytes(copying: SHA256.hash(ascii("witness seed")))
    for name in ["", "a b", "a+b", "a\nb"] {
      expect(.malformedKey) { _ = try WitnessSigningKey(name: name, seed: seed) }
    }
    let short = try SecretBytes(zeroCount: 31)
    expect(.malformedKey) { _ = try WitnessSigningKey(name: "w", seed: short) }
    expect(.malformedKey) { _ = try WitnessSigningKey.encode(name: "w", seed: short) }
  }
}
