import Foundation
internal import GRDB
internal import Sealing
internal import Transparency

/// Shows a signed checkpoint to the witnesses of a policy and keeps what they said.
///
/// No transaction is open while one waits for them.
struct WitnessRound {
  /// Largest policy file in bytes.
  static let policyByteCountMaximum = WitnessPolicy.byteCountMaximum
  /// Shortest time that is worth asking with, in seconds.
  static let shortestAskSeconds = 0.05

  private let vault: Vault
  private let policy: WitnessPolicy
  private let seconds: Double

  init(_ vault: Vault, _ policy: WitnessPolicy, _ patience: WitnessPatience) {
    self.vault = vault
    self.policy = policy
    seconds = patience.seconds
  }

  /// Asks every witness and stores sizes, cosignatures and conflicts.
  ///
  /// - Returns: The note with every cosignature that verifies.
  func ask(_ note: SignedNote, _ state: LogState) throws -> WitnessedNote {
    let seen = try vault.queue.read { try WitnessStore(database: $0).seen() }
    let known = policy.witnesses.reduce(into: [NoteVerifierKey: Int]()) { known, witness in
      known[witness.key] = seen[witness.key.encoded]?.size
    }
    let client = WitnessClient(transport: transport()) { old, new in
      try self.vault.queue.read { database in
        try MerkleTree.consistencyProof(
          from: old, to: new, read: AuditStore(database: database).hash)
      }
    }
    let witnessed = try client.cosign(note, policy: policy, known: known)
    try store(witnessed, state)
    return witnessed
  }

  /// Refuses to go on when a witness knows a larger or another log.
  ///
  /// - Throws: ``VaultError`` `.integrity` naming the witness.
  func requireNoConflict(_ witnessed: WitnessedNote, size: Int) throws {
    guard let conflict = witnessed.conflicts.first else { return }
    throw VaultError(
      .integrity,
      "witness `\(conflict.witness.name)` \(conflict.outcome); this vault's log has \(size): it "
        + "was set back, or another one signs for it; nothing was published, find out which, see "
        + "audit/witness.md")
  }

  /// A wire that shares the time among the witnesses, so that one that hangs leaves some for the
  /// others.
  private func transport() -> WitnessClient.Transport {
    guard let wire = vault.witnessTransport else {
      return { _, _ in
        throw WitnessTransportError("this program brings no way to ask witnesses")
      }
    }
    let end = ContinuousClock.now + .seconds(seconds)
    let addresses = policy.witnesses.map { $0.url ?? "" }
    return { address, body in
      let place = addresses.firstIndex { !$0.isEmpty && address.hasPrefix($0) } ?? 0
      let left = (end - ContinuousClock.now) / .seconds(1)
      let share = left / Double(max(addresses.count - place, 1))
      guard share >= Self.shortestAskSeconds else {
        throw WitnessTransportError("the time for all witnesses was over")
      }
      return try wire(address, body, share)
    }
  }

  private func store(_ witnessed: WitnessedNote, _ state: LogState) throws {
    let now = vault.clock.milliseconds
    try vault.queue.write { database in
      let store = WitnessStore(database: database)
      for result in witnessed.results {
        let key = result.witness.key.encoded
        switch result.outcome {
        case .cosigned:
          try store.set(key, WitnessStore.Seen(size: state.size, milliseconds: now))
          try store.removeConflict(key)
        case .ahead(let size), .conflicting(let size):
          guard try store.conflict(key) != size else { continue }
          try store.setConflict(key, size: size)
          try vault.log(try conflict(result, size, state), in: database)
        default: break
        }
      }
      let note = witnessed.note.encoded
      try AuditStore(database: database).insertCheckpoint(
        size: state.size, root: state.root, note: note)
      if witnessed.isQuorumReached, witnessed.conflicts.isEmpty {
        try store.setWitnessed(state.size, note: note, milliseconds: now)
      }
    }
  }

