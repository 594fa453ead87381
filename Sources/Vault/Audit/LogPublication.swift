import Foundation
internal import GRDB
internal import Keyring
internal import Transparency

/// Moments between the steps of publishing; tests stop at each.
enum PublishStep: CaseIterable, Sendable {
  case tiles, marked, signed, witnessed, checkpoint, pruned
}

/// One publication of a log; runs under the publication lock.
///
/// Order is everything. Entries and tiles are durable in a directory before its checkpoint is
/// renamed into place. The key store and `vault.sqlite` know of a signature before anybody is shown
/// it: first the mark in the key store, then the row, then the witnesses, then the directories.
final class LogPublication {
  private let vault: Vault
  private let patience: WitnessPatience
  private let hook: (PublishStep) throws -> Void
  private let key: NoteVerifierKey
  private let keyText: String
  private var places: [Place] = []
  private var outcome: PublishedLog

  /// A directory and what is published in it.
  private struct Place {
    let directory: PublishedDirectory
    let checkpoint: Checkpoint?
    var size: Int? { checkpoint?.treeSize }
  }

  /// Opens the directories; others than the vault's own may fail.
  init(
    _ vault: Vault, _ directories: [String], _ patience: WitnessPatience,
    _ hook: @escaping (PublishStep) throws -> Void
  ) throws {
    self.vault = vault
    self.patience = patience
    self.hook = hook
    keyText = try vault.logVerifierKey()
    key = try NoteVerifierKey(encoded: keyText)
    outcome = PublishedLog(size: 0, root: .emptyRoot)
    places = [try place(vault.layout.audit, isMade: true)]
    let configured = vault.settings.log.publishTo
    let others = configured + directories.filter { !configured.contains($0) }
    for path in others where path != vault.layout.audit {
      attempt { places.append(try place(path, isMade: directories.contains(path))) }
    }
  }

  /// Publishes.
  func run() throws -> PublishedLog {
    let policy = try vault.witnessPolicy()
    let mark = try vault.keyring.logMark()
    let state = try vault.queue.read { database in
      let state = try LogState(database)
      try state.requireContinuation(of: mark)
      for place in places {
        guard let checkpoint = place.checkpoint else { continue }
        try state.requireHolds(checkpoint, in: place.directory.path)
      }
      return state
    }
    outcome.size = places[0].size ?? 0
    outcome.root = state.root
    if policy != nil { outcome.isWitnessed = (state.witnessedSize ?? -1) >= state.size }
    if isNeeded(state, policy) {
      try publish(state, policy)
    } else {
      outcome.size = state.size
      // A key store from before marks were kept.
      if mark == nil { try raiseMark(state) }
    }
    try finishPruning(state)
    return outcome
  }

  /// Whether anything is new, for a directory or for a witness.
  private func isNeeded(_ state: LogState, _ policy: WitnessPolicy?) -> Bool {
    let isNew = state.last?.size != state.size || places.contains { $0.size != state.size }
    let isUnwitnessed = policy != nil && state.witnessedSize != state.size
    return isNew || isUnwitnessed && patience == .publication
  }

  private func publish(_ state: LogState, _ policy: WitnessPolicy?) throws {
    try writeTiles(state)
    try hook(.tiles)
    var note = try sign(state)
    if let policy {
      let round = WitnessRound(vault, policy, patience)
      let witnessed = try round.ask(note, state)
      note = witnessed.note
      outcome.witnesses = witnessed.results
      outcome.isWitnessed = witnessed.isQuorumReached
      try hook(.witnessed)
      try round.requireNoConflict(witnessed, size: state.size)
      guard witnessed.isQuorumReached || vault.settings.log.witnessMode == .degrade else {
        outcome.isWithheld = true
        return
      }
    }
    try writeCheckpoints(note, state)
    outcome.size = state.size
    try hook(.checkpoint)
    let now = UInt64(clamping: vault.clock.milliseconds)
    try vault.queue.write { try MetaStore(database: $0).setNumber(.lastPublished, now) }
  }

