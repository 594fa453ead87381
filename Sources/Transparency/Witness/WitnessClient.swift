/// Asks witnesses to cosign a checkpoint.
///
/// Pure: the caller brings the wire and the proofs. Nothing a witness says is believed but a
/// cosignature that verifies; a conflict is passed on for people to look at.
public struct WitnessClient {
  /// How often one witness is asked again from the size it names.
  public static let retryCountMaximum = 2

  /// Posts a body to an address and gives what came back; sets its own limits of time and length.
  ///
  /// Throws ``WitnessTransportError`` when nothing came back; another error counts as that, too.
  public typealias Transport =
    @Sendable (_ address: String, _ body: [UInt8]) throws -> WitnessReply
  /// Proves that the tree of the second size continues that of the first.
  public typealias Prover = (_ oldSize: Int, _ newSize: Int) throws -> ConsistencyProof

  private let transport: Transport
  private let prove: Prover

  /// Sets up a client.
  ///
  /// - Parameters:
  ///   - transport: Posts to an address.
  ///   - prove: Makes consistency proofs of the log.
  public init(transport: @escaping Transport, prove: @escaping Prover) {
    self.transport = transport
    self.prove = prove
  }

  /// Asks every witness of a policy, one after the other.
  ///
  /// - Parameters:
  ///   - note: The checkpoint, signed by its log; cosignatures in it that verify are kept.
  ///   - policy: The witnesses and the quorum.
  ///   - known: Sizes that witnesses are known to have cosigned last; 0 for others.
  /// - Returns: The cosigned note and what every witness did.
  /// - Throws: ``TransparencyError`` `.malformedCheckpoint`; whatever the prover throws. What a
  ///   witness does is never thrown.
  public func cosign(
    _ note: SignedNote, policy: WitnessPolicy, known: [NoteVerifierKey: Int] = [:]
  ) throws -> WitnessedNote {
    let checkpoint = try Checkpoint(text: note.text)
    var lines: [NoteVerifierKey: (line: NoteSignature, signer: NoteSigner)] = [:]
    var results: [WitnessedNote.Result] = []
    for witness in policy.witnesses {
      lines[witness.key] = Self.verified(note.signatures, by: witness.key, text: note.text)
      let knownSize = known[witness.key] ?? 0
      let (outcome, cosignature) = try ask(
        witness, note: note, treeSize: checkpoint.treeSize, known: knownSize)
      if let cosignature { lines[witness.key] = cosignature }
      results.append(
        WitnessedNote.Result(witness: witness, outcome: outcome, knownSize: knownSize))
    }
    let own = note.signatures.filter { line in
      !policy.witnesses.contains { $0.key.isNamed(by: line) }
    }
    let found = policy.witnesses.compactMap { lines[$0.key] }
    return WitnessedNote(
      note: try SignedNote(text: note.text, signatures: own + found.map(\.line)),
      results: results, cosigners: found.map(\.signer),
      isQuorumReached: policy.isSatisfied(by: found.map(\.signer.key)))
  }

  /// Asks one witness.
  ///
  /// - Parameters:
  ///   - witness: The witness.
  ///   - note: The checkpoint, signed by its log.
  ///   - knownSize: Size it is known to have cosigned last; 0 if none.
  /// - Returns: What it did, and the verified cosignature line if it gave one.
  /// - Throws: As ``cosign(_:policy:known:)``.
  public func ask(
    _ witness: WitnessPolicy.Witness, note: SignedNote, knownSize: Int = 0
  ) throws -> (outcome: WitnessOutcome, cosignature: NoteSignature?) {
    let (outcome, cosignature) = try ask(
      witness, note: note, treeSize: Checkpoint(text: note.text).treeSize, known: knownSize)
    return (outcome, cosignature?.line)
  }
}

extension WitnessClient {
  private typealias Cosignature = (line: NoteSignature, signer: NoteSigner)

  private func ask(
    _ witness: WitnessPolicy.Witness, note: SignedNote, treeSize: Int, known: Int
  ) throws -> (WitnessOutcome, Cosignature?) {
    guard let url = witness.url else {
      return (.unreachable(reason: "the policy gives no address"), nil)
    }
    // A tree smaller than what is known asks from nothing, so that the witness tells its size.
    var oldSize = (0...treeSize).contains(known) ? known : 0
    for attempt in 0...Self.retryCountMaximum {
      let proof = try prove(oldSize, treeSize)
      let request = try AddCheckpointRequest(oldSize: oldSize, hashes: proof.hashes, note: note)
      let reply: WitnessReply
      do {
        reply = try transport(Self.address(below: url), request.encoded)
      } catch {
        let reason = (error as? WitnessTransportError)?.reason ?? "for an unforeseen reason"
        return (.unreachable(reason: reason), nil)
      }
      switch WitnessAnswer(reply) {
      case .cosignatures(let lines):
        return Self.judge(lines, witness: witness, text: note.text, continuing: oldSize)
      case .conflict(let size) where size > treeSize: return (.ahead(size: size), nil)
      case .conflict(let size) where size == oldSize && size == treeSize:
        return (.conflicting(size: size), nil)
      case .conflict(let size) where size == oldSize || attempt == Self.retryCountMaximum:
        return (.refused(status: 409), nil)
      case .conflict(let size): oldSize = size
      // Our proof is right for our tree, so the witness has another one at that size.
      case .refused(status: 422) where oldSize > 0: return (.conflicting(size: oldSize), nil)
      case .refused(let status): return (.refused(status: status), nil)
      case .malformed: return (.lied(reason: "its answer is not in the form of one"), nil)
      }
    }
    return (.refused(status: 409), nil)
  }

  private static func address(below url: String) -> String {
    (url.hasSuffix("/") ? String(url.dropLast()) : url) + AddCheckpointRequest.pathSuffix
  }

  private static func judge(
    _ lines: [NoteSignature], witness: WitnessPolicy.Witness, text: [UInt8], continuing size: Int
  ) -> (WitnessOutcome, Cosignature?) {
    let own = lines.filter { witness.key.isNamed(by: $0) }
    guard !own.isEmpty else {
      return (.lied(reason: "none of its lines is by its key"), nil)
    }
    guard let found = verified(own, by: witness.key, text: text),
      let time = found.signer.timeSeconds
    else {
      return (.lied(reason: "its cosignature is not one of this checkpoint"), nil)
    }
    return (.cosigned(timeSeconds: time, continuing: size), found)
  }

  /// The first line of a key, when every line of that key verifies.
  private static func verified(
    _ lines: [NoteSignature], by key: NoteVerifierKey, text: [UInt8]
  ) -> Cosignature? {
    let own = lines.filter { key.isNamed(by: $0) }
    let signers = own.compactMap { try? NoteSigner(verifying: $0, key: key, text: text) }
    guard let line = own.first, let signer = signers.first, signers.count == own.count else {
      return nil
    }
    return (line, signer)
  }
}
