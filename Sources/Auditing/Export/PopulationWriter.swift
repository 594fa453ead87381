internal import Sealing
internal import Transparency
internal import Vault

/// Writes entries to a file and keeps what the manifest says about them.
struct PopulationWriter: ~Copyable {
  /// Bytes collected before they are handed to the file.
  private static let bufferByteCount = 1 << 18

  private let file: NewFile
  private let format: PopulationFormat
  private let origin: String
  private var buffer: [UInt8] = []
  private var hasher = SHA256.Hasher()
  private var tree = Frontier()
  private var byteCount = 0
  private var first: PopulationEnd?
  private var last: PopulationEnd?

  init(_ file: NewFile, _ format: PopulationFormat, origin: String) throws {
    self.file = file
    self.format = format
    self.origin = origin
    if let header = format.header { buffer = header + format.lineEnd }
  }

  mutating func write(_ entry: LogEntry) throws {
    buffer += try format.line(entry, origin: origin)
    buffer += format.lineEnd
    let leafHash = entry.leafHash
    tree.append(leafHash)
    let end = PopulationEnd(sequence: entry.sequence, leafHash: leafHash.bytes)
    if first == nil { first = end }
    last = end
    if buffer.count >= Self.bufferByteCount { try flush() }
  }

  /// Makes the file durable; it has no name yet.
  consuming func finish() throws -> PopulationContent {
    try flush()
    try file.synchronise()
    let content = (tree.size, byteCount, tree.root, first, last)
    return PopulationContent(
      count: content.0, byteCount: content.1, digest: hasher.finalize(), linesRoot: content.2,
      first: content.3, last: content.4)
  }

  private mutating func flush() throws {
    try file.write(buffer)
    hasher.update(buffer)
    byteCount += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }
}
