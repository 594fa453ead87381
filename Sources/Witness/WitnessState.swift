internal import Foundation
internal import Sealing
internal import Transparency

/// What a witness has on disk for one log.
struct WitnessState {
  /// A stored note that verified.
  struct Cosigned {
    let note: SignedNote
    let checkpoint: Checkpoint
    let timeSeconds: UInt64
  }

  private static let checkpointName = "checkpoint"
  private static let evidencePrefix = "conflict-"
  private static let lockName = "lock"

  private let root: String
  private let digest: String

  /// Names the state of the log with this digest of its origin.
  init(_ root: String, digest: String) {
    self.root = root
    self.digest = digest
  }

  var directory: String { "\(root)/\(digest)" }
  private var checkpointPath: String { "\(directory)/\(Self.checkpointName)" }

  /// The stored note's bytes; nil when nothing was cosigned for the log.
  func storedBytes() throws -> [UInt8]? {
    try WitnessFiles.read(checkpointPath, limit: SignedNote.byteCountMaximum)
  }

  /// The stored note, verified to be what this witness cosigned; nil when there is none.
  ///
  /// - Throws: ``WitnessError`` `.damaged`. A directory without its note is damage, too: the first
  ///   note and its directory appear together.
  func cosigned(by key: NoteVerifierKey) throws -> Cosigned? {
    guard let bytes = try storedBytes() else {
      guard !FileManager.default.fileExists(atPath: directory) else {
        throw damaged("the note is missing")
      }
      return nil
    }
    guard let note = try? SignedNote(encoded: bytes),
      let signer = try? note.verified(by: [key]).signers.first, let time = signer.timeSeconds
    else { throw damaged("the note is not one this witness cosigned") }
    guard let checkpoint = try? Checkpoint(text: note.text),
      SHA256.hash(Array(checkpoint.origin.utf8)).hexadecimal == digest
    else { throw damaged("the note is that of another log") }
    return Cosigned(note: note, checkpoint: checkpoint, timeSeconds: time)
  }

  /// Stores a cosigned note durably.
  func store(_ note: SignedNote) throws {
    if FileManager.default.fileExists(atPath: directory) {
      try WitnessFiles.replace(checkpointPath, note.encoded)
      return
    }
    let draft = directory + WitnessFiles.unfinished
    try WitnessFiles.makeDirectory(draft)
    try WitnessFiles.replace("\(draft)/\(Self.checkpointName)", note.encoded)
    try WitnessFiles.move(draft, to: directory)
  }

  /// Keeps a checkpoint that contradicts the stored one: the request as it came, and the note it
  /// contradicts.
  ///
  /// - Returns: False when it is kept already or there is no room for more.
  func keep(
    _ kind: WitnessDecision.Evidence, of request: AddCheckpointRequest, _ checkpoint: Checkpoint,
    stored: SignedNote
  ) throws -> Bool {
    let prefix = Self.evidencePrefix + kind.rawValue + "-"
    let root = checkpoint.rootHash.bytes.prefix(8).hexadecimal
    let path = "\(directory)/\(prefix)\(checkpoint.treeSize)-\(root)"
    guard !FileManager.default.fileExists(atPath: path + ".request"),
      try evidence(kind).count < WitnessLedger.evidenceCountMaximum
    else { return false }
    try WitnessFiles.replace(path + ".checkpoint", stored.encoded)
    try WitnessFiles.replace(path + ".request", request.encoded)
    return true
  }

  /// Paths of the kept requests of a kind, below the state's directory.
  func evidence(_ kind: WitnessDecision.Evidence) throws -> [String] {
    let prefix = Self.evidencePrefix + kind.rawValue + "-"
    return try Self.names(directory).filter { $0.hasPrefix(prefix) && $0.hasSuffix(".request") }
  }

  /// The digests of all logs in a state directory.
  ///
  /// - Throws: ``WitnessError`` `.damaged` for anything that does not belong there.
  static func digests(_ root: String) throws -> [String] {
    try names(root).filter { name in
      if name == lockName || isUnfinished(name) { return false }
      let files = isDigest(name) ? try names("\(root)/\(name)") : [name]
      for file in files {
        guard file.hasPrefix(checkpointName) || file.hasPrefix(evidencePrefix) else {
          throw WitnessError(
            .damaged, "`\(file)` below `\(root)` does not belong there; move it away")
        }
      }
      return true
    }
  }

  /// Removes directories that a crash left before their first note was in place.
  ///
  /// Only under the lock: such a directory may be in the making.
  static func removeUnfinished(_ root: String) throws {
    for name in try names(root) where isUnfinished(name) {
      try? FileManager.default.removeItem(atPath: "\(root)/\(name)")
    }
  }

  private static func isUnfinished(_ name: String) -> Bool {
    name.hasSuffix(WitnessFiles.unfinished)
      && isDigest(String(name.dropLast(WitnessFiles.unfinished.count)))
  }

  /// Whether a word is the lower-case hexadecimal of a digest.
  static func isDigest(_ word: String) -> Bool {
    word.utf8.count == 2 * SHA256.byteCount
      && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func names(_ directory: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    } catch {
      throw WitnessFiles.unreadable(directory)
    }
  }

  private func damaged(_ what: String) -> WitnessError {
    WitnessError(
      .damaged,
      "`\(directory)`: \(what); a witness must not start anew for a log it has cosigned, see "
        + "audit/witness.md")
  }
}
