import Sealing
import Synchronization
import Testing
import Transparency

/// Witnesses of tests.
enum Witnesses {
  static let name = "witness.example/w1"
  static let seconds: UInt64 = 1_767_225_600

  /// The key of a witness; without arguments the one of the golden vectors.
  static func key(
    named name: String = name, seedOf text: String? = nil
  ) throws -> WitnessSigningKey {
    let text = text ?? (name == Self.name ? "witness seed" : name)
    return try WitnessSigningKey(
      name: name, seed: SecretBytes(copying: SHA256.hash(ascii(text))))
  }
}

/// A witness in memory: the pure decision, its state, and a wire that leads to it.
final class MemoryWitness: Sendable {
  struct State {
    var witnessed: WitnessDecision.Witnessed?
    var requests: [AddCheckpointRequest] = []
    var note: SignedNote?
  }

  let entry: WitnessPolicy.Witness
  let logKeys: [NoteVerifierKey]
  private let key: WitnessSigningKey
  private let state = Mutex(State())

  init(_ name: String = Witnesses.name, trusts logKeys: [NoteVerifierKey]? = nil) throws {
    key = try Witnesses.key(named: name)
    entry = WitnessPolicy.Witness(name: name, key: key.verifierKey, url: "https://\(name)")
    self.logKeys = try logKeys ?? [MemoryLog.logKey]
  }

  var requests: [AddCheckpointRequest] { state.withLock { $0.requests } }
  var witnessed: WitnessDecision.Witnessed? { state.withLock { $0.witnessed } }

  /// Makes the witness remember a tree.
  func remember(_ log: MemoryLog, size: Int) throws {
    let checkpoint = try log.checkpoint(size: size)
    state.withLock { $0.witnessed = WitnessDecision.Witnessed(checkpoint) }
  }

  func answer(_ body: [UInt8]) throws -> WitnessReply {
    let request = try AddCheckpointRequest(encoded: body)
    let answer = try state.withLock { state in
      state.requests.append(request)
      let decision = WitnessDecision(request, logKeys: logKeys, witnessed: state.witnessed)
      switch decision.answer {
      case .cosign(let checkpoint, _):
        state.witnessed = WitnessDecision.Witnessed(checkpoint)
        return WitnessAnswer.cosignatures([
          try key.cosign(checkpoint, timeSeconds: Witnesses.seconds)
        ])
      case .conflict(let size): return .conflict(size: size)
      case .refuse(let refusal): return .refused(status: refusal.rawValue)
      }
    }
    return try #require(answer.reply)
  }
}

extension MemoryLog {
  /// A client whose wire leads to witnesses by their address.
  func client(_ witnesses: MemoryWitness...) -> WitnessClient {
    client { address, body in
      guard
        let found = witnesses.first(where: { address == "https://\($0.entry.name)/add-checkpoint" })
      else { throw WitnessTransportError("nobody there") }
      return try found.answer(body)
    }
  }

  /// A client with a wire of its own.
  func client(_ transport: @escaping WitnessClient.Transport) -> WitnessClient {
    WitnessClient(transport: transport) { old, new in
      try MerkleTree.consistencyProof(from: old, to: new, read: read)
    }
  }
}
