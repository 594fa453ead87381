import Transparency

/// One way of tampering with a published log, and who finds it as what.
struct TamperRow: Sendable, CustomStringConvertible {
  /// Who notices.
  enum Finder: String, Sendable {
    /// Whoever has the log's key.
    case everyReader = "every reader"
    /// Whoever kept a checkpoint from before; the log is valid in itself.
    case knownCheckpoint = "who kept a checkpoint"
    /// Whoever asks for a witness's cosignature.
    case witnessRule = "who asks for witnesses"
    /// Nobody has to: the log is whole.
    case nobody = "nobody: it is no damage"
  }

  /// Short name; the Python suite has a function for each.
  let name: String
  /// What is done, in words.
  let done: String
  /// Who finds it.
  let finder: Finder
  /// The finding as it is named, with the file and the index in it.
  let finding: (kind: LogFinding.Kind, path: String, index: Int?)?
  /// Does it.
  let tamper: @Sendable (inout TamperedLog) throws -> Void

  init(
    _ name: String, _ done: String, by finder: Finder = .everyReader,
    _ kind: LogFinding.Kind? = nil, _ path: String = "checkpoint", _ index: Int? = nil,
    tamper: @escaping @Sendable (inout TamperedLog) throws -> Void
  ) {
    self.name = name
    self.done = done
    self.finder = finder
    finding = kind.map { ($0, path, index) }
    self.tamper = tamper
  }

  var description: String { name }

  /// The row of `docs/tamper-matrix.md`.
  var line: String {
    let (kind, path, index) = (
      finding.map { "`\($0.kind.rawValue)`" } ?? "–", finding.map { "`\($0.path)`" } ?? "–",
      finding?.index.map(String.init) ?? "–"
    )
    return "| `\(name)` | \(done) | \(finder.rawValue) | \(kind) | \(path) | \(index) |"
  }
}

/// A log that is about to be tampered with, and what its reader knows.
struct TamperedLog {
  /// The log as it was: 300 events.
  let original: MemoryLog
  /// What the reader finds published.
  var files: [String: [UInt8]]
  /// What the reader kept from before.
  var known: [Checkpoint] = []
  var witnesses: [NoteVerifierKey] = []
  var policy: WitnessPolicy?
  var rule = EntryRule.auditEvent

  init(_ original: MemoryLog) {
    self.original = original
    files = original.files
  }

  /// Publishes other entries; the checkpoint stays unless the log's key signs again.
  mutating func republish(_ log: MemoryLog, signedAgain: Bool = false) throws {
    let checkpoint = files["checkpoint"]
    files = try log.published().files
    if !signedAgain { files["checkpoint"] = checkpoint }
  }

  /// Changes the bytes of a file.
  mutating func edit(_ path: String, _ body: (inout [UInt8]) throws -> Void) throws {
    guard var bytes = files[path] else { throw TransparencyTestError.noSuchFile(path) }
    try body(&bytes)
    files[path] = bytes
  }

  mutating func flip(_ path: String, byte: Int) throws {
    try edit(path) { $0 = flipped($0, byte: byte) }
  }

  /// Flips a bit of a text's first letter, where the text stands.
  mutating func flip(_ path: String, text: String) throws {
    try edit(path) { bytes in
      let text = ascii(text)
      let place = bytes.indices.first { bytes[$0...].starts(with: text) }
      guard let place else { throw TransparencyTestError.noSuchText }
      bytes[place] ^= 1
    }
  }

  /// Puts another checkpoint in place.
  mutating func sign(_ text: [UInt8], by signatures: [NoteSignature]) throws {
    files["checkpoint"] = try SignedNote(text: text, signatures: signatures).encoded
  }

  /// Changes the entries of a bundle, and nothing else.
  mutating func editBundle(_ path: String, width: Int, _ body: (inout [[UInt8]]) -> Void) throws {
    try edit(path) { bytes in
      var entries = try EntryBundle.decode(bytes, width: width)
      body(&entries)
      bytes = try EntryBundle.encode(entries)
    }
  }

  func verify() throws -> LogReport {
    try LogVerifier(
      logKey: MemoryLog.logKey, witnesses: witnesses, policy: policy, entryRule: rule,
      knownCheckpoints: known
    ).verify(paths: Array(files.keys)) { files[$0] }
  }
}

enum TransparencyTestError: Error {
  case noSuchFile(String)
  case noSuchText
}

/// Events with contents of their own, so that they are told apart when their numbers are right.
enum TamperEvents {
  /// What the events of the original say.
  static let notes = (0..<300).map { "n\($0)" }

  /// A log of events that say this, each with the number of its place.
  static func log(_ notes: [String]) throws -> MemoryLog {
    MemoryLog(try notes.enumerated().map { try MemoryLog.event($0.offset, note: $0.element) })
  }

  /// A log of numbered events.
  static func log(_ count: Int) throws -> MemoryLog { try log((0..<count).map { "n\($0)" }) }
}
