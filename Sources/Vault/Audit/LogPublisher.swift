internal import GRDB
internal import Keyring
public import Transparency

/// What publishing did.
public struct PublishedLog: Sendable {
  /// Number of entries now published.
  public internal(set) var size: Int
  /// Root hash of the published tree.
  public internal(set) var root: TreeHash
  /// Number of files written.
  public internal(set) var files = 0
  /// What every witness did; empty when none was asked.
  public internal(set) var witnesses: [WitnessedNote.Result] = []
  /// Whether a quorum of witnesses has cosigned what is published; nil without a witness policy.
  public internal(set) var isWitnessed: Bool?
  /// Whether a newer checkpoint is kept back, because too few witnesses have cosigned it.
  public internal(set) var isWithheld = false
  /// Directories besides the vault's own that could not be brought up to date, a line each.
  public internal(set) var problems: [String] = []
}

/// How long publishing waits for witnesses.
public enum WitnessPatience: Sendable {
  /// At the end of a command that has done something else; asks only for new entries.
  case command
  /// When publishing is what was asked for.
  case publication

  /// Seconds for all witnesses together at the end of a command.
  public static let commandSeconds = 6.0
  /// Seconds for all witnesses together when publishing was asked for.
  public static let publicationSeconds = 20.0

  /// Seconds for all witnesses together.
  var seconds: Double { self == .command ? Self.commandSeconds : Self.publicationSeconds }
}

extension Vault {
  /// Publishes the log up to now: entries and tiles first, the signed checkpoint last.
  ///
  /// A checkpoint is signed only for a tree that continues everything signed before, as
  /// `vault.sqlite`, the key store and every directory it was published in know it; a vault set
  /// back to an older state refuses instead of signing a second history. Everything is on the
  /// device before a checkpoint that implies it has its name.
  ///
  /// - Parameters:
  ///   - directories: Where to publish besides the vault's own directory and the settings'; made
  ///     if missing.
  ///   - patience: How long witnesses are waited for.
  /// - Returns: What was done; no files when nothing was new.
  /// - Throws: ``VaultError`` `.integrity` when this log does not continue what was signed or
  ///   published, or a witness knows a larger or another one; `.storage` when the vault's own
  ///   directory cannot be written; `.policyFile` for a witness policy that cannot be used.
  @discardableResult
  public func publishLog(
    to directories: [String] = [], patience: WitnessPatience = .command
  ) throws -> PublishedLog {
    try publishLog(to: directories, patience: patience) { _ in }
  }

  func publishLog(
    to directories: [String] = [], patience: WitnessPatience = .command,
    hook: @escaping (PublishStep) throws -> Void
  ) throws -> PublishedLog {
    try storing(layout.vault) {
      try PublicationLock.holding(layout.directory) {
        try LogPublication(self, directories, patience, hook).run()
      }
    }
  }

  /// Checks that the log continues what was signed and published, before a command acts.
  ///
  /// - Throws: ``VaultError`` `.integrity` when the vault was set back to an older state,
  ///   `.policyFile` for a witness policy that cannot be used.
  public func requireLogFits() throws {
    _ = try witnessPolicy()
    let key = try NoteVerifierKey(encoded: logVerifierKey())
    let mark = try keyring.logMark()
    let own = PublishedDirectory(layout.audit)
    var found = [(layout.audit, try own.checkpoint(signedBy: key))]
    for path in settings.log.publishTo {
      // What is wrong with another directory is told when it is published in.
      found.append((path, (try? PublishedDirectory(path).checkpoint(signedBy: key)) ?? nil))
    }
    try storing(layout.vault) {
      try queue.read { database in
        let state = try LogState(database)
        try state.requireContinuation(of: mark)
        for case (let path, let checkpoint?) in found {
          try state.requireHolds(checkpoint, in: path)
        }
      }
    }
  }

  /// The key that verifies this vault's log, in the form of C2SP signed-note.
  public func logVerifierKey() throws -> String {
    try keyring.withLogSigningSeed { seed in
      try NoteSigningKey(name: settings.origin, seed: seed).verifierKey.encoded
    }
  }

  /// Signs a checkpoint; what must hold before is the publication's business.
  func signCheckpoint(size: Int, root: TreeHash) throws -> SignedNote {
    try keyring.withLogSigningSeed { seed in
      let key = try NoteSigningKey(name: settings.origin, seed: seed)
      let checkpoint = try Checkpoint(
        origin: settings.origin, treeSize: size, rootHash: root, extensionLines: [])
      return try checkpoint.signed(by: key)
    }
  }
}
