internal import Sealing
internal import Transparency

/// How one log stands with a witness.
public struct WitnessStanding: Sendable {
  /// Name of the log.
  public let origin: String
  /// Whether the witness still cosigns for it.
  public let isTrusted: Bool
  /// Size of the tree cosigned last; nil when nothing was.
  public let treeSize: Int?
  /// When that was, in POSIX seconds by the witness's clock.
  public let cosignedSeconds: UInt64?
  /// Signed checkpoints kept that prove two trees of one size.
  public let forkCount: Int
  /// Signed checkpoints kept that were not shown to continue the tree.
  public let unprovenCount: Int
  /// Directory of the note and the evidence.
  public let directory: String
}

extension WitnessHome {
  /// How every log stands, trusted or cosigned for before; by name.
  ///
  /// - Throws: ``WitnessError`` `.damaged`, `.malformed`, `.storage`.
  public func standings() throws -> [WitnessStanding] {
    let trusted = Set(try logKeys().map(\.name))
    let found = try WitnessState.digests(state).map { digest in
      let state = WitnessState(state, digest: digest)
      guard let cosigned = try state.cosigned(by: verifierKey) else {
        throw WitnessFiles.unreadable(state.directory)
      }
      return WitnessStanding(
        origin: cosigned.checkpoint.origin,
        isTrusted: trusted.contains(cosigned.checkpoint.origin),
        treeSize: cosigned.checkpoint.treeSize, cosignedSeconds: cosigned.timeSeconds,
        forkCount: try state.evidence(.fork).count,
        unprovenCount: try state.evidence(.unproven).count, directory: state.directory)
    }
    let silent = trusted.subtracting(found.map(\.origin)).map { origin in
      let digest = SHA256.hash(Array(origin.utf8)).hexadecimal
      return WitnessStanding(
        origin: origin, isTrusted: true, treeSize: nil, cosignedSeconds: nil, forkCount: 0,
        unprovenCount: 0, directory: WitnessState(state, digest: digest).directory)
    }
    return (found + silent).sorted { $0.origin < $1.origin }
  }
}
