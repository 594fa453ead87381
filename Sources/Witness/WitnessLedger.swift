internal import Foundation
internal import Sealing
public import Transparency

/// Remembers the tree a witness cosigned last for every log, and cosigns what continues it.
///
/// `state/<hex of SHA-256 of the origin>/checkpoint` is the cosigned note. It is on the device
/// before the cosignature leaves, and deciding and storing happen under one lock, for all processes
/// that share the directory. Nothing is kept in memory: each request reads what is stored.
/// Signed checkpoints that contradict the stored one are kept beside it as `conflict-…`.
///
/// A state set back to an older one cannot be noticed here; it must never be restored from a copy.
public final class WitnessLedger: Sendable {
  /// Most files of evidence of each kind for one log.
  static let evidenceCountMaximum = 64

  private let home: WitnessHome
  private let key: WitnessSigningKey
  private let lock: WitnessLock

  /// Opens the state of a witness and checks all of it.
  ///
  /// - Parameter home: The witness.
  /// - Throws: ``WitnessError`` `.damaged` when anything stored does not parse or verify; as
  ///   `WitnessHome`.
  public convenience init(_ home: WitnessHome) throws {
    try self.init(home, lockWaitMilliseconds: WitnessLock.waitMilliseconds)
  }

  init(_ home: WitnessHome, lockWaitMilliseconds: Int) throws {
    self.home = home
    key = try home.signingKey()
    lock = WitnessLock(home.state + "/lock", waitMilliseconds: lockWaitMilliseconds)
    _ = try home.logKeys()
    try lock.withLock {
      try WitnessState.removeUnfinished(home.state)
      for digest in try WitnessState.digests(home.state) {
        _ = try WitnessState(home.state, digest: digest).cosigned(by: key.verifierKey)
      }
    }
  }

  /// What happened to a request.
  public struct Verdict: Sendable {
    /// What to answer.
    public let answer: WitnessAnswer
    /// What the operator should know, a lower-case sentence; nil for nothing.
    public let notice: String?
  }

  /// Decides on a request, and stores before it answers.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - timeSeconds: The time, in POSIX seconds.
  /// - Returns: The answer, with what the operator should know.
  /// - Throws: ``WitnessError`` `.damaged`, `.storage`, `.unavailable`; nothing was cosigned then.
  public func answer(_ request: AddCheckpointRequest, timeSeconds: UInt64) throws -> Verdict {
    try lock.withLock {
      let digest = SHA256.hash(WitnessDecision.origin(of: request)).hexadecimal
      let state = WitnessState(home.state, digest: digest)
      let stored = try state.cosigned(by: key.verifierKey)
      let decision = WitnessDecision(
        request, logKeys: try home.logKeys(),
        witnessed: stored.map { WitnessDecision.Witnessed($0.checkpoint) })
      switch decision.answer {
      case .cosign(let checkpoint, var note):
        let line = try key.cosign(checkpoint, timeSeconds: timeSeconds)
        try note.add(line)
        try state.store(note)
        return Verdict(answer: .cosignatures([line]), notice: nil)
      case .conflict(let size):
        return Verdict(
          answer: .conflict(size: size), notice: keep(decision.evidence, request, stored, state))
      case .refuse(let refusal):
        return Verdict(
          answer: .refused(status: refusal.rawValue),
          notice: keep(decision.evidence, request, stored, state))
      }
    }
  }

  /// The note cosigned last, as it is stored.
  ///
  /// - Parameter digest: Lower-case hexadecimal of SHA-256 of the log's origin.
  /// - Returns: The note; nil when there is none.
  /// - Throws: ``WitnessError`` `.storage`.
  public func note(digest: String) throws -> [UInt8]? {
    guard WitnessState.isDigest(digest) else { return nil }
    return try WitnessState(home.state, digest: digest).storedBytes()
  }

  /// Keeps what a refused checkpoint shows.
  ///
  /// A full disk must not turn the refusal into something else; so it only adds to the notice.
  private func keep(
    _ evidence: WitnessDecision.Evidence?, _ request: AddCheckpointRequest,
    _ stored: WitnessState.Cosigned?, _ state: WitnessState
  ) -> String? {
    guard let evidence, let stored, let checkpoint = try? Checkpoint(text: request.note.text)
    else { return nil }
    let what =
      evidence == .fork
      ? "the log `\(checkpoint.origin)` signed two trees of \(checkpoint.treeSize) entries"
      : "a tree of \(checkpoint.treeSize) entries of the log `\(checkpoint.origin)` was not shown "
        + "to continue the one of \(stored.checkpoint.treeSize)"
    do {
      let isKept = try state.keep(evidence, of: request, checkpoint, stored: stored.note)
      return what + (isKept ? "; the evidence is in `\(state.directory)`" : "")
    } catch {
      return what + "; the evidence could not be written"
    }
  }
}