  /// Signs, unless this very tree was signed before.
  private func sign(_ state: LogState) throws -> SignedNote {
    try raiseMark(state)
    try hook(.marked)
    if let last = state.last, last.size == state.size,
      let note = try? SignedNote(encoded: last.note),
      (try? VerifiedCheckpoint(verifying: note, logKey: key)) != nil
    {
      return note
    }
    let note = try vault.signCheckpoint(size: state.size, root: state.root)
    try vault.queue.write {
      try AuditStore(database: $0).insertCheckpoint(
        size: state.size, root: state.root, note: note.encoded)
    }
    try hook(.signed)
    return note
  }

  private func raiseMark(_ state: LogState) throws {
    try vault.keyring.raise(LogMark(size: state.size, root: state.root.bytes))
  }
}

extension LogPublication {
  private func place(_ path: String, isMade: Bool) throws -> Place {
    let directory = PublishedDirectory(path)
    try directory.open(isMade: isMade)
    return Place(directory: directory, checkpoint: try directory.checkpoint(signedBy: key))
  }

  /// Does something for a directory that is not the vault's own; what goes wrong is told.
  private func attempt(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      outcome.problems.append(
        (error as? VaultError)?.message ?? "a directory cannot be written; check it")
    }
  }

  /// Does something for every directory; one that fails is left out from then on, unless it is the
  /// vault's own.
  private func forEachPlace(_ body: (Place) throws -> Void) throws {
    try body(places[0])
    var left = [places[0]]
    for place in places.dropFirst() {
      attempt {
        try body(place)
        left.append(place)
      }
    }
    places = left
  }

  /// Makes entries and tiles durable everywhere.
  ///
  /// What was signed may have been lost on its way to a directory when the power failed, so the
  /// published checkpoint says where to go on, and nothing but it.
  private func writeTiles(_ state: LogState) throws {
    try forEachPlace { place in
      let from = min(place.size ?? 0, state.last?.size ?? 0)
      try vault.queue.read { database in
        let store = AuditStore(database: database)
        try TilePublisher.publish(
          from: from, to: state.size, minimumIndex: state.minimumIndex, readHash: store.hash,
          readEntry: store.entry
        ) { file in
          try place.directory.write(file.bytes, file.path)
          outcome.files += 1
        }
      }
      try place.directory.sync()
    }
  }

  private func writeCheckpoints(_ note: SignedNote, _ state: LogState) throws {
    let retention = LogRetention(
      keepDays: vault.settings.log.keepDays, minimumIndex: state.minimumIndex,
      event: state.pruneEvent)
    try forEachPlace { place in
      let directory = place.directory
      var files: [(bytes: [UInt8], name: String)] = [
        (Array("\(keyText)\n".utf8), PublishedDirectory.keyName)
      ]
      if retention.isWorthTelling { files.append((retention.bytes, LogRetention.fileName)) }
      for file in files where try directory.write(file.bytes, file.name, ifOther: true) {
        outcome.files += 1
      }
      try directory.sync()
      try directory.write(note.encoded, LogVerifier.checkpointPath)
      try directory.sync()
      outcome.files += 1
    }
  }

  /// Deletes what the log's rule lets go, once the event that says so is published.
  private func finishPruning(_ state: LogState) throws {
    guard let event = state.pruneEvent, outcome.size > event else { return }
    var rest = try vault.queue.read { try AuditStore(database: $0).hasPrunedRows() }
    if rest {
      for part in 0..<AuditStore.referenceParts {
        try vault.queue.write {
          try AuditStore(database: $0).deletePrunedReferences(part: part)
        }
      }
    }
    while rest {
      let deleted = try vault.queue.write { try AuditStore(database: $0).deletePrunedEntries() }
      rest = deleted == AuditStore.pruneBatch
    }
    try hook(.pruned)
    try forEachPlace { place in
      guard place.directory.hasBundles(below: state.minimumIndex) else { return }
      _ = try place.directory.deleteBundles(below: state.minimumIndex)
    }
  }
}