  private func conflict(
    _ result: WitnessedNote.Result, _ size: Int, _ state: LogState
  ) throws -> AuditEvent {
    AuditEvent(
      .witnessConflicted, actor: try vault.actor("lethe"),
      details: [
        ("witness", .string(Self.eventName(result.witness.key.name))),
        (
          "witness_key",
          .string(SHA256.hash(Array(result.witness.key.encoded.utf8)).hexadecimal)
        ),
        ("outcome", .string(result.outcome.word)), ("witness_size", .count(size)),
        ("tree_size", .count(state.size)), ("root", .string(state.root.bytes.hexadecimal)),
      ])
  }

  /// Longest name of a witness in an event, in bytes.
  static let eventNameByteCountMaximum = 64

  /// A key's name with what an event's names cannot hold replaced.
  static func eventName(_ name: String) -> String {
    let bytes = name.utf8.prefix(eventNameByteCountMaximum).map { byte -> UInt8 in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: byte
      default: 0x2D
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Vault {
  /// The witness policy of the settings; nil when there is none.
  ///
  /// - Throws: ``VaultError`` `.policyFile` when it is missing or cannot be used.
  func witnessPolicy() throws -> WitnessPolicy? {
    guard let name = settings.log.witnesses else { return nil }
    let path = "\(layout.policies)/\(name)"
    guard let data = FileManager.default.contents(atPath: path),
      data.count <= WitnessRound.policyByteCountMaximum
    else {
      throw VaultError(
        .policyFile,
        "witness policy `\(name)` is missing in `policies` or too large; write it or take "
          + "`witnesses` out of `lethe.yaml`")
    }
    do {
      return try WitnessPolicy(text: [UInt8](data))
    } catch let error as TransparencyError {
      throw VaultError(.policyFile, "`\(name)`: \(error.message)")
    }
  }

  /// How long the oldest entry that no quorum has witnessed has been there, in milliseconds; nil
  /// when every entry is witnessed.
  func unwitnessedMilliseconds() throws -> Int64? {
    let entry = try storing(layout.vault) {
      try queue.read { database in
        let witnessed = try WitnessStore(database: database).witnessed()?.size ?? 0
        return try AuditStore(database: database).oldestEntry(from: witnessed)
      }
    }
    guard let entry, case .object(let event) = try CanonicalJSON(canonicalBytes: entry),
      let time = event.count("time")
    else { return nil }
    return max(clock.milliseconds - Int64(time), 0)
  }

  /// Stands among the deciding policies when the log has been without witnesses for too long.
  static let missingWitnesses = "missing-witnesses"
  private static let millisecondsPerHour: Int64 = 3_600_000

  /// Whether entries have been without witnesses for longer than the settings allow.
  func isTooOld(_ milliseconds: Int64) -> Bool {
    milliseconds > Int64(settings.log.witnessAgeHours) * Self.millisecondsPerHour
  }

  /// Refuses an act that discloses or destroys while the log has been without witnesses for longer
  /// than the settings allow; the refusal is logged.
  ///
  /// - Throws: ``VaultError`` `.unwitnessed`.
  func requireWitnessed(
    _ act: String, _ identity: OperatorIdentity, _ requester: Requester
  ) throws {
    guard settings.log.witnessMode == .closed, let age = try unwitnessedMilliseconds(),
      isTooOld(age)
    else { return }
    var details = members(requester)
    details.append(("operation", .string(act)))
    details.append(("policies", .texts([Self.missingWitnesses])))
    try log(AuditEvent(.operationDenied, actor: try actor(identity.name), details: details))
    throw VaultError(
      .unwitnessed,
      "entries of the log have been without witnesses for \(age / Self.millisecondsPerHour) hours, "
        + "more than the \(settings.log.witnessAgeHours) of `witness_age_hours`; until a quorum "
        + "cosigns nothing is disclosed or destroyed, see `lethe audit status`")
  }
}

extension Operation {
  /// Whether the operation discloses or destroys, and so waits for witnesses in mode `closed`.
  ///
  /// Looking at the log and its status, publishing, backing up and keeping the keys stay possible:
  /// they are what it takes to get out of the situation.
  var needsWitnesses: Bool {
    switch self {
    case .find, .tokenise, .project, .countSegment, .access, .rectify, .erase, .withdraw, .expire,
      .pruneLog:
      true
    case .ingest, .unify, .readLog, .publishLog, .manageHoneytokens, .manageDomains, .rebuildIndex,
      .backUp, .restore, .manageKeys, .status:
      false
    }
  }
}
