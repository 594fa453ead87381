import Foundation
import Sealing
import Testing
import Transparency

/// Expects a body to throw an error of the target with the given code.
func expect(
  _ code: TransparencyError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  let error = #expect(throws: TransparencyError.self, sourceLocation: sourceLocation) {
    try body()
  }
  #expect(error?.code == code, sourceLocation: sourceLocation)
}

/// Bytes of an ASCII text.
func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Lower-case hexadecimal text of bytes.
func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Flips one bit.
func flipped(_ bytes: [UInt8], byte: Int, bit: UInt8 = 0) -> [UInt8] {
  var changed = bytes
  changed[byte] ^= 1 << bit
  return changed
}

func flipped(_ hash: TreeHash) throws -> TreeHash {
  try TreeHash(bytes: flipped(hash.bytes, byte: 31))
}

/// A log in memory: entries, stored hashes, and a published directory.
struct MemoryLog {
  static let origin = "vault.example/audit"

  var entries: [[UInt8]] = []
  var hashes: [TreeHash] = []
  var files: [String: [UInt8]] = [:]
  private var frontier = Frontier()

  init(_ entries: [[UInt8]]) {
    for entry in entries { append(entry) }
  }

  /// The log of the golden vectors: `entry-0`, `entry-1`, …
  init(numbered count: Int) {
    self.init((0..<count).map { ascii("entry-\($0)") })
  }

  /// A log of audit events.
  init(events count: Int, note: String = "") throws {
    self.init(try (0..<count).map { try Self.event($0, note: note) })
  }

  var size: Int { entries.count }

  var root: TreeHash { frontier.root }

  mutating func append(_ entry: [UInt8]) {
    hashes += frontier.append(.leaf(entry))
    entries.append(entry)
  }

  func read(_ index: Int) throws -> TreeHash {
    try #require(hashes.indices.contains(index) ? hashes[index] : nil)
  }

  static func event(_ index: Int, note: String = "") throws -> [UInt8] {
    try CanonicalJSON.object(
      JSONObject([
        ("seq", .integer(Int64(index))), ("type", .string("field.disclosed")),
        ("time", .integer(1_767_225_600_000 + Int64(index))), ("id", .string("00ff")),
        ("note", .string(note)),
      ])
    ).canonicalBytes()
  }

  static func signingKey(name: String = origin, seedOf text: String = "log seed") throws
    -> NoteSigningKey
  {
    try NoteSigningKey(name: name, seed: SecretBytes(copying: SHA256.hash(ascii(text))))
  }

  static var logKey: NoteVerifierKey {
    get throws { try signingKey().verifierKey }
  }

  func checkpoint(size: Int? = nil) throws -> Checkpoint {
    let size = size ?? self.size
    return try Checkpoint(
      origin: Self.origin, treeSize: size, rootHash: MerkleTree.root(size: size, read: read))
  }

  func signedCheckpoint(size: Int? = nil) throws -> SignedNote {
    try checkpoint(size: size).signed(by: Self.signingKey())
  }

  /// Publishes up to the present size and signs.
  mutating func publish(from oldSize: Int = 0) throws {
    let new = try TilePublisher.files(
      from: oldSize, to: size, readHash: read, readEntry: { entries[$0] })
    for file in new { files[file.path] = file.bytes }
    files["checkpoint"] = try signedCheckpoint().encoded
  }

  func published() throws -> MemoryLog {
    var copy = self
    try copy.publish()
    return copy
  }

  func verify(_ rule: EntryRule = .auditEvent) throws -> LogReport {
    try LogVerifier(logKey: Self.logKey, entryRule: rule).verify { files[$0] }
  }
}

/// Where the vectors shared between projects lie, if this checkout has them.
enum SharedVectors {
  static let path: String? = {
    let environment = ProcessInfo.processInfo.environment["LETHE_SHARED"]
    var candidates = environment.map { [URL(fileURLWithPath: $0)] } ?? []
    var folder = URL(fileURLWithPath: #filePath)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      candidates.append(folder.appendingPathComponent("shared"))
    }
    return
      candidates
      .map { $0.appendingPathComponent("conformance/tlog/tlog_vectors.json").path }
      .first(where: FileManager.default.fileExists(atPath:))
  }()
}
